//! The types that a configuration is read into, and how. Derived code calls this.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::field::{Fields, ValueKind};
use super::source;
use super::values::Values;

/// A type that is read key by key.
///
/// [`AppConfig`](super::AppConfig) is derived for structs. A field of any other type
/// is read by serde as one key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read key by key from a configuration",
    note = "derive `AppConfig` for `{Self}`"
)]
pub trait ConfigValue: Sized {
    /// Whether any part of it is a secret.
    const SECRETS: bool = false;

    /// Says which keys are read for a field under `key`.
    fn describe(key: &str, fields: &mut Fields);

    /// Reads the field under `key`; `None` after a problem was noted.
    fn read(key: &str, values: &mut Values) -> Option<Self>;
}

macro_rules! plain {
    ($($value:ident: $($type:ty)*;)*) => {$($(
        impl ConfigValue for $type {
            fn describe(key: &str, fields: &mut Fields) {
                fields.value(key, ValueKind::$value, false);
            }

            fn read(key: &str, values: &mut Values) -> Option<Self> {
                values.parse(key)
            }
        }
    )*)*};
}

plain! {
    Text: String char;
    Boolean: bool;
    Integer: u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize;
    Float: f32 f64;
}

/// `None` where nothing at all is configured for it.
impl<T: ConfigValue> ConfigValue for Option<T> {
    const SECRETS: bool = T::SECRETS;

    fn describe(key: &str, fields: &mut Fields) {
        fields.optional(key, T::describe);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        if values.is_set(key, &T::describe) {
            T::read(key, values).map(Some)
        } else {
            Some(None)
        }
    }
}

impl<T: ConfigValue> ConfigValue for Box<T> {
    const SECRETS: bool = T::SECRETS;

    fn describe(key: &str, fields: &mut Fields) {
        T::describe(key, fields);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        T::read(key, values).map(Self::new)
    }
}

/// A JSON array under one key.
impl<T: ConfigValue> ConfigValue for Vec<T> {
    const SECRETS: bool = T::SECRETS;

    fn describe(key: &str, fields: &mut Fields) {
        fields.list::<T>(key);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        let length = values.length(key)?;
        // All of them, to note the problems of all.
        let items: Vec<_> = (0..length)
            .map(|n| T::read(&format!("{key}[{n}]"), values))
            .collect();
        items.into_iter().collect()
    }
}

fn members<T: ConfigValue, M: FromIterator<(String, T)>>(
    key: &str,
    values: &mut Values,
) -> Option<M> {
    let names = values.names(key)?;
    let members: Vec<_> = names
        .into_iter()
        .map(|name| {
            let member = T::read(&format!("{key}{}", source::part(&name)), values);
            member.map(|member| (name, member))
        })
        .collect();
    members.into_iter().collect()
}

/// A JSON object under one key.
impl<T: ConfigValue> ConfigValue for BTreeMap<String, T> {
    const SECRETS: bool = T::SECRETS;

    fn describe(key: &str, fields: &mut Fields) {
        fields.map::<T>(key);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        members(key, values)
    }
}

/// A JSON object under one key.
impl<T: ConfigValue, S: BuildHasher + Default> ConfigValue for HashMap<String, T, S> {
    const SECRETS: bool = T::SECRETS;

    fn describe(key: &str, fields: &mut Fields) {
        fields.map::<T>(key);
    }

    fn read(key: &str, values: &mut Values) -> Option<Self> {
        members(key, values)
    }
}
