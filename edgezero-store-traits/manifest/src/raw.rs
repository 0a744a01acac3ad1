//! The manifest as it is written, with the places of its values.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::PushTarget;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(crate) app: App,
    #[serde(default)]
    pub(crate) stores: Stores,
    #[serde(default)]
    pub(crate) adapters: Adapters,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub(crate) name: Option<Spanned<String>>,
    pub(crate) cli: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adapters {
    #[serde(default)]
    pub(crate) spin: AdapterSection,
    #[serde(default)]
    pub(crate) host: AdapterSection,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdapterSection {
    #[serde(default)]
    pub(crate) adapter: AdapterTable,
    #[serde(default)]
    pub(crate) commands: CommandsTable,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdapterTable {
    #[serde(rename = "crate")]
    pub(crate) crate_folder: Option<String>,
    pub(crate) manifest: Option<String>,
    pub(crate) component: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommandsTable {
    pub(crate) build: Option<String>,
    pub(crate) serve: Option<String>,
    pub(crate) deploy: Option<String>,
    pub(crate) auth_login: Option<String>,
    pub(crate) auth_logout: Option<String>,
    pub(crate) auth_status: Option<String>,
    pub(crate) push: Option<PushTarget>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stores {
    pub(crate) kv: Option<Section>,
    pub(crate) config: Option<Section>,
    pub(crate) secrets: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    pub(crate) ids: Spanned<Vec<Spanned<String>>>,
    pub(crate) default: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) label: ById<String>,
    #[serde(default)]
    pub(crate) max_list_keys: ById<i64>,
}

/// A setting of some of the stores.
pub(crate) type ById<T> = BTreeMap<Spanned<String>, Spanned<T>>;
