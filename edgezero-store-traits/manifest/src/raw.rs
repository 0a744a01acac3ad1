//! The manifest as it is written, with the places of its values.

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) app: App,
    #[serde(default)]
    pub(crate) stores: Stores,
    /// The command line's part.
    #[serde(default, rename = "adapters")]
    _adapters: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub(crate) name: Spanned<String>,
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
}
