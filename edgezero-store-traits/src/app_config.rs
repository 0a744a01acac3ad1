//! An app's configuration as a struct of its own, read in one call.

mod error;
mod value;

use std::future::Future;

use secrecy::SecretString;

pub use self::error::{AppConfigError, ConfigProblem};
pub use self::value::{ConfigField, ConfigValue, FieldKind, Fields, ValueKind, Values, join};
use crate::config::{ConfigError, ConfigHandle};
use crate::secret::{SecretError, SecretHandle, SecretName};

const NO_SECRET_NAME: &str = "does not hold the name of a secret";

/// A struct that is read from a configuration store, field by field.
///
/// Derive it. A field's key is its name, under the dotted key of the struct that it
/// is in: `service.timeout_ms`. A `String` is the text itself; numbers, `bool` and
/// `char` are read from it; a `Vec` is JSON; an `Option` may be missing. A field
/// marked `#[secret]` holds the secret that the configured text names.
/// `#[config(json)]` is for types of your own, which serde reads as JSON or as a
/// plain text.
///
/// ```
/// use edgezero_store_traits::{AppConfig, AppConfigError, ConfigHandle, SecretHandle};
///
/// #[derive(AppConfig)]
/// struct Shop {
///     title: String,
///     service: Service,
///     #[secret]
///     payment_key: String,
/// }
///
/// #[derive(AppConfig)]
/// struct Service {
///     timeout_ms: u32,
///     hosts: Vec<String>,
///     retries: Option<u8>,
/// }
///
/// async fn load(config: &ConfigHandle, secrets: &SecretHandle) -> Result<Shop, AppConfigError> {
///     Shop::load(config, secrets).await
/// }
///
/// let keys: Vec<_> = Shop::fields().into_iter().map(|field| field.key).collect();
/// assert_eq!(
///     keys,
///     ["title", "service.timeout_ms", "service.hosts", "service.retries", "payment_key"]
/// );
/// ```
///
/// A struct with a secret in it should not derive `Debug`.
pub trait AppConfig: ConfigValue + Send {
    /// What is read, in the order of the fields.
    fn fields() -> Vec<ConfigField> {
        let mut fields = Fields::default();
        Self::describe("", &mut fields);
        fields.into_vec()
    }

    /// What [`AppConfig::load`] would find wrong with these texts by key, before they
    /// are pushed. Whether a secret that they name is defined is not looked at.
    fn check(texts: &[(String, String)]) -> Vec<ConfigProblem> {
        let mut values = Values::default();
        for (key, text) in texts {
            values.found(key, Some(text.clone()));
        }
        for field in Self::fields() {
            if field.kind == FieldKind::Secret
                && let Some(name) = values.take(&field.key)
            {
                match SecretName::new(&name) {
                    Ok(_) => values.found_secret(&field.key, SecretString::default()),
                    Err(_) => values.problem(&field.key, NO_SECRET_NAME),
                }
            }
        }
        let found = Self::read("", &mut values);
        match values.finish(found) {
            Err(AppConfigError::Invalid { problems }) => problems,
            _ => Vec::new(),
        }
    }

    /// Reads every field, in one call of a backend that has one, and each secret
    /// that they name.
    ///
    /// # Errors
    /// [`AppConfigError::Invalid`] with all fields that are missing or ill-typed;
    /// else as the two stores.
    fn load(
        config: &ConfigHandle,
        secrets: &SecretHandle,
    ) -> impl Future<Output = Result<Self, AppConfigError>> + Send {
        let fields = Self::fields();
        async move {
            let mut values = Values::default();
            read_texts(config, &fields, &mut values).await?;
            for field in fields
                .iter()
                .filter(|field| field.kind == FieldKind::Secret)
            {
                read_secret(secrets, &field.key, &mut values).await?;
            }
            let found = Self::read("", &mut values);
            values.finish(found)
        }
    }
}

async fn read_texts(
    config: &ConfigHandle,
    fields: &[ConfigField],
    values: &mut Values,
) -> Result<(), AppConfigError> {
    let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    match config.get_many(&keys).await {
        Ok(texts) => {
            for (key, text) in keys.into_iter().zip(texts) {
                values.found(key, text);
            }
        }
        // One by one, to find all that are no text.
        Err(ConfigError::NotUtf8 { .. }) => {
            for key in keys {
                match config.get(key).await {
                    Ok(text) => values.found(key, text),
                    Err(ConfigError::NotUtf8 { .. }) => values.problem(key, "is not UTF-8 text"),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// In the place of the text, which names it.
async fn read_secret(
    secrets: &SecretHandle,
    key: &str,
    values: &mut Values,
) -> Result<(), AppConfigError> {
    let Some(name) = values.take(key) else {
        return Ok(());
    };
    match secrets.get(&name).await {
        Ok(Some(secret)) => values.found_secret(key, secret),
        // Not the text itself: it may be the secret, put in its name's place.
        Ok(None) => values.problem(key, "names a secret that is not defined"),
        Err(SecretError::Validation { .. }) => {
            values.problem(key, NO_SECRET_NAME);
        }
        Err(SecretError::NotUtf8 { .. }) => {
            values.problem(key, "names a secret that is not UTF-8 text");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
