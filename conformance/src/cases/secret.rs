//! Secret stores.

use edgezero_store_traits::{BoxError, SecretError, SecretHandle};
use secrecy::ExposeSecret;

use crate::case::{CaseResult, cases, check, check_eq, check_err};
use crate::cases::failing::Faults;
use crate::fixture::{DynFixture, OTHER_SECRET_STORE_ID, OTHER_SECRETS, SECRET_STORE_ID, SECRETS};

cases! {
    "ERROR-5", "ERROR-4" => a_secret_that_cannot_be_read_is_an_error_and_not_missing;
    "SECRET-1" => a_secret_that_is_not_defined_gives_none;
    "SECRET-1" => a_required_secret_that_is_not_defined_is_not_found;
    "SECRET-2" => a_secret_comes_back_bit_for_bit;
    "SECRET-3" => a_secret_is_looked_up_in_lower_case;
    "SECRET-4" => names_that_spin_refuses_are_refused;
    "SECRET-4" => a_refused_name_is_explained_by_its_word;
    "SECRET-4" => a_store_that_is_asked_directly_refuses_names_too;
    "SECRET-4" => a_name_of_512_bytes_is_a_name_and_a_longer_one_is_not;
    "SECRET-5" => a_secret_does_not_print;
    "SECRET-6" => store_ids_have_one_space_of_secrets_or_each_its_own;
}

async fn open(fixture: &DynFixture) -> Result<SecretHandle, BoxError> {
    Ok(SecretHandle::new(fixture.secrets().await?, SECRET_STORE_ID))
}

async fn a_secret_that_is_not_defined_gives_none(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    check!(
        secrets.get("conformance_undefined").await?.is_none(),
        "get gave something"
    );
    check!(
        secrets.get_bytes("conformance_undefined").await?.is_none(),
        "get_bytes gave something"
    );
    // A part of a defined one.
    check!(
        secrets.get("conformance").await?.is_none(),
        "get gave something"
    );
    Ok(())
}

async fn a_required_secret_that_is_not_defined_is_not_found(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    let error = check_err!(
        secrets.require("Conformance_Undefined").await,
        SecretError::NotFound { .. },
        "an undefined secret"
    );
    check_eq!(error.status(), 404, "the status");
    check!(
        error.to_string().contains("conformance_undefined"),
        "the name is not in: {error}"
    );
    Ok(())
}

async fn a_secret_comes_back_bit_for_bit(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    for (name, value) in SECRETS {
        let text = secrets.require(name).await?;
        check!(
            text.expose_secret() == *value,
            "{name} as text is another value"
        );
        let bytes = secrets.get_bytes(name).await?;
        check!(
            bytes.is_some_and(|bytes| bytes.expose_secret() == value.as_bytes()),
            "{name} as bytes is another value"
        );
    }
    Ok(())
}

async fn a_secret_is_looked_up_in_lower_case(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    for key in [
        "conformance_plain",
        "CONFORMANCE_PLAIN",
        "Conformance_Plain",
    ] {
        let value = secrets.require(key).await?;
        check!(
            value.expose_secret() == SECRETS[0].1,
            "{key} is another value"
        );
    }
    check!(
        secrets.require("CONFORMANCE_V2").await.is_ok(),
        "no secret with digits"
    );
    // The handle has lower-cased those; the store does so by itself.
    let store = fixture.secrets().await?;
    let found = store
        .get_bytes(SECRET_STORE_ID, "Conformance_PLAIN")
        .await?;
    check!(
        found.is_some_and(|found| found == SECRETS[0].1),
        "the store itself finds another value"
    );
    Ok(())
}

const NO_NAMES: [&str; 22] = [
    "",
    "_a",
    "1a",
    "a_",
    "a__b",
    "__",
    // spin.toml cannot declare these: each word starts with a letter.
    "a_1",
    "api_key_2",
    "v2_1",
    "a_1b_c",
    "A_9",
    "a-b",
    "a.b",
    "a b",
    " a",
    "a ",
    "é",
    "KELVIN\u{212a}",
    "a\0",
    "{{a}}",
    "../a",
    "_",
];

async fn names_that_spin_refuses_are_refused(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    for key in NO_NAMES {
        let error = check_err!(
            secrets.get(key).await.map(drop),
            SecretError::Validation { .. },
            "the name {key:?}"
        );
        check_eq!(error.status(), 400, "the status");
    }
    for key in ["a", "A", "a1", "a_b_c", "z9", "a1_b2", "v2_x"] {
        check!(
            secrets.get(key).await.is_ok(),
            "the name {key:?} is refused"
        );
    }
    Ok(())
}

