//! Stores whose batches are not what as many single calls are.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::flaw::{Flaw, RIGHT, internal, others};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "get_many_leaves_out_what_is_missing",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut values = right.get_many(keys).await?;
                values.retain(Option::is_some);
                Ok(values)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_sorts_its_keys",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut keys = keys.to_vec();
                keys.sort_unstable();
                right.get_many(&keys).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_answers_a_key_once",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            Box::pin(async move {
                let values = right.get_many(keys).await?;
                let mut found: BTreeMap<_, _> = keys.iter().zip(values).collect();
                let once = keys.iter().map(|key| found.remove(key).flatten());
                Ok(once.collect())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_takes_empty_for_missing",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            Box::pin(async move {
                let values = right.get_many(keys).await?.into_iter();
                let full = values.map(|value| value.filter(|value| !value.is_empty()));
                Ok(full.collect())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_fails_for_a_missing_key",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            Box::pin(async move {
                let values = right.get_many(keys).await?;
                if values.iter().any(Option::is_none) {
                    return Err(internal("404"));
                }
                Ok(values)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_reads_1000_keys_at_most",
        fails: &["kv::batch::a_thousand_values_are_read_at_once"],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut values = right.get_many(&keys[..keys.len().min(1000)]).await?;
                values.resize(keys.len(), None);
                Ok(values)
            })
        },
        ..RIGHT
    },
    Flaw {
        // DynamoDB.
        name: "get_many_reads_100_keys_at_most",
        fails: &["kv::batch::a_thousand_values_are_read_at_once"],
        get_many: |right, keys| match keys.len() {
            0..=100 => right.get_many(keys),
            _ => Box::pin(async { Err(internal("too many keys")) }),
        },
        ..RIGHT
    },
    Flaw {
        // DynamoDB.
        name: "get_many_takes_no_key_twice",
        fails: &["kv::batch::values_are_in_the_order_of_the_keys_asked"],
        get_many: |right, keys| {
            let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
            match distinct.len() == keys.len() {
                true => right.get_many(keys),
                false => Box::pin(async { Err(internal("a key stands twice")) }),
            }
        },
        ..RIGHT
    },
    Flaw {
        // Spin 4.1 on Redis takes the one key for a pattern, and answers names.
        name: "get_many_of_one_key_answers_none_for_a_pattern",
        fails: &["kv::batch::a_batch_of_one_key_reads_and_writes_that_key"],
        get_many: |right, keys| match keys {
            [key] if key.contains(['*', '?', '[']) => Box::pin(async { Ok(vec![None]) }),
            keys => right.get_many(keys),
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_of_one_key_is_an_error",
        fails: &["kv::batch::a_batch_of_one_key_reads_and_writes_that_key"],
        get_many: |right, keys| match keys {
            [_] => Box::pin(async { Err(internal("no answer")) }),
            keys => right.get_many(keys),
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_reads_text",
        fails: &["kv::batch::values_of_any_bytes_and_lengths_come_back_from_a_batch"],
        get_many: |right, keys| {
            Box::pin(async move {
                let values = right.get_many(keys).await?.into_iter();
                let text = |value: Bytes| String::from_utf8_lossy(&value).into_owned().into();
                Ok(values.map(|value| value.map(text)).collect())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "get_many_sees_a_part_of_a_batch",
        fails: &["kv::batch::a_batch_is_seen_whole_or_not_at_all"],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut values = Vec::new();
                for key in keys {
                    values.push(right.get_bytes(key).await?);
                    others().await;
                }
                Ok(values)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "put_many_leaves_what_is_there",
        fails: &["kv::batch::a_batch_is_stored_whole_and_replaces_what_was_there"],
        put_many: |right, pairs| {
            Box::pin(async move {
                for (key, value) in pairs {
                    if !right.exists(&key).await? {
                        right.put_bytes(&key, value).await?;
                    }
                }
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "put_many_replaces_the_whole_store",
        fails: &["kv::batch::a_batch_is_stored_whole_and_replaces_what_was_there"],
        put_many: |right, pairs| {
            Box::pin(async move {
                for key in right.keys("").await? {
                    right.delete(&key).await?;
                }
                right.put_many(pairs).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_first_of_two_equal_keys_wins",
        fails: &["kv::batch::the_last_of_two_equal_keys_wins"],
        put_many: |right, mut pairs| {
            pairs.reverse();
            right.put_many(pairs)
        },
        ..RIGHT
    },
    Flaw {
        name: "two_equal_keys_are_an_error",
        fails: &["kv::batch::the_last_of_two_equal_keys_wins"],
        put_many: |right, pairs| {
            let keys: BTreeMap<_, _> = pairs.iter().cloned().collect();
            if keys.len() < pairs.len() {
                return Box::pin(async { Err(internal("a key stands twice")) });
            }
            right.put_many(pairs)
        },
        ..RIGHT
    },
    Flaw {
        // DynamoDB.
        name: "put_many_writes_25_pairs_at_most",
        fails: &["kv::batch::thousands_of_pairs_are_written_at_once"],
        put_many: |right, pairs| match pairs.len() {
            0..=25 => right.put_many(pairs),
            _ => Box::pin(async { Err(internal("too many pairs")) }),
        },
        ..RIGHT
    },
    Flaw {
        name: "put_many_writes_1000_pairs_at_most",
        fails: &["kv::batch::thousands_of_pairs_are_written_at_once"],
        put_many: |right, mut pairs| {
            pairs.truncate(1000);
            right.put_many(pairs)
        },
        ..RIGHT
    },
    Flaw {
        name: "put_many_is_seen_in_part",
        fails: &["kv::batch::a_batch_is_seen_whole_or_not_at_all"],
        put_many: |right, pairs| Box::pin(right.put_one_by_one(pairs)),
        ..RIGHT
    },
    Flaw {
        name: "a_batch_is_whole_for_its_own_handle_only",
        fails: &["kv::batch::a_batch_is_seen_whole_or_not_at_all"],
        get_many: |right, keys| Box::pin(right.own.in_turn(right.get_many(keys))),
        put_many: |right, pairs| Box::pin(right.own.in_turn(right.put_one_by_one(pairs))),
        ..RIGHT
    },
    Flaw {
        name: "delete_many_is_seen_in_part",
        fails: &["kv::batch::a_batch_is_seen_whole_or_not_at_all"],
        delete_many: |right, keys| {
            Box::pin(async move {
                for key in keys {
                    right.delete(key).await?;
                    others().await;
                }
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "delete_many_stops_at_a_missing_key",
        fails: &["kv::batch::a_batch_of_deletes_removes_its_keys_and_no_other"],
        delete_many: |right, keys| {
            Box::pin(async move {
                for key in keys {
                    if !right.exists(key).await? {
                        return Ok(());
                    }
                    right.delete(key).await?;
                }
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "delete_many_removes_what_starts_with_its_keys",
        fails: &["kv::batch::a_batch_of_deletes_removes_its_keys_and_no_other"],
        delete_many: |right, keys| {
            Box::pin(async move {
                for prefix in keys {
                    for key in right.keys(prefix).await? {
                        right.delete(&key).await?;
                    }
                }
                Ok(())
            })
        },
        ..RIGHT
    },
];
