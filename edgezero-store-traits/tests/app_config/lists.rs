//! Arrays and objects, whose parts are read one by one.

use std::collections::{BTreeMap, HashMap};

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::app_config::Named;
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};

use crate::stores::{check, load, owned, problems};

#[derive(AppConfig)]
struct App {
    webhooks: Vec<Webhook>,
    groups: Option<BTreeMap<String, Vec<Webhook>>>,
    named: Option<HashMap<String, Webhook>>,
    perhaps: Option<Vec<Option<Webhook>>>,
    boxed: Option<Box<Webhook>>,
}

#[derive(AppConfig)]
struct Webhook {
    url: String,
    #[secret]
    token: String,
    retry: Option<Retry>,
}

#[derive(AppConfig)]
struct Retry {
    times: u8,
    #[secret]
    #[serde(alias = "password")]
    key: Option<SecretString>,
}

const TEXTS: [(&str, &str); 5] = [
    (
        "webhooks",
        r#"[{"url": "a", "token": "HOOK_A"},
            {"url": "b", "token": "hook_b", "retry": {"times": 3, "password": "hook_c"}}]"#,
    ),
    (
        "groups",
        r#"{"x y": [{"url": "c", "token": "hook_c"}], "z": []}"#,
    ),
    (
        "named",
        r#"{"first": {"url": "d", "token": "hook_a", "extra": null}}"#,
    ),
    ("perhaps", r#"[null, {"url": "e", "token": "hook_b"}]"#),
    ("boxed.token", "hook_a"),
];

#[test]
fn secrets_inside_of_arrays_and_objects_are_resolved_at_any_depth() {
    let texts = [&TEXTS[..], &[("boxed.url", "f")]].concat();
    let app: App = load(&texts).unwrap();
    assert_eq!(app.webhooks[0].token, "hunter2 of hook_a");
    assert!(app.webhooks[0].retry.is_none());
    assert_eq!(app.webhooks[1].token, "hunter2 of hook_b");
    let retry = app.webhooks[1].retry.as_ref().unwrap();
    assert_eq!(retry.times, 3);
    let key = retry.key.as_ref().unwrap().expose_secret();
    assert_eq!(key, "hunter2 of hook_c");
    let groups = app.groups.unwrap();
    assert_eq!(groups["x y"][0].token, "hunter2 of hook_c");
    assert_eq!(groups["z"].len(), 0);
    assert_eq!(app.named.unwrap()["first"].token, "hunter2 of hook_a");
    let perhaps = app.perhaps.unwrap();
    assert!(perhaps[0].is_none());
    assert_eq!(perhaps[1].as_ref().unwrap().token, "hunter2 of hook_b");
    let boxed = app.boxed.unwrap();
    assert_eq!(
        (boxed.url.as_str(), boxed.token.as_str()),
        ("f", "hunter2 of hook_a")
    );
}

#[test]
fn what_is_wrong_inside_is_named_by_its_place() {
    let webhooks = r#"[
        {"url": 7, "token": "hook_a"},
        {"token": "nobody", "retry": {"times": 256}},
        "hook",
        {"url": "b", "token": ["hook_a"]},
        {"url": "b", "token": "hook_a", "retry": 5}
    ]"#;
    assert_eq!(
        problems::<App>(&[("webhooks", webhooks), ("groups", "[]"), ("named", "first")]),
        [
            "webhooks[2]: not a JSON object",
            "webhooks[4].retry: not a JSON object",
            "groups: not a JSON object",
            "named: not valid JSON: see its line 1, column 2",
            "webhooks[1].token: names a secret that is not defined",
            "webhooks[3].token: not the name of a secret",
            "webhooks[0].url: not a string",
            "webhooks[1].url: missing",
            "webhooks[1].retry.times: 256 is out of range for u8 (0 to 255)",
        ]
    );
}

#[test]
fn the_secrets_that_are_named_inside_are_listed() {
    let found = App::named_secrets(&owned(&TEXTS));
    assert!(found.iter().all(|named| named.what == Named::Secret));
    let found: Vec<_> = found
        .iter()
        .map(|n| (n.key.as_str(), n.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("webhooks[0].token", "HOOK_A"),
            ("webhooks[1].token", "hook_b"),
            ("webhooks[1].retry.password", "hook_c"),
            ("groups[\"x y\"][0].token", "hook_c"),
            ("named.first.token", "hook_a"),
            ("perhaps[1].token", "hook_b"),
            ("boxed.token", "hook_a"),
        ]
    );
    let holds: Vec<_> = App::fields()
        .into_iter()
        .filter(|field| field.holds_secrets)
        .map(|field| field.key)
        .collect();
    assert_eq!(
        holds,
        [
            "webhooks",
            "groups",
            "named",
            "perhaps",
            "boxed.token",
            "boxed.retry.key"
        ]
    );
}

#[test]
fn keys_inside_that_no_field_has_are_listed() {
    let webhooks = r#"[{"url": "a", "tokem": "hook_a", "token": "hook_a"}]"#;
    let unknown = App::unknown_keys(&owned(&[("webhooks", webhooks), ("webhook", "")]));
    let unknown: Vec<_> = unknown.iter().map(ToString::to_string).collect();
    assert_eq!(
        unknown,
        [
            "webhook: not a key of the app's configuration; did you mean webhooks?",
            "webhooks[0].tokem: not a key of the app's configuration; did you mean \
             webhooks[0].token?",
        ]
    );
    assert_eq!(check::<App>(&[("webhooks", webhooks)]), [""; 0]);
}

#[test]
fn lists_of_plain_values_keep_json_s_types() {
    #[derive(AppConfig, Debug, PartialEq)]
    struct Lists {
        numbers: Vec<u8>,
        texts: Vec<String>,
        deep: Vec<Vec<bool>>,
        by_name: BTreeMap<String, u8>,
    }
    let lists: Lists = load(&[
        ("numbers", "[1, 2]"),
        ("texts", r#"["1", ""]"#),
        ("deep", "[[true], []]"),
        ("by_name", r#"{"a.b": 1, "a": 2}"#),
    ])
    .unwrap();
    let expected = Lists {
        numbers: vec![1, 2],
        texts: vec!["1".to_owned(), String::new()],
        deep: vec![vec![true], vec![]],
        by_name: BTreeMap::from([("a.b".to_owned(), 1), ("a".to_owned(), 2)]),
    };
    assert_eq!(lists, expected);
    assert_eq!(
        problems::<Lists>(&[
            ("numbers", r#"["1", 300]"#),
            ("texts", "[1]"),
            ("deep", "[[1], null]"),
            ("by_name", r#"{"a.b": -1}"#),
        ]),
        [
            "numbers[0]: not a whole number from 0 to 255",
            "numbers[1]: 300 is out of range for u8 (0 to 255)",
            "texts[0]: not a string",
            "deep[0][0]: not true or false",
            "deep[1]: missing",
            "by_name[\"a.b\"]: -1 is out of range for u8 (0 to 255)",
        ]
    );
}
