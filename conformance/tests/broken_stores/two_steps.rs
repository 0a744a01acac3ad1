//! Stores that write in two steps what belongs together: a value and its TTL, a value
//! and its entry in an index. A caller drops the call in between, or the second fails.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Done, Flaw, On, RIGHT, Right, others};

const TTL_DROPPED: &str = "kv::cancel::a_dropped_write_leaves_no_value_with_the_ttl_of_another";
const TTL_FAILED: &str = "kv::faults::a_write_that_fails_leaves_no_value_with_the_ttl_of_another";
const DROPPED: &str = "kv::cancel::a_dropped_write_is_done_or_not_done_for_every_call_that_reads";
const FAILED: &str = "kv::faults::a_write_that_fails_is_done_or_not_done_for_every_call_that_reads";

const WITH_TTL: Flaw = Flaw {
    on: On::MemoryWithTtl,
    ..RIGHT
};

/// What a platform that takes the TTL from a value by itself does not do: a write that
/// keeps it.
async fn put_and_keep_ttl(right: &Right, key: &str, value: Bytes) -> Result<(), KvError> {
    match right.shared.get(key) {
        Some(_) => {
            let ttl = Duration::from_secs(600);
            right.put_bytes_with_ttl(key, value, ttl).await
        }
        None => right.put_bytes(key, value).await,
    }
}

/// Notes which keys have a TTL of ten minutes.
const NOTING: Flaw = Flaw {
    put_with_ttl: |right, key, value, ttl| {
        if ttl == Duration::from_secs(600) {
            right.shared.set(key, "");
        }
        right.put_bytes_with_ttl(key, value, ttl)
    },
    ..WITH_TTL
};

/// The store of the other label is the index.
async fn add(right: &Right, key: &str) -> Result<(), KvError> {
    right.other.put_bytes(key, "".into()).await
}

async fn remove(right: &Right, key: &str) -> Result<(), KvError> {
    right.other.delete(key).await
}

fn list<'a>(
    right: &'a Right,
    prefix: &'a str,
    cursor: Option<&'a str>,
    limit: usize,
) -> Done<'a, KvPage> {
    right.other.list_keys_page(prefix, cursor, limit)
}

