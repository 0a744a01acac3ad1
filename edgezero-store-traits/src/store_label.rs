//! Under which label a platform keeps a store: the id, unless the environment names
//! another.

mod stray;

pub use self::stray::{StrayVariable, stray_variables};
use crate::Label;

/// What the names of all variables that configure stores begin with.
pub const PREFIX: &str = "EDGEZERO__STORES__";

/// The setting of a cap.
const MAX_LIST_KEYS: &str = "MAX_LIST_KEYS";

/// A kind of store that a platform keeps under a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// Of `[stores.kv]`.
    Kv,
    /// Of `[stores.config]`.
    Config,
}

impl StoreKind {
    /// The variable that names the label of a store: `EDGEZERO__STORES__KV__<ID>__NAME`,
    /// with the id in capitals.
    pub fn variable(self, id: &str) -> String {
        self.setting(id, "NAME")
    }

    /// The label of a store: what [`StoreKind::variable`] says in the environment that
    /// `get` reads; where the variable is missing or blank, `in_manifest`, which is what
    /// edgezero.toml says; else the id.
    ///
    /// ```
    /// use edgezero_store_traits::store_label::StoreKind;
    ///
    /// let variable = StoreKind::Kv.variable("sessions");
    /// assert_eq!(variable, "EDGEZERO__STORES__KV__SESSIONS__NAME");
    /// let get = |name: &str| (name == variable).then(|| "prod-sessions".to_owned());
    /// let label = StoreKind::Kv.label("sessions", Some("mine"), get)?;
    /// assert_eq!(label.as_str(), "prod-sessions");
    /// let label = StoreKind::Kv.label("sessions", Some("mine"), |_| None)?;
    /// assert_eq!(label.as_str(), "mine");
    /// let label = StoreKind::Kv.label("sessions", None, |_| None)?;
    /// assert_eq!(label.as_str(), "sessions");
    /// # Ok::<(), edgezero_store_traits::store_label::InvalidStoreLabel>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidStoreLabel`], which names the variable or the key of edgezero.toml, for a
    /// text that cannot be a label.
    pub fn label(
        self,
        id: &str,
        in_manifest: Option<&str>,
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Label, InvalidStoreLabel> {
        let (variable, name) = self.read(id, "NAME", get);
        let label = name.as_deref().or(in_manifest).unwrap_or(id);
        label.parse().map_err(|error| {
            let key = self.key(id, "label");
            InvalidStoreLabel(match (name, in_manifest) {
                (Some(_), _) => format!("{variable}: {error}"),
                (None, Some(_)) => format!("{key}: {error}"),
                (None, None) => {
                    format!("{error}, which the store id {id:?} would be: set {key}, or {variable}")
                }
            })
        })
    }

    /// The variables of all settings of a store.
    fn variables(self, id: &str) -> impl Iterator<Item = String> {
        let settings = match self {
            Self::Kv => &["NAME", MAX_LIST_KEYS][..],
            Self::Config => &["NAME"],
        };
        settings
            .iter()
            .map(move |setting| self.setting(id, setting))
    }

    /// Where edgezero.toml has a setting of a store, in words.
    pub(crate) fn key(self, id: &str, setting: &str) -> String {
        let section = match self {
            Self::Kv => "kv",
            Self::Config => "config",
        };
        format!("`{setting}.{id}` of [stores.{section}] in edgezero.toml")
    }

    /// A setting's variable, and its text where that is not blank.
    fn read(
        self,
        id: &str,
        setting: &str,
        get: impl Fn(&str) -> Option<String>,
    ) -> (String, Option<String>) {
        let variable = self.setting(id, setting);
        let text = get(&variable).map(|text| text.trim().to_owned());
        (variable, text.filter(|text| !text.is_empty()))
    }

    pub(crate) fn setting(self, id: &str, setting: &str) -> String {
        let kind = match self {
            Self::Kv => "KV",
            Self::Config => "CONFIG",
        };
        format!("{PREFIX}{kind}__{}__{setting}", id.to_ascii_uppercase())
    }
}

/// The variable of a key-value store's cap on listings:
/// `EDGEZERO__STORES__KV__<ID>__MAX_LIST_KEYS`, with the id in capitals.
pub fn max_list_keys_variable(id: &str) -> String {
    StoreKind::Kv.setting(id, MAX_LIST_KEYS)
}

/// The cap on listings of a key-value store: what its variable says in the environment that
/// `get` reads, 0 for none; `None` where the variable is missing or blank.
///
/// # Errors
/// [`InvalidStoreLabel`], which names the variable, for a text that is not a number.
pub fn max_list_keys(
    id: &str,
    get: impl Fn(&str) -> Option<String>,
) -> Result<Option<u32>, InvalidStoreLabel> {
    let (variable, cap) = StoreKind::Kv.read(id, MAX_LIST_KEYS, get);
    let Some(text) = cap else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        InvalidStoreLabel(format!(
            "{variable} is {text:?}, which is not a number of keys; 0 means no cap"
        ))
    })
}

/// A variable of a store, or an id without one, has a text that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidStoreLabel(String);
