//! Keys that Azure Cosmos DB does not hold, where that is what Spin runs on.
//!
//! Spin's store for Cosmos puts a key into the text of a query, and into a URL, as it
//! is. With some characters a read finds another key's value; with others a key that was
//! put cannot be deleted or swapped. Spin itself refuses four of them, in a put only. A
//! component cannot ask which platform it is on. So a store reads a reserved key that
//! breaks a query on Cosmos, once in an instance, when it first meets a key in doubt.

use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::reserved;
use spin_sdk::key_value::{Error, Store};

/// What Spin refuses in a put.
const REFUSED_BY_SPIN: [char; 4] = ['/', '\\', '?', '#'];

/// What, beside letters and digits, stands for itself in a URL and in a query.
const PLAIN: &str = "-_.~!$&()*+,;=:@";

/// What the client of Cosmos takes for a part of the URL that is not the key.
const NAMES: [&str; 10] = [
    "dbs",
    "colls",
    "docs",
    "sprocs",
    "users",
    "permissions",
    "attachments",
    "pkranges",
    "udfs",
    "triggers",
];

/// Whether Cosmos does not hold the key.
pub(super) fn is_refused(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    !key.chars().all(plain) || NAMES.contains(&key)
}

/// Whether a read of the key would find something else on Cosmos.
pub(super) fn spoils_a_read(key: &str) -> bool {
    key.contains(['\'', '\\'])
}

/// Whether Spin puts the key on Cosmos, which does not hold it.
pub(super) fn spoils_a_put(key: &str) -> bool {
    is_refused(key) && !key.contains(REFUSED_BY_SPIN)
}

pub(super) fn refusal(key: &str) -> KvError {
    KvError::PlatformLimit {
        key: key.to_owned(),
        limit: format!(
            "on Azure Cosmos DB a key consists of ASCII letters, digits and the characters \
             {PLAIN}, and is not the word {}",
            NAMES.join(", ")
        ),
    }
}

/// Whether the platform stores a key with any character: whether a read of a key with a
/// quotation mark works.
pub(super) async fn stores_any_key(store: &Store) -> Result<bool, Error> {
    let (quoted, plain) = (reserved::key("'"), reserved::key("missing"));
    let Err(first) = store.get(&quoted).await else {
        return Ok(true);
    };
    // The platform may be away, which says nothing of the key.
    if store.get(&plain).await.is_err() {
        return Err(first);
    }
    Ok(store.get(&quoted).await.is_ok())
}
