//! DynamoDB: Spin's backend of type `aws_dynamo`, on a table in memory.

mod error;
mod store;
mod swap;
mod table;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};

use super::reply::MaxReply;
use super::{Backend, Failure, Store};
use store::DynamoStore;
use table::Table;

/// A table of DynamoDB, in this process's memory. A clone is the same table.
///
/// What is odd about it, and about what Spin does with it:
///
/// - The label is not part of a key: labels on one table share their keys.
/// - `get`, `exists` and `get-many` may answer what was there before the latest write,
///   unless the stanza says `consistent_read = true`; Spin's default is false. Here it
///   is exactly the first such read of a key after each write. Spin never lists
///   consistently, whatever the stanza says: see [`DynamoTable::stale_lists`].
/// - An item, with its key and the names of its attributes, has at most 409,600 bytes,
///   a key at most 2,048 and at least one.
/// - `get-many` takes at most 100 keys, `set-many` and `delete-many` take at most 25,
///   and none takes a key twice. All is checked before anything is written; but the
///   items of a batch are written one by one, and other calls come in between.
/// - `increment` reads, and writes in a transaction with the condition that the value is
///   still the same. A lost race fails with `TransactionCanceledException`. A value that
///   is not decimal text fails, and so does one that is written otherwise than Rust
///   writes it (`+5`). The sum wraps.
/// - A swap writes on the condition that the item's version is still the same or, where
///   the item has none, that the value is. Each swap counts the version up. `set` and
///   `set-many` replace the item without a version, and `increment` leaves the version
///   as it is: a swap does not notice an increment that came in between where the item
///   has a version, nor a `set` that was followed by as many swaps as made the old
///   version.
/// - Every failure of a swap is `cas-failed`, also a value that is too large.
#[derive(Clone, Default)]
pub struct DynamoTable {
    table: Arc<Mutex<Table>>,
    consistent_read: bool,
}

/// An item: what is stored under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DynamoItem {
    /// The attribute `VAL`.
    pub value: Option<Vec<u8>>,
    /// The attribute `VER`, which a swap counts up.
    pub version: Option<u64>,
}

impl DynamoTable {
    /// An empty table, which is read as Spin reads by default: not consistently.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same table for a stanza with this `consistent_read`.
    #[must_use]
    pub fn consistent_read(mut self, consistent: bool) -> Self {
        self.consistent_read = consistent;
        self
    }

    /// Has the server refuse transactions, as some local stand-ins for DynamoDB do:
    /// increments fail, and swaps answer `cas-failed`.
    #[must_use]
    pub fn without_transactions(self) -> Self {
        self.lock().transactions = false;
        self
    }

    /// Has the first list after a write show what was there before it, for each key.
    #[must_use]
    pub fn stale_lists(self) -> Self {
        self.lock().stale_lists = true;
        self
    }

    /// The item under the key, as it is now.
    pub fn item(&self, key: &str) -> Option<DynamoItem> {
        self.lock().items.get(key).cloned()
    }

    /// All keys, sorted, as they are now.
    pub fn keys(&self) -> Vec<String> {
        self.lock().items.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock()
    }
}

impl fmt::Debug for DynamoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoTable").finish_non_exhaustive()
    }
}

#[async_trait]
impl Backend for DynamoTable {
    async fn open(&self, _label: &str, max_reply: usize) -> Result<Arc<dyn Store>, Failure> {
        Ok(Arc::new(DynamoStore {
            table: self.clone(),
            max_reply: MaxReply(max_reply),
        }))
    }
}
