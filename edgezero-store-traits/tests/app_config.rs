//! An app's configuration, read into a struct.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::app_config::{ConfigField, FieldKind};
use edgezero_store_traits::{
    AppConfig, AppConfigError, ConfigError, ConfigHandle, ConfigStore, SecretError, SecretHandle,
    SecretStore,
};
use futures_util::FutureExt;
use serde::Deserialize;

#[derive(AppConfig, Debug, PartialEq)]
struct Whole {
    text: String,
    number: u16,
    ratio: f64,
    on: bool,
    list: Vec<String>,
    #[config(json)]
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

struct Texts {
    texts: HashMap<String, Vec<u8>>,
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl ConfigStore for Texts {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let text = self.texts.get(key).cloned();
        let text = text.map(String::from_utf8).transpose();
        text.map_err(|_| ConfigError::NotUtf8 {
            key: key.to_owned(),
        })
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        keys.iter()
            .map(|key| self.get(key).now_or_never().unwrap())
            .collect()
    }
}

struct Planted;

#[async_trait]
impl SecretStore for Planted {
    async fn get_bytes(&self, _: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        match key {
            "api_key" => Ok(Some(Bytes::from("hunter2"))),
            "bytes" => Ok(Some(Bytes::from_static(b"hunter2\xff"))),
            "sealed" => Err(SecretError::Unavailable {
                message: "the vault is sealed".to_owned(),
                source: None,
            }),
            _ => Ok(None),
        }
    }
}

fn load<T: AppConfig>(texts: &[(&str, &str)]) -> Result<T, AppConfigError> {
    load_bytes(texts.iter().map(|(key, text)| (*key, text.as_bytes()))).0
}

fn load_bytes<'a, T: AppConfig>(
    texts: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> (Result<T, AppConfigError>, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let store = Texts {
        texts: texts
            .map(|(key, text)| (key.to_owned(), text.to_vec()))
            .collect(),
        calls: calls.clone(),
    };
    let config = ConfigHandle::new(Arc::new(store));
    let secrets = SecretHandle::new(Arc::new(Planted), "default");
    let loaded = T::load(&config, &secrets).now_or_never().unwrap();
    (loaded, calls.load(Ordering::Relaxed))
}

fn problems<T: AppConfig>(texts: &[(&str, &str)]) -> Vec<String> {
    match load::<T>(texts) {
        Err(AppConfigError::Invalid { problems }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

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
fn all_that_is_missing_or_ill_typed_is_named_at_once_without_its_value() {
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
            "key does not hold the name of a secret",
            "perhaps_key names a secret that is not defined",
            "text is missing",
            "number is no u16",
            "ratio is no f64",
            "on is no bool",
            "list is no Vec<String>",
            "level is no Level",
            "type is missing",
            "inner.deep.size is no u8",
            "perhaps is no i8",
            "perhaps_inner.deep.size is no u8",
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
    assert_eq!(with("nobody"), ["key names a secret that is not defined"]);
    assert_eq!(with("bytes"), ["key names a secret that is not UTF-8 text"]);
    // The secret itself, by mistake: it is not repeated.
    let text = with("hunter2 hunter2").concat();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(problems::<Whole>(&GOOD[..8]), ["key is missing"]);
}

#[test]
fn texts_that_are_not_utf8_are_all_named() {
    let texts = GOOD.iter().map(|(key, text)| match *key {
        "text" | "type" => (*key, &b"hunter2\xff"[..]),
        _ => (*key, text.as_bytes()),
    });
    let error = load_bytes::<Whole>(texts).0.unwrap_err().to_string();
    assert!(error.contains("text is not UTF-8") && error.contains("type is not UTF-8"));
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_store_that_fails_is_its_own_error() {
    let mut texts = GOOD;
    texts[8] = ("key", "sealed");
    let error = load::<Whole>(&texts).unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(matches!(error, AppConfigError::Secret(_)), "{error}");
}

#[test]
fn texts_are_checked_before_they_are_pushed_and_none_is_quoted() {
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
    let check = |pairs: &[(&str, &str)]| -> Vec<String> {
        let pairs = pairs.iter();
        let pairs: Vec<_> = pairs.map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let problems = Pushed::check(&pairs).into_iter();
        problems.map(|problem| problem.to_string()).collect()
    };
    let sound = [("text", ""), ("number", "7"), ("key", "API_KEY")];
    assert_eq!(check(&sound), [""; 0]);
    assert_eq!(
        check(&[("number", "planted"), ("other", "planted secret")]),
        [
            "other does not hold the name of a secret",
            "text is missing",
            "number is no u16",
            "key is missing",
        ]
    );
}
