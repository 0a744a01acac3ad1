//! The types of an app's configurations, as values: for a command that checks what it
//! writes.

use super::{AppConfig, ConfigField, ConfigProblem, NamedSecret};

/// Texts by key, as a store has them.
type Texts = [(String, String)];

/// A type that derives [`AppConfig`], as a value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConfigType {
    /// As [`AppConfig::STORE`].
    pub store: Option<&'static str>,
    /// As [`AppConfig::fields`].
    pub fields: Vec<ConfigField>,
    /// As [`AppConfig::check`].
    pub check: fn(&Texts) -> Vec<ConfigProblem>,
    /// As [`AppConfig::unknown_keys`].
    pub unknown_keys: fn(&Texts) -> Vec<ConfigProblem>,
    /// As [`AppConfig::named_secrets`].
    pub named_secrets: fn(&Texts) -> Vec<NamedSecret>,
}

impl ConfigType {
    /// The type `C`.
    pub fn of<C: AppConfig>() -> Self {
        Self {
            store: C::STORE,
            fields: C::fields(),
            check: C::check,
            unknown_keys: C::unknown_keys,
            named_secrets: C::named_secrets,
        }
    }

    /// The field that is read from `key`.
    pub fn field(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.is_read_from(key))
    }
}

/// The types of an app's configurations: one that derives [`AppConfig`], or a tuple with
/// one for each store.
///
/// ```
/// use edgezero_store_traits::AppConfig;
/// use edgezero_store_traits::app_config::ConfigTypes;
///
/// #[derive(AppConfig)]
/// struct Settings {
///     greeting: String,
/// }
///
/// #[derive(AppConfig)]
/// #[app_config(store = "flags")]
/// struct Flags {
///     new_checkout: bool,
/// }
///
/// let types = <(Settings, Flags)>::config_types();
/// assert_eq!(types[0].store, None);
/// assert_eq!(types[1].store, Some("flags"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a configuration",
    note = "it is a struct that derives `AppConfig`, or a tuple of up to eight of them"
)]
pub trait ConfigTypes {
    /// Each type, in the order of the tuple.
    fn config_types() -> Vec<ConfigType>;
}

impl<C: AppConfig> ConfigTypes for C {
    fn config_types() -> Vec<ConfigType> {
        vec![ConfigType::of::<C>()]
    }
}

macro_rules! tuples {
    ($($first:ident $($more:ident)*;)*) => {$(
        impl<$first: AppConfig, $($more: AppConfig),*> ConfigTypes for ($first, $($more,)*) {
            fn config_types() -> Vec<ConfigType> {
                vec![ConfigType::of::<$first>(), $(ConfigType::of::<$more>()),*]
            }
        }
    )*};
}

tuples! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H;
}
