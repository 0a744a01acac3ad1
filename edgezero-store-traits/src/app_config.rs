//! An app's configuration as a struct of its own, read in one call.

#[doc(hidden)]
pub mod derive;
mod described;
mod error;
mod field;
mod load;
mod reason;
#[cfg_attr(not(feature = "validator"), path = "app_config/no_rules.rs")]
mod rules;
mod secret;
mod source;
mod value;
mod values;

use std::future::Future;

pub use self::described::{ConfigType, ConfigTypes};
pub use self::error::{AppConfigError, ConfigProblem};
pub use self::field::{ConfigField, FieldKind, Fields, ValueKind, join, nearest};
pub use self::secret::{Named, NamedSecret, SecretValue};
pub use self::value::ConfigValue;
pub use self::values::Values;
use crate::config::ConfigHandle;
use crate::secret::SecretHandle;

/// A struct that is read from a configuration store, key by key.
///
/// Derive it.
///
/// ```
/// use edgezero_store_traits::secrecy::SecretString;
/// use edgezero_store_traits::{AppConfig, AppConfigError, ConfigHandle, SecretHandle};
///
/// #[derive(AppConfig)]
/// struct Shop {
///     title: String,
///     service: Service,
///     webhooks: Vec<Webhook>,
///     #[secret]
///     payment_key: Option<SecretString>,
/// }
///
/// #[derive(AppConfig)]
/// #[serde(rename_all = "kebab-case", deny_unknown_fields)]
/// struct Service {
///     timeout_ms: u32,
///     mode: Mode,
///     #[serde(default)]
///     hosts: Vec<String>,
/// }
///
/// #[derive(AppConfig)]
/// struct Webhook {
///     url: String,
///     #[secret]
///     token: SecretString,
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "lowercase")]
/// enum Mode {
///     Strict,
///     Lenient,
/// }
///
/// async fn load(config: &ConfigHandle, secrets: &SecretHandle) -> Result<Shop, AppConfigError> {
///     Shop::load(config, secrets).await
/// }
///
/// let keys: Vec<_> = Shop::fields().into_iter().map(|field| field.key).collect();
/// assert_eq!(
///     keys,
///     [
///         "title",
///         "service.timeout-ms",
///         "service.mode",
///         "service.hosts",
///         "webhooks",
///         "payment_key"
///     ]
/// );
/// ```
///
/// # Types
/// | A field of type | is read |
/// | --- | --- |
/// | a struct that derives `AppConfig` | by the dotted keys of its fields: `service.timeout-ms` |
/// | `Option<T>` | `None` where nothing is configured for the `T` |
/// | `String` | as the text itself |
/// | a number, `bool`, `char` | from the text; `1` and `0` are a `bool`, too |
/// | `Vec<T>`, `BTreeMap<String, T>`, `HashMap<String, T>` | from a JSON array or object under one key |
/// | any other | by serde, as one key: from the text, or from JSON where the type is a list, a map or a struct |
///
/// # Secrets
/// The text of a field marked `#[secret]` is the name of a secret, and the field holds
/// the secret. Its type is `SecretString` or `Option<SecretString>`, or a `String` or
/// an `Option<String>` if it must be. A struct with a `String` of that kind should not
/// derive `Debug`. In a list or a map of structs the secrets are named in the JSON.
///
/// Serde knows nothing of secrets, so a type with secrets that serde would read does
/// not compile. One case cannot be seen: a type of your own that derives `Deserialize`
/// only, and has a struct with secrets of type `String` inside. With `SecretString`
/// that does not compile either.
///
/// The text of a field marked `#[secret(store_ref)]` is the id of a secret store that
/// the app declares. `#[secret(store_ref = "vault")]` is for a secret of the store
/// whose id is in the field `vault`.
///
/// # Attributes
/// | | |
/// | --- | --- |
/// | `#[serde(rename, rename_all, alias, default, skip, flatten, with, deserialize_with, deny_unknown_fields)]` | as serde has them, with or without `Deserialize` |
/// | `#[config(json)]` | serde reads the field as one key, though its type derives `AppConfig` |
/// | `#[app_config(nested)]` | the type must derive `AppConfig`; nothing else changes |
/// | `#[app_config(store = "flags")]` on the struct | [`AppConfig::STORE`] |
///
/// With the feature `validator`, a struct that implements `validator::Validate` is
/// checked by its rules. The app must use the same version of that crate: 0.20.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `AppConfig`",
    note = "derive `AppConfig` for the struct"
)]
pub trait AppConfig: ConfigValue + Send {
    /// The id of the configuration store that has it; `None` is the default store.
    const STORE: Option<&'static str> = None;

    /// The keys, in the order of the fields.
    fn fields() -> Vec<ConfigField> {
        described::<Self>().fields
    }

    /// What [`AppConfig::load`] would find wrong with these texts by key, before they
    /// are pushed: also keys that a struct denies. Whether a secret that they name is
    /// defined is not looked at.
    fn check(texts: &[(String, String)]) -> Vec<ConfigProblem> {
        let (mut values, _) = load::names(described::<Self>(), texts);
        let found = Self::read("", &mut values);
        match values.finish(found, None) {
            Err(AppConfigError::Invalid { problems, .. }) => problems,
            _ => Vec::new(),
        }
    }

    /// The keys of these texts, and of the JSON in them, that no field is read from
    /// and that no struct denies: they have no effect.
    fn unknown_keys(texts: &[(String, String)]) -> Vec<ConfigProblem> {
        let (values, _) = load::names(described::<Self>(), texts);
        values.into_unknown()
    }

    /// The secrets and secret stores that these texts name, also in their JSON. A
    /// text that cannot be the name of a secret is a problem that
    /// [`AppConfig::check`] finds.
    fn named_secrets(texts: &[(String, String)]) -> Vec<NamedSecret> {
        let (_, names) = load::names(described::<Self>(), texts);
        names
    }

    /// Reads every key, in one call of a backend that has one, and each secret that
    /// they name.
    ///
    /// # Errors
    /// [`AppConfigError::Invalid`] with all keys that are missing, of the wrong type
    /// or against a rule; [`AppConfigError::Config`] and [`AppConfigError::Secret`]
    /// when a store fails.
    fn load(
        config: &ConfigHandle,
        secrets: &SecretHandle,
    ) -> impl Future<Output = Result<Self, AppConfigError>> + Send {
        let fields = described::<Self>();
        async move {
            let mut values = load::load(config, secrets, fields).await?;
            let found = Self::read("", &mut values);
            values.finish(found, config.name())
        }
    }
}

fn described<T: ConfigValue>() -> Fields {
    let mut fields = Fields::default();
    T::describe("", &mut fields);
    fields
}
