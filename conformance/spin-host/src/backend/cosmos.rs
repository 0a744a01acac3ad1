//! Cosmos DB: Spin's backend of type `azure_cosmos`, on a container in memory.

mod address;
mod container;
mod error;
mod query;
mod store;
mod swap;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};

use super::reply::MaxReply;
use super::{Backend, Failure, Store};
use container::Container;
use store::CosmosStore;

/// A container of Cosmos DB, in this process's memory. A clone is the same container.
///
/// No Cosmos DB was at hand: this follows Spin's source, that of its client
/// (`azure_data_cosmos` 0.21), and Microsoft's documentation.
///
/// What is odd about it, and about what Spin does with it:
///
/// - The label is not part of a key: labels on one container share their keys.
/// - `set` refuses a key with `/`, `\`, `?` or `#`. A swap and an increment do not ask;
///   the service itself refuses a new document with `/` or `\` in its id, an empty id,
///   and one of more than 1,023 bytes.
/// - `get`, `exists`, `get-many` and what a swap reads are queries into which the key is
///   pasted between single quotes: a `'` ends the literal, so that `x' OR 'a'='a` reads
///   whatever document comes first; a `\` escapes what follows it.
/// - `delete`, `increment` and the swap of a value that was there name the document in a
///   URL into which the key is pasted. `..` leads out of the container. The client signs
///   the path as it is sent, the service checks it decoded: a key with anything that a
///   URL encodes (a space, `"`, `<`, `>`, `` ` ``, `{`, `}`, what is not ASCII), with an
///   encoded part (`%41`) or a `?` is refused as unauthorized, and so is a key that is
///   called like a part of such a path (`users`, `docs`, `triggers` and others). A stanza
///   without `key` signs nothing: see [`CosmosContainer::unsigned`]. A `#` cuts the key,
///   whose document is then not found: `delete` answers success, `increment` makes a
///   counter at first and never returns later.
/// - `increment` keeps a JSON number, which `get` cannot read; and it cannot count up what
///   `set` wrote. It writes, and then reads what is there by then. Where two make the
///   counter at once, each answers its own delta.
/// - A swap compares an etag, or makes a document that must not be there. Every failure
///   of the service is `cas-failed`, also a value that is too large.
/// - A value is a JSON list of numbers: a document of more than 2 MiB is refused, which
///   is a value of some 525,000 bytes or more.
/// - `set-many` and `delete-many` go one by one; after a failure the earlier ones stay.
/// - A query has at most 512 KiB, which limits the keys of a `get-many`.
///
/// Not known, and taken as harmless here: what the service makes of a key that is not
/// ASCII in a request's header.
#[derive(Clone, Default)]
pub struct CosmosContainer {
    container: Arc<Mutex<Container>>,
    unsigned: bool,
}

/// What a document holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CosmosValue {
    /// A value that was set or swapped in: a list of numbers.
    Bytes(Vec<u8>),
    /// A counter.
    Number(i64),
}

impl CosmosContainer {
    /// An empty container, of a stanza with a `key`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same container for a stanza without `key`: Spin identifies itself by a token
    /// of Azure's, and signs no path.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// The document of this id, as it is now.
    pub fn document(&self, id: &str) -> Option<CosmosValue> {
        self.lock().document(id)
    }

    /// All ids, sorted, as they are now.
    pub fn ids(&self) -> Vec<String> {
        self.lock().ids()
    }

    fn lock(&self) -> MutexGuard<'_, Container> {
        self.container.lock()
    }
}

impl fmt::Debug for CosmosContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CosmosContainer").finish_non_exhaustive()
    }
}

#[async_trait]
impl Backend for CosmosContainer {
    async fn open(&self, _label: &str, max_reply: usize) -> Result<Arc<dyn Store>, Failure> {
        Ok(Arc::new(CosmosStore {
            container: self.clone(),
            max_reply: MaxReply(max_reply),
        }))
    }
}
