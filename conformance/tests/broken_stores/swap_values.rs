//! Stores whose swap takes two values for one.

use bytes::Bytes;

use crate::flaw::{Begun, Done, Flaw, RIGHT, conflict};

/// Swaps where the two values have this in common.
fn comparing(begun: Begun, value: Bytes, form: fn(&[u8]) -> Vec<u8>) -> Done<'static, ()> {
    Box::pin(async move {
        let stored = begun.right.get_bytes(&begun.key).await?;
        let form = |value: &Option<Bytes>| value.as_ref().map(|value| form(value));
        if form(&stored) != form(&begun.current) {
            return Err(conflict(&begun.key));
        }
        begun.right.put_bytes(&begun.key, value).await
    })
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

const FAILS: &[&str] = &["kv::swap::a_value_that_differs_behind_a_nul_or_in_its_form_is_another"];

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "values_are_compared_up_to_a_nul",
        fails: FAILS,
        swap: |begun, value| {
            comparing(begun, value, |value| {
                let end = value.iter().position(|byte| *byte == 0);
                value[..end.unwrap_or(value.len())].to_vec()
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_as_lossy_text",
        fails: FAILS,
        swap: |begun, value| comparing(begun, value, |value| text(value).into_bytes()),
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_without_blanks_around",
        fails: FAILS,
        swap: |begun, value| comparing(begun, value, |value| value.trim_ascii().to_vec()),
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_as_numbers",
        fails: FAILS,
        swap: |begun, value| {
            comparing(begun, value, |value| match text(value).parse::<f64>() {
                Ok(number) => number.to_le_bytes().to_vec(),
                Err(_) => value.to_vec(),
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_as_json",
        fails: FAILS,
        swap: |begun, value| {
            comparing(begun, value, |value| {
                match serde_json::from_slice::<serde_json::Value>(value) {
                    Ok(json) => json.to_string().into_bytes(),
                    Err(_) => value.to_vec(),
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_without_case",
        fails: FAILS,
        swap: |begun, value| comparing(begun, value, |value| value.to_ascii_lowercase()),
        ..RIGHT
    },
    Flaw {
        name: "values_are_compared_by_a_sum",
        fails: FAILS,
        swap: |begun, value| {
            comparing(begun, value, |value| {
                let sum: u64 = value.iter().copied().map(u64::from).sum();
                [sum, value.len() as u64].map(u64::to_le_bytes).concat()
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_with_a_nul_never_equals_itself",
        fails: &["kv::swap::a_swap_of_any_bytes_that_did_not_change_succeeds"],
        swap: |begun, value| match &begun.current {
            Some(current) if current.contains(&0) => {
                Box::pin(async move { Err(conflict(&begun.key)) })
            }
            _ => begun.swap.swap(value),
        },
        ..RIGHT
    },
];
