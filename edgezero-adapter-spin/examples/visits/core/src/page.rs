//! The page that a person can click through.

use axum::extract::Query;
use axum::response::{Html, Redirect};
use edgezero_store_traits::KvError;
use edgezero_store_traits::app::{Kv, Typed};

use crate::Settings;
use crate::notes::{Listing, notes};

pub(crate) async fn page(
    kv: Kv,
    Typed(settings): Typed<Settings>,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, KvError> {
    let visits = crate::visits::count(kv.clone()).await?;
    let limit = settings.page.notes.map_or(5, usize::from);
    let page = notes(&kv)
        .await?
        .list_keys_page("", listing.cursor.as_deref(), limit)
        .await?;
    let mut list = String::new();
    for key in &page.keys {
        list.push_str(&format!("<li>{}</li>", escaped(key)));
    }
    let more = page.cursor.map_or_else(String::new, |cursor| {
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
        greeting = escaped(settings.greeting()),
    )))
}

/// One click of the page's button.
pub(crate) async fn click(kv: Kv) -> Result<Redirect, KvError> {
    crate::visits::visit(kv).await?;
    Ok(Redirect::to("/"))
}

/// The configuration, and of the secret no more than whether there is one.
pub(crate) async fn about(Typed(settings): Typed<Settings>) -> Html<String> {
    let signing_key = match settings.signing_key {
        Some(_) => "there",
        None => "not there",
    };
    Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>About</title>\n\
         <p>Greeting: {}</p>\n<p>Signing key: {signing_key}</p>\n<p><a href=\"/\">Back</a></p>\n",
        escaped(settings.greeting())
    ))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
