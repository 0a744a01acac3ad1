//! How a field is described and read. Derived code calls this.

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{AppConfigError, ConfigProblem};

/// A type that a field of an [`AppConfig`](super::AppConfig) can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a configuration",
    note = "derive `AppConfig` for it, or mark the field `#[config(json)]` to read it by serde"
)]
pub trait ConfigValue: Sized {
    /// Says which keys are read for a field under `key`.
    fn describe(key: &str, fields: &mut Fields);

    /// Reads the field under `key`; `None` after a problem was noted.
    fn read(key: &str, values: &mut Values) -> Option<Self>;
}

/// One key that an app's configuration has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigField {
    /// The dotted key.
    pub key: String,
    /// Whether it may be missing.
    pub optional: bool,
    /// What the configured text is.
    pub kind: FieldKind,
    /// What kind of value the field is read from.
    pub value: ValueKind,
}

/// What kind of value a field is read from. A store holds text; a file that the text comes
/// from may hold something else, which would become a text that the field was not meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// What serde makes of it.
    Any,
    /// A text, or one character.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A list, as JSON.
    List,
}

/// What the text under a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// The value.
    Value,
    /// The name of a secret.
    Secret,
}

/// The dotted key of `field` in the struct under `key`; the outermost is under "".
pub fn join(key: &str, field: &str) -> String {
    if key.is_empty() {
        field.to_owned()
    } else {
        format!("{key}.{field}")
    }
}

/// The keys of a struct, gathered.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Vec<ConfigField>,
    optional: bool,
}

impl Fields {
    /// A value under `key`, which serde reads.
    pub fn value(&mut self, key: &str) {
        self.value_of(key, ValueKind::Any);
    }

    /// A value of that kind under `key`.
    pub fn value_of(&mut self, key: &str, value: ValueKind) {
        self.push(key, FieldKind::Value, value, false);
    }

    /// A secret, named under `key`.
    pub fn secret(&mut self, key: &str) {
        self.push(key, FieldKind::Secret, ValueKind::Text, false);
    }

    /// A secret that may be missing.
    pub fn optional_secret(&mut self, key: &str) {
        self.push(key, FieldKind::Secret, ValueKind::Text, true);
    }

    fn push(&mut self, key: &str, kind: FieldKind, value: ValueKind, optional: bool) {
        self.fields.push(ConfigField {
            key: key.to_owned(),
            optional: optional || self.optional,
            kind,
            value,
        });
    }

    pub(super) fn into_vec(self) -> Vec<ConfigField> {
        self.fields
    }
}

/// What was found, and what is wrong with it. It has no `Debug`: it holds values.
#[derive(Default)]
pub struct Values {
    /// By key. Few, so that lists are all it takes.
    texts: Vec<(String, String)>,
    secrets: Vec<(String, SecretString)>,
    problems: Vec<ConfigProblem>,
}

impl Values {
    /// Reads the value under `key` as JSON, or as a plain text.
    pub fn json<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        self.parsed(key, |text| {
            serde_json::from_str(text)
                .or_else(|_| serde_json::from_value(serde_json::Value::from(text)))
                .ok()
        })
    }

    /// The secret that is named under `key`.
    pub fn secret(&mut self, key: &str) -> Option<String> {
        let found = self.optional_secret(key)?;
        if found.is_none() {
            self.missing(key);
        }
        found
    }

    /// The secret that is named under `key`, if there is such a key.
    pub fn optional_secret(&mut self, key: &str) -> Option<Option<String>> {
        if self.has_problem(key) {
            return None;
        }
        let secret = self.secrets.iter().find(|(known, _)| known == key);
        Some(secret.map(|(_, secret)| secret.expose_secret().to_owned()))
    }

    pub(super) fn found(&mut self, key: &str, text: Option<String>) {
        if let Some(text) = text {
            self.texts.push((key.to_owned(), text));
        }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let at = self.texts.iter().position(|(known, _)| known == key)?;
        Some(self.texts.swap_remove(at).1)
    }

    pub(super) fn found_secret(&mut self, key: &str, secret: SecretString) {
        self.secrets.push((key.to_owned(), secret));
    }

    pub(super) fn problem(&mut self, key: &str, problem: impl Into<String>) {
        self.problems.push(ConfigProblem {
            key: key.to_owned(),
            problem: problem.into(),
        });
    }

    pub(super) fn finish<T>(self, found: Option<T>) -> Result<T, AppConfigError> {
        found.ok_or(AppConfigError::Invalid {
            problems: self.problems,
        })
    }

    fn missing(&mut self, key: &str) {
        self.problem(key, "is missing");
    }

    fn has_problem(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    /// Whether anything was found under `key`, good or bad.
    fn has(&self, key: &str) -> bool {
        self.texts.iter().any(|(known, _)| known == key)
            || self.secrets.iter().any(|(known, _)| known == key)
            || self.has_problem(key)
    }

    fn parsed<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.has_problem(key) {
            return None;
        }
        let Some((_, text)) = self.texts.iter().find(|(known, _)| known == key) else {
            self.missing(key);
            return None;
        };
        let parsed = parse(text);
        if parsed.is_none() {
            let name = std::any::type_name::<T>();
            // Without the paths of its parts: `Vec<String>`.
            let short = name.split("::").collect::<Vec<_>>();
            let short = match short.as_slice() {
                [.., _, last] if !name.contains('<') => (*last).to_owned(),
                _ => name
                    .replace("alloc::vec::", "")
                    .replace("alloc::string::", ""),
            };
            self.problem(key, format!("is no {short}"));
        }
        parsed
    }
}

impl ConfigValue for String {
    fn describe(key: &str, fields: &mut Fields) {
        fields.value_of(key, ValueKind::Text);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        values.parsed(key, |text| Some(text.to_owned()))
    }
}

macro_rules! from_text {
    ($kind:ident: $($type:ty),*; $is_one:expr) => {$(
        impl ConfigValue for $type {
            fn describe(key: &str, fields: &mut Fields) {
                fields.value_of(key, ValueKind::$kind);
            }

            fn read(key: &str, values: &mut Values) -> Option<Self> {
                values.parsed(key, |text| text.parse::<Self>().ok().filter($is_one))
            }
        }
    )*};
}

from_text!(Integer: u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize; |_: &Self| true);
// As in JSON. A number that is too large for the type would be read as an infinite one.
from_text!(Float: f32, f64; |number: &Self| number.is_finite());
from_text!(Boolean: bool; |_: &Self| true);
from_text!(Text: char; |_: &Self| true);

impl<T: DeserializeOwned> ConfigValue for Vec<T> {
    fn describe(key: &str, fields: &mut Fields) {
        fields.value_of(key, ValueKind::List);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        values.parsed(key, |text| serde_json::from_str(text).ok())
    }
}

/// `None` where nothing at all is configured for it.
impl<T: ConfigValue> ConfigValue for Option<T> {
    fn describe(key: &str, fields: &mut Fields) {
        let outer = std::mem::replace(&mut fields.optional, true);
        T::describe(key, fields);
        fields.optional = outer;
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        let mut own = Fields::default();
        T::describe(key, &mut own);
        if own.fields.iter().any(|field| values.has(&field.key)) {
            T::read(key, values).map(Some)
        } else {
            Some(None)
        }
    }
}
