//! Notifies other servers of a new link.

use axum::http::Request;
use edgezero_store_traits::AppError;
use edgezero_store_traits::app::Fetch;
use edgezero_store_traits::secrecy::ExposeSecret;

use crate::Webhook;
use crate::links::Link;

/// Notifies each webhook, and returns how many accepted it. The link is made whether or not
/// they do; the log says which did not.
pub(crate) async fn tell(fetch: &Fetch, webhooks: &[Webhook], name: &str, link: &Link) -> usize {
    let mut notified = 0;
    for webhook in webhooks {
        match call(fetch, webhook, name, link).await {
            Ok(()) => notified += 1,
            Err(error) => eprintln!("cannot notify a webhook of a link: {error}"),
        }
    }
    notified
}

async fn call(fetch: &Fetch, webhook: &Webhook, name: &str, link: &Link) -> Result<(), AppError> {
    let token = webhook.token.expose_secret();
    let body = serde_json::json!({ "name": name, "url": link.url });
    let request = Request::post(&webhook.url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.to_string())?;
    let answer = fetch.send(request).await?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(AppError::new(
        answer.status(),
        format!("it answered {}", answer.status()),
    ))
}
