//! Stores that take one key for another.

use unicode_normalization::UnicodeNormalization;

use crate::flaw::{Flaw, RIGHT};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_key_is_trimmed",
        fails: &["kv::keys::keys_are_not_trimmed"],
        key: |key| key.trim().to_owned(),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_normalised_to_nfc",
        fails: &["kv::keys::keys_are_not_normalised"],
        key: |key| key.nfc().collect(),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_normalised_to_nfd",
        fails: &["kv::keys::keys_are_not_normalised"],
        key: |key| key.nfd().collect(),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_in_lower_case",
        fails: &["kv::keys::keys_are_case_sensitive"],
        key: |key| key.to_lowercase(),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_ascii",
        fails: &["kv::keys::keys_of_any_script_are_kept_apart"],
        key: |key| key.replace(|c: char| !c.is_ascii(), "?"),
        ..RIGHT
    },
    Flaw {
        name: "a_key_has_at_most_255_bytes",
        fails: &["kv::keys::a_key_of_512_bytes_works"],
        key: |key| key[..key.floor_char_boundary(255)].to_owned(),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_percent_decoded",
        fails: &["kv::keys::keys_with_the_signs_of_sql_and_paths_are_plain_keys"],
        key: |key| key.replace("%00", "\0").replace('+', " "),
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_a_path",
        fails: &["kv::keys::keys_with_the_signs_of_sql_and_paths_are_plain_keys"],
        key: |key| key.replace("/./", "/").replace("//", "/"),
        ..RIGHT
    },
    Flaw {
        name: "a_key_that_looks_like_a_number_is_one",
        fails: &["kv::keys::keys_that_look_like_numbers_are_plain_keys"],
        key: |key| {
            key.parse()
                .map_or(key.to_owned(), |number: f64| number.to_string())
        },
        ..RIGHT
    },
];
