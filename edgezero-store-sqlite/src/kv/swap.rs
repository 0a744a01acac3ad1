//! A value that was read in order to be replaced.

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap};

use super::SqliteKvStore;
use super::reader::Stored;

/// Remembers the whole value, as Spin does: values are compared, not versions.
pub(super) struct SqliteSwap {
    pub(super) store: SqliteKvStore,
    pub(super) key: String,
    pub(super) current: Option<Bytes>,
}

#[async_trait]
impl KvSwap for SqliteSwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        let Self {
            store,
            key,
            current,
        } = *self;
        let (get, owned) = (store.database.reads().get, key.clone());
        let done = store.transact(move |reader| {
            let unchanged = reader.get(get, &owned, |stored| match (stored, &current) {
                (None, None) => true,
                (Some(Stored::Blob(stored)), Some(current)) => stored == &current[..],
                _ => false,
            })?;
            if unchanged {
                reader.put(&owned, &value)?;
            }
            Ok(unchanged)
        });
        match done.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(KvError::Conflict { key }),
            Err(failure) => Err(store.failed(&format!("write the key {key:?}"), failure)),
        }
    }
}
