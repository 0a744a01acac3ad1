//! A backend that has some keys to list, and no values.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::PageSelector;
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore};

pub(super) const KEYS: [&str; 16] = [
    " ",
    "%",
    "A",
    "a",
    "a/",
    "a/1",
    "a/2",
    "a/\u{10ffff}",
    "a/\u{10ffff}b",
    "a0",
    "b",
    "ß",
    "user/1",
    "user/ü",
    "\u{e000}",
    "\u{10ffff}",
];

pub(super) struct Keys {
    /// What it gives for the cursor of each page, in place of the right one.
    pub(super) position: Option<String>,
}

fn no_value<T>() -> Result<T, KvError> {
    Err(KvError::Unsupported {
        operation: "a value",
    })
}

#[async_trait]
impl KvStore for Keys {
    async fn get_bytes(&self, _: &str) -> Result<Option<Bytes>, KvError> {
        no_value()
    }

    async fn put_bytes(&self, _: &str, _: Bytes) -> Result<(), KvError> {
        no_value()
    }

    async fn put_bytes_with_ttl(&self, _: &str, _: Bytes, _: Duration) -> Result<(), KvError> {
        no_value()
    }

    async fn delete(&self, _: &str) -> Result<(), KvError> {
        no_value()
    }

    async fn exists(&self, _: &str) -> Result<bool, KvError> {
        no_value()
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, None)?;
        for key in KEYS.iter().rev() {
            page.offer((*key).to_owned())?;
        }
        let mut page = page.finish();
        if let Some(position) = &self.position {
            page.cursor = Some(position.clone());
        }
        Ok(page)
    }

    fn capabilities(&self) -> KvCapabilities {
        KvCapabilities::new()
    }
}
