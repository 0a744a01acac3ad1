//! Fields of every kind, and what is said of those that cannot be read.

use edgezero_store_traits::app_config::{ConfigField, FieldKind, ValueKind};
use edgezero_store_traits::{AppConfig, AppConfigError};
use serde::Deserialize;

use crate::stores::{check, load, load_bytes, problems};

#[derive(AppConfig, Debug, PartialEq)]
struct Whole {
    text: String,
    number: u16,
    ratio: f64,
    on: bool,
    list: Vec<String>,
    level: Level,
    r#type: String,
    inner: Inner,
    perhaps: Option<i8>,
    perhaps_inner: Option<Inner>,
    #[secret]
    key: String,
    #[secret]
    perhaps_key: Option<String>,
}

#[derive(AppConfig, Debug, PartialEq)]
struct Inner {
    deep: Deep,
}

#[derive(AppConfig, Debug, PartialEq)]
struct Deep {
    size: u8,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Debug,
    Info,
}

const GOOD: [(&str, &str); 9] = [
    ("text", " 12 "),
    ("number", "65535"),
    ("ratio", "0.5"),
    ("on", "true"),
    ("list", "[\"a\", \"b\"]"),
    ("level", "info"),
    ("type", "t"),
    ("inner.deep.size", "7"),
    ("key", "API_KEY"),
];

#[test]
fn every_kind_of_field_is_read() {
    let whole: Whole = load(&GOOD).unwrap();
    let expected = Whole {
        text: " 12 ".to_owned(),
        number: 65535,
        ratio: 0.5,
        on: true,
        list: vec!["a".to_owned(), "b".to_owned()],
        level: Level::Info,
        r#type: "t".to_owned(),
        inner: Inner {
            deep: Deep { size: 7 },
        },
        perhaps: None,
        perhaps_inner: None,
        key: "hunter2".to_owned(),
        perhaps_key: None,
    };
    assert_eq!(whole, expected);
}

#[test]
fn what_may_be_missing_is_read_where_it_is_there() {
    let more = [
        ("perhaps", "-8"),
        ("perhaps_inner.deep.size", "9"),
        ("perhaps_key", "api_key"),
    ];
    let whole: Whole = load(&[&GOOD[..], &more].concat()).unwrap();
    assert_eq!(whole.perhaps, Some(-8));
    assert_eq!(whole.perhaps_inner.unwrap().deep.size, 9);
    assert_eq!(whole.perhaps_key.as_deref(), Some("hunter2"));
}

#[test]
fn all_fields_are_read_in_one_call() {
    let texts = GOOD.iter().map(|(key, text)| (*key, text.as_bytes()));
    let (loaded, calls) = load_bytes::<Whole>(texts);
    assert!(loaded.is_ok());
    assert_eq!(calls, 1);
}

#[test]
fn the_derive_names_the_keys_and_the_secrets() {
    let fields = Whole::fields();
    let keys: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "text",
            "number",
            "ratio",
            "on",
            "list",
            "level",
            "type",
            "inner.deep.size",
            "perhaps",
            "perhaps_inner.deep.size",
            "key",
            "perhaps_key"
        ]
    );
    let of = |wanted: fn(&ConfigField) -> bool| -> Vec<&str> {
        let fields = fields.iter().filter(|field| wanted(field));
        fields.map(|field| field.key.as_str()).collect()
    };
    assert_eq!(
        of(|field| field.kind == FieldKind::Secret),
        ["key", "perhaps_key"]
    );
    assert_eq!(
        of(|field| field.optional),
        ["perhaps", "perhaps_inner.deep.size", "perhaps_key"]
    );
}

#[test]
fn all_problems_are_found_at_once() {
    assert_eq!(
        problems::<Whole>(&[
            ("number", "65536"),
            ("ratio", "half"),
            ("on", "yes"),
            ("list", "a, b"),
            ("level", "loud"),
            ("inner.deep.size", "-1"),
            ("perhaps", "128"),
            ("perhaps_inner.deep.size", ""),
            ("key", "not defined"),
            ("perhaps_key", "nobody"),
        ]),
        [
            "list: not valid JSON: see its line 1, column 1",
            "key: not the name of a secret",
            "perhaps_key: names a secret that is not defined",
            "text: missing",
            "number: 65536 is out of range for u16 (0 to 65535)",
            "ratio: not a number",
            "on: not true or false",
            "level: \"loud\" is not one of \"debug\", \"info\"",
            "type: missing",
            "inner.deep.size: -1 is out of range for u8 (0 to 255)",
            "perhaps: 128 is out of range for i8 (-128 to 127)",
            "perhaps_inner.deep.size: not a whole number from 0 to 255",
        ]
    );
}

