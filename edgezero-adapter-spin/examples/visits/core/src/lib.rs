//! The example app: a counter, notes with a listing in pages, a greeting from the
//! configuration, and a secret that it never shows.
//!
//! It knows neither Spin nor SQLite.

mod notes;
mod page;
mod visits;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post, put};
use edgezero_store_traits::AppConfig;

edgezero_store_traits::app!("../edgezero.toml", router);

/// What is configured.
#[derive(AppConfig)]
struct Settings {
    /// Shown at the top of the page.
    greeting: Option<String>,
    page: PageSettings,
    /// Signs nothing yet; the page says whether it is there.
    #[secret]
    signing_key: Option<String>,
}

#[derive(AppConfig)]
struct PageSettings {
    /// How many notes a page lists.
    notes: Option<u16>,
}

impl Settings {
    fn greeting(&self) -> &str {
        self.greeting.as_deref().unwrap_or("Welcome")
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/about", get(page::about))
        .route("/hello", get(|| async { "hello" }))
        // As it comes in, and of any length.
        .route("/echo", post(|body: Body| async { body }))
        .route("/visits", get(visits::count).post(visits::visit))
        .route("/click", post(page::click))
        .route("/notes", get(notes::list).post(notes::add))
        .route(
            "/notes/{key}",
            get(notes::read).put(notes::write).delete(notes::remove),
        )
        .route("/notes/{key}/for-a-minute", put(notes::write_for_a_minute))
}
