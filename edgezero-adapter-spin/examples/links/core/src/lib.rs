//! The second example app: a URL shortener.
//!
//! | Request | Answer |
//! | --- | --- |
//! | `POST /links` with `{"url": "…", "name": "…"}` | makes a link, if the name is free; without a name, one of its own |
//! | `GET /links?cursor=…` | a page of links |
//! | `GET /links/{name}` | a link, and how often it was followed |
//! | `GET /{name}` | leads to the link's URL |
//!
//! It knows neither Spin nor SQLite.

mod limit;
mod links;
mod webhook;

use axum::Router;
use axum::routing::get;
use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::SecretString;

edgezero_store_traits::app!("../edgezero.toml", router);

/// What the store `app_config` has: links.toml.
#[derive(AppConfig)]
struct Settings {
    /// What a short link begins with.
    base_url: String,
    /// The servers that the app notifies of each new link.
    #[serde(default)]
    webhooks: Vec<Webhook>,
}

#[derive(AppConfig)]
struct Webhook {
    url: String,
    /// The server knows the app by it.
    #[secret]
    token: SecretString,
}

/// What the store `limits` has: links.limits.toml.
#[derive(AppConfig)]
#[app_config(store = "limits")]
struct Limits {
    /// How many links a client may make in a minute.
    #[serde(default = "per_minute")]
    per_minute: u32,
    /// How many links a page has, 1 to 1000.
    #[serde(default = "page")]
    page: u16,
}

fn per_minute() -> u32 {
    30
}

fn page() -> u16 {
    100
}

fn router() -> Router {
    Router::new()
        .route("/links", get(links::list).post(links::create))
        .route("/links/{name}", get(links::read))
        .route("/{name}", get(links::follow))
}
