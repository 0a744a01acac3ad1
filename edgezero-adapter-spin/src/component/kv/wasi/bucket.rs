//! `wasi:keyvalue`, call by call. Every call is synchronous.

use spin_sdk::key_value::Error;

use super::bindings::atomics::{self, Cas, CasError};
use super::bindings::{batch, store};

pub(super) struct Bucket(store::Bucket);

impl Bucket {
    pub(super) fn open(label: &str) -> Result<Self, Error> {
        store::open(label).map(Self).map_err(plain)
    }

    /// All keys, in Spin's order; `None` where Spin does not hand them over at once.
    pub(super) fn list_keys(&self) -> Result<Option<Vec<String>>, Error> {
        let mut keys = Vec::new();
        let mut cursor = None;
        loop {
            let response = match self.0.list_keys(cursor.as_deref()) {
                Ok(response) => response,
                // Too large, or another fault, which the stream will meet as well.
                Err(store::Error::Other(_)) => return Ok(None),
                Err(cause) => return Err(plain(cause)),
            };
            if keys.is_empty() {
                // All there is, from a Spin that gives no cursor: not copied.
                keys = response.keys;
            } else {
                keys.extend(response.keys);
            }
            match response.cursor {
                None => return Ok(Some(keys)),
                next => cursor = next,
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(key).map_err(plain)
    }

    pub(super) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.0.set(key, value).map_err(plain)
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.delete(key).map_err(plain)
    }

    pub(super) fn exists(&self, key: &str) -> Result<bool, Error> {
        self.0.exists(key).map_err(plain)
    }

    /// The values that are there, each with its key, in no order.
    pub(super) fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let found = batch::get_many(&self.0, keys).map_err(plain)?;
        let found = found.into_iter();
        Ok(found
            .filter_map(|(key, value)| Some((key, value?)))
            .collect())
    }

    pub(super) fn set_many(&self, pairs: &[(String, Vec<u8>)]) -> Result<(), Error> {
        batch::set_many(&self.0, pairs).map_err(plain)
    }

    pub(super) fn delete_many(&self, keys: &[String]) -> Result<(), Error> {
        batch::delete_many(&self.0, keys).map_err(plain)
    }

    /// Spin's own. On SQLite it panics on a value that is not 8 bytes long, and the
    /// addition wraps: look at the value first.
    pub(super) fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        atomics::increment(&self.0, key, delta).map_err(plain)
    }

    /// Reads `key`, and has the host remember what it read.
    pub(super) fn begin(&self, key: &str) -> Result<Begun, Error> {
        Begun::read(Cas::new(&self.0, key).map_err(plain)?)
    }
}

/// A swap that the host remembers.
pub(super) struct Begun {
    cas: Cas,
    pub(super) current: Option<Vec<u8>>,
}

/// How a swap ended.
pub(super) enum Swapped {
    Done,
    /// Spin says that it did not swap. It begins again: this is what is stored now.
    Not(Begun),
}

impl Begun {
    fn read(cas: Cas) -> Result<Self, Error> {
        let current = cas.current().map_err(plain)?;
        Ok(Self { cas, current })
    }

    /// Reads the key once more.
    pub(super) fn again(self) -> Result<Self, Error> {
        Self::read(self.cas)
    }

    pub(super) fn swap(self, value: &[u8]) -> Result<Swapped, Error> {
        match atomics::swap(self.cas, value) {
            Ok(()) => Ok(Swapped::Done),
            Err(CasError::CasFailed(cas)) => Ok(Swapped::Not(Self::read(cas)?)),
            Err(CasError::StoreError(cause)) => Err(plain(cause)),
        }
    }
}

/// The two interfaces name the same errors.
fn plain(error: store::Error) -> Error {
    match error {
        store::Error::NoSuchStore => Error::NoSuchStore,
        store::Error::AccessDenied => Error::AccessDenied,
        store::Error::Other(text) => Error::Other(text),
    }
}