async fn a_refused_name_is_explained_by_its_word(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    for (key, word) in [("api_key_2", "\"2\""), ("a_b-c_d", "\"b-c\"")] {
        let error = check_err!(
            secrets.get(key).await.map(drop),
            SecretError::Validation { .. },
            "the name {key:?}"
        );
        let text = error.to_string();
        check!(text.contains(key), "the name is not in: {text}");
        check!(text.contains(word), "the word {word} is not in: {text}");
    }
    Ok(())
}

async fn a_store_that_is_asked_directly_refuses_names_too(fixture: &DynFixture) -> CaseResult {
    let store = fixture.secrets().await?;
    let long = "a".repeat(513);
    for key in NO_NAMES.into_iter().chain([&long[..]]) {
        let found = store.get_bytes(SECRET_STORE_ID, key).await;
        check_err!(
            found.map(drop),
            SecretError::Validation { .. },
            "the name {key:?}"
        );
    }
    Ok(())
}

async fn a_name_of_512_bytes_is_a_name_and_a_longer_one_is_not(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    check!(
        secrets.get(&"a".repeat(512)).await?.is_none(),
        "a secret of that name"
    );
    check_err!(
        secrets.get(&"a".repeat(513)).await.map(drop),
        SecretError::Validation { .. },
        "a name of 513 bytes"
    );
    Ok(())
}

async fn a_secret_does_not_print(fixture: &DynFixture) -> CaseResult {
    let secrets = open(fixture).await?;
    let store = fixture.secrets().await?;
    let refused = store.get_bytes(SECRET_STORE_ID, "a-b").await.map(drop);
    let refused = refused.map_err(|error| format!("{error} {error:?}"));
    for (name, value) in SECRETS {
        let text = secrets.require(name).await?;
        let bytes = secrets.get_bytes(name).await?;
        let missing = secrets.require("conformance_undefined").await;
        let printed = format!("{text:?} {bytes:?} {secrets:?} {missing:?} {refused:?}");
        let as_numbers = format!("{:?}", value.as_bytes());
        let inner = as_numbers.trim_matches(['[', ']']);
        check!(!printed.contains(value), "{name} is in its Debug");
        check!(
            !printed.contains(inner),
            "{name} is in its Debug, byte by byte"
        );
    }
    Ok(())
}

async fn store_ids_have_one_space_of_secrets_or_each_its_own(fixture: &DynFixture) -> CaseResult {
    let store = fixture.secrets().await?;
    let (name, value) = SECRETS[0];
    let here = SecretHandle::new(store.clone(), SECRET_STORE_ID);
    check!(
        here.require(name).await?.expose_secret() == value,
        "another value"
    );
    let elsewhere = SecretHandle::new(store, OTHER_SECRET_STORE_ID);
    if fixture.has_separate_secret_stores() {
        for (name, value) in OTHER_SECRETS {
            check!(
                elsewhere.require(name).await?.expose_secret() == *value,
                "{name} is not the second store's own"
            );
        }
        check!(
            elsewhere.get(SECRETS[1].0).await?.is_none(),
            "a secret of the first store is in the second"
        );
    } else {
        for (name, value) in SECRETS {
            check!(
                elsewhere.require(name).await?.expose_secret() == *value,
                "{name} is another one under a second store id"
            );
        }
    }
    Ok(())
}

async fn a_secret_that_cannot_be_read_is_an_error_and_not_missing(
    fixture: &DynFixture,
) -> CaseResult {
    let store = fixture.secrets().await?;
    let (name, value) = SECRETS[0];
    let mut faults = Faults::new(fixture);
    while faults.next() {
        let (found, _) = faults.fail(store.get_bytes(SECRET_STORE_ID, name)).await?;
        match found {
            Ok(found) => check!(
                found.is_some_and(|found| found == value.as_bytes()),
                "a secret is missing or another one after a request failed"
            ),
            Err(error) => {
                let is_unavailable = matches!(error, SecretError::Unavailable { .. });
                check!(is_unavailable, "a request failed; the error is {error:?}");
                check_eq!(error.status(), 503, "the status");
                check!(error.to_string().contains(name), "it says: {error}");
            }
        }
    }
    Ok(())
}
