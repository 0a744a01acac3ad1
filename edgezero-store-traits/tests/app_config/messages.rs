//! What is said of a value that does not fit, in a reader's words.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU8;

use edgezero_store_traits::AppConfig;
use serde::Deserialize;

use crate::stores::{load, problems};

#[derive(Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Strict,
    Lenient,
    Custom { level: u8 },
    Levels(u8, u8),
    One(u16),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Tagged {
    A { size: u8 },
    B,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Rule {
    path: String,
    modes: Vec<Mode>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Percent(u8);

#[derive(AppConfig, Debug, PartialEq)]
struct ByName {
    mode: Mode,
    by_mode: BTreeMap<u8, Mode>,
    modes: HashMap<String, Mode>,
    set: BTreeSet<String>,
    rules: Vec<Rule>,
    pair: (u8, String),
    three: [u8; 3],
    address: IpAddr,
    nonzero: NonZeroU8,
    percent: Percent,
    either: Either,
    tagged: Tagged,
    letter: char,
    big: u128,
    json: serde_json::Value,
}

const GOOD: [(&str, &str); 15] = [
    ("mode", "strict"),
    (
        "by_mode",
        r#"{"1": "strict", "2": {"custom": {"level": 3}}}"#,
    ),
    ("modes", r#"{"a b": {"levels": [1, 2]}}"#),
    ("set", r#"["a"]"#),
    (
        "rules",
        r#"[{"path": "/", "modes": ["lenient", {"one": 7}]}]"#,
    ),
    ("pair", r#"[1, "one"]"#),
    ("three", "[1, 2, 3]"),
    ("address", "127.0.0.1"),
    ("nonzero", "1"),
    ("percent", "50"),
    ("either", "7"),
    ("tagged", r#"{"kind": "a", "size": 1}"#),
    ("letter", "x"),
    ("big", "340282366920938463463374607431768211455"),
    ("json", "[1]"),
];

#[test]
fn a_type_that_implements_deserialize_needs_no_attribute() {
    let read: ByName = load(&GOOD).unwrap();
    let expected = ByName {
        mode: Mode::Strict,
        by_mode: BTreeMap::from([(1, Mode::Strict), (2, Mode::Custom { level: 3 })]),
        modes: HashMap::from([("a b".to_owned(), Mode::Levels(1, 2))]),
        set: BTreeSet::from(["a".to_owned()]),
        rules: vec![Rule {
            path: "/".to_owned(),
            modes: vec![Mode::Lenient, Mode::One(7)],
        }],
        pair: (1, "one".to_owned()),
        three: [1, 2, 3],
        address: IpAddr::from([127, 0, 0, 1]),
        nonzero: NonZeroU8::MIN,
        percent: Percent(50),
        either: Either::Number(7),
        tagged: Tagged::A { size: 1 },
        letter: 'x',
        big: u128::MAX,
        json: serde_json::json!([1]),
    };
    assert_eq!(read, expected);
    let mut texts = GOOD;
    texts[10] = ("either", "seven");
    let read: ByName = load(&texts).unwrap();
    assert_eq!(read.either, Either::Text("seven".to_owned()));
}

#[test]
fn messages_keep_what_serde_knows_in_words_without_rust_s_paths() {
    let bad = [
        ("mode", "wild"),
        ("by_mode", r#"{"x": "strict"}"#),
        ("modes", r#"{"a b": {"custom": {"level": 300}}}"#),
        ("set", "a, b"),
        (
            "rules",
            r#"[{"path": "/", "modes": []}, {"path": "/", "modes": ["wild"]}]"#,
        ),
        ("pair", "[1]"),
        ("three", "[1, 2, 3, 4]"),
        ("address", "localhost"),
        ("nonzero", "0"),
        ("percent", "999"),
        ("either", "[]"),
        ("tagged", r#"{"kind": "c"}"#),
        ("letter", "xy"),
        ("big", "340282366920938463463374607431768211456"),
        ("json", "1"),
    ];
    let variants = r#"is not one of "strict", "lenient", "custom", "levels", "one""#;
    assert_eq!(
        problems::<ByName>(&bad),
        [
            format!("mode: \"wild\" {variants}"),
            "by_mode.x: not a whole number from 0 to 255".to_owned(),
            "modes[\"a b\"].custom.level: 300 is out of range for u8 (0 to 255)".to_owned(),
            "set: not a JSON array".to_owned(),
            format!("rules[1].modes[0]: \"wild\" {variants}"),
            "pair: not a JSON array of length 2: its length is 1".to_owned(),
            "three: not a JSON array of length 3: its length is 4".to_owned(),
            "address: invalid IP address syntax".to_owned(),
            "nonzero: not a whole number from 0 to 255 other than 0".to_owned(),
            "percent: 999 is out of range for u8 (0 to 255)".to_owned(),
            "either: fits none of the forms that it can have".to_owned(),
            "tagged.kind: \"c\" is not one of \"a\", \"b\"".to_owned(),
            "letter: not a single character".to_owned(),
            "big: 340282366920938463463374607431768211456 is out of range for u128 (0 to \
             340282366920938463463374607431768211455)"
                .to_owned(),
        ]
    );
}

#[test]
fn a_field_that_serde_reads_names_the_key_inside() {
    #[derive(AppConfig)]
    #[allow(dead_code, reason = "only its problems are looked at")]
    struct Rules {
        rules: Vec<Rule>,
        rule: Option<Rule>,
    }
    assert_eq!(
        problems::<Rules>(&[
            ("rules", r#"[{"path": "/", "mods": []}]"#),
            ("rule", r#"{"path": 5}"#),
        ]),
        [
            "rules[0].mods: not a key of the app's configuration; did you mean \"modes\"?",
            "rule.path: not a string",
        ]
    );
    assert_eq!(
        problems::<Rules>(&[("rules", r#"[{"path": "/"}]"#), ("rule", "{")]),
        [
            "rules[0].modes: missing",
            "rule: not valid JSON: see its line 1, column 1",
        ]
    );
}

#[test]
fn a_long_text_is_quoted_by_its_start() {
    #[derive(AppConfig)]
    #[allow(dead_code, reason = "only its problems are looked at")]
    struct Long {
        mode: Mode,
    }
    let long = "é".repeat(100);
    let problem = problems::<Long>(&[("mode", &long)]).concat();
    assert!(
        problem.contains(&format!("\"{}…\"", "é".repeat(40))),
        "{problem}"
    );
}

#[test]
fn a_number_is_finite_in_its_type() {
    #[derive(AppConfig)]
    #[allow(dead_code, reason = "only its problems are looked at")]
    struct Floats {
        a: f32,
        b: f64,
        c: Vec<f32>,
    }
    assert_eq!(
        problems::<Floats>(&[("a", "1e39"), ("b", "inf"), ("c", "[1, 1e39]")]),
        [
            "a: not a number that f32 can hold",
            "b: not a number that f64 can hold",
            "c[1]: not a number that f32 can hold",
        ]
    );
    let floats: Floats = load(&[("a", "1e38"), ("b", "1e39"), ("c", "[]")]).unwrap();
    assert_eq!((floats.a, floats.b), (1e38, 1e39));
}
