//! Compare-and-swap on Cosmos DB.

use async_trait::async_trait;
use parking_lot::Mutex;

use super::container::Target;
use super::store::{bytes, is};
use super::{CosmosContainer, CosmosValue};
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, Swap, Swapped};

pub(super) struct CosmosSwap {
    key: String,
    container: CosmosContainer,
    max_reply: MaxReply,
    /// Of the document that was found last; it stays where a later look finds none.
    etag: Mutex<Option<u64>>,
}

impl CosmosSwap {
    pub(super) fn new(key: String, container: CosmosContainer, max_reply: MaxReply) -> Self {
        Self {
            key,
            container,
            max_reply,
            etag: Mutex::new(None),
        }
    }
}

#[async_trait]
impl Swap for CosmosSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>, Failure> {
        let found = self.container.lock().query(&is(&self.key))?;
        let Some(found) = found.into_iter().next() else {
            return Ok(None);
        };
        let etag = found.etag;
        let value = bytes(found)?;
        *self.etag.lock() = Some(etag);
        self.max_reply.value(Some(value))
    }

    async fn swap(&self, value: Vec<u8>) -> Result<Swapped, Failure> {
        let target = Target {
            key: &self.key,
            unsigned: self.container.unsigned,
        };
        let value = CosmosValue::Bytes(value);
        let etag = *self.etag.lock();
        let mut container = self.container.lock();
        let written = match etag {
            Some(etag) => container.replace(&target, value, etag),
            None => container.create(&self.key, value, false),
        };
        Ok(match written {
            Ok(()) => Swapped::Done,
            Err(_) => Swapped::CasFailed,
        })
    }
}
