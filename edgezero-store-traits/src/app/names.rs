//! An app's stores by the labels that a platform keeps them under.

use super::{Metadata, StoreIds};
use crate::Label;
use crate::kv::limits::DEFAULT_MAX_LIST_KEYS;
use crate::store_label::{self, InvalidStoreLabel, StoreKind};

/// An app's store ids with the labels that edgezero.toml and the environment give them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreNames {
    /// Each key-value store's id, label and cap.
    pub kv: Vec<KvName>,
    /// Each configuration store's id and label.
    pub config: Vec<(&'static str, Label)>,
}

/// A key-value store's id, with what edgezero.toml and the environment say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvName {
    /// The id in `edgezero.toml`.
    pub id: &'static str,
    /// `EDGEZERO__STORES__KV__<ID>__NAME`, or `label` in edgezero.toml, or the id.
    pub label: Label,
    /// `EDGEZERO__STORES__KV__<ID>__MAX_LIST_KEYS`, or `max_list_keys` in edgezero.toml,
    /// or 1000; 0 is no cap.
    pub max_list_keys: u32,
}

/// Why an app cannot start: a variable of its environment, or a label in edgezero.toml,
/// is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the app cannot start: {0}")]
pub struct StartError(String);

impl From<InvalidStoreLabel> for StartError {
    fn from(error: InvalidStoreLabel) -> Self {
        Self(error.to_string())
    }
}

impl StoreNames {
    /// Reads the variables that `get` finds: `EDGEZERO__STORES__KV__<ID>__NAME`,
    /// `…__MAX_LIST_KEYS` and `EDGEZERO__STORES__CONFIG__<ID>__NAME`, the id in
    /// capitals. Where one is missing or blank, `metadata` has it, or it is the default.
    ///
    /// # Errors
    /// [`StartError`], which names the variable or the key of edgezero.toml, for a name
    /// that is no label and a number that is none.
    pub fn new(
        metadata: &Metadata,
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let ids = |stores: Option<StoreIds>| stores.map_or(&[][..], |stores| stores.ids);
        let kv = ids(metadata.kv).iter().map(|id| {
            let max_list_keys = store_label::max_list_keys(id, &get)?
                .or(of(metadata.kv, id, |stores| stores.max_list_keys))
                .unwrap_or(DEFAULT_MAX_LIST_KEYS);
            Ok::<_, StartError>(KvName {
                id,
                label: StoreKind::Kv.label(id, of(metadata.kv, id, |kv| kv.label), &get)?,
                max_list_keys,
            })
        });
        let config = ids(metadata.config).iter().map(|id| {
            let label = of(metadata.config, id, |config| config.label);
            Ok::<_, StartError>((*id, StoreKind::Config.label(id, label, &get)?))
        });
        Ok(Self {
            kv: kv.collect::<Result<_, StartError>>()?,
            config: config.collect::<Result<_, StartError>>()?,
        })
    }
}

