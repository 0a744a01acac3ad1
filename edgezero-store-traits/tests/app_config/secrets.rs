//! The types of secrets, and the stores that they are in.

use edgezero_store_traits::app_config::{FieldKind, Named};
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};
use edgezero_store_traits::{AppConfig, AppConfigError};

use crate::stores::{check, load, owned, problems};

#[derive(AppConfig)]
struct Keys {
    #[secret]
    closed: SecretString,
    #[secret]
    perhaps: Option<SecretString>,
    #[secret]
    open: String,
    #[secret]
    perhaps_open: Option<String>,
}

#[test]
fn a_secret_is_read_into_each_of_its_types() {
    let keys: Keys = load(&[("closed", "api_key"), ("open", "API_KEY")]).unwrap();
    assert_eq!(keys.closed.expose_secret(), "hunter2");
    assert_eq!(keys.open, "hunter2");
    assert!(keys.perhaps.is_none() && keys.perhaps_open.is_none());

    let keys: Keys = load(&[
        ("closed", "api_key"),
        ("open", "api_key"),
        ("perhaps", "hook_a"),
        ("perhaps_open", "hook_b"),
    ])
    .unwrap();
    assert_eq!(keys.perhaps.unwrap().expose_secret(), "hunter2 of hook_a");
    assert_eq!(keys.perhaps_open.unwrap(), "hunter2 of hook_b");
    assert_eq!(problems::<Keys>(&[]), ["closed: missing", "open: missing"]);
}

#[derive(AppConfig)]
struct Vaults {
    #[secret(store_ref)]
    vault: String,
    #[secret(store_ref)]
    other: Option<String>,
    #[secret(store_ref = "vault")]
    key: SecretString,
    #[secret(store_ref = "other")]
    spare: Option<String>,
}

#[test]
fn a_secret_is_looked_up_in_the_store_that_another_field_names() {
    let texts = [
        ("vault", "safe"),
        ("key", "in_store"),
        ("spare", "in_store"),
    ];
    let vaults: Vaults = load(&texts).unwrap();
    assert_eq!(vaults.vault, "safe");
    assert_eq!(vaults.other, None);
    assert_eq!(vaults.key.expose_secret(), "hunter2 in safe");
    // No other store is named.
    assert_eq!(vaults.spare.unwrap(), "hunter2 in default");
}

#[test]
fn the_stores_that_are_named_are_listed() {
    let kinds: Vec<_> = Vaults::fields()
        .iter()
        .map(|f| (f.kind, f.optional))
        .collect();
    assert_eq!(
        kinds,
        [
            (FieldKind::SecretStore, false),
            (FieldKind::SecretStore, true),
            (FieldKind::Secret, false),
            (FieldKind::Secret, true),
        ]
    );
    let texts = owned(&[("vault", "safe"), ("key", "in_store"), ("spare", "api_key")]);
    let named: Vec<_> = Vaults::named_secrets(&texts)
        .into_iter()
        .map(|named| (named.key, named.name, named.what))
        .collect();
    let expected = [
        ("vault", "safe", Named::Store),
        ("key", "in_store", Named::SecretIn("safe".to_owned())),
        ("spare", "api_key", Named::Secret),
    ];
    let expected = expected.map(|(key, name, what)| (key.to_owned(), name.to_owned(), what));
    assert_eq!(named, expected);
}

#[test]
fn no_message_has_a_secret_or_the_text_in_its_name_s_place() {
    let texts = [
        ("closed", "hunter2 hunter2"),
        ("perhaps", "bytes"),
        ("open", "hunter2"),
        ("perhaps_open", "hunter2-hunter2"),
    ];
    let messages = [problems::<Keys>(&texts), check::<Keys>(&texts)].concat();
    assert_eq!(messages.len(), 6);
    assert!(!messages.concat().contains("hunter2"), "{messages:?}");
}

#[test]
fn a_secret_store_that_fails_is_an_error_that_names_the_key() {
    let error = load::<Keys>(&[("closed", "sealed")])
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, AppConfigError::Secret { .. }));
    assert_eq!(
        error.to_string(),
        "cannot read the secret that closed in the app's configuration names"
    );
    assert_eq!(error.status(), 503);
}
