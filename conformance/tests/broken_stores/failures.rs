//! Stores that say something wrong, or nothing, when the platform fails.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Flaw, RIGHT, internal};

const READ: &str = "kv::faults::a_read_that_fails_is_an_error_and_not_a_missing_value";
const LISTING: &str = "kv::faults::a_listing_that_fails_is_an_error_and_not_a_short_one";
const READ_KIND: &str =
    "kv::faults::a_read_whose_request_fails_is_unavailable_and_not_another_error";
const WRITE_KIND: &str =
    "kv::faults::a_write_whose_request_fails_is_unavailable_and_not_another_error";
const TEXT: &str = "kv::faults::the_error_of_a_failed_request_names_the_key_and_holds_no_value";
const WRITE: &str = "kv::faults::a_write_that_fails_is_done_or_not_done_for_every_call_that_reads";

/// The failure as another kind, with the same text.
fn as_internal(error: KvError) -> KvError {
    match error {
        KvError::Unavailable { .. } => internal(error.to_string()),
        error => error,
    }
}

fn saying(message: impl Into<String>) -> impl FnOnce(KvError) -> KvError {
    let message = message.into();
    move |error| match error {
        KvError::Unavailable { source, .. } => KvError::Unavailable { message, source },
        error => error,
    }
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_failed_get_is_none",
        fails: &[READ],
        get: |right, key| {
            Box::pin(async move { Ok(right.get_bytes(key).await.unwrap_or_default()) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_failed_exists_is_false",
        fails: &[READ],
        exists: |right, key| Box::pin(async move { Ok(right.exists(key).await.unwrap_or(false)) }),
        ..RIGHT
    },
    Flaw {
        name: "a_failed_get_many_is_none_for_each",
        fails: &[READ],
        get_many: |right, keys| {
            Box::pin(async move {
                let found = right.get_many(keys).await;
                Ok(found.unwrap_or_else(|_| vec![None; keys.len()]))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "what_get_many_cannot_read_is_none",
        fails: &[READ],
        get_many: |right, keys| {
            Box::pin(async move {
                let mut values = Vec::new();
                for key in keys {
                    values.push(right.get_bytes(key).await.unwrap_or_default());
                }
                Ok(values)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_failed_listing_is_empty",
        fails: &[LISTING],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let page = right.list_keys_page(prefix, cursor, limit).await;
                Ok(page.unwrap_or_default())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_listing_that_fails_later_ends_early",
        fails: &[LISTING],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let half = right
                    .list_keys_page(prefix, cursor, limit.div_ceil(2))
                    .await?;
                if half.cursor.is_none() {
                    return Ok(half);
                }
                match right.list_keys_page(prefix, cursor, limit).await {
                    Ok(page) => Ok(page),
                    Err(_) => Ok(KvPage {
                        cursor: None,
                        ..half
                    }),
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_failed_put_succeeds",
        fails: &[WRITE],
        put: |right, key, value| {
            Box::pin(async move {
                let _ = right.put_bytes(key, value).await;
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_failed_delete_succeeds",
        fails: &[WRITE],
        delete: |right, key| {
            Box::pin(async move {
                let _ = right.delete(key).await;
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "every_failure_of_a_read_is_internal",
        fails: &[READ_KIND],
        get: |right, key| Box::pin(async move { right.get_bytes(key).await.map_err(as_internal) }),
        ..RIGHT
    },
    Flaw {
        name: "every_failure_of_a_write_is_internal",
        fails: &[WRITE_KIND],
        put: |right, key, value| {
            Box::pin(async move { right.put_bytes(key, value).await.map_err(as_internal) })
        },
        ..RIGHT
    },
    Flaw {
        name: "every_failure_of_a_batch_is_internal",
        fails: &[WRITE_KIND],
        put_many: |right, pairs| {
            Box::pin(async move { right.put_many(pairs).await.map_err(as_internal) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_failed_increment_is_not_a_counter",
        fails: &[WRITE_KIND],
        increment: |right, key, delta| {
            Box::pin(async move {
                let done = right.increment(key, delta).await;
                done.map_err(|error| match error {
                    KvError::Unavailable { .. } => KvError::NotACounter {
                        key: key.to_owned(),
                        len: 0,
                    },
                    error => error,
                })
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_of_a_read_lacks_the_key",
        fails: &[TEXT],
        get: |right, key| {
            Box::pin(async move {
                let found = right.get_bytes(key).await;
                found.map_err(saying("the connection was closed"))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_of_a_write_lacks_the_key",
        fails: &[TEXT],
        increment: |right, key, delta| {
            Box::pin(async move {
                let done = right.increment(key, delta).await;
                done.map_err(saying("cannot count"))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_of_a_listing_lacks_the_prefix",
        fails: &[TEXT],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let page = right.list_keys_page(prefix, cursor, limit).await;
                page.map_err(saying("cannot list the keys"))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_of_a_write_holds_the_value",
        fails: &[TEXT],
        put: |right, key, value| {
            Box::pin(async move {
                let text = format!("SET {key} {value:?}: the connection was closed");
                let done = right.put_bytes(key, value).await;
                done.map_err(saying(text))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_of_a_swap_holds_the_value_in_base64",
        fails: &[TEXT],
        swap: |begun, value| {
            Box::pin(async move {
                let text = format!("{}: {}", begun.key, STANDARD.encode(&value));
                begun.swap.swap(value).await.map_err(saying(text))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_cause_of_an_error_holds_a_value_of_the_batch",
        fails: &[TEXT],
        put_many: |right, pairs| {
            Box::pin(async move {
                let sent: Vec<Bytes> = pairs.iter().map(|(_, value)| value.clone()).collect();
                let count = sent.len();
                let done = right.put_many(pairs).await;
                done.map_err(|error| match error {
                    KvError::Unavailable { .. } => KvError::Unavailable {
                        message: format!("cannot write {count} keys"),
                        source: Some(format!("MSET {sent:?}").into()),
                    },
                    error => error,
                })
            })
        },
        ..RIGHT
    },
];
