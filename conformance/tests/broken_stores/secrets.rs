//! Secret stores that find another secret, or let one out.

use bytes::Bytes;
use conformance::fixture::{SECRET_STORE_ID, SECRETS};
use edgezero_store_traits::SecretError;

use crate::flaw::{Flaw, RIGHT};

/// Without a look at the name.
fn named(key: &str) -> Option<Bytes> {
    let found = SECRETS.iter().find(|(name, _)| *name == key);
    found.map(|(_, value)| Bytes::from(*value))
}

/// The secret, changed after it was read.
fn changed(
    store_id: &str,
    key: &str,
    change: fn(&str) -> String,
) -> Result<Option<Bytes>, SecretError> {
    let value = (RIGHT.secret)(store_id, key)?;
    Ok(value.map(|value| change(str::from_utf8(&value).unwrap()).into()))
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "an_undefined_secret_is_empty",
        fails: &["secret::a_secret_that_is_not_defined_gives_none"],
        secret: |store_id, key| Ok(Some((RIGHT.secret)(store_id, key)?.unwrap_or_default())),
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_found_by_the_start_of_its_name",
        fails: &["secret::a_secret_that_is_not_defined_gives_none"],
        secret: |store_id, key| {
            let longer = SECRETS.iter().find(|(name, _)| name.starts_with(key));
            (RIGHT.secret)(store_id, longer.map_or(key, |(name, _)| name))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_trimmed",
        fails: &["secret::a_secret_comes_back_bit_for_bit"],
        secret: |store_id, key| changed(store_id, key, |text| text.trim().to_owned()),
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_ascii",
        fails: &["secret::a_secret_comes_back_bit_for_bit"],
        secret: |store_id, key| {
            changed(store_id, key, |text| {
                text.replace(|c: char| !c.is_ascii(), "?")
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_a_template",
        fails: &["secret::a_secret_comes_back_bit_for_bit"],
        secret: |store_id, key| changed(store_id, key, |text| text.replace("\\u0000", "\0")),
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_not_looked_up_in_lower_case",
        fails: &["secret::a_secret_is_looked_up_in_lower_case"],
        secret: |store_id, key| match key.chars().any(char::is_uppercase) {
            true => Ok(named(key)),
            false => (RIGHT.secret)(store_id, key),
        },
        ..RIGHT
    },
    Flaw {
        name: "a_name_is_not_checked",
        fails: &["secret::a_store_that_is_asked_directly_refuses_names_too"],
        secret: |_, key| Ok(named(&key.to_ascii_lowercase())),
        ..RIGHT
    },
    Flaw {
        // As Spin's own call that reads a variable, which takes more than spin.toml.
        name: "a_word_of_a_name_may_start_with_a_digit",
        fails: &["secret::a_store_that_is_asked_directly_refuses_names_too"],
        secret: |store_id, key| {
            let words_with_a_letter = key.split('_').map(|word| match word.parse::<u32>() {
                Ok(_) if !key.starts_with(word) => format!("n{word}"),
                _ => word.to_owned(),
            });
            let name = words_with_a_letter.collect::<Vec<_>>().join("_");
            (RIGHT.secret)(store_id, &name)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_name_has_at_most_255_bytes",
        fails: &["secret::a_name_of_512_bytes_is_a_name_and_a_longer_one_is_not"],
        secret: |store_id, key| {
            if key.len() > 255 {
                let message = "too long".to_owned();
                return Err(SecretError::Validation { message });
            }
            (RIGHT.secret)(store_id, key)
        },
        ..RIGHT
    },
    Flaw {
        name: "an_error_holds_the_secrets",
        fails: &["secret::a_secret_does_not_print"],
        secret: |store_id, key| {
            let found = (RIGHT.secret)(store_id, key)?;
            found.map(Some).ok_or_else(|| SecretError::Internal {
                message: format!("no {key} in {SECRETS:?}"),
                source: None,
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_error_about_a_name_holds_the_secrets",
        fails: &["secret::a_secret_does_not_print"],
        secret: |store_id, key| {
            (RIGHT.secret)(store_id, key).map_err(|error| SecretError::Validation {
                message: format!("{error}; did you mean one of {SECRETS:?}?"),
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_source_of_an_error_holds_the_secrets",
        fails: &["secret::a_secret_does_not_print"],
        secret: |store_id, key| {
            let found = (RIGHT.secret)(store_id, key)?;
            found.map(Some).ok_or_else(|| SecretError::Unavailable {
                message: "the vault did not answer".to_owned(),
                source: Some(format!("no {key} in {SECRETS:?}").into()),
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_secret_is_in_the_log",
        fails: &["tracing::no_event_holds_a_key_a_value_or_a_secret"],
        secret: |store_id, key| {
            let value = (RIGHT.secret)(store_id, key)?;
            tracing::trace!("read {value:?}");
            Ok(value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_secret_of_one_store_is_in_every_store",
        fails: &["secret::store_ids_have_one_space_of_secrets_or_each_its_own"],
        secret: |_, key| (RIGHT.secret)(SECRET_STORE_ID, key),
        ..RIGHT
    },
];
