//! Links: a URL under a name, and a counter beside it.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, Uri};
use axum::response::Redirect;
use edgezero_store_traits::app::{ClientAddress, Fetch, Kv, Typed};
use edgezero_store_traits::{AppError, KvError, KvHandle};
use serde::{Deserialize, Serialize};

use crate::{Limits, Settings, limit, webhook};

/// The longest URL, in bytes.
const MAX_URL_BYTES: usize = 2048;

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Link {
    pub(crate) url: String,
}

#[derive(Deserialize)]
pub(crate) struct NewLink {
    url: String,
    name: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Created {
    name: String,
    short: String,
    /// How many of the webhooks took it.
    notified: usize,
}

/// Makes a link where its name is free.
pub(crate) async fn create(
    kv: Kv,
    fetch: Fetch,
    client: ClientAddress,
    Typed(settings): Typed<Settings>,
    Typed(limits): Typed<Limits>,
    Json(new): Json<NewLink>,
) -> Result<(StatusCode, Json<Created>), AppError> {
    limit::check(&kv, client, limits.per_minute).await?;
    let link = checked(new.url)?;
    let links = kv.default().await?;
    let name = match new.name {
        Some(name) => {
            check_name(&name)?;
            if !take(&links, &name, &link).await? {
                return Err(AppError::new(StatusCode::CONFLICT, "the name is taken"));
            }
            name
        }
        None => loop {
            let number = kv.named("visits").await?.increment("/made", 1).await?;
            let name = letters(number.unsigned_abs());
            // Somebody may have asked for this very name.
            if take(&links, &name, &link).await? {
                break name;
            }
        },
    };
    let notified = webhook::tell(&fetch, &settings.webhooks, &name, &link).await;
    let short = format!("{}/{name}", settings.base_url.trim_end_matches('/'));
    let created = Created {
        name,
        short,
        notified,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Whether the name was free, and is the link's now: of two requests at once, one gets it.
async fn take(links: &KvHandle, name: &str, link: &Link) -> Result<bool, KvError> {
    let stored = links.update(name, |taken: Option<Link>| match taken {
        Some(_) => None,
        None => Some(link.clone()),
    });
    Ok(stored.await?.is_some())
}

/// Leads to the link's URL, and counts.
pub(crate) async fn follow(kv: Kv, Path(name): Path<String>) -> Result<Redirect, AppError> {
    let link = find(&kv, &name).await?;
    kv.named("visits").await?.increment(&name, 1).await?;
    Ok(Redirect::temporary(&link.url))
}

#[derive(Serialize)]
pub(crate) struct Read {
    url: String,
    visits: i64,
}

pub(crate) async fn read(kv: Kv, Path(name): Path<String>) -> Result<Json<Read>, AppError> {
    let Link { url } = find(&kv, &name).await?;
    let visits = kv.named("visits").await?.counter(&name).await?;
    Ok(Json(Read { url, visits }))
}

/// A text that no link can have for a name is a name that no link has.
async fn find(kv: &Kv, name: &str) -> Result<Link, AppError> {
    let missing = || AppError::new(StatusCode::NOT_FOUND, "there is no such link");
    check_name(name).map_err(|_| missing())?;
    let link = kv.default().await?.get(name).await?;
    link.ok_or_else(missing)
}

#[derive(Deserialize)]
pub(crate) struct Listing {
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Page {
    links: Vec<Listed>,
    cursor: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    url: String,
}

/// One page of the links, by their names.
pub(crate) async fn list(
    kv: Kv,
    Typed(limits): Typed<Limits>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page>, AppError> {
    let links = kv.default().await?;
    let cursor = listing.cursor.as_deref();
    let page = links.list_keys_page("", cursor, usize::from(limits.page));
    let page = page.await?;
    let found: Vec<Option<Link>> = links.get_many(&page.keys).await?;
    let listed = page.keys.into_iter().zip(found);
    Ok(Json(Page {
        links: listed
            .filter_map(|(name, link)| {
                let Link { url } = link?;
                Some(Listed { name, url })
            })
            .collect(),
        cursor: page.cursor,
    }))
}

/// A URL that a browser may be led to.
fn checked(url: String) -> Result<Link, AppError> {
    let is_web =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if url.len() <= MAX_URL_BYTES && url.parse().as_ref().is_ok_and(is_web) {
        return Ok(Link { url });
    }
    let message = "the URL is not of http or https, or too long";
    Err(AppError::new(StatusCode::BAD_REQUEST, message))
}

fn check_name(name: &str) -> Result<(), AppError> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=64).contains(&name.len()) && name.bytes().all(is_part) && name != "links" {
        return Ok(());
    }
    let message = "a name is 1 to 64 ASCII letters, digits and '-', and not \"links\"";
    Err(AppError::new(StatusCode::BAD_REQUEST, message))
}

/// A number in few letters and digits.
fn letters(mut number: u64) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(DIGITS[(number % 32) as usize]));
        number /= 32;
        if number == 0 {
            return letters.into_iter().rev().collect();
        }
    }
}
