//! How often a client may make a link.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use edgezero_store_traits::AppError;
use edgezero_store_traits::app::{ClientAddress, Kv};
use serde::{Deserialize, Serialize};

/// What a client did in a minute. Each has one key, so that the store does not grow with
/// time.
#[derive(Default, Deserialize, Serialize)]
struct Window {
    minute: u64,
    made: u32,
}

/// Counts the request of a client, and refuses one too many in a minute.
pub(crate) async fn check(
    kv: &Kv,
    ClientAddress(client): ClientAddress,
    per_minute: u32,
) -> Result<(), AppError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let minute = now.map_or(0, |now| now.as_secs() / 60);
    let clients = kv.named("clients").await?;
    let key = client.to_string();
    let counted = clients.update(&key, |window: Option<Window>| {
        let window = window.unwrap_or_default();
        let made = if window.minute == minute {
            window.made
        } else {
            0
        };
        (made < per_minute).then_some(Window {
            minute,
            made: made + 1,
        })
    });
    match counted.await? {
        Some(_) => Ok(()),
        None => {
            let message = "the client made too many links in this minute";
            Err(AppError::new(StatusCode::TOO_MANY_REQUESTS, message))
        }
    }
}
