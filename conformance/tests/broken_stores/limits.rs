//! Stores on a platform that holds less than the contract allows.

use bytes::Bytes;
use edgezero_store_traits::KvError;

use crate::flaw::{Done, Flaw, Pairs, RIGHT, Right, internal, too_large};

/// The most that a value may have on this platform, in bytes.
const MOST: usize = 1000;

fn unstorable() -> Pairs {
    vec![("large".to_owned(), Bytes::from(vec![b'x'; MOST + 1]))]
}

fn put<'a>(right: &'a Right, key: &'a str, value: Bytes) -> Done<'a, ()> {
    if value.len() > MOST {
        return Box::pin(async move { Err(too_large(key)) });
    }
    right.put_bytes(key, value)
}

fn put_many(right: &Right, pairs: Pairs) -> Done<'_, ()> {
    match pairs.iter().find(|(_, value)| value.len() > MOST) {
        Some((key, _)) => {
            let error = too_large(key);
            Box::pin(async { Err(error) })
        }
        None => right.put_many(pairs),
    }
}

/// Keeps the rule.
const LIMITED: Flaw = Flaw {
    put,
    put_many,
    swap: |begun, value| match value.len() > MOST {
        true => Box::pin(async move { Err(too_large(&begun.key)) }),
        false => begun.swap.swap(value),
    },
    unstorable,
    ..RIGHT
};

const PUT: &str = "kv::limits::what_the_platform_cannot_hold_is_refused_and_changes_nothing";
const BATCH: &str = "kv::limits::a_batch_with_what_the_platform_cannot_hold_writes_nothing";
const SWAP: &str = "kv::limits::a_swap_to_what_the_platform_cannot_hold_changes_nothing";

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_value_beyond_the_limit_is_an_internal_error",
        fails: &[PUT],
        put: |right, key, value| {
            if value.len() > MOST {
                return Box::pin(async { Err(internal("400 Bad Request")) });
            }
            right.put_bytes(key, value)
        },
        ..LIMITED
    },
    Flaw {
        name: "a_value_beyond_the_limit_is_cut",
        fails: &[PUT],
        put: |right, key, value| right.put_bytes(key, value.slice(..value.len().min(MOST))),
        ..LIMITED
    },
    Flaw {
        name: "a_value_beyond_the_limit_removes_the_one_before",
        fails: &[PUT],
        put: |right, key, value| {
            Box::pin(async move {
                if value.len() > MOST {
                    right.delete(key).await?;
                }
                put(right, key, value).await
            })
        },
        ..LIMITED
    },
    Flaw {
        name: "the_error_about_the_limit_names_another_key",
        fails: &[PUT],
        put: |right, key, value| {
            if value.len() > MOST {
                return Box::pin(async { Err(too_large("?")) });
            }
            right.put_bytes(key, value)
        },
        ..LIMITED
    },
    Flaw {
        name: "the_rest_of_a_batch_is_written",
        fails: &[BATCH],
        put_many: |right, pairs| {
            Box::pin(async move {
                let (large, good): (Pairs, Pairs) =
                    pairs.into_iter().partition(|(_, value)| value.len() > MOST);
                right.put_many(good).await?;
                put_many(right, large).await
            })
        },
        ..LIMITED
    },
    Flaw {
        name: "a_batch_is_written_in_parts_up_to_what_is_too_large",
        fails: &[BATCH],
        put_many: |right, pairs| {
            Box::pin(async move {
                for part in pairs.chunks(25) {
                    put_many(right, part.to_vec()).await?;
                }
                Ok(())
            })
        },
        ..LIMITED
    },
    Flaw {
        // Spin on DynamoDB answers every failure of a swap like this.
        name: "a_swap_beyond_the_limit_is_a_conflict",
        fails: &[SWAP],
        swap: |begun, value| match value.len() > MOST {
            true => Box::pin(async move { Err(KvError::Conflict { key: begun.key }) }),
            false => begun.swap.swap(value),
        },
        ..LIMITED
    },
    Flaw {
        name: "a_platform_that_holds_everything_refuses_a_value",
        fails: &["kv::values::a_value_over_64_kib_comes_back_whole"],
        unstorable: Vec::new,
        ..LIMITED
    },
];
