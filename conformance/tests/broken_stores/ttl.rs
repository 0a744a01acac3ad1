//! Stores that forget a TTL, or keep it too long.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Flaw, On, RIGHT, internal};

const WITH_TTL: Flaw = Flaw {
    on: On::Sqlite,
    ..RIGHT
};

/// Notes the TTL that each key was given.
const NOTING_TTLS: Flaw = Flaw {
    put_with_ttl: |right, key, value, ttl| {
        right.shared.set(key, note(ttl));
        right.put_bytes_with_ttl(key, value, ttl)
    },
    ..WITH_TTL
};

/// A TTL as a note, and back.
fn note(ttl: Duration) -> Bytes {
    ttl.as_secs().to_le_bytes().to_vec().into()
}

fn noted(note: &Bytes) -> Duration {
    Duration::from_secs(u64::from_le_bytes(note[..].try_into().unwrap()))
}

fn unsupported() -> KvError {
    KvError::Unsupported {
        operation: "put_bytes_with_ttl",
    }
}

pub(crate) const FLAWS: &[Flaw] = &[
    // Without TTL.
    Flaw {
        name: "a_put_with_ttl_is_unsupported_and_writes",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        put_with_ttl: |right, key, value, _| {
            Box::pin(async move {
                right.put_bytes(key, value).await?;
                Err(unsupported())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_with_ttl_is_unsupported_and_deletes",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        put_with_ttl: |right, key, _, _| {
            Box::pin(async move {
                right.delete(key).await?;
                Err(unsupported())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "without_ttl_a_put_with_one_is_a_put",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        put_with_ttl: |right, key, value, _| right.put_bytes(key, value),
        ..RIGHT
    },
    Flaw {
        name: "without_ttl_a_put_with_one_is_an_internal_error",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        put_with_ttl: |_, _, _, _| Box::pin(async { Err(internal("no TTL")) }),
        ..RIGHT
    },
    Flaw {
        name: "without_ttl_another_operation_is_unsupported",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        put_with_ttl: |_, _, _, _| {
            Box::pin(async { Err(KvError::Unsupported { operation: "ttl" }) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_store_without_ttl_says_that_it_has_it",
        fails: &["kv::ttl::before_it_expires_a_value_is_there_as_any_other"],
        capabilities: |capabilities| capabilities.with_ttl(true),
        ..RIGHT
    },
    Flaw {
        name: "a_store_with_ttl_says_that_it_has_none",
        fails: &["kv::ttl::without_ttl_a_put_with_one_is_unsupported_and_writes_nothing"],
        capabilities: |capabilities| capabilities.with_ttl(false),
        ..WITH_TTL
    },
    // With TTL.
    Flaw {
        name: "the_ttl_is_dropped",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        put_with_ttl: |right, key, value, _| right.put_bytes(key, value),
        ..WITH_TTL
    },
    Flaw {
        name: "the_ttl_is_twice_as_long",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        put_with_ttl: |right, key, value, ttl| right.put_bytes_with_ttl(key, value, ttl * 2),
        ..WITH_TTL
    },
    Flaw {
        name: "the_ttl_is_a_minute_whatever_was_asked",
        fails: &["kv::ttl::before_it_expires_a_value_is_there_as_any_other"],
        put_with_ttl: |right, key, value, _| {
            right.put_bytes_with_ttl(key, value, Duration::from_secs(60))
        },
        ..WITH_TTL
    },
    Flaw {
        name: "the_ttl_is_in_milliseconds_of_32_bits",
        fails: &["kv::ttl::a_ttl_of_365_days_lasts_for_365_days"],
        put_with_ttl: |right, key, value, ttl| {
            let milliseconds = ttl.as_millis() as u32;
            let ttl = Duration::from_millis(milliseconds.into());
            right.put_bytes_with_ttl(key, value, ttl)
        },
        ..WITH_TTL
    },
    Flaw {
        name: "an_expired_key_is_still_read",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        get: |right, key| Box::pin(async move { Ok(right.shared.get(key)) }),
        put_with_ttl: |right, key, value, ttl| {
            right.shared.set(key, value.clone());
            right.put_bytes_with_ttl(key, value, ttl)
        },
        ..WITH_TTL
    },
    Flaw {
        name: "an_expired_key_still_exists",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        exists: |right, key| Box::pin(async move { Ok(right.shared.has(key)) }),
        ..NOTING_TTLS
    },
    Flaw {
        name: "an_expired_key_is_still_in_a_batch",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        put_with_ttl: |right, key, value, ttl| {
            right.shared.set(key, value.clone());
            right.put_bytes_with_ttl(key, value, ttl)
        },
        get_many: |right, keys| {
            Box::pin(async move {
                let values = right.get_many(keys).await?.into_iter();
                let noted = keys.iter().map(|key| right.shared.get(key));
                Ok(values
                    .zip(noted)
                    .map(|(value, noted)| value.or(noted))
                    .collect())
            })
        },
        ..WITH_TTL
    },
    Flaw {
        name: "an_expired_key_is_still_listed",
        fails: &["kv::ttl::an_expired_key_is_gone_from_get_exists_and_list"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.keys.extend(right.shared.lock().keys().cloned());
                page.keys.sort();
                page.keys.dedup();
                Ok(page)
            })
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "an_expired_key_takes_a_place_in_a_page",
        fails: &["kv::ttl::an_expired_key_takes_no_place_in_a_page"],
        put: |right, key, value| {
            right.shared.set(key, "");
            right.put_bytes(key, value)
        },
        list: |right, _, cursor, limit| {
            Box::pin(async move {
                let mut keys: Vec<_> = right.shared.lock().keys().cloned().collect();
                keys.retain(|key| cursor.is_none_or(|after| key.as_str() > after));
                let last = keys.get(limit - 1).filter(|_| keys.len() > limit).cloned();
                let live = right.keys("").await?;
                keys.truncate(limit);
                keys.retain(|key| live.contains(key));
                Ok(KvPage { keys, cursor: last })
            })
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "an_expired_key_counts_towards_the_cap",
        fails: &["kv::ttl::an_expired_key_does_not_count_towards_the_cap"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let max = right.capabilities().max_list_keys.map_or(0, u32::from);
                let mut counted = right.keys(prefix).await?;
                counted.extend(right.shared.lock().keys().cloned());
                counted.sort();
                counted.dedup();
                if counted.len() > max as usize {
                    let prefix = prefix.to_owned();
                    let store = None;
                    return Err(KvError::LimitExceeded { prefix, max, store });
                }
                right.list_keys_page(prefix, cursor, limit).await
            })
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "all_keys_expire_with_the_first",
        fails: &["kv::ttl::keys_expire_one_by_one"],
        put_with_ttl: |right, key, value, ttl| {
            let ttl = right
                .shared
                .get("ttl")
                .map_or(ttl, |first| noted(&first).min(ttl));
            right.shared.set("ttl", note(ttl));
            right.put_bytes_with_ttl(key, value, ttl)
        },
        ..WITH_TTL
    },
    Flaw {
        name: "a_put_leaves_the_ttl",
        fails: &["kv::ttl::a_put_without_ttl_takes_the_ttl_away"],
        put: |right, key, value| match right.shared.get(key) {
            None => right.put_bytes(key, value),
            Some(ttl) => right.put_bytes_with_ttl(key, value, noted(&ttl)),
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "a_put_of_the_stored_value_is_left_out",
        fails: &[
            "kv::ttl::a_put_without_ttl_takes_the_ttl_away",
            "kv::ttl::a_put_with_ttl_starts_a_new_one",
        ],
        put: |right, key, value| {
            Box::pin(async move {
                if right.get_bytes(key).await? == Some(value.clone()) {
                    return Ok(());
                }
                right.put_bytes(key, value).await
            })
        },
        put_with_ttl: |right, key, value, ttl| {
            Box::pin(async move {
                if right.get_bytes(key).await? == Some(value.clone()) {
                    return Ok(());
                }
                right.put_bytes_with_ttl(key, value, ttl).await
            })
        },
        ..WITH_TTL
    },
    Flaw {
        name: "a_batch_leaves_the_ttl",
        fails: &["kv::ttl::a_put_without_ttl_takes_the_ttl_away"],
        put_many: |right, pairs| {
            Box::pin(async move {
                for (key, value) in pairs {
                    let ttl = right.shared.get(&key).unwrap();
                    right.put_bytes_with_ttl(&key, value, noted(&ttl)).await?;
                }
                Ok(())
            })
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "a_put_with_ttl_keeps_the_first_ttl",
        fails: &["kv::ttl::a_put_with_ttl_starts_a_new_one"],
        put_with_ttl: |right, key, value, ttl| {
            let first = right.shared.get(key).map_or(ttl, |first| noted(&first));
            right.shared.set(key, note(first));
            right.put_bytes_with_ttl(key, value, first)
        },
        ..WITH_TTL
    },
    Flaw {
        name: "a_put_with_ttl_leaves_a_value_without",
        fails: &["kv::ttl::a_put_with_ttl_starts_a_new_one"],
        put: |right, key, value| {
            right.shared.set(key, "");
            right.put_bytes(key, value)
        },
        put_with_ttl: |right, key, value, ttl| {
            if right.shared.has(key) {
                return right.put_bytes(key, value);
            }
            right.put_bytes_with_ttl(key, value, ttl)
        },
        ..WITH_TTL
    },
    Flaw {
        name: "an_expired_key_cannot_be_written_again",
        fails: &["kv::ttl::an_expired_key_can_be_written_again"],
        put: |right, key, value| {
            if right.shared.has(key) {
                return Box::pin(async { Ok(()) });
            }
            right.put_bytes(key, value)
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "a_delete_leaves_the_ttl",
        fails: &["kv::ttl::a_delete_takes_the_ttl_with_the_value"],
        put: |right, key, value| match right.shared.take(key) {
            None => right.put_bytes(key, value),
            Some(ttl) => right.put_bytes_with_ttl(key, value, noted(&ttl)),
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "an_increment_leaves_the_ttl",
        fails: &["kv::increment::an_increment_takes_the_ttl_away_and_starts_anew_after_it"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let sum = right.increment(key, delta).await?;
                if let Some(ttl) = right.shared.get(key) {
                    let value = right.get_bytes(key).await?.unwrap_or_default();
                    right.put_bytes_with_ttl(key, value, noted(&ttl)).await?;
                }
                Ok(sum)
            })
        },
        ..NOTING_TTLS
    },
    Flaw {
        name: "a_swap_leaves_the_ttl",
        fails: &["kv::swap::a_swap_takes_the_ttl_away_and_an_expired_value_is_none"],
        swap: |begun, value| {
            Box::pin(async move {
                begun.swap.swap(value.clone()).await?;
                let ttl = begun.right.shared.get(&begun.key).unwrap();
                let put = begun
                    .right
                    .put_bytes_with_ttl(&begun.key, value, noted(&ttl));
                put.await
            })
        },
        ..NOTING_TTLS
    },
];
