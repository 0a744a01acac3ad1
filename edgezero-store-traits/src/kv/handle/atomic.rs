//! Writes that depend on what is stored, without a lost update.

use std::fmt;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{KvHandle, decode, encode};
use crate::kv::swap::{MAX_TRIES, pause_after};
use crate::kv::{KvError, KvSwap, limits};
use crate::trace::Call;

/// Writes that depend on what is stored.
impl KvHandle {
    /// Adds `delta` to the counter under `key` and returns the sum. Any number of
    /// requests may count at once: none is lost. A missing counter is 0.
    ///
    /// A counter is stored as the platform stores its own, not as JSON: read it by
    /// [`KvHandle::counter`].
    ///
    /// # Errors
    /// [`KvError::NotACounter`] for a value that is no counter and
    /// [`KvError::CounterOverflow`] for a sum that is no `i64`; both change nothing.
    /// [`KvError::Unsupported`] where
    /// [`KvCapabilities::increment`](crate::KvCapabilities::increment) is false.
    pub async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "increment").key(key);
        let result = self.store.increment(key, delta).await;
        call.end(result, Call::no_size)
    }

    /// The counter under `key`; a missing one is 0.
    ///
    /// # Errors
    /// [`KvError::NotACounter`] for a value that is no counter.
    pub async fn counter(&self, key: &str) -> Result<i64, KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "counter").key(key);
        let result = self.store.counter(key).await;
        call.end(result, Call::no_size)
    }

    /// Reads `key` in order to replace its bytes, if nobody else does first.
    ///
    /// ```
    /// use edgezero_store_traits::{KvError, KvHandle};
    ///
    /// /// Whether this caller is the first to take the name.
    /// async fn claim(names: &KvHandle, name: &str, owner: String) -> Result<bool, KvError> {
    ///     let swap = names.compare_and_swap(name).await?;
    ///     if swap.current().is_some() {
    ///         return Ok(false);
    ///     }
    ///     match swap.swap(owner).await {
    ///         Ok(()) => Ok(true),
    ///         Err(KvError::Conflict { .. }) => Ok(false),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`KvError::Unsupported`] where
    /// [`KvCapabilities::compare_and_swap`](crate::KvCapabilities::compare_and_swap)
    /// is false.
    pub async fn compare_and_swap(&self, key: &str) -> Result<KvSwapHandle, KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "compare_and_swap").key(key);
        let result = self.store.compare_and_swap(key).await;
        let swap = call.end(result, |call, swap| {
            call.found_value(&swap.current());
        })?;
        Ok(KvSwapHandle {
            key: key.to_owned(),
            swap,
        })
    }

    /// Replaces the value under `key`, read and written as JSON, by what `f` makes
    /// of it, and returns what was stored. No other writer's update is lost.
    ///
    /// `f` gets `None` for a missing value, and declines by giving `None`: then
    /// nothing is written, and `None` is returned. When another writer was faster,
    /// `f` is called again with the newer value, after a pause of a random length
    /// that grows to half a second, up to 100 times: so it should do nothing but
    /// compute.
    ///
    /// ```
    /// use edgezero_store_traits::{KvError, KvHandle};
    ///
    /// /// Takes one from the stock, unless it is empty.
    /// async fn take(stock: &KvHandle, item: &str) -> Result<bool, KvError> {
    ///     let left = stock
    ///         .update(item, |left: Option<u32>| left.unwrap_or(0).checked_sub(1))
    ///         .await?;
    ///     Ok(left.is_some())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`KvError::Conflict`] when every try met a faster writer;
    /// [`KvError::Serialization`] for a value that does not fit `T`;
    /// [`KvError::Unsupported`] where
    /// [`KvCapabilities::compare_and_swap`](crate::KvCapabilities::compare_and_swap)
    /// is false. After an error nothing was written.
    pub async fn update<T, F>(&self, key: &str, mut f: F) -> Result<Option<T>, KvError>
    where
        T: Serialize + DeserializeOwned,
        F: FnMut(Option<T>) -> Option<T>,
    {
        let mut tries = 1;
        loop {
            let swap = self.compare_and_swap(key).await?;
            let current = swap.current().map(|bytes| decode(key, bytes)).transpose()?;
            let Some(value) = f(current) else {
                return Ok(None);
            };
            match swap.swap(encode(key, &value)?).await {
                Ok(()) => return Ok(Some(value)),
                Err(KvError::Conflict { .. }) if tries < MAX_TRIES => {
                    self.store.pause(pause_after(tries)).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Replaces the value under `key`, or `default` where there is none, by what
    /// `f` makes of it, and returns the result: [`KvHandle::update`] with a default.
    ///
    /// # Errors
    /// As [`KvHandle::update`].
    pub async fn read_modify_write<T, F>(
        &self,
        key: &str,
        default: T,
        mut f: F,
    ) -> Result<T, KvError>
    where
        T: Serialize + DeserializeOwned + Clone,
        F: FnMut(T) -> T,
    {
        let updated = self.update(key, |current| {
            Some(f(current.unwrap_or_else(|| default.clone())))
        });
        Ok(updated.await?.unwrap_or(default))
    }

    /// [`KvHandle::read_modify_write`] by a get and a put, on any store. **Not
    /// atomic**: what another request writes in between is lost. Use it where only
    /// one writer exists, or a lost update does no harm.
    ///
    /// # Errors
    /// As [`KvHandle::get`] and [`KvHandle::put`]; after an error from the read
    /// nothing was written.
    pub async fn read_modify_write_not_atomic<T, F>(
        &self,
        key: &str,
        default: T,
        f: F,
    ) -> Result<T, KvError>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce(T) -> T,
    {
        let value = f(self.get_or(key, default).await?);
        self.put(key, &value).await?;
        Ok(value)
    }
}

/// The value that a key had, and the one chance to replace it: see
/// [`KvHandle::compare_and_swap`].
pub struct KvSwapHandle {
    key: String,
    swap: Box<dyn KvSwap>,
}

impl KvSwapHandle {
    /// The bytes that the key had; `None` where it had none.
    pub fn current(&self) -> Option<&Bytes> {
        self.swap.current()
    }

    /// Stores up to 25 MiB of bytes, if what is stored under the key is still
    /// [`current`](KvSwapHandle::current): nothing, or the same bytes.
    ///
    /// # Errors
    /// [`KvError::Conflict`] where it is not; nothing was changed.
    pub async fn swap(self, value: impl Into<Bytes>) -> Result<(), KvError> {
        let value = value.into();
        limits::check_value(&self.key, &value)?;
        let call = Call::start("kv", "swap").key(&self.key).value(&value);
        let result = self.swap.swap(value).await;
        call.end(result, Call::no_size)
    }
}

impl fmt::Debug for KvSwapHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvSwapHandle")
            .field("key", &self.key)
            .field("current_len", &self.current().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