#[test]
fn a_secret_that_is_missing_or_no_text_is_a_problem_of_its_field() {
    let with = |key| {
        let mut texts = GOOD;
        texts[8] = ("key", key);
        problems::<Whole>(&texts)
    };
    assert_eq!(with("nobody"), ["key: names a secret that is not defined"]);
    assert_eq!(
        with("bytes"),
        ["key: names a secret that is not UTF-8 text"]
    );
    // The secret itself, by mistake: it is not repeated.
    let text = with("hunter2 hunter2").concat();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(problems::<Whole>(&GOOD[..8]), ["key: missing"]);
}

#[test]
fn texts_that_are_not_utf8_are_all_named() {
    let texts = GOOD.iter().map(|(key, text)| match *key {
        "text" | "type" => (*key, &b"hunter2\xff"[..]),
        _ => (*key, text.as_bytes()),
    });
    let error = load_bytes::<Whole>(texts).0.unwrap_err().to_string();
    assert!(error.contains("text: not UTF-8") && error.contains("type: not UTF-8"));
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_store_that_fails_is_its_own_error() {
    let mut texts = GOOD;
    texts[8] = ("key", "sealed");
    let error = load::<Whole>(&texts).unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(matches!(error, AppConfigError::Secret { .. }), "{error}");
}

#[test]
fn texts_are_checked_before_they_are_pushed() {
    #[derive(AppConfig)]
    #[allow(dead_code, reason = "only its description is used")]
    struct Pushed {
        text: String,
        number: u16,
        #[secret]
        key: String,
        #[secret]
        other: Option<String>,
    }
    let sound = [("text", ""), ("number", "7"), ("key", "API_KEY")];
    assert_eq!(check::<Pushed>(&sound), [""; 0]);
    assert_eq!(
        check::<Pushed>(&[("number", "planted"), ("other", "planted secret")]),
        [
            "other: not the name of a secret",
            "text: missing",
            "number: not a whole number from 0 to 65535",
            "key: missing",
        ]
    );
}

#[test]
fn one_and_zero_are_truths() {
    #[derive(AppConfig)]
    struct Truths {
        a: bool,
        b: Option<bool>,
    }
    let truths: Truths = load(&[("a", "1"), ("b", "0")]).unwrap();
    assert_eq!((truths.a, truths.b), (true, Some(false)));
    assert_eq!(
        problems::<Truths>(&[("a", "2"), ("b", "")]),
        ["a: not true or false", "b: not true or false"]
    );
}

#[test]
fn the_derive_says_what_a_text_must_look_like() {
    let types: Vec<_> = Whole::fields().iter().map(|field| field.value).collect();
    assert_eq!(
        types,
        [
            ValueKind::Text,
            ValueKind::Integer,
            ValueKind::Float,
            ValueKind::Boolean,
            ValueKind::List,
            ValueKind::Any,
            ValueKind::Text,
            ValueKind::Integer,
            ValueKind::Integer,
            ValueKind::Integer,
            ValueKind::Text,
            ValueKind::Text,
        ]
    );
}

#[test]
fn a_type_that_only_serde_knows_may_be_missing_if_serde_says_so() {
    #[derive(AppConfig)]
    struct Levels {
        level: Option<Level>,
        levels: Option<Vec<Level>>,
        boxed: Box<Option<Level>>,
    }
    assert!(Levels::fields().iter().all(|field| field.optional));
    let none: Levels = load(&[]).unwrap();
    assert!(none.level.is_none() && none.levels.is_none() && none.boxed.is_none());
    let some: Levels = load(&[
        ("level", "debug"),
        ("levels", r#"["info"]"#),
        ("boxed", "info"),
    ])
    .unwrap();
    assert_eq!(some.level, Some(Level::Debug));
    assert_eq!(some.levels, Some(vec![Level::Info]));
    assert_eq!(*some.boxed, Some(Level::Info));
}

#[test]
fn a_struct_says_which_store_it_is_in() {
    #[derive(AppConfig)]
    #[app_config(store = "flags")]
    #[allow(dead_code, reason = "only its description is used")]
    struct Flags {
        beta: bool,
    }
    assert_eq!(Flags::STORE, Some("flags"));
    assert_eq!(Whole::STORE, None);
}

#[test]
fn an_error_names_the_store() {
    let error = load::<Whole>(&GOOD[1..]).unwrap_err().to_string();
    assert_eq!(
        error,
        "the app's configuration in the store \"settings\" (label \"prod\") has a problem:\n\
         - text: missing"
    );
}