/// An index that each write maintains with a second request.
const INDEXED: Flaw = Flaw {
    put: |right, key, value| {
        Box::pin(async move {
            right.put_bytes(key, value).await?;
            others().await;
            add(right, key).await
        })
    },
    delete: |right, key| {
        Box::pin(async move {
            right.delete(key).await?;
            others().await;
            remove(right, key).await
        })
    },
    put_many: |right, pairs| {
        Box::pin(async move {
            let index = pairs.iter().map(|(key, _)| (key.clone(), Bytes::new()));
            let index = index.collect();
            right.put_many(pairs).await?;
            others().await;
            right.other.put_many(index).await
        })
    },
    delete_many: |right, keys| {
        Box::pin(async move {
            right.delete_many(keys).await?;
            others().await;
            right.other.delete_many(keys).await
        })
    },
    increment: |right, key, delta| {
        Box::pin(async move {
            let sum = right.increment(key, delta).await?;
            others().await;
            add(right, key).await?;
            Ok(sum)
        })
    },
    swap: |begun, value| {
        Box::pin(async move {
            begun.swap.swap(value).await?;
            others().await;
            add(&begun.right, &begun.key).await
        })
    },
    list,
    ..RIGHT
};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "the_ttl_is_set_after_the_value",
        fails: &[TTL_DROPPED, TTL_FAILED],
        put_with_ttl: |right, key, value, ttl| {
            Box::pin(async move {
                right.put_bytes(key, value.clone()).await?;
                others().await;
                right.put_bytes_with_ttl(key, value, ttl).await
            })
        },
        ..WITH_TTL
    },
    Flaw {
        name: "the_ttl_is_set_before_the_value",
        fails: &[TTL_DROPPED, TTL_FAILED],
        put_with_ttl: |right, key, value, ttl| {
            Box::pin(async move {
                if let Some(old) = right.get_bytes(key).await? {
                    right.put_bytes_with_ttl(key, old, ttl).await?;
                    others().await;
                }
                right.put_bytes_with_ttl(key, value, ttl).await
            })
        },
        ..WITH_TTL
    },
    Flaw {
        name: "a_put_takes_the_ttl_away_in_a_second_step",
        fails: &[TTL_DROPPED, TTL_FAILED],
        put: |right, key, value| {
            Box::pin(async move {
                put_and_keep_ttl(right, key, value.clone()).await?;
                others().await;
                right.put_bytes(key, value).await
            })
        },
        ..NOTING
    },
    Flaw {
        name: "a_batch_takes_the_ttls_away_in_a_second_step",
        fails: &[TTL_DROPPED, TTL_FAILED],
        put_many: |right, pairs| {
            Box::pin(async move {
                for (key, value) in &pairs {
                    put_and_keep_ttl(right, key, value.clone()).await?;
                }
                others().await;
                right.put_many(pairs).await
            })
        },
        ..NOTING
    },
    Flaw {
        name: "an_increment_takes_the_ttl_away_in_a_second_step",
        fails: &[TTL_DROPPED, TTL_FAILED],
        increment: |right, key, delta| {
            Box::pin(async move {
                let sum = right.increment(key, delta).await?;
                let stored = right.get_bytes(key).await?.unwrap_or_default();
                put_and_keep_ttl(right, key, stored.clone()).await?;
                others().await;
                right.put_bytes(key, stored).await?;
                Ok(sum)
            })
        },
        ..NOTING
    },
    Flaw {
        name: "a_swap_takes_the_ttl_away_in_a_second_step",
        fails: &[TTL_DROPPED, TTL_FAILED],
        swap: |begun, value| {
            Box::pin(async move {
                begun.swap.swap(value.clone()).await?;
                put_and_keep_ttl(&begun.right, &begun.key, value.clone()).await?;
                others().await;
                begun.right.put_bytes(&begun.key, value).await
            })
        },
        ..NOTING
    },
    Flaw {
        name: "a_value_is_written_before_its_entry_in_the_index",
        fails: &[DROPPED, FAILED],
        ..INDEXED
    },
    Flaw {
        name: "a_value_is_written_after_its_entry_in_the_index",
        fails: &[DROPPED, FAILED],
        put: |right, key, value| {
            Box::pin(async move {
                add(right, key).await?;
                others().await;
                right.put_bytes(key, value).await
            })
        },
        ..INDEXED
    },
    Flaw {
        name: "a_delete_removes_the_entry_in_the_index_first",
        fails: &[DROPPED, FAILED],
        put: |right, key, value| {
            let index = right.other.clone();
            Box::pin(async move {
                // In one step, as far as this flaw goes.
                right.put_bytes(key, value).await?;
                let _ = index.put_bytes(key, "".into()).await;
                Ok(())
            })
        },
        delete: |right, key| {
            Box::pin(async move {
                remove(right, key).await?;
                others().await;
                right.delete(key).await
            })
        },
        ..INDEXED
    },
    Flaw {
        name: "a_counter_is_written_before_its_entry_in_the_index",
        fails: &[DROPPED, FAILED],
        put: RIGHT.put,
        delete: RIGHT.delete,
        put_many: RIGHT.put_many,
        delete_many: RIGHT.delete_many,
        swap: RIGHT.swap,
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                let indexed = right.other.list_keys_page("", None, 1000).await?.keys;
                page.keys
                    .retain(|key| !key.starts_with("Increment") || indexed.contains(key));
                Ok(page)
            })
        },
        ..INDEXED
    },
    Flaw {
        name: "a_put_deletes_before_it_writes",
        fails: &[DROPPED, FAILED],
        put: |right, key, value| {
            Box::pin(async move {
                right.delete(key).await?;
                others().await;
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_of_a_long_value_is_in_two_parts",
        fails: &["kv::cancel::dropped_calls_leave_the_store_usable_and_no_half_write"],
        put: |right, key, value| {
            Box::pin(async move {
                let half = value.len() / 2;
                right.put_bytes(key, value.slice(..half)).await?;
                others().await;
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_dropped_read_leaves_a_lock",
        fails: &["kv::cancel::a_dropped_read_changes_nothing"],
        get: |right, key| Box::pin(alone(right, slowly(right, key))),
        ..RIGHT
    },
    Flaw {
        name: "a_dropped_write_leaves_a_lock",
        fails: &[DROPPED],
        put: |right, key, value| {
            Box::pin(alone(right, async move {
                others().await;
                right.put_bytes(key, value).await
            }))
        },
        ..RIGHT
    },
];

/// Does the work with a lock that a dropped call does not give back.
async fn alone<T>(right: &Right, work: impl Future<Output = T>) -> T {
    if right.shared.has("lock") {
        std::future::pending::<()>().await;
    }
    right.shared.set("lock", "");
    let done = work.await;
    right.shared.take("lock");
    done
}

async fn slowly(right: &Right, key: &str) -> Result<Option<Bytes>, KvError> {
    others().await;
    right.get_bytes(key).await
}
