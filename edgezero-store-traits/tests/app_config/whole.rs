//! One configuration that uses everything.

use std::collections::BTreeMap;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::stores::{check, load, owned, problems};

#[derive(AppConfig, Validate)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[app_config(store = "shop")]
struct Shop {
    #[validate(length(min = 1))]
    greeting: String,
    mode: Mode,
    #[serde(default = "Shop::default_sizes")]
    page_sizes: BTreeMap<String, u16>,
    #[serde(alias = "hooks")]
    #[validate(nested)]
    webhooks: Vec<Webhook>,
    #[serde(default)]
    #[validate(nested)]
    limits: Limits,
    #[secret(store_ref)]
    vault: Option<String>,
    #[secret]
    payment_key: Option<SecretString>,
    #[serde(skip)]
    started: u8,
}

impl Shop {
    fn default_sizes() -> BTreeMap<String, u16> {
        BTreeMap::from([("small".to_owned(), 10)])
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Strict,
    Lenient,
}

#[derive(AppConfig, Validate)]
#[serde(deny_unknown_fields)]
struct Webhook {
    #[validate(url)]
    url: String,
    #[secret]
    token: SecretString,
    #[serde(rename = "only")]
    #[serde(default)]
    modes: Vec<Mode>,
}

#[derive(AppConfig, Validate)]
#[serde(default)]
struct Limits {
    #[validate(range(min = 1, max = 1000))]
    page_size: u16,
    burst: Option<u8>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 20,
            burst: Some(3),
        }
    }
}

const TEXTS: [(&str, &str); 5] = [
    ("greeting", "Hello"),
    ("mode", "lenient"),
    (
        "webhooks",
        r#"[{"url": "https://a.example", "token": "hook_a", "only": ["strict"]},
            {"url": "https://b.example", "token": "hook_b"}]"#,
    ),
    ("limits.page_size", "50"),
    ("payment-key", "api_key"),
];

#[test]
fn it_is_loaded() {
    assert_eq!(check::<Shop>(&TEXTS), [""; 0]);
    assert!(Shop::unknown_keys(&owned(&TEXTS)).is_empty());
    let shop: Shop = load(&TEXTS).unwrap();
    assert_eq!(shop.greeting, "Hello");
    assert_eq!(shop.mode, Mode::Lenient);
    assert_eq!(shop.page_sizes["small"], 10);
    assert_eq!(shop.webhooks[0].url, "https://a.example");
    assert_eq!(shop.webhooks[0].token.expose_secret(), "hunter2 of hook_a");
    assert_eq!(shop.webhooks[0].modes, [Mode::Strict]);
    assert_eq!(shop.webhooks[1].token.expose_secret(), "hunter2 of hook_b");
    assert_eq!((shop.limits.page_size, shop.limits.burst), (50, Some(3)));
    assert_eq!(shop.payment_key.unwrap().expose_secret(), "hunter2");
    assert_eq!((shop.vault, shop.started), (None, 0));
}

#[test]
fn all_that_is_wrong_is_found_at_once() {
    assert_eq!(
        problems::<Shop>(&[
            ("greeting", ""),
            ("mode", "wild"),
            (
                "hooks",
                r#"[{"url": "a", "token": "hook_a", "only": ["wild"]}, {"tokn": 1}]"#
            ),
            ("limits.page_size", "70000"),
            ("payment-key", "nobody"),
        ]),
        [
            "webhooks[1].tokn: not a key of the app's configuration; did you mean \
             webhooks[1].token?",
            "payment-key: names a secret that is not defined",
            "mode: \"wild\" is not one of \"strict\", \"lenient\"",
            "webhooks[0].only[0]: \"wild\" is not one of \"strict\", \"lenient\"",
            "webhooks[1].url: missing",
            "webhooks[1].token: missing",
            "limits.page_size: 70000 is out of range for u16 (0 to 65535)",
        ]
    );
}
