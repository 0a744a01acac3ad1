//! The app: its handlers and its configuration, the same in Spin and on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Path, Query, State};
use axum::http::Request;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Form, Json, Router};
use edgezero_store_traits::app::{ClientAddress, Fetch, Kv, Typed};
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};
use edgezero_store_traits::{AppConfig, AppError};
use serde::{Deserialize, Serialize};

edgezero_store_traits::app!("../../edgezero.toml", router, Shared::new);

/// What @name@.toml has.
#[derive(AppConfig)]
pub struct Settings {
    pub greeting: String,
    pub page: Page,
    pub upstream: Upstream,
}

#[derive(AppConfig)]
pub struct Page {
    pub names: u16,
}

#[derive(AppConfig)]
pub struct Upstream {
    /// The server that `/upstream` asks.
    pub url: Option<String>,
    /// The secret that `upstream.api_key` names.
    #[secret]
    pub api_key: Option<SecretString>,
}

/// What the requests share: built once, in Spin once in an instance of the component.
pub struct Shared {
    answered: AtomicU64,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            answered: AtomicU64::new(0),
        })
    }
}

fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(names))
        .route("/hello", get(form).post(greet))
        .route("/hello/{name}", get(hello))
        .route("/about", get(about))
        .route("/upstream", get(upstream))
}

/// Counts the visits of each name.
async fn hello(
    kv: Kv,
    Typed(settings): Typed<Settings>,
    Path(name): Path<String>,
) -> Result<String, AppError> {
    let visits = kv.default().await?.increment(&name, 1).await?;
    Ok(format!("{}, {name}! Visit {visits}.\n", settings.greeting))
}

#[derive(Deserialize)]
struct Listing {
    cursor: Option<String>,
}

/// A page of the names that were greeted: `/`, and then `/?cursor=…`.
async fn names(
    kv: Kv,
    Typed(settings): Typed<Settings>,
    Query(listing): Query<Listing>,
) -> Result<String, AppError> {
    let limit = usize::from(settings.page.names);
    let kv = kv.default().await?;
    let page = kv
        .list_keys_page("", listing.cursor.as_deref(), limit)
        .await?;
    let key = match settings.upstream.api_key {
        Some(key) if key.expose_secret().is_empty() => "empty",
        Some(_) => "there",
        None => "not there",
    };
    let names = page.keys.join(", ");
    let more = page
        .cursor
        .map_or_else(String::new, |cursor| format!("More: /?cursor={cursor}\n"));
    Ok(format!(
        "{} to: {names}\nThe API key is {key}.\n{more}",
        settings.greeting
    ))
}

/// A form for a name.
async fn form() -> Html<&'static str> {
    Html("<form method=\"post\">Name <input name=\"name\"> <button>Greet</button></form>\n")
}

#[derive(Deserialize)]
struct Greet {
    name: String,
}

async fn greet(kv: Kv, Form(greet): Form<Greet>) -> Result<Redirect, AppError> {
    kv.default().await?.increment(&greet.name, 1).await?;
    Ok(Redirect::to("/"))
}

#[derive(Serialize)]
struct About {
    client: String,
    answered: u64,
}

/// Who asked, and how often this was asked since the app, or the instance, was started.
async fn about(
    State(shared): State<Arc<Shared>>,
    ClientAddress(client): ClientAddress,
) -> Json<About> {
    Json(About {
        client: client.to_string(),
        answered: shared.answered.fetch_add(1, Ordering::Relaxed) + 1,
    })
}

/// What `upstream.url` answers. spin.toml says in `allowed_outbound_hosts` which servers the
/// app may ask.
async fn upstream(fetch: Fetch, Typed(settings): Typed<Settings>) -> Result<String, AppError> {
    let Upstream { url, api_key } = settings.upstream;
    let mut request = Request::get(url.unwrap_or_default());
    if let Some(key) = api_key {
        request = request.header("authorization", format!("Bearer {}", key.expose_secret()));
    }
    let answer = fetch.send(request.body("")?).await?;
    Ok(format!(
        "{}, {} bytes\n",
        answer.status(),
        answer.body().len()
    ))
}
