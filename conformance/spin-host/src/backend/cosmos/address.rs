//! Which document a request reaches whose URL ends in a key.

use percent_encoding::percent_decode_str;
use url::Url;

use super::error::{self, CosmosError};

const DOCUMENTS: &str = "https://account.documents.azure.com/dbs/db/colls/container/docs/";

/// Endings that the client takes off the path before it signs it, wherever they come
/// from.
const ENDINGS: [&str; 10] = [
    "/dbs",
    "/colls",
    "/docs",
    "/sprocs",
    "/users",
    "/permissions",
    "/attachments",
    "/pkranges",
    "/udfs",
    "/triggers",
];

/// The id of the document that the service looks for.
pub(super) fn document(key: &str, unsigned: bool) -> Result<String, CosmosError> {
    let url = Url::parse(&format!("{DOCUMENTS}{key}")).map_err(|_| error::unauthorized())?;
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    if !unsigned && signed(&url) != path {
        return Err(error::unauthorized());
    }
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    match segments[..] {
        ["dbs", "db", "colls", "container", "docs", id] if !id.is_empty() => {
            Ok(percent_decode_str(id).decode_utf8_lossy().into_owned())
        }
        _ => Err(error::unauthorized()),
    }
}

/// The path that the client signs.
fn signed(url: &Url) -> String {
    let mut path = url.path().to_owned();
    if let Some(query) = url.query() {
        path.push('?');
        path.push_str(query);
    }
    let ending = ENDINGS.iter().find_map(|ending| path.strip_suffix(ending));
    ending.map(str::to_owned).unwrap_or(path)
}
