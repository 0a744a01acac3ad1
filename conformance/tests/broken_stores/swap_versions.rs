//! Stores whose swap compares a version, which another write takes back.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvStore, KvSwap};

use crate::flaw::{Done, Flaw, Notes, On, RIGHT, Right, conflict};

const AGAIN: &str = "kv::swap::a_value_that_was_deleted_and_put_again_is_another";

/// Swaps where the version is still the one that it began with.
struct ByVersion {
    store: Arc<dyn KvStore>,
    versions: Arc<Notes>,
    key: String,
    current: Option<Bytes>,
    version: Option<Bytes>,
}

#[async_trait]
impl KvSwap for ByVersion {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        if self.versions.get(&self.key) != self.version {
            return Err(conflict(&self.key));
        }
        self.versions.count(&self.key);
        self.store.put_bytes(&self.key, value).await
    }
}

fn begin<'a>(right: &'a Right, key: &'a str) -> Done<'a, Box<dyn KvSwap>> {
    Box::pin(async move {
        let swap: Box<dyn KvSwap> = Box::new(ByVersion {
            store: right.store.clone(),
            versions: right.shared.clone(),
            key: key.to_owned(),
            current: right.get_bytes(key).await?,
            version: right.shared.get(key),
        });
        Ok(swap)
    })
}

/// Versions that every write counts up.
const VERSIONED: Flaw = Flaw {
    put: |right, key, value| {
        right.shared.count(key);
        right.put_bytes(key, value)
    },
    delete: |right, key| {
        right.shared.count(key);
        right.delete(key)
    },
    put_many: |right, pairs| {
        for (key, _) in &pairs {
            right.shared.count(key);
        }
        right.put_many(pairs)
    },
    delete_many: |right, keys| {
        for key in keys {
            right.shared.count(key);
        }
        right.delete_many(keys)
    },
    compare_and_swap: begin,
    ..RIGHT
};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_delete_starts_the_version_again",
        fails: &[AGAIN],
        delete: |right, key| {
            right.shared.take(key);
            right.delete(key)
        },
        ..VERSIONED
    },
    Flaw {
        name: "a_batch_of_deletes_starts_the_version_again",
        fails: &[AGAIN],
        delete_many: |right, keys| {
            for key in keys {
                right.shared.take(key);
            }
            right.delete_many(keys)
        },
        ..VERSIONED
    },
    Flaw {
        name: "a_batch_leaves_the_version",
        fails: &[AGAIN],
        put_many: RIGHT.put_many,
        ..VERSIONED
    },
    Flaw {
        name: "a_put_after_a_delete_takes_the_version_from_before",
        fails: &[AGAIN],
        delete: |right, key| {
            if let Some(version) = right.shared.take(key) {
                let one_less = version.len().saturating_sub(1);
                right.shared.set(key, vec![0; one_less]);
            }
            right.delete(key)
        },
        ..VERSIONED
    },
    Flaw {
        name: "an_increment_leaves_the_version",
        fails: &["kv::swap::an_increment_in_between_is_a_conflict"],
        ..VERSIONED
    },
    Flaw {
        name: "an_expired_value_starts_the_version_again",
        fails: &["kv::swap::a_value_that_expired_and_was_put_again_is_another"],
        on: On::MemoryWithTtl,
        put: |right, key, value| {
            Box::pin(async move {
                if !right.exists(key).await? {
                    right.shared.take(key);
                }
                right.shared.count(key);
                right.put_bytes(key, value).await
            })
        },
        put_with_ttl: |right, key, value, ttl| {
            Box::pin(async move {
                if !right.exists(key).await? {
                    right.shared.take(key);
                }
                right.shared.count(key);
                right.put_bytes_with_ttl(key, value, ttl).await
            })
        },
        ..VERSIONED
    },
];
