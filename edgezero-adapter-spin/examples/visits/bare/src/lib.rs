//! The example app as one would write it on spin-sdk and axum alone: the same routes,
//! no contract. It is what the real one's size and speed are measured against.

// clippy looks at it on the host too.
#![cfg(any(target_arch = "wasm32", clippy))]

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use axum::{Form, Router};
use serde::Deserialize;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use spin_sdk::key_value::Store;
use tower_service::Service;

#[http_service]
async fn handle(req: Request) -> anyhow::Result<impl spin_sdk::http::IntoResponse> {
    static ROUTER: LazyLock<Router> = LazyLock::new(router);
    let response = ROUTER.clone().call(req.map(Body::new)).await?;
    Ok(response)
}

fn router() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/about", get(about))
        .route("/hello", get(|| async { "hello" }))
        .route("/echo", post(|body: Body| async { body }))
        .route("/visits", get(count).post(visit))
        .route("/click", post(click))
        .route("/notes", get(list).post(add))
        .route("/notes/{key}", get(read).put(write).delete(remove))
        .route(
            "/notes/{key}/for-a-minute",
            put(|| async { StatusCode::NOT_IMPLEMENTED }),
        )
}

/// Whatever fails is a 500.
struct Failed(String);

impl<E: std::fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// A store, opened once.
async fn store(label: &'static str) -> Result<Arc<Store>, Failed> {
    static OPEN: LazyLock<Mutex<HashMap<&'static str, Arc<Store>>>> = LazyLock::new(Mutex::default);
    let open = || OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = open().get(label) {
        return Ok(store.clone());
    }
    let store = Arc::new(Store::open(label).await?);
    open().insert(label, store.clone());
    Ok(store)
}

async fn visits() -> Result<u64, Failed> {
    let stored = store("visits").await?.get("visits").await?;
    Ok(match stored {
        Some(stored) => serde_json::from_slice(&stored)?,
        None => 0,
    })
}

async fn count() -> Result<String, Failed> {
    Ok(visits().await?.to_string())
}

async fn visit() -> Result<String, Failed> {
    let visits = visits().await? + 1;
    let store = store("visits").await?;
    store.set("visits", serde_json::to_vec(&visits)?).await?;
    Ok(visits.to_string())
}

async fn click() -> Result<Redirect, Failed> {
    visit().await?;
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    prefix: String,
    cursor: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Note {
    key: String,
    text: String,
}

async fn keys(listing: &Listing, limit: usize) -> Result<(Vec<String>, Option<String>), Failed> {
    let mut keys = store("notes").await?.get_keys().await.collect().await?;
    let after = listing.cursor.as_deref().unwrap_or("");
    keys.retain(|key| key.starts_with(&listing.prefix) && key.as_str() > after);
    keys.sort_unstable();
    let more = keys.len() > limit;
    keys.truncate(limit);
    let cursor = keys.last().filter(|_| more).cloned();
    Ok((keys, cursor))
}

async fn list(Query(listing): Query<Listing>) -> Result<Response, Failed> {
    let (keys, cursor) = keys(&listing, listing.limit.unwrap_or(100)).await?;
    let json = serde_json::json!({ "keys": keys, "cursor": cursor });
    Ok(([("content-type", "application/json")], json.to_string()).into_response())
}

async fn add(Form(note): Form<Note>) -> Result<Redirect, Failed> {
    store("notes").await?.set(note.key, note.text).await?;
    Ok(Redirect::to("/"))
}

async fn read(Path(key): Path<String>) -> Result<Response, Failed> {
    Ok(match store("notes").await?.get(key).await? {
        Some(text) => text.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

async fn write(Path(key): Path<String>, text: Bytes) -> Result<StatusCode, Failed> {
    store("notes").await?.set(key, text).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(Path(key): Path<String>) -> Result<StatusCode, Failed> {
    store("notes").await?.delete(key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn setting(key: &str) -> Result<Option<String>, Failed> {
    let value = store("app_config").await?.get(key).await?;
    Ok(value.map(String::from_utf8).transpose()?)
}

async fn page(Query(listing): Query<Listing>) -> Result<Html<String>, Failed> {
    let greeting = setting("greeting").await?;
    let limit = match setting("page.notes").await? {
        Some(limit) => limit.parse()?,
        None => 5,
    };
    let visits = visits().await?;
    let (keys, cursor) = keys(&listing, limit).await?;
    let mut list = String::new();
    for key in &keys {
        list.push_str(&format!("<li>{}</li>", escaped(key)));
    }
    let more = cursor.map_or_else(String::new, |cursor| {
        format!("<p><a id=\"more\" href=\"/?cursor={cursor}\">more notes</a></p>")
    });
    Ok(Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Visits</title>\n\
         <h1>{greeting}</h1>\n\
         <p>Visits: <strong id=\"visits\">{visits}</strong></p>\n\
         <form method=\"post\" action=\"/click\"><button id=\"visit\">Visit</button></form>\n\
         <h2>Notes</h2>\n<ul id=\"notes\">{list}</ul>\n{more}\n\
         <form method=\"post\" action=\"/notes\">\n\
         <label>Key <input name=\"key\" required></label>\n\
         <label>Text <input name=\"text\"></label>\n\
         <button type=\"submit\">Add</button></form>\n\
         <p><a href=\"/about\">About</a></p>\n",
        greeting = escaped(greeting.as_deref().unwrap_or("Welcome")),
    )))
}

async fn about() -> Result<Html<String>, Failed> {
    let greeting = setting("greeting").await?;
    let signing_key = match setting("signing_key").await? {
        Some(name) => spin_sdk::variables::get(name.to_lowercase()).await.is_ok(),
        None => false,
    };
    let signing_key = if signing_key { "there" } else { "not there" };
    Ok(Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>About</title>\n\
         <p>Greeting: {}</p>\n<p>Signing key: {signing_key}</p>\n<p><a href=\"/\">Back</a></p>\n",
        escaped(greeting.as_deref().unwrap_or("Welcome"))
    )))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
