//! The mirror, as an app has it: through its handle.

use std::path::Path;
use std::sync::Arc;

use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvHandle;
use edgezero_store_traits::kv::limits::DEFAULT_MAX_LIST_KEYS;

use super::Store;
use crate::data::LABEL;

pub(crate) struct Ours {
    pub(crate) kv: KvHandle,
}

impl Ours {
    /// Without a cap on listings.
    pub(crate) fn open(path: &Path) -> Self {
        Self::open_with_max_list_keys(path, 0)
    }

    /// With the default cap.
    pub(crate) fn open_capped(path: &Path) -> Self {
        Self::open_with_max_list_keys(path, DEFAULT_MAX_LIST_KEYS)
    }

    fn open_with_max_list_keys(path: &Path, max_list_keys: u32) -> Self {
        let file = SqliteFile::open(path).unwrap();
        let store = file.kv_with_max_list_keys(LABEL, max_list_keys).unwrap();
        Self {
            kv: KvHandle::new(Arc::new(store)),
        }
    }
}

impl Store for Ours {
    async fn get(&self, key: &str) -> Option<usize> {
        let value = self.kv.get_bytes(key).await.unwrap();
        value.map(|value| value.len())
    }

    async fn put(&self, key: &str, value: Vec<u8>) {
        self.kv.put_bytes(key, value).await.unwrap();
    }
}
