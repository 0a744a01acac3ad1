//! Reading the texts of a configuration, and the secrets that they name.

use secrecy::SecretString;

use super::AppConfigError;
use super::field::{ConfigField, FieldKind, Fields};
use super::secret::{NO_SECRET_NAME, Named, NamedSecret};
use super::values::Values;
use crate::config::{ConfigError, ConfigHandle};
use crate::secret::{SecretError, SecretHandle, SecretName};

/// Reads the texts of all fields and the secrets that they name.
pub(super) async fn load(
    config: &ConfigHandle,
    secrets: &SecretHandle,
    fields: Fields,
) -> Result<Values, AppConfigError> {
    let mut values = Values::default();
    read_texts(config, &fields, &mut values).await?;
    for field in values.expand(fields.fields) {
        if let Some(named) = named(&field, &mut values)
            && named.what != Named::Store
        {
            read_secret(secrets, &named, &mut values).await?;
        }
    }
    Ok(values)
}

/// Files the texts, with the names of the secrets in the place of the secrets.
pub(super) fn names(fields: Fields, texts: &[(String, String)]) -> (Values, Vec<NamedSecret>) {
    let mut values = Values::with_names_only();
    for (key, text) in texts {
        values.found(&fields, key, text.clone());
    }
    let mut names = Vec::new();
    for field in values.expand(fields.fields) {
        let Some(named) = named(&field, &mut values) else {
            continue;
        };
        if named.what != Named::Store {
            match SecretName::new(&named.name) {
                Ok(_) => {
                    let name = SecretString::from(named.name.as_str());
                    values.found_secret(&field.key, name);
                }
                Err(_) => {
                    values.refuse(&field.key, NO_SECRET_NAME);
                    continue;
                }
            }
        }
        names.push(named);
    }
    (values, names)
}

/// What the text of a field names, if it names anything.
fn named(field: &ConfigField, values: &mut Values) -> Option<NamedSecret> {
    let store = field.store.as_deref();
    let what = match field.kind {
        FieldKind::Value => return None,
        FieldKind::SecretStore => Named::Store,
        FieldKind::Secret => match store.and_then(|key| values.name(key)) {
            Some(id) => Named::SecretIn(id),
            None => Named::Secret,
        },
    };
    let Some(name) = values.name(&field.key) else {
        if what != Named::Store && values.is_unread(&field.key) {
            values.refuse(&field.key, NO_SECRET_NAME);
        }
        return None;
    };
    let key = values.source_of(&field.key).to_owned();
    Some(NamedSecret {
        field: field.key.clone(),
        key,
        name,
        what,
    })
}

async fn read_texts(
    config: &ConfigHandle,
    fields: &Fields,
    values: &mut Values,
) -> Result<(), AppConfigError> {
    let keys = fields.fields.iter();
    let keys = keys.flat_map(|field| std::iter::once(&field.key).chain(&field.aliases));
    let keys: Vec<&str> = keys.map(String::as_str).collect();
    let fail = |source| AppConfigError::Config {
        store: config.name().map(str::to_owned),
        source,
    };
    match config.get_many(&keys).await {
        Ok(texts) => {
            for (key, text) in keys.into_iter().zip(texts) {
                if let Some(text) = text {
                    values.found(fields, key, text);
                }
            }
        }
        // One by one, to find all that are no text.
        Err(ConfigError::NotUtf8 { .. }) => {
            for key in keys {
                match config.get(key).await {
                    Ok(Some(text)) => values.found(fields, key, text),
                    Ok(None) => {}
                    Err(ConfigError::NotUtf8 { .. }) => values.found_bytes(fields, key),
                    Err(error) => return Err(fail(error)),
                }
            }
        }
        Err(error) => return Err(fail(error)),
    }
    Ok(())
}

/// Reads a secret into the place of the text that names it.
async fn read_secret(
    secrets: &SecretHandle,
    named: &NamedSecret,
    values: &mut Values,
) -> Result<(), AppConfigError> {
    let found = match &named.what {
        Named::SecretIn(id) => secrets.of_store(id).get(&named.name).await,
        _ => secrets.get(&named.name).await,
    };
    let problem = match found {
        Ok(Some(secret)) => {
            values.found_secret(&named.field, secret);
            return Ok(());
        }
        // Not the text itself: it may be the secret, put in its name's place.
        Ok(None) => "names a secret that is not defined",
        Err(SecretError::Validation { .. }) => NO_SECRET_NAME,
        Err(SecretError::NotUtf8 { .. }) => "names a secret that is not UTF-8 text",
        Err(source) => {
            let key = named.key.clone();
            return Err(AppConfigError::Secret { key, source });
        }
    };
    values.refuse(&named.field, problem);
    Ok(())
}
