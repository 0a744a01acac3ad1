//! The host's own listing, by `wasi:keyvalue`.

use crate::bare::bindings::wasi::keyvalue::store;

pub(super) struct Bucket(store::Bucket);

impl Bucket {
    pub(super) fn open(label: &str) -> anyhow::Result<Self> {
        let bucket = store::open(label).map_err(failed)?;
        Ok(Self(bucket))
    }

    pub(super) fn list_keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.0.list_keys(None).map_err(failed)?.keys)
    }
}

fn failed(error: store::Error) -> anyhow::Error {
    anyhow::anyhow!("wasi:keyvalue says: {error:?}")
}
