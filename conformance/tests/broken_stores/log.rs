//! Key-value stores that tell too much.

use crate::flaw::{Flaw, RIGHT};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_value_is_in_the_log",
        fails: &["tracing::no_event_holds_a_key_a_value_or_a_secret"],
        put: |right, key, value| {
            tracing::debug!(?value, "put");
            right.put_bytes(key, value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_in_the_log",
        fails: &["tracing::no_event_holds_a_key_a_value_or_a_secret"],
        exists: |right, key| {
            tracing::trace!("look for {key}");
            right.exists(key)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_in_a_span",
        fails: &["tracing::no_event_holds_a_key_a_value_or_a_secret"],
        delete: |right, key| {
            let _span = tracing::info_span!("delete", key).entered();
            right.delete(key)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_call_of_the_store_is_told_as_one_of_the_handle",
        fails: &["tracing::every_backend_call_is_one_event_with_its_lengths"],
        get: |right, key| {
            tracing::debug!(target: "edgezero_store", "get");
            right.get_bytes(key)
        },
        ..RIGHT
    },
];
