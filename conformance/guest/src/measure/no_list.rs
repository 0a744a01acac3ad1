//! No `wasi:keyvalue`: there is nothing to list with.

pub(super) struct Bucket;

impl Bucket {
    pub(super) fn open(_label: &str) -> anyhow::Result<Self> {
        Ok(Self)
    }

    pub(super) fn list_keys(&self) -> anyhow::Result<Vec<String>> {
        anyhow::bail!("this component does not import wasi:keyvalue")
    }
}
