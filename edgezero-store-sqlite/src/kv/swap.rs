//! A value that was read in order to be replaced.

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap};
use rusqlite::params;

use super::SqliteKvStore;
use super::reader::{Reader, Stored};
use crate::sql;

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
        let (label, owned) = (store.label.clone(), key.clone());
        let get = store.database.reads().get;
        let done = store.database.write(move |transaction, now| {
            let reader = Reader {
                connection: transaction,
                label: &label,
                now,
            };
            let unchanged = reader.get(get, &owned, |stored| match (stored, &current) {
                (None, None) => true,
                (Some(Stored::Blob(stored)), Some(current)) => stored == &current[..],
                _ => false,
            })?;
            if unchanged {
                let mut put = transaction.prepare_cached(sql::PUT)?;
                put.execute(params![label.as_str(), owned, &value[..]])?;
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
