//! Under which label a platform keeps a store: the id, unless the environment names
//! another.

use crate::Label;

/// What the names of all variables that configure stores begin with.
pub const PREFIX: &str = "EDGEZERO__STORES__";

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
    /// `get` reads, or the id where the variable is missing or blank.
    ///
    /// ```
    /// use edgezero_store_traits::store_label::StoreKind;
    ///
    /// let variable = StoreKind::Kv.variable("sessions");
    /// assert_eq!(variable, "EDGEZERO__STORES__KV__SESSIONS__NAME");
    /// let get = |name: &str| (name == variable).then(|| "prod-sessions".to_owned());
    /// assert_eq!(StoreKind::Kv.label("sessions", get)?.as_str(), "prod-sessions");
    /// assert_eq!(StoreKind::Kv.label("sessions", |_| None)?.as_str(), "sessions");
    /// # Ok::<(), edgezero_store_traits::store_label::InvalidStoreLabel>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidStoreLabel`], which names the variable, for a text that cannot be a label.
    pub fn label(
        self,
        id: &str,
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Label, InvalidStoreLabel> {
        let (variable, name) = self.read(id, "NAME", get);
        name.as_deref().unwrap_or(id).parse().map_err(|error| {
            InvalidStoreLabel(match name {
                Some(_) => format!("{variable}: {error}"),
                None => format!("{error}, which the store id {id:?} would be: set {variable}"),
            })
        })
    }

    /// A setting's variable, and its text where that is not blank.
    pub(crate) fn read(
        self,
        id: &str,
        setting: &str,
        get: impl Fn(&str) -> Option<String>,
    ) -> (String, Option<String>) {
        let variable = self.setting(id, setting);
        let text = get(&variable).map(|text| text.trim().to_owned());
        (variable, text.filter(|text| !text.is_empty()))
    }

    fn setting(self, id: &str, setting: &str) -> String {
        let kind = match self {
            Self::Kv => "KV",
            Self::Config => "CONFIG",
        };
        format!("{PREFIX}{kind}__{}__{setting}", id.to_uppercase())
    }
}

/// A store's id, or the text in its variable, cannot be a label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidStoreLabel(String);
