//! Configuration stores that read something else than was configured.

use edgezero_store_traits::ConfigError;

use crate::flaw::{Configured, Flaw, RIGHT, Text};

/// The text under `key`, changed after it was read.
fn changed(values: &Configured, key: &str, change: fn(String) -> String) -> Text {
    Ok((RIGHT.config)(values, key)?.map(change))
}

fn lossy(values: &Configured, key: &str) -> Option<String> {
    let value = values.get(key)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_missing_key_gives_an_empty_text",
        fails: &["config::a_key_without_a_value_gives_none"],
        config: |values, key| Ok(Some((RIGHT.config)(values, key)?.unwrap_or_default())),
        ..RIGHT
    },
    Flaw {
        name: "a_missing_key_is_an_error",
        fails: &["config::a_key_without_a_value_gives_none"],
        config: |values, key| {
            let found = (RIGHT.config)(values, key)?;
            let key = key.to_owned();
            found.map(Some).ok_or(ConfigError::NotFound { key })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_empty_text_gives_none",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| {
            let found = (RIGHT.config)(values, key)?;
            Ok(found.filter(|text| !text.is_empty()))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_text_is_trimmed",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| changed(values, key, |text| text.trim().to_owned()),
        ..RIGHT
    },
    Flaw {
        name: "a_text_without_its_quotes",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| changed(values, key, |text| text.trim_matches('"').to_owned()),
        ..RIGHT
    },
    Flaw {
        name: "a_text_with_variables_in_their_place",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| changed(values, key, |text| text.replace("${HOME}", "/root")),
        ..RIGHT
    },
    Flaw {
        name: "a_text_with_other_ends_of_lines",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| changed(values, key, |text| text.replace("\r\n", "\n")),
        ..RIGHT
    },
    Flaw {
        name: "a_text_that_looks_like_a_number_is_one",
        fails: &["config::a_value_comes_back_letter_for_letter"],
        config: |values, key| {
            changed(values, key, |text| {
                text.parse().map_or(text, |number: f64| number.to_string())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "dots_are_slashes",
        fails: &["config::dots_in_a_key_have_no_meaning"],
        config: |values, key| (RIGHT.config)(values, &key.replace('/', ".")),
        ..RIGHT
    },
    Flaw {
        name: "dots_are_double_underscores",
        fails: &["config::dots_in_a_key_have_no_meaning"],
        config: |values, key| (RIGHT.config)(values, &key.replace("__", ".")),
        ..RIGHT
    },
    Flaw {
        name: "a_key_stands_for_its_last_part",
        fails: &["config::dots_in_a_key_have_no_meaning"],
        config: |values, key| {
            let last = |known: &&String| known.rsplit('.').next() == Some(key);
            let found = values.keys().find(last);
            (RIGHT.config)(values, found.map_or(key, String::as_str))
        },
        ..RIGHT
    },
    Flaw {
        name: "the_case_of_a_key_is_ignored",
        fails: &["config::keys_are_looked_up_letter_for_letter"],
        config: |values, key| {
            let known = values
                .keys()
                .find(|known| known.to_lowercase() == key.to_lowercase());
            (RIGHT.config)(values, known.map_or(key, String::as_str))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_trimmed",
        fails: &["config::keys_are_looked_up_letter_for_letter"],
        config: |values, key| (RIGHT.config)(values, key.trim()),
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_is_not_utf8_is_read_lossily",
        fails: &["config::a_value_that_is_not_utf8_is_an_error_that_names_the_key"],
        config: |values, key| Ok(lossy(values, key)),
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_is_not_utf8_is_missing",
        fails: &["config::a_value_that_is_not_utf8_is_an_error_that_names_the_key"],
        config: |values, key| Ok((RIGHT.config)(values, key).unwrap_or_default()),
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_is_not_utf8_is_an_error_that_names_no_key",
        fails: &["config::a_value_that_is_not_utf8_is_an_error_that_names_the_key"],
        config: |values, key| {
            let key_unknown = |_| ConfigError::NotUtf8 { key: String::new() };
            (RIGHT.config)(values, key).map_err(key_unknown)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_is_not_utf8_is_an_error_that_holds_it",
        fails: &["config::a_value_that_is_not_utf8_is_an_error_that_names_the_key"],
        config: |values, key| {
            (RIGHT.config)(values, key).map_err(|_| ConfigError::NotUtf8 {
                key: format!("{key} = {}", lossy(values, key).unwrap_or_default()),
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_value_that_is_not_utf8_is_an_internal_error",
        fails: &["config::a_value_that_is_not_utf8_is_an_error_that_names_the_key"],
        config: |values, key| {
            (RIGHT.config)(values, key).map_err(|error| ConfigError::Internal {
                message: error.to_string(),
                source: None,
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "many_keys_without_the_missing_ones",
        fails: &["config::many_keys_are_answered_in_the_order_asked"],
        config_many: |values, keys| {
            let mut texts = (RIGHT.config_many)(values, keys)?;
            texts.retain(Option::is_some);
            Ok(texts)
        },
        ..RIGHT
    },
    Flaw {
        name: "many_keys_in_their_own_order",
        fails: &["config::many_keys_are_answered_in_the_order_asked"],
        config_many: |values, keys| {
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            (RIGHT.config_many)(values, &keys)
        },
        ..RIGHT
    },
    Flaw {
        name: "many_keys_with_none_for_what_is_not_utf8",
        fails: &["config::one_value_that_is_not_utf8_fails_the_batch_and_is_named"],
        config_many: |values, keys| {
            let texts = keys.iter().map(|key| (RIGHT.config)(values, key));
            Ok(texts.map(Result::unwrap_or_default).collect())
        },
        ..RIGHT
    },
    Flaw {
        name: "many_keys_read_lossily",
        fails: &["config::one_value_that_is_not_utf8_fails_the_batch_and_is_named"],
        config_many: |values, keys| Ok(keys.iter().map(|key| lossy(values, key)).collect()),
        ..RIGHT
    },
    Flaw {
        name: "a_key_has_at_most_255_bytes",
        fails: &["config::a_key_of_512_bytes_works_and_others_are_refused"],
        config: |values, key| (RIGHT.config)(values, &key[..key.floor_char_boundary(255)]),
        ..RIGHT
    },
];
