//! Notes: texts under keys, listed in pages.

use std::time::Duration;

use axum::Form;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use edgezero_store_traits::app::Kv;
use edgezero_store_traits::{KvError, KvHandle};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<usize>,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    key: String,
    text: String,
}

pub(crate) async fn notes(kv: &Kv) -> Result<KvHandle, KvError> {
    kv.named("notes").await
}

/// One page of keys, as JSON.
pub(crate) async fn list(kv: Kv, Query(listing): Query<Listing>) -> Result<Response, KvError> {
    let limit = listing.limit.unwrap_or(100);
    let cursor = listing.cursor.as_deref();
    let page = notes(&kv)
        .await?
        .list_keys_page(&listing.prefix, cursor, limit)
        .await?;
    let json = serde_json::json!({ "keys": page.keys, "cursor": page.cursor });
    Ok(([("content-type", "application/json")], json.to_string()).into_response())
}

/// From the page's form.
pub(crate) async fn add(kv: Kv, Form(note): Form<Note>) -> Result<Redirect, KvError> {
    notes(&kv).await?.put_bytes(&note.key, note.text).await?;
    Ok(Redirect::to("/"))
}

pub(crate) async fn read(kv: Kv, Path(key): Path<String>) -> Result<Response, KvError> {
    Ok(match notes(&kv).await?.get_bytes(&key).await? {
        Some(text) => text.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

pub(crate) async fn write(
    kv: Kv,
    Path(key): Path<String>,
    text: Bytes,
) -> Result<StatusCode, KvError> {
    notes(&kv).await?.put_bytes(&key, text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where the platform has TTL; 501 elsewhere, and nothing is written.
pub(crate) async fn write_for_a_minute(
    kv: Kv,
    Path(key): Path<String>,
    text: Bytes,
) -> Result<StatusCode, KvError> {
    let minute = Duration::from_secs(60);
    notes(&kv)
        .await?
        .put_bytes_with_ttl(&key, text, minute)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn remove(kv: Kv, Path(key): Path<String>) -> Result<StatusCode, KvError> {
    notes(&kv).await?.delete(&key).await?;
    Ok(StatusCode::NO_CONTENT)
}
