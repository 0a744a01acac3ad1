use std::collections::{BTreeMap, HashMap};

use edgezero_store_traits::AppConfig;
use serde::{Deserialize, Deserializer};

#[derive(AppConfig, Deserialize, PartialEq, Eq, Hash)]
struct Webhook {
    url: String,
    #[secret]
    token: String,
}

/// The secret is deeper.
#[derive(AppConfig, Deserialize)]
struct Outer {
    webhooks: Vec<Webhook>,
}

#[derive(AppConfig)]
struct AsJson {
    #[config(json)]
    one: Webhook,
    #[config(json)]
    list: Vec<Webhook>,
    #[config(json)]
    perhaps: Option<Outer>,
}

#[derive(AppConfig)]
struct InOtherTypes {
    by_number: HashMap<u8, Webhook>,
    pair: (String, Webhook),
    two: [Webhook; 2],
    deep: BTreeMap<String, Vec<(u8, Option<Outer>)>>,
}

type Hooks = Vec<Webhook>;

#[derive(AppConfig)]
struct ByAnotherName {
    #[config(json)]
    hooks: Hooks,
}

#[derive(AppConfig)]
struct ByFunction {
    #[serde(deserialize_with = "read")]
    hook: Webhook,
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Webhook, D::Error> {
    Webhook::deserialize(deserializer)
}

fn main() {}
