//! Configuration stores.

use edgezero_store_traits::{BoxError, ConfigError, ConfigHandle};

use crate::case::{CaseResult, cases, check, check_eq, check_err};
use crate::cases::failing::Faults;
use crate::fixture::DynFixture;
use crate::forms::shows;

cases! {
    "ERROR-5", "ERROR-4" => a_configuration_that_cannot_be_read_is_an_error_and_not_missing;
    "CONFIG-1" => a_key_without_a_value_gives_none;
    "CONFIG-1" => a_required_key_without_a_value_is_not_found;
    "CONFIG-2" => a_value_comes_back_letter_for_letter;
    "CONFIG-3" => dots_in_a_key_have_no_meaning;
    "CONFIG-3" => keys_are_looked_up_letter_for_letter;
    "CONFIG-4" => a_value_that_is_not_utf8_is_an_error_that_names_the_key;
    "CONFIG-6" => many_keys_are_answered_in_the_order_asked;
    "CONFIG-6", "CONFIG-4" => one_value_that_is_not_utf8_fails_the_batch_and_is_named;
    "CONFIG-5" => a_key_of_512_bytes_works_and_others_are_refused;
}

async fn configured(
    fixture: &DynFixture,
    values: &[(&str, &[u8])],
) -> Result<ConfigHandle, BoxError> {
    Ok(ConfigHandle::new(fixture.config(values).await?))
}

async fn a_key_without_a_value_gives_none(fixture: &DynFixture) -> CaseResult {
    let config = configured(fixture, &[("a", b"1")]).await?;
    check_eq!(config.get("b").await?, None, "another key");
    let config = configured(fixture, &[]).await?;
    check_eq!(config.get("b").await?, None, "in an empty store");
    Ok(())
}

async fn a_required_key_without_a_value_is_not_found(fixture: &DynFixture) -> CaseResult {
    let config = configured(fixture, &[("there", b"1")]).await?;
    check_eq!(config.require("there").await?, "1", "a key with a value");
    let error = check_err!(
        config.require("not.there").await,
        ConfigError::NotFound { .. },
        "a key without"
    );
    check_eq!(error.status(), 404, "the status");
    check!(
        error.to_string().contains("not.there"),
        "the key is not in: {error}"
    );
    Ok(())
}

async fn a_value_comes_back_letter_for_letter(fixture: &DynFixture) -> CaseResult {
    let values = [
        ("empty", ""),
        ("blank", " \n\t "),
        ("lines", "one\r\ntwo\n"),
        ("number", "007"),
        ("fraction", "1.50"),
        ("nul", "a\0b"),
        ("json", "[1, \"two\"]"),
        ("unicode", "Grüße 👋 \u{feff}"),
        ("quotes", "'\"\\${HOME}{{ x }}%"),
        ("quoted", "\"text\""),
    ];
    let raw = values.map(|(key, value)| (key, value.as_bytes()));
    let config = configured(fixture, &raw).await?;
    for (key, value) in values {
        check_eq!(
            config.get(key).await?.as_deref(),
            Some(value),
            "the key {key}"
        );
    }
    Ok(())
}

async fn dots_in_a_key_have_no_meaning(fixture: &DynFixture) -> CaseResult {
    let config = configured(fixture, &[("service.timeout_ms", b"1500"), ("a..b", b"x")]).await?;
    check_eq!(
        config.require("service.timeout_ms").await?,
        "1500",
        "the dotted key"
    );
    check_eq!(config.require("a..b").await?, "x", "a key with two dots");
    for key in [
        "service",
        "timeout_ms",
        "service/timeout_ms",
        "service__timeout_ms",
        "a.b",
    ] {
        check_eq!(config.get(key).await?, None, "the key {key}");
    }
    Ok(())
}

