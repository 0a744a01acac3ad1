//! Keys that Azure Cosmos DB does not hold, where that is what Spin runs on.
//!
//! Spin's store for Cosmos refuses some characters when it writes. Others it puts
//! into the text of a query, or into a URL, as they are: a read would find another
//! key's value, or nothing. A component cannot ask which platform it is on. The store
//! tries a reserved key with such a character, once, when it first meets one.

use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::reserved;
use spin_sdk::key_value::{Error, Store};

/// Break the text of a query on Cosmos.
const IN_A_QUERY: [char; 2] = ['\'', '\\'];

/// Mean something else in a URL.
const IN_A_URL: [char; 4] = ['/', '?', '#', '%'];

/// Whether a read of the key would go wrong on Cosmos.
pub(super) fn spoils_a_read(key: &str) -> bool {
    key.contains(IN_A_QUERY)
}

/// Whether Spin puts the key on Cosmos where it cannot be read or deleted. Spin itself
/// refuses to put others.
pub(super) fn spoils_a_put(key: &str) -> bool {
    key.contains(IN_A_QUERY) || key.contains('%') || key.ends_with(' ')
}

/// Whether Cosmos does not hold the key.
pub(super) fn is_refused(key: &str) -> bool {
    key.contains(IN_A_QUERY) || key.contains(IN_A_URL) || key.ends_with(' ')
}

pub(super) fn refusal(key: &str) -> KvError {
    KvError::PlatformLimit {
        key: key.to_owned(),
        limit: "on Azure Cosmos DB a key has no / \\ ? # % or ', and does not end with a blank"
            .to_owned(),
    }
}

/// Whether the platform stores a key with any character.
pub(super) async fn stores_any_key(store: &Store) -> Result<bool, Error> {
    let plain = format!("{}key", reserved::PREFIX);
    let doubtful = format!("{plain}/");
    let Err(first) = store.set(&doubtful, b"").await else {
        return Ok(true);
    };
    // The platform may be away, which says nothing of the key.
    if store.set(&plain, b"").await.is_err() {
        return Err(first);
    }
    Ok(store.set(&doubtful, b"").await.is_ok())
}
