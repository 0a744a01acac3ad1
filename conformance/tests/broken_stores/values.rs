//! Stores that do not give back what was put.

use bytes::Bytes;

use crate::flaw::{Done, Flaw, RIGHT, Right, internal};

/// The value, changed on its way into the store.
fn put<'a>(
    right: &'a Right,
    key: &'a str,
    value: Bytes,
    change: fn(&[u8]) -> Vec<u8>,
) -> Done<'a, ()> {
    right.put_bytes(key, change(&value).into())
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_missing_key_reads_as_empty",
        fails: &["kv::values::a_missing_key_gives_none"],
        get: |right, key| {
            Box::pin(async move { Ok(Some(right.get_bytes(key).await?.unwrap_or_default())) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_missing_key_is_an_error",
        fails: &["kv::values::a_missing_key_gives_none"],
        get: |right, key| {
            Box::pin(async move {
                let value = right.get_bytes(key).await?;
                value.map(Some).ok_or_else(|| internal("404"))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_missing_key_reads_as_the_first_that_starts_with_it",
        fails: &["kv::values::a_missing_key_gives_none"],
        get: |right, key| {
            Box::pin(async move {
                match right.keys(key).await?.first() {
                    Some(first) => right.get_bytes(first).await,
                    None => Ok(None),
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_empty_value_reads_as_missing",
        fails: &["kv::values::an_empty_value_is_a_value"],
        get: |right, key| {
            Box::pin(async move {
                let value = right.get_bytes(key).await?;
                Ok(value.filter(|value| !value.is_empty()))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_empty_value_does_not_exist",
        fails: &["kv::values::an_empty_value_is_a_value"],
        exists: |right, key| {
            Box::pin(async move {
                let value = right.get_bytes(key).await?;
                Ok(value.is_some_and(|value| !value.is_empty()))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_empty_value_deletes_the_key",
        fails: &["kv::values::an_empty_value_is_a_value"],
        put: |right, key, value| {
            if value.is_empty() {
                right.delete(key)
            } else {
                right.put_bytes(key, value)
            }
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_is_cut_at_nul",
        fails: &["kv::values::a_value_of_any_bytes_comes_back_bit_for_bit"],
        put: |right, key, value| {
            put(right, key, value, |value| {
                value.split(|byte| *byte == 0).next().unwrap().to_vec()
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_is_stored_as_text",
        fails: &["kv::values::a_value_of_any_bytes_comes_back_bit_for_bit"],
        put: |right, key, value| {
            put(right, key, value, |value| {
                String::from_utf8_lossy(value).into_owned().into()
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_is_trimmed",
        fails: &["kv::values::a_value_of_any_bytes_comes_back_bit_for_bit"],
        put: |right, key, value| put(right, key, value, |value| value.trim_ascii().to_vec()),
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_looks_like_a_number_is_stored_as_one",
        fails: &["kv::values::a_value_of_any_bytes_comes_back_bit_for_bit"],
        put: |right, key, value| {
            put(right, key, value, |value| {
                let number = str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok());
                number.map_or(value.to_vec(), |number: f64| number.to_string().into())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_is_cut_at_64_kib",
        fails: &["kv::values::a_value_over_64_kib_comes_back_whole"],
        put: |right, key, value| {
            put(right, key, value, |value| {
                value[..value.len().min(65_535)].to_vec()
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_over_16_mib_is_refused",
        fails: &["kv::keys::a_value_of_25_mib_works"],
        put: |right, key, value| {
            if value.len() > 16 << 20 {
                return Box::pin(async { Err(internal("too large")) });
            }
            right.put_bytes(key, value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_does_not_overwrite",
        fails: &["kv::values::a_put_replaces_the_value"],
        put: |right, key, value| {
            Box::pin(async move {
                if right.exists(key).await? {
                    return Ok(());
                }
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_appends",
        fails: &["kv::values::a_put_replaces_the_value"],
        put: |right, key, value| {
            Box::pin(async move {
                let before = right.get_bytes(key).await?.unwrap_or_default();
                right.put_bytes(key, [before, value].concat().into()).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_leaves_the_end_of_a_longer_value",
        fails: &["kv::values::a_shorter_value_leaves_nothing_of_a_longer_one"],
        put: |right, key, value| {
            Box::pin(async move {
                let before = right.get_bytes(key).await?.unwrap_or_default();
                let end = &before[value.len().min(before.len())..];
                right.put_bytes(key, [&value, end].concat().into()).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_put_is_seen_by_its_own_handle_only",
        fails: &["kv::values::a_put_is_seen_by_a_handle_opened_before_and_one_opened_after"],
        get: |right, key| {
            Box::pin(async move {
                match right.own.get(key) {
                    None => right.get_bytes(key).await,
                    own => Ok(own),
                }
            })
        },
        put: |right, key, value| {
            Box::pin(async move {
                right.own.set(key, value);
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cache_is_stale_after_a_write_elsewhere",
        fails: &["kv::values::a_put_is_seen_by_a_handle_opened_before_and_one_opened_after"],
        get: |right, key| {
            Box::pin(async move {
                if let Some(cached) = right.own.get(key) {
                    return Ok(Some(cached));
                }
                let value = right.get_bytes(key).await?;
                if let Some(value) = &value {
                    right.own.set(key, value.clone());
                }
                Ok(value)
            })
        },
        put: |right, key, value| {
            right.own.set(key, value.clone());
            right.put_bytes(key, value)
        },
        delete: |right, key| {
            right.own.take(key);
            right.delete(key)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cache_for_exists_is_stale_after_a_write_elsewhere",
        fails: &["kv::values::every_way_to_read_sees_what_another_handle_wrote"],
        exists: |right, key| {
            Box::pin(async move {
                if !right.own.has(key) {
                    let exists = right.exists(key).await?;
                    right.own.set(key, vec![u8::from(exists)]);
                }
                Ok(right.own.get(key).is_some_and(|exists| exists[..] == [1]))
            })
        },
        put: |right, key, value| {
            right.own.set(key, [1].to_vec());
            right.put_bytes(key, value)
        },
        delete: |right, key| {
            right.own.take(key);
            right.delete(key)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cache_for_batches_is_stale_after_a_write_elsewhere",
        fails: &["kv::values::every_way_to_read_sees_what_another_handle_wrote"],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut values = right.get_many(keys).await?;
                for (key, value) in keys.iter().zip(&mut values) {
                    match right.own.get(key) {
                        None => right.own.set(key, value.clone().unwrap_or_default()),
                        cached => *value = cached,
                    }
                }
                Ok(values)
            })
        },
        put: |right, key, value| {
            right.own.take(key);
            right.put_bytes(key, value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_delete_of_a_missing_key_is_an_error",
        fails: &["kv::values::deleting_a_missing_key_succeeds"],
        delete: |right, key| {
            Box::pin(async move {
                if !right.exists(key).await? {
                    return Err(internal("404"));
                }
                right.delete(key).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_delete_stores_an_empty_value",
        fails: &["kv::values::a_deleted_key_is_gone_from_get_exists_and_list"],
        delete: |right, key| right.put_bytes(key, Bytes::new()),
        ..RIGHT
    },
    Flaw {
        name: "a_deleted_key_exists",
        fails: &["kv::values::a_deleted_key_is_gone_from_get_exists_and_list"],
        put: |right, key, value| {
            right.shared.set(key, "");
            right.put_bytes(key, value)
        },
        exists: |right, key| Box::pin(async move { Ok(right.shared.has(key)) }),
        ..RIGHT
    },
    Flaw {
        name: "a_deleted_key_is_listed",
        fails: &["kv::values::a_deleted_key_is_gone_from_get_exists_and_list"],
        get: |right, key| {
            Box::pin(async move {
                let value = right.get_bytes(key).await?;
                Ok(value.filter(|_| !right.shared.has(key)))
            })
        },
        put: |right, key, value| {
            right.shared.take(key);
            right.put_bytes(key, value)
        },
        delete: |right, key| {
            right.shared.set(key, "");
            Box::pin(async { Ok(()) })
        },
        exists: |right, key| {
            Box::pin(async move { Ok(right.exists(key).await? && !right.shared.has(key)) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_deleted_key_cannot_be_written_again",
        fails: &["kv::values::a_deleted_key_can_be_written_again"],
        put: |right, key, value| {
            if right.shared.has(key) {
                return Box::pin(async { Ok(()) });
            }
            right.put_bytes(key, value)
        },
        delete: |right, key| {
            right.shared.set(key, "");
            right.delete(key)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_delete_removes_every_key_that_starts_with_it",
        fails: &["kv::values::a_delete_touches_no_other_key"],
        delete: |right, key| {
            Box::pin(async move {
                for key in right.keys(key).await? {
                    right.delete(&key).await?;
                }
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_exists_where_a_longer_one_does",
        fails: &["kv::values::exists_is_true_for_a_value_and_false_without"],
        exists: |right, key| Box::pin(async move { Ok(!right.keys(key).await?.is_empty()) }),
        ..RIGHT
    },
];
