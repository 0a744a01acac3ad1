//! No `wasi:keyvalue`: there is no bucket to open, and none to call.

use std::collections::HashMap;
use std::convert::Infallible;

use bytes::Bytes;
use edgezero_store_traits::{KvSwap, Label};
use spin_sdk::key_value::Error;

pub(super) struct Bucket(Infallible);

impl Bucket {
    pub(super) fn open(_label: &str) -> Result<Option<Self>, Error> {
        Ok(None)
    }

    pub(super) fn list_keys(&self) -> Result<Option<Vec<String>>, Error> {
        match self.0 {}
    }

    pub(super) fn get_many(&self, _: &[&str]) -> Result<Option<HashMap<String, Bytes>>, Error> {
        match self.0 {}
    }

    pub(super) fn put_many(&self, _: Vec<(String, Bytes)>) -> Result<(), Error> {
        match self.0 {}
    }

    pub(super) fn delete_many(&self, _: &[&str]) -> Result<(), Error> {
        match self.0 {}
    }

    pub(super) fn get(&self, _: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.0 {}
    }

    pub(super) fn increment(&self, _: &str, _: i64) -> Result<i64, Error> {
        match self.0 {}
    }

    pub(super) fn compare_and_swap(&self, _: &Label, _: &str) -> Result<Box<dyn KvSwap>, Error> {
        match self.0 {}
    }
}
