//! Spin's four key-value backends, as Spin 4.1 uses each.
//!
//! | | SQLite | Redis | DynamoDB | Cosmos |
//! | --- | --- | --- | --- | --- |
//! | here | [`Sqlite`]: a file | [`Redis`]: a real server | [`DynamoTable`]: in memory | [`CosmosContainer`]: in memory |
//! | two hosts share it | by the file's path | by the URL | by a clone of the handle | by a clone of the handle |
//!
//! They keep what is odd about Spin. Each oddity is described at the type that has
//! it, and a test in `tests/` is named after it. An error has the text that Spin
//! hands to the component: the `Debug` output of its client library's error, which
//! can hold the value that was written.

mod cosmos;
mod dynamo;
mod redis;
mod reply;
mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

pub use cosmos::{CosmosContainer, CosmosValue};
pub use dynamo::{DynamoItem, DynamoTable};
pub use redis::{Redis, RedisSwap};
pub use reply::MAX_REPLY_BYTES;
pub use sqlite::Sqlite;

/// What a label's stanza in the runtime config stands for.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens the store of a label, which hands over at most `max_reply` bytes in one
    /// reply.
    ///
    /// # Errors
    /// [`Failure::Other`] where the backend cannot be reached.
    async fn open(&self, label: &str, max_reply: usize) -> Result<Arc<dyn Store>, Failure>;
}

/// An open store: the calls that Spin's host passes on to a backend.
///
/// Each fails with a [`Failure`], for the reasons that the backend's own
/// documentation names.
#[async_trait]
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
pub trait Store: Send + Sync {
    /// The value under the key.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure>;

    /// Writes the value, whatever was there.
    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Failure>;

    /// Removes the key, if it is there.
    async fn delete(&self, key: &str) -> Result<(), Failure>;

    /// Whether the key is there.
    async fn exists(&self, key: &str) -> Result<bool, Failure>;

    /// All keys in one reply: `list-keys` of `wasi:keyvalue`.
    async fn list_keys(&self) -> Result<Vec<String>, Failure>;

    /// All keys, one after the other: `get-keys` of `spin:key-value`.
    async fn key_stream(&self) -> KeyStream;

    /// The values that are there.
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>, Failure>;

    /// Writes all pairs.
    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure>;

    /// Removes all keys.
    async fn delete_many(&self, keys: Vec<String>) -> Result<(), Failure>;

    /// Adds to the number under the key; the sum.
    async fn increment(&self, key: &str, delta: i64) -> Result<i64, Failure>;

    /// Begins a compare-and-swap.
    async fn compare_and_swap(&self, key: &str) -> Result<Arc<dyn Swap>, Failure>;
}

/// A key and its value, as `get-many` of `wasi:keyvalue` answers them.
pub type Pair = (String, Option<Vec<u8>>);

/// A compare-and-swap under way.
#[async_trait]
#[allow(clippy::missing_errors_doc, reason = "said once, at Store")]
pub trait Swap: Send + Sync {
    /// Reads the value, and remembers it.
    async fn current(&self) -> Result<Option<Vec<u8>>, Failure>;

    /// Writes the value if the one remembered is still there.
    async fn swap(&self, value: Vec<u8>) -> Result<Swapped, Failure>;
}

/// What a backend made of a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// It says that the value was written.
    Done,
    /// It says that it was not: `cas-failed`.
    CasFailed,
}

/// Why a backend's call has no value to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The component gets `other` with this text.
    Other(String),
    /// Spin's host panics: the component gets no answer, its instance ends, and so
    /// does each request in it. The text says why.
    Panic(String),
}

impl Failure {
    /// The error as Spin hands it on.
    pub(crate) fn other(error: impl fmt::Debug) -> Self {
        Self::Other(format!("{error:?}"))
    }
}

/// Keys on their way to a component.
#[derive(Debug)]
pub struct KeyStream {
    /// The keys; a backend is at most four ahead of the component.
    pub keys: mpsc::Receiver<String>,
    /// How the stream ended. After a reader has dropped `keys` early, a backend that
    /// still had keys to hand over ends with an error.
    pub end: oneshot::Receiver<Result<(), Failure>>,
}

impl KeyStream {
    /// As many keys as Spin reads ahead.
    const AHEAD: usize = 4;
}
