//! The rules of `validator::Validate`, when a configuration is checked and loaded.

use std::borrow::Cow;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::SecretString;
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::stores::{check, load, problems};

#[derive(AppConfig, Validate)]
#[validate(schema(function = "Limits::in_order"))]
struct Limits {
    #[validate(range(min = 1, max = 100))]
    page_size: u32,
    #[validate(range(exclusive_min = 0.0, exclusive_max = 1.0))]
    #[serde(rename = "share")]
    ratio: f64,
    least: u32,
    most: u32,
}

impl Limits {
    fn in_order(&self) -> Result<(), ValidationError> {
        if self.least <= self.most {
            return Ok(());
        }
        Err(ValidationError::new("order").with_message("least is above most".into()))
    }
}

#[derive(AppConfig, Validate)]
struct Rules {
    #[validate(length(min = 2, max = 5))]
    greeting: String,
    #[validate(email)]
    sender: Option<String>,
    #[validate(url(message = "give the address of the shop"))]
    home: Option<String>,
    #[validate(nested)]
    limits: Limits,
    #[validate(nested)]
    hooks: Vec<Hook>,
    #[validate(nested)]
    plain: Option<Plain>,
    #[secret]
    #[validate(length(min = 100))]
    key: Option<String>,
}

#[derive(AppConfig, Validate)]
struct Hook {
    #[validate(length(equal = 1))]
    #[serde(rename = "name")]
    title: String,
    #[secret]
    #[validate(length(min = 100))]
    token: Option<String>,
}

/// Only serde knows it.
#[derive(Deserialize, Validate)]
struct Plain {
    #[validate(range(min = 3))]
    size: u8,
}

const GOOD: [(&str, &str); 6] = [
    ("greeting", "Hello"),
    ("limits.page_size", "100"),
    ("limits.share", "0.5"),
    ("limits.least", "1"),
    ("limits.most", "1"),
    ("hooks", r#"[{"name": "a"}]"#),
];

#[test]
fn values_that_keep_the_rules_are_read() {
    let rules: Rules = load(&GOOD).unwrap();
    assert_eq!(rules.limits.page_size, 100);
    assert_eq!(check::<Rules>(&GOOD), [""; 0]);
}

#[test]
fn each_rule_that_is_broken_names_its_key_when_loaded_and_when_checked() {
    let bad = [
        ("greeting", "Hello!"),
        ("sender", "nobody"),
        ("home", "here"),
        ("limits.page_size", "0"),
        ("limits.share", "1"),
        ("limits.least", "1"),
        ("limits.most", "2"),
        ("hooks", r#"[{"name": "a"}, {"name": "bb"}]"#),
        ("plain", r#"{"size": 2}"#),
    ];
    let expected = [
        "limits.page_size: must be at least 1 and at most 100",
        "limits.share: must be more than 0.0 and less than 1.0",
        "hooks[1].name: its length must be exactly 1",
        "greeting: its length must be at least 2 and at most 5",
        "home: give the address of the shop",
        "plain.size: must be at least 3",
        "sender: not an email address",
    ];
    assert_eq!(problems::<Rules>(&bad), expected);
    assert_eq!(check::<Rules>(&bad), expected);
}

#[test]
fn a_rule_of_a_whole_struct_names_the_key_of_the_struct() {
    let mut texts = GOOD;
    texts[3] = ("limits.least", "2");
    assert_eq!(problems::<Rules>(&texts), ["limits: least is above most"]);
}

#[test]
fn a_secret_is_checked_once_it_is_known() {
    let with = [&GOOD[..], &[("key", "api_key")]].concat();
    assert_eq!(check::<Rules>(&with), [""; 0]);
    assert_eq!(
        problems::<Rules>(&with),
        ["key: its length must be at least 100"]
    );
    let mut texts = GOOD;
    texts[5] = ("hooks", r#"[{"name": "a", "token": "hook_a"}]"#);
    assert_eq!(check::<Rules>(&texts), [""; 0]);
    assert_eq!(
        problems::<Rules>(&texts),
        ["hooks[0].token: its length must be at least 100"]
    );
}

#[test]
fn a_rule_cannot_make_a_secret_part_of_a_message() {
    #[derive(AppConfig)]
    struct Telling {
        #[secret]
        key: String,
    }

    impl Validate for Telling {
        fn validate(&self) -> Result<(), ValidationErrors> {
            let mut errors = ValidationErrors::new();
            let telling = ValidationError {
                code: Cow::Owned(self.key.clone()),
                message: Some(Cow::Owned(format!("{} is bad", self.key))),
                params: [("min".into(), self.key.clone().into())].into(),
            };
            errors.add("key", telling.clone());
            errors.add("__all__", telling);
            Err(errors)
        }
    }

    let found = problems::<Telling>(&[("key", "api_key")]);
    assert_eq!(found.len(), 2);
    assert!(!found.concat().contains("hunter2"), "{found:?}");
}

#[test]
fn a_struct_without_rules_is_read() {
    #[derive(AppConfig)]
    struct Free {
        #[secret]
        key: SecretString,
    }
    let free: Free = load(&[("key", "api_key")]).unwrap();
    assert!(!format!("{:?}", free.key).contains("hunter2"));
}