async fn keys_are_looked_up_letter_for_letter(fixture: &DynFixture) -> CaseResult {
    let config = configured(fixture, &[("Key", b"1"), ("ключ", b"2")]).await?;
    check_eq!(config.require("ключ").await?, "2", "a Cyrillic key");
    for key in ["key", "KEY", "Key ", " Key", "Ключ"] {
        check_eq!(config.get(key).await?, None, "the key {key:?}");
    }
    Ok(())
}

async fn a_value_that_is_not_utf8_is_an_error_that_names_the_key(
    fixture: &DynFixture,
) -> CaseResult {
    let config = configured(fixture, &[("bad.value", b"hunter2\xff"), ("good", b"1")]).await?;
    for found in [
        config.get("bad.value").await.map(drop),
        config.require("bad.value").await.map(drop),
    ] {
        let error = check_err!(found, ConfigError::NotUtf8 { .. }, "bytes that are no text");
        check_eq!(error.status(), 500, "the status");
        check!(
            error.to_string().contains("bad.value"),
            "the key is not in: {error}"
        );
        check!(!shows(&error, b"hunter2"), "the value is in the error");
    }
    check_eq!(config.require("good").await?, "1", "the key beside it");
    Ok(())
}

async fn many_keys_are_answered_in_the_order_asked(fixture: &DynFixture) -> CaseResult {
    let config = configured(fixture, &[("a", b"1"), ("b.c", b""), ("d", "ü".as_bytes())]).await?;
    let keys = ["d", "nobody", "b.c", "a", "d"];
    let texts = [Some("ü"), None, Some(""), Some("1"), Some("ü")];
    check_eq!(
        config.get_many(&keys).await?,
        texts.map(|text| text.map(str::to_owned)),
        "the texts of {keys:?}"
    );
    check_eq!(config.get_many(&[""; 0]).await?, [], "no keys");
    check_err!(
        config.get_many(&["a", ".."]).await,
        ConfigError::Validation { .. },
        "a key that is none"
    );
    Ok(())
}

async fn one_value_that_is_not_utf8_fails_the_batch_and_is_named(
    fixture: &DynFixture,
) -> CaseResult {
    let config = configured(fixture, &[("good", b"1"), ("bad.value", b"hunter2\xff")]).await?;
    let error = check_err!(
        config.get_many(&["good", "bad.value"]).await,
        ConfigError::NotUtf8 { .. },
        "bytes that are no text"
    );
    let text = format!("{error} {error:?}");
    check!(text.contains("bad.value"), "the key is not in: {text}");
    check!(!shows(&error, b"hunter2"), "the value is in the error");
    Ok(())
}

async fn a_key_of_512_bytes_works_and_others_are_refused(fixture: &DynFixture) -> CaseResult {
    let longest = "k".repeat(512);
    let config = configured(fixture, &[(&longest, b"1")]).await?;
    check_eq!(config.require(&longest).await?, "1", "a key of 512 bytes");
    for key in ["", ".", "..", "a\nb", &"k".repeat(513)] {
        let error = check_err!(
            config.get(key).await,
            ConfigError::Validation { .. },
            "a key of {} bytes",
            key.len()
        );
        check_eq!(error.status(), 400, "the status");
    }
    Ok(())
}

async fn a_configuration_that_cannot_be_read_is_an_error_and_not_missing(
    fixture: &DynFixture,
) -> CaseResult {
    let mut faults = Faults::new(fixture);
    while faults.next() {
        let store = fixture.config(&[("key", b"value")]).await?;
        let (found, _) = faults.fail(store.get("key")).await?;
        match found {
            Ok(found) => check_eq!(found.as_deref(), Some("value"), "after a request failed"),
            Err(error) => {
                let is_unavailable = matches!(error, ConfigError::Unavailable { .. });
                check!(is_unavailable, "a request failed; the error is {error:?}");
                check_eq!(error.status(), 503, "the status");
                check!(error.to_string().contains("\"key\""), "it says: {error}");
            }
        }
    }
    Ok(())
}
