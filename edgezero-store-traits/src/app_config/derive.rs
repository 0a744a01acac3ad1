//! What derived code calls, beside [`ConfigValue`].
//!
//! A macro sees no types. So derived code names `Field::<T>`, whose own functions
//! exist only for a `T` that is read key by key; for all others the compiler takes
//! those of [`BySerde`].

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::AppConfig;
use super::field::{Fields, ValueKind};
pub use super::reason::Reason;
pub use super::rules::{ByRules, NoRules, assert_rules};
use super::secret::SecretValue;
use super::source::Missing;
pub use super::source::Source;
use super::value::ConfigValue;
use super::values::Values;

/// A field of type `T`.
pub struct Field<T: ?Sized>(PhantomData<T>);

impl<T: ConfigValue> Field<T> {
    /// Whether any part of it is a secret.
    pub const SECRETS: bool = T::SECRETS;
    /// Whether each part of it is read by its own key.
    pub const BY_KEY: bool = true;

    /// As [`ConfigValue::describe`].
    pub fn describe(key: &str, fields: &mut Fields) {
        T::describe(key, fields);
    }

    /// As [`ConfigValue::read`].
    pub fn read(key: &str, values: &mut Values) -> Option<T> {
        T::read(key, values)
    }
}

/// A field of a type that serde reads.
pub trait BySerde<T> {
    /// As [`ConfigValue::describe`].
    fn describe(key: &str, fields: &mut Fields)
    where
        T: DeserializeOwned,
    {
        Json::<T>::describe(key, fields);
    }

    /// As [`ConfigValue::read`].
    fn read(key: &str, values: &mut Values) -> Option<T>
    where
        T: DeserializeOwned,
    {
        Json::<T>::read(key, values)
    }
}

impl<T> BySerde<T> for Field<T> {}

/// What is known of a type that is not read key by key.
pub trait Opaque {
    /// As of [`ConfigValue`].
    const SECRETS: bool = false;
    /// As of [`Field`].
    const BY_KEY: bool = false;
}

impl<T: ?Sized> Opaque for Field<T> {}

/// A field that serde reads, whatever its type is.
pub struct Json<T>(PhantomData<T>);

impl<T> Json<T> {
    /// As [`ConfigValue::describe`].
    pub fn describe(key: &str, fields: &mut Fields)
    where
        T: DeserializeOwned,
    {
        let optional = T::deserialize(Missing).is_ok();
        fields.value(key, ValueKind::Any, optional);
    }

    /// As [`ConfigValue::read`].
    pub fn read(key: &str, values: &mut Values) -> Option<T>
    where
        T: DeserializeOwned,
    {
        values.parse(key)
    }
}

/// A field, for the rules of the crate `validator`.
pub struct Rule {
    /// The name of the field.
    pub field: &'static str,
    /// Its key in the struct; empty for a flattened one.
    pub key: &'static str,
    /// Whether it is a secret.
    pub secret: bool,
    /// Whether each part of it is read by its own key, and was checked then.
    pub by_key: bool,
}

/// A field marked `#[secret]`.
pub struct Secret<T>(PhantomData<T>);

impl<T> Secret<T> {
    /// As [`ConfigValue::describe`], with the key that holds the id of the store.
    pub fn describe(key: &str, store: Option<String>, fields: &mut Fields)
    where
        T: SecretValue,
    {
        fields.secret(key, store, T::OPTIONAL);
    }

    /// As [`ConfigValue::read`].
    pub fn read(key: &str, values: &mut Values) -> Option<T>
    where
        T: SecretValue,
    {
        values.secret(key)
    }
}

/// A field marked `#[secret(store_ref)]`: a `String` or an `Option<String>`.
pub struct StoreId<T>(PhantomData<T>);

impl<T> StoreId<T> {
    /// As [`ConfigValue::describe`].
    pub fn describe(key: &str, fields: &mut Fields)
    where
        T: SecretValue + DeserializeOwned,
    {
        fields.secret_store(key, T::OPTIONAL);
    }

    /// As [`ConfigValue::read`].
    pub fn read(key: &str, values: &mut Values) -> Option<T>
    where
        T: SecretValue + DeserializeOwned,
    {
        values.parse(key)
    }
}

/// A field marked `#[serde(flatten)]`, whose keys are those of the struct around it.
pub struct Flat<T>(PhantomData<T>);

impl<T> Flat<T> {
    /// As [`ConfigValue::describe`].
    pub fn describe(outer: &str, fields: &mut Fields)
    where
        T: AppConfig,
    {
        T::describe(outer, fields);
    }

    /// As [`ConfigValue::read`].
    pub fn read(outer: &str, values: &mut Values) -> Option<T>
    where
        T: AppConfig,
    {
        T::read(outer, values)
    }
}
