//! Many keys in one call.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{KvHandle, decode, encode};
use crate::kv::{KvError, limits};
use crate::trace::Call;

/// Many keys in one call of the backend.
///
/// A batch has at most 10,000 keys ([`MAX_BATCH_KEYS`](limits::MAX_BATCH_KEYS)), and a
/// batch that is written at most 64 MiB ([`MAX_BATCH_BYTES`](limits::MAX_BATCH_BYTES)).
/// The limits of one key and one value hold for each. When one of these is out of range,
/// the call is [`KvError::Validation`] and nothing was read or written.
impl KvHandle {
    /// The values of `keys`, read as JSON, in the order of the keys: `None` for a
    /// missing one, and for a key asked twice its value twice.
    ///
    /// ```
    /// use edgezero_store_traits::{KvError, KvHandle};
    ///
    /// async fn both(kv: &KvHandle) -> Result<u64, KvError> {
    ///     let counts: Vec<Option<u64>> = kv.get_many(&["home", "about"]).await?;
    ///     Ok(counts.into_iter().flatten().sum())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`KvError::Serialization`], with the first key whose value does not fit `T`.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<Option<T>>, KvError> {
        let values = self.get_many_bytes(keys).await?;
        keys.iter()
            .zip(values)
            .map(|(key, value)| value.map(|bytes| decode(key.as_ref(), &bytes)).transpose())
            .collect()
    }

    /// Stores every value as JSON under its key; the last of two equal keys wins.
    ///
    /// Where [`KvCapabilities::transactions`](crate::KvCapabilities::transactions)
    /// is true all of them are stored, or on an error none; elsewhere some may be.
    ///
    /// # Errors
    /// [`KvError::Serialization`] when JSON cannot hold one of the values; then none
    /// was written.
    pub async fn put_many<T: Serialize>(
        &self,
        pairs: &[(impl AsRef<str> + Sync, T)],
    ) -> Result<(), KvError> {
        let encoded = pairs.iter().map(|(key, value)| {
            let key = key.as_ref();
            Ok((key.to_owned(), Bytes::from(encode(key, value)?)))
        });
        let encoded = encoded.collect::<Result<_, KvError>>()?;
        self.put_many_bytes(encoded).await
    }

    /// The bytes under each of `keys`: see [`KvHandle::get_many`].
    pub async fn get_many_bytes(
        &self,
        keys: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<Option<Bytes>>, KvError> {
        let keys = checked(keys)?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call::start("kv", "get_many").keys(keys.len());
        let result = self.store.get_many(&keys).await;
        let values = call.end(result, |call, values| call.found_values(values))?;
        if values.len() == keys.len() {
            return Ok(values);
        }
        Err(KvError::Internal {
            message: format!(
                "the key-value store answered {} values for {} keys",
                values.len(),
                keys.len()
            ),
            source: None,
        })
    }

    /// Stores bytes under each key: see [`KvHandle::put_many`].
    pub async fn put_many_bytes(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        limits::check_batch_keys(pairs.len())?;
        let (mut length, mut bytes) = (0, 0);
        for (key, value) in &pairs {
            limits::check_key(key)?;
            limits::check_value(key, value)?;
            length += value.len();
            bytes += key.len() + value.len();
        }
        limits::check_batch_bytes(bytes)?;
        if pairs.is_empty() {
            return Ok(());
        }
        let call = Call::start("kv", "put_many")
            .keys(pairs.len())
            .values(length);
        let result = self.store.put_many(pairs).await;
        call.end(result, Call::no_size)
    }

    /// Removes `keys`, which need not be there: all of them, or on an error none,
    /// as [`KvHandle::put_many`].
    pub async fn delete_many(&self, keys: &[impl AsRef<str> + Sync]) -> Result<(), KvError> {
        let keys = checked(keys)?;
        if keys.is_empty() {
            return Ok(());
        }
        let call = Call::start("kv", "delete_many").keys(keys.len());
        let result = self.store.delete_many(&keys).await;
        call.end(result, Call::no_size)
    }
}

fn checked(keys: &[impl AsRef<str>]) -> Result<Vec<&str>, KvError> {
    limits::check_batch_keys(keys.len())?;
    let keys = keys.iter().map(AsRef::as_ref);
    keys.map(|key| limits::check_key(key).map(|()| key))
        .collect()
}
