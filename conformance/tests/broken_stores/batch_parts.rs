//! Stores that make a large batch in parts.

use bytes::Bytes;

use crate::flaw::{Done, Flaw, Pairs, RIGHT, Right, Values, others};

const PUT: &str = "kv::batch::the_largest_put_many_is_seen_whole_or_not_at_all";
const DELETE: &str = "kv::batch::the_largest_delete_many_is_seen_whole_or_not_at_all";
const GET: &str = "kv::batch::the_largest_get_many_sees_one_state_of_the_store";
const FAILED: &str = "kv::faults::the_largest_batch_that_fails_is_done_whole_or_not_at_all";
const DROPPED: &str = "kv::cancel::the_largest_batch_that_is_dropped_is_done_whole_or_not_at_all";

fn put_in_parts(right: &Right, pairs: Pairs, size: usize) -> Done<'_, ()> {
    Box::pin(async move {
        for part in pairs.chunks(size) {
            right.put_many(part.to_vec()).await?;
            others().await;
        }
        Ok(())
    })
}

fn delete_in_parts<'a>(right: &'a Right, keys: &'a [&'a str], size: usize) -> Done<'a, ()> {
    Box::pin(async move {
        for part in keys.chunks(size) {
            right.delete_many(part).await?;
            others().await;
        }
        Ok(())
    })
}

fn get_in_parts<'a>(right: &'a Right, keys: &'a [&'a str], size: usize) -> Done<'a, Values> {
    Box::pin(async move {
        let mut values = Vec::new();
        for part in keys.chunks(size) {
            values.extend(right.get_many(part).await?);
            others().await;
        }
        Ok(values)
    })
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "put_many_writes_100_pairs_at_a_time",
        fails: &[PUT, FAILED, DROPPED],
        put_many: |right, pairs| put_in_parts(right, pairs, 100),
        ..RIGHT
    },
    Flaw {
        name: "put_many_writes_1000_pairs_at_a_time",
        fails: &[PUT, FAILED, DROPPED],
        put_many: |right, pairs| put_in_parts(right, pairs, 1000),
        ..RIGHT
    },
    Flaw {
        name: "put_many_writes_9999_pairs_at_a_time",
        fails: &[PUT, FAILED, DROPPED],
        put_many: |right, pairs| put_in_parts(right, pairs, 9999),
        ..RIGHT
    },
    Flaw {
        name: "put_many_writes_a_megabyte_at_a_time",
        fails: &["kv::batch::a_batch_of_many_megabytes_is_seen_whole_or_not_at_all"],
        put_many: |right, pairs| {
            let largest = pairs.iter().map(|(_, value)| value.len()).max();
            let size = 1_000_000 / largest.unwrap_or(1).clamp(1, 1_000_000);
            put_in_parts(right, pairs, size)
        },
        ..RIGHT
    },
    Flaw {
        name: "put_many_sends_its_pairs_without_a_transaction",
        fails: &["kv::batch::a_batch_is_seen_whole_or_not_at_all", PUT],
        put_many: |right, pairs| put_in_parts(right, pairs, 1),
        ..RIGHT
    },
    Flaw {
        name: "get_many_reads_100_keys_at_a_time",
        fails: &[GET],
        get_many: |right, keys| get_in_parts(right, keys, 100),
        ..RIGHT
    },
    Flaw {
        name: "get_many_reads_1000_keys_at_a_time",
        fails: &[GET],
        get_many: |right, keys| get_in_parts(right, keys, 1000),
        ..RIGHT
    },
    Flaw {
        name: "get_many_reads_5000_keys_at_a_time",
        fails: &[GET],
        get_many: |right, keys| get_in_parts(right, keys, 5000),
        ..RIGHT
    },
    Flaw {
        name: "delete_many_removes_100_keys_at_a_time",
        fails: &[DELETE, FAILED, DROPPED],
        delete_many: |right, keys| delete_in_parts(right, keys, 100),
        ..RIGHT
    },
    Flaw {
        name: "delete_many_removes_1000_keys_at_a_time",
        fails: &[DELETE, FAILED, DROPPED],
        delete_many: |right, keys| delete_in_parts(right, keys, 1000),
        ..RIGHT
    },
    Flaw {
        name: "a_batch_that_failed_is_made_again_key_by_key",
        fails: &[
            FAILED,
            "kv::faults::a_batch_that_fails_is_done_whole_or_not_at_all",
        ],
        put_many: |right, pairs| {
            Box::pin(async move {
                if right.put_many(pairs.clone()).await.is_ok() {
                    return Ok(());
                }
                let half = pairs.len() / 2;
                right.put_many(pairs[..half].to_vec()).await?;
                // It gives up in the middle.
                Err(crate::flaw::internal("the connection was closed"))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_batch_deletes_first_and_then_writes",
        fails: &[
            "kv::batch::a_batch_is_seen_whole_or_not_at_all",
            "kv::cancel::a_dropped_batch_is_done_whole_or_not_at_all",
        ],
        put_many: |right, pairs: Vec<(String, Bytes)>| {
            Box::pin(async move {
                let keys: Vec<_> = pairs.iter().skip(1).map(|(key, _)| key.as_str()).collect();
                right.delete_many(&keys).await?;
                others().await;
                right.put_many(pairs).await
            })
        },
        ..RIGHT
    },
];
