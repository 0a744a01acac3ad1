//! What a struct says to serde holds for its configuration.

use std::time::Duration;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};

use crate::stores::{check, keys, load, owned, problems};

macro_rules! renamed {
    ($($name:ident $rule:literal)*) => {$(
        #[derive(AppConfig, Deserialize)]
        #[serde(rename_all = $rule)]
        #[allow(dead_code, reason = "only its description is used")]
        struct $name {
            max_page_size: u8,
            r#type: u8,
            _x_1: u8,
        }
    )*};
}

renamed! {
    Lower "lowercase" Upper "UPPERCASE" Pascal "PascalCase" Camel "camelCase" Snake "snake_case"
    ScreamingSnake "SCREAMING_SNAKE_CASE" Kebab "kebab-case" ScreamingKebab "SCREAMING-KEBAB-CASE"
}

/// The keys are those for which serde has the struct whole.
fn agrees<T: AppConfig + for<'de> Deserialize<'de>>() {
    let object: serde_json::Map<_, _> = keys::<T>().into_iter().map(|k| (k, 1.into())).collect();
    let read = serde_json::from_value::<T>(object.into());
    assert!(read.is_ok(), "{:?}: {}", keys::<T>(), read.err().unwrap());
}

#[test]
fn rename_all_makes_the_names_that_serde_makes() {
    agrees::<Lower>();
    agrees::<Upper>();
    agrees::<Pascal>();
    agrees::<Camel>();
    agrees::<Snake>();
    agrees::<ScreamingSnake>();
    agrees::<Kebab>();
    agrees::<ScreamingKebab>();
    assert_eq!(keys::<Camel>()[..2], ["maxPageSize", "type"]);
}

#[derive(AppConfig, Serialize, Deserialize)]
#[serde(rename_all(serialize = "UPPERCASE", deserialize = "kebab-case"))]
struct Names {
    first_name: String,
    #[serde(rename = "last")]
    last_name: String,
    #[serde(rename(serialize = "x", deserialize = "the age"))]
    age: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
}

#[test]
fn a_field_is_read_from_the_name_that_it_is_given_for_reading() {
    assert_eq!(
        keys::<Names>(),
        ["first-name", "last", "the age", "nick-name"]
    );
    let names: Names = load(&[("first-name", "a"), ("last", "b"), ("the age", "7")]).unwrap();
    assert_eq!(
        (names.first_name, names.last_name, names.age),
        ("a".into(), "b".into(), 7)
    );
    assert_eq!(names.nick_name, None);
}

#[derive(AppConfig)]
struct Aliased {
    #[serde(alias = "colour", alias = "tint")]
    color: String,
    #[serde(alias = "svc")]
    service: Service,
    #[secret]
    #[serde(alias = "token")]
    key: SecretString,
}

#[derive(AppConfig)]
struct Service {
    #[serde(alias = "ms")]
    timeout_ms: u32,
}

#[test]
fn an_alias_is_read_in_the_place_of_the_name() {
    let texts = [("tint", "red"), ("svc.ms", "5"), ("token", "api_key")];
    let aliased: Aliased = load(&texts).unwrap();
    assert_eq!(aliased.color, "red");
    assert_eq!(aliased.service.timeout_ms, 5);
    assert_eq!(aliased.key.expose_secret(), "hunter2");
    assert_eq!(check::<Aliased>(&texts), [""; 0]);
    assert!(Aliased::unknown_keys(&owned(&texts)).is_empty());

    let fields = Aliased::fields();
    assert_eq!(fields[0].aliases, ["colour", "tint"]);
    assert_eq!(fields[1].key, "service.timeout_ms");
    assert_eq!(
        fields[1].aliases,
        ["service.ms", "svc.timeout_ms", "svc.ms"]
    );
    assert!(fields[1].is_read_from("svc.ms"));
}

#[test]
fn a_problem_names_the_key_that_was_used() {
    assert_eq!(
        problems::<Aliased>(&[
            ("color", "red"),
            ("tint", "blue"),
            ("svc.timeout_ms", "-1"),
            ("token", "nobody"),
        ]),
        [
            "color: set as color and as tint: keep one of them",
            "token: names a secret that is not defined",
            "svc.timeout_ms: -1 is out of range for u32 (0 to 4294967295)",
        ]
    );
}

fn five() -> u8 {
    5
}

#[derive(AppConfig)]
struct Defaults {
    #[serde(default)]
    zero: u8,
    #[serde(default = "five")]
    five: u8,
    #[serde(default = "Service::slow")]
    service: Service,
    #[serde(default)]
    list: Vec<String>,
    #[secret]
    #[serde(default)]
    key: String,
    #[serde(skip)]
    skipped: u8,
    #[serde(skip, default = "five")]
    skipped_five: u8,
    #[serde(skip_deserializing)]
    not_read: Option<String>,
}

impl Service {
    fn slow() -> Self {
        Self { timeout_ms: 9000 }
    }
}