/// What edgezero.toml says of one store.
fn of<T: Copy>(
    stores: Option<StoreIds>,
    id: &str,
    setting: fn(StoreIds) -> &'static [(&'static str, T)],
) -> Option<T> {
    let found = setting(stores?).iter().find(|(known, _)| *known == id);
    found.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: Metadata = Metadata {
        name: "app",
        kv: Some(StoreIds::new(&["sessions", "cache_b"], "sessions")),
        config: Some(StoreIds::new(&["app_config"], "app_config")),
        secrets: None,
    };

    fn names(variables: &[(&str, &str)]) -> Result<StoreNames, StartError> {
        StoreNames::new(&METADATA, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_a_label_is_the_id_and_the_cap_1000() {
        for blank in [None, Some(""), Some("  ")] {
            let blank = blank.map(|text| ("EDGEZERO__STORES__KV__SESSIONS__NAME", text));
            let names = names(blank.as_slice()).unwrap();
            assert_eq!(names.kv[0].label.as_str(), "sessions");
            assert_eq!(names.kv[1].label.as_str(), "cache_b");
            assert_eq!(names.kv[0].max_list_keys, 1000);
            assert_eq!(names.config[0].1.as_str(), "app_config");
        }
    }

    #[test]
    fn variables_name_labels_and_caps() {
        let names = names(&[
            ("EDGEZERO__STORES__KV__SESSIONS__NAME", "prod-sessions"),
            ("EDGEZERO__STORES__KV__CACHE_B__MAX_LIST_KEYS", " 0 "),
            ("EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME", "prod-config"),
        ])
        .unwrap();
        assert_eq!(names.kv[0].label.as_str(), "prod-sessions");
        assert_eq!(names.kv[1].max_list_keys, 0);
        assert_eq!(names.config[0].1.as_str(), "prod-config");
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (variable, value) in [
            ("EDGEZERO__STORES__KV__SESSIONS__MAX_LIST_KEYS", "many"),
            ("EDGEZERO__STORES__KV__SESSIONS__MAX_LIST_KEYS", "-1"),
            (
                "EDGEZERO__STORES__KV__SESSIONS__MAX_LIST_KEYS",
                "4294967296",
            ),
            ("EDGEZERO__STORES__KV__CACHE_B__NAME", "a b"),
            ("EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME", "../x"),
        ] {
            let error = names(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
            assert!(error.contains(value), "{error}");
        }
    }

    #[test]
    fn an_id_that_is_no_label_has_to_be_named() {
        let metadata = Metadata {
            kv: Some(StoreIds::new(&["camelCase"], "camelCase")),
            ..METADATA
        };
        let error = StoreNames::new(&metadata, |_| None)
            .unwrap_err()
            .to_string();
        for part in [
            "EDGEZERO__STORES__KV__CAMELCASE__NAME",
            "`label.camelCase` of [stores.kv] in edgezero.toml",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }

    /// Settings in edgezero.toml of the store `sessions`.
    const SET: Metadata = Metadata {
        kv: Some(StoreIds {
            label: &[("sessions", "shop-sessions")],
            max_list_keys: &[("sessions", 5000)],
            ..StoreIds::new(&["sessions", "cache_b"], "sessions")
        }),
        config: Some(StoreIds {
            label: &[("app_config", "shop-config")],
            ..StoreIds::new(&["app_config"], "app_config")
        }),
        ..METADATA
    };

    #[test]
    fn the_manifest_says_labels_and_caps_of_its_stores() {
        let names = StoreNames::new(&SET, |_| None).unwrap();
        assert_eq!(names.kv[0].label.as_str(), "shop-sessions");
        assert_eq!(names.kv[0].max_list_keys, 5000);
        assert_eq!(names.kv[1].label.as_str(), "cache_b");
        assert_eq!(names.kv[1].max_list_keys, 1000);
        assert_eq!(names.config[0].1.as_str(), "shop-config");
    }

    #[test]
    fn a_variable_wins_over_the_manifest() {
        let names = StoreNames::new(&SET, |name| {
            Some(
                if name.ends_with("__NAME") {
                    "named"
                } else {
                    "7"
                }
                .to_owned(),
            )
        });
        let names = names.unwrap();
        assert_eq!(names.kv[0].label.as_str(), "named");
        assert_eq!(names.kv[0].max_list_keys, 7);
        assert_eq!(names.config[0].1.as_str(), "named");
    }

    #[test]
    fn a_label_of_the_manifest_that_is_none_is_named_by_its_key() {
        let metadata = Metadata {
            config: Some(StoreIds {
                label: &[("app_config", "a b")],
                ..StoreIds::new(&["app_config"], "app_config")
            }),
            ..METADATA
        };
        let error = StoreNames::new(&metadata, |_| None).unwrap_err();
        let error = error.to_string();
        let key = "`label.app_config` of [stores.config] in edgezero.toml";
        assert!(error.contains(key), "{error}");
    }
}
