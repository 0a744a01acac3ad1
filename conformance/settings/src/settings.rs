//! The two structs.

use std::collections::BTreeMap;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::Validate;

/// What the store `app_config` has.
#[derive(AppConfig, Validate)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    #[validate(length(min = 1, max = 20))]
    site_title: String,
    #[serde(alias = "lang")]
    language: Option<String>,
    mode: Mode,
    #[serde(rename = "colours", default)]
    colors: BTreeMap<String, String>,
    #[app_config(nested)]
    #[validate(nested)]
    limits: Limits,
    webhooks: Vec<Webhook>,
    #[secret]
    api_key: SecretString,
    #[secret]
    backup_key: Option<SecretString>,
    #[secret(store_ref)]
    vault: String,
    #[serde(skip)]
    requests: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Strict,
    Lenient,
}

#[derive(AppConfig, Validate)]
#[serde(default)]
struct Limits {
    #[validate(range(min = 1, max = 1000))]
    page_size: u16,
    seconds: f64,
    verbose: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 20,
            seconds: 1.5,
            verbose: false,
        }
    }
}

#[derive(AppConfig)]
struct Webhook {
    url: String,
    #[secret]
    token: SecretString,
    #[serde(default)]
    mirrors: Vec<Mirror>,
}

#[derive(AppConfig)]
struct Mirror {
    #[secret]
    token: SecretString,
}

/// What the store `flags` has.
#[derive(AppConfig, Serialize)]
#[app_config(store = "flags")]
pub(crate) struct Flags {
    #[serde(default)]
    new_cart: bool,
    rollout: Option<u8>,
}

impl Settings {
    pub(crate) fn shown(&self) -> Value {
        let webhooks = self.webhooks.iter().map(|webhook| {
            let mirrors = webhook.mirrors.iter();
            json!({
                "url": webhook.url,
                "token": webhook.token.expose_secret(),
                "mirrors": mirrors.map(|mirror| mirror.token.expose_secret()).collect::<Vec<_>>(),
            })
        });
        json!({
            "site_title": self.site_title,
            "language": self.language,
            "mode": self.mode,
            "colors": self.colors,
            "limits": {
                "page_size": self.limits.page_size,
                "seconds": self.limits.seconds,
                "verbose": self.limits.verbose,
            },
            "webhooks": webhooks.collect::<Vec<_>>(),
            "api_key": self.api_key.expose_secret(),
            "backup_key": self.backup_key.as_ref().map(ExposeSecret::expose_secret),
            "vault": self.vault,
            "requests": self.requests,
        })
    }
}
