//! What the app's own program knows of its configuration.

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::app_config::{ConfigField, ConfigProblem, NamedSecret};

/// Texts by key, as a store has them.
type Texts = [(String, String)];

/// A configuration's keys, and what each may be.
pub(super) struct Types {
    pub(super) fields: Vec<ConfigField>,
    /// As [`AppConfig::check`].
    pub(super) check: fn(&Texts) -> Vec<ConfigProblem>,
    /// As [`AppConfig::unknown_keys`].
    pub(super) unknown_keys: fn(&Texts) -> Vec<ConfigProblem>,
    /// As [`AppConfig::named_secrets`].
    pub(super) named_secrets: fn(&Texts) -> Vec<NamedSecret>,
}

impl Types {
    pub(super) fn of<C: AppConfig>() -> Self {
        Self {
            fields: C::fields(),
            check: C::check,
            unknown_keys: C::unknown_keys,
            named_secrets: C::named_secrets,
        }
    }

    pub(super) fn field(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.is_read_from(key))
    }
}
