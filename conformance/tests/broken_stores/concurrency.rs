//! Stores that are right for one caller at a time.

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Done, Flaw, RIGHT, Right, internal, others};

/// Reads a whole file, changes one key and writes the file.
async fn rewrite(right: &Right, key: &str, value: Bytes) -> Result<(), KvError> {
    let mut file = Vec::new();
    for key in right.keys("").await? {
        file.push((
            key.clone(),
            right.get_bytes(&key).await?.unwrap_or_default(),
        ));
    }
    others().await;
    file.retain(|(old, _)| old != key);
    file.push((key.to_owned(), value));
    for old in right.keys("").await? {
        right.delete(&old).await?;
    }
    right.put_many(file).await
}

/// Writes the value in two halves.
fn in_halves<'a>(right: &'a Right, key: &'a str, value: Bytes) -> Done<'a, ()> {
    Box::pin(async move {
        let half = value.len() / 2;
        let old = right.get_bytes(key).await?.unwrap_or_default();
        let rest = &old[half.min(old.len())..];
        let torn = [&value[..half], rest].concat();
        right.put_bytes(key, torn.into()).await?;
        others().await;
        right.put_bytes(key, value).await
    })
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "an_update_of_the_file_is_lost_beside_another",
        fails: &["kv::concurrent::puts_of_different_keys_all_take_effect"],
        put: |right, key, value| Box::pin(rewrite(right, key, value)),
        ..RIGHT
    },
    Flaw {
        name: "an_update_of_the_file_is_lost_beside_one_of_another_handle",
        fails: &["kv::concurrent::writers_with_handles_of_their_own_all_take_effect"],
        put: |right, key, value| Box::pin(right.own.in_turn(rewrite(right, key, value))),
        ..RIGHT
    },
    Flaw {
        name: "a_second_put_at_the_same_time_is_an_error",
        fails: &["kv::concurrent::puts_of_different_keys_all_take_effect"],
        put: |right, key, value| {
            Box::pin(async move {
                if right.shared.has("busy") {
                    return Err(internal("busy"));
                }
                right.shared.set("busy", "");
                others().await;
                right.shared.take("busy");
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "puts_of_one_key_mix_their_values",
        fails: &["kv::concurrent::puts_of_one_key_leave_one_value_whole"],
        put: |right, key, value| {
            Box::pin(async move {
                let half = value.len() / 2;
                let first = value.slice(..half);
                let first = right
                    .shared
                    .lock()
                    .entry(key.to_owned())
                    .or_insert(first)
                    .clone();
                others().await;
                let mixed = [&first, &value[half..]].concat();
                right.put_bytes(key, mixed.into()).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "readers_share_one_buffer",
        fails: &["kv::concurrent::many_readers_at_once_each_get_their_value"],
        get: |right, key| {
            Box::pin(async move {
                let value = right.get_bytes(key).await?;
                right
                    .shared
                    .set("buffer", value.clone().unwrap_or_default());
                others().await;
                Ok(value.and(right.shared.get("buffer")))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_17th_reader_at_once_is_an_error",
        fails: &["kv::concurrent::many_readers_at_once_each_get_their_value"],
        get: |right, key| {
            Box::pin(async move {
                if right.shared.count("readers") > 16 {
                    return Err(internal("too many readers"));
                }
                others().await;
                right.shared.take("readers");
                right.get_bytes(key).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_reader_sees_half_a_write",
        fails: &["kv::concurrent::reads_beside_writes_see_whole_values_only"],
        put: in_halves,
        ..RIGHT
    },
    Flaw {
        name: "a_put_removes_the_value_before_it_writes",
        fails: &["kv::concurrent::reads_beside_writes_see_whole_values_only"],
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
        name: "a_read_beside_a_write_is_an_error",
        fails: &["kv::concurrent::reads_beside_writes_see_whole_values_only"],
        get: |right, key| {
            if right.shared.has("writing") {
                return Box::pin(async { Err(internal("the database is locked")) });
            }
            right.get_bytes(key)
        },
        put: |right, key, value| {
            Box::pin(async move {
                right.shared.set("writing", "");
                others().await;
                right.shared.take("writing");
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "every_third_read_asks_a_replica_that_lags",
        fails: &["kv::concurrent::reads_beside_writes_see_whole_values_only"],
        get: |right, key| {
            Box::pin(async move {
                match right.shared.get(key) {
                    Some(old) if right.shared.count("reads") % 3 == 0 => Ok(Some(old)),
                    _ => right.get_bytes(key).await,
                }
            })
        },
        put: |right, key, value| {
            if right.shared.count("puts") % 3 == 0 {
                right.shared.set(key, value.clone());
            }
            right.put_bytes(key, value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_listing_misses_a_key_beside_a_delete",
        fails: &["kv::concurrent::listings_beside_writes_show_every_key_that_stays"],
        list: |right, prefix, _, _| {
            Box::pin(async move {
                let mut keys = Vec::new();
                // By place: what is deleted moves the keys that follow.
                while let Some(key) = right.keys(prefix).await?.get(keys.len()) {
                    keys.push(key.clone());
                    others().await;
                }
                let cursor = None;
                Ok(KvPage { keys, cursor })
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_dropped_put_leaves_half_a_value",
        fails: &["kv::cancel::dropped_calls_leave_the_store_usable_and_no_half_write"],
        put: in_halves,
        ..RIGHT
    },
    Flaw {
        name: "a_dropped_call_leaves_the_store_locked",
        fails: &["kv::cancel::dropped_calls_leave_the_store_usable_and_no_half_write"],
        put: |right, key, value| {
            Box::pin(async move {
                if right.shared.has("locked") {
                    return Err(internal("locked"));
                }
                right.shared.set("locked", "");
                others().await;
                right.shared.take("locked");
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
];
