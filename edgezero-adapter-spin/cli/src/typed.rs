//! What the app's own program knows of its configuration.

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::app_config::{ConfigField, ConfigProblem};

/// A configuration's keys, and what each may be.
pub(super) struct Types {
    pub(super) fields: Vec<ConfigField>,
    pub(super) check: fn(&[(String, String)]) -> Vec<ConfigProblem>,
}

impl Types {
    pub(super) fn of<C: AppConfig>() -> Self {
        Self {
            fields: C::fields(),
            check: C::check,
        }
    }

    pub(super) fn field(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.is_read_from(key))
    }

    pub(super) fn is_secret(&self, key: &str) -> bool {
        self.field(key).is_some_and(|field| field.holds_secrets)
    }
}