#[test]
fn a_default_stands_for_what_is_missing() {
    assert_eq!(
        keys::<Defaults>(),
        ["zero", "five", "service.timeout_ms", "list", "key"]
    );
    assert!(Defaults::fields().iter().all(|field| field.optional));
    let defaults: Defaults = load(&[("skipped", "1"), ("not_read", "x")]).unwrap();
    assert_eq!((defaults.zero, defaults.five), (0, 5));
    assert_eq!(defaults.service.timeout_ms, 9000);
    assert!(defaults.list.is_empty() && defaults.key.is_empty());
    assert_eq!((defaults.skipped, defaults.skipped_five), (0, 5));
    assert_eq!(defaults.not_read, None);

    let defaults: Defaults = load(&[
        ("five", "6"),
        ("service.timeout_ms", "1"),
        ("key", "api_key"),
    ])
    .unwrap();
    assert_eq!((defaults.five, defaults.service.timeout_ms), (6, 1));
    assert_eq!(defaults.key, "hunter2");
    assert_eq!(
        problems::<Defaults>(&[("five", "six"), ("key", "nobody")]),
        [
            "key: names a secret that is not defined",
            "five: not a whole number from 0 to 255"
        ]
    );
}

#[derive(AppConfig)]
#[serde(default)]
struct AllDefault {
    size: u8,
    name: Option<String>,
    service: Service,
    #[serde(default)]
    own: u8,
    #[serde(skip)]
    skipped: u8,
}

impl Default for AllDefault {
    fn default() -> Self {
        Self {
            size: 7,
            name: Some("someone".to_owned()),
            service: Service::slow(),
            own: 1,
            skipped: 2,
        }
    }
}

#[derive(AppConfig)]
#[serde(default = "AllFromPath::make")]
struct AllFromPath {
    size: u8,
}

impl AllFromPath {
    fn make() -> Self {
        Self { size: 9 }
    }
}

#[test]
fn the_default_of_a_struct_has_the_fields_that_are_missing() {
    let all: AllDefault = load(&[("service.timeout_ms", "3")]).unwrap();
    assert_eq!((all.size, all.name.as_deref()), (7, Some("someone")));
    assert_eq!((all.service.timeout_ms, all.own, all.skipped), (3, 0, 2));
    assert!(AllDefault::fields().iter().all(|field| field.optional));
    assert_eq!(load::<AllFromPath>(&[]).unwrap().size, 9);
}

#[derive(AppConfig)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its description is used")]
struct Closed {
    greeting: String,
    open: Option<Open>,
    closed: Vec<ClosedPart>,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Open {
    size: u8,
}

#[derive(AppConfig)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its description is used")]
struct ClosedPart {
    name: String,
}

#[test]
fn an_unknown_key_is_a_problem_where_the_struct_denies_it() {
    let texts = [
        ("greting", "Hello"),
        ("greeting", "Hello"),
        ("elsewhere", "1"),
        ("open.size", "1"),
        ("open.sise", "1"),
        ("closed", r#"[{"name": "a", "nam": "b"}]"#),
    ];
    let denied = "closed[0].nam: not a key of the app's configuration; did you mean \
                  closed[0].name?";
    assert_eq!(
        check::<Closed>(&texts),
        [
            "greting: not a key of the app's configuration; did you mean greeting?",
            "elsewhere: not a key of the app's configuration; remove it, or correct its name",
            denied,
        ]
    );
    let unknown = Closed::unknown_keys(&owned(&texts));
    let unknown: Vec<_> = unknown.iter().map(ToString::to_string).collect();
    assert_eq!(
        unknown,
        ["open.sise: not a key of the app's configuration; did you mean open.size?"]
    );
    // Of the store, only the keys of the fields are read.
    assert_eq!(problems::<Closed>(&texts), [denied]);
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

mod doubled {
    use serde::{Deserialize, Deserializer};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
        u32::deserialize(d).map(|number| number * 2)
    }
}

#[derive(AppConfig)]
struct With {
    #[serde(deserialize_with = "seconds")]
    pause: Duration,
    #[serde(with = "doubled", default)]
    twice: u32,
}

#[test]
fn a_function_of_the_app_reads_a_field() {
    let with: With = load(&[("pause", "3"), ("twice", "4")]).unwrap();
    assert_eq!((with.pause, with.twice), (Duration::from_secs(3), 8));
    let with: With = load(&[("pause", "3")]).unwrap();
    assert_eq!(with.twice, 0);
    assert_eq!(
        problems::<With>(&[("twice", "x")]),
        [
            "pause: missing",
            "twice: not a whole number from 0 to 4294967295"
        ]
    );
}

#[derive(AppConfig)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    inner: Closer,
}

#[derive(AppConfig)]
struct Closer {
    size: u8,
    service: Service,
}

#[test]
fn the_keys_of_a_flattened_struct_are_those_of_the_struct_around_it() {
    assert_eq!(keys::<Flattened>(), ["name", "size", "service.timeout_ms"]);
    let texts = [("name", "n"), ("size", "1"), ("service.timeout_ms", "2")];
    let flat: Flattened = load(&texts).unwrap();
    assert_eq!((flat.name.as_str(), flat.inner.size), ("n", 1));
    assert_eq!(flat.inner.service.timeout_ms, 2);
}
