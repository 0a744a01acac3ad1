//! What Spin offers by `wasi:keyvalue`: many keys in one call, and writes that
//! depend on what is stored. Every call is synchronous.

#[path = "wasi/bindings.rs"]
mod bindings;
#[path = "wasi/swap.rs"]
mod swap;

use std::collections::HashMap;

use bytes::Bytes;
use edgezero_store_traits::{KvSwap, Label};
use spin_sdk::key_value::Error;

use self::bindings::{atomics, batch, store};
use self::swap::SpinSwap;

pub(super) struct Bucket(store::Bucket);

impl Bucket {
    pub(super) fn open(label: &str) -> Result<Option<Self>, Error> {
        let bucket = store::open(label).map_err(plain)?;
        Ok(Some(Self(bucket)))
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

    /// The values that are there; `None` where Spin does not hand them over at once.
    pub(super) fn get_many(&self, keys: &[&str]) -> Result<Option<HashMap<String, Bytes>>, Error> {
        let found = match batch::get_many(&self.0, &owned(keys)) {
            Ok(found) => found,
            // Too large, or another fault, which single reads will meet as well.
            Err(store::Error::Other(_)) => return Ok(None),
            Err(cause) => return Err(plain(cause)),
        };
        let found = found
            .into_iter()
            .filter_map(|(key, value)| Some((key, Bytes::from(value?))));
        Ok(Some(found.collect()))
    }

    pub(super) fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), Error> {
        // Each key once: the interface does not say which of two values wins.
        let last: HashMap<String, Bytes> = pairs.into_iter().collect();
        let last = last.into_iter().map(|(key, value)| (key, value.into()));
        let last: Vec<(String, Vec<u8>)> = last.collect();
        batch::set_many(&self.0, &last).map_err(plain)
    }

    pub(super) fn delete_many(&self, keys: &[&str]) -> Result<(), Error> {
        batch::delete_many(&self.0, &owned(keys)).map_err(plain)
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(key).map_err(plain)
    }

    /// Spin's own: it panics on a value that is no counter, and wraps.
    pub(super) fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        atomics::increment(&self.0, key, delta).map_err(plain)
    }

    pub(super) fn compare_and_swap(
        &self,
        label: &Label,
        key: &str,
    ) -> Result<Box<dyn KvSwap>, Error> {
        let cas = atomics::Cas::new(&self.0, key).map_err(plain)?;
        let current = cas.current().map_err(plain)?.map(Bytes::from);
        Ok(Box::new(SpinSwap {
            label: label.clone(),
            key: key.to_owned(),
            cas,
            current,
        }))
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

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}
