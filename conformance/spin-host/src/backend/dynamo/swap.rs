//! Compare-and-swap on DynamoDB.

use async_trait::async_trait;
use parking_lot::Mutex;

use super::DynamoTable;
use super::table::{Condition, Update};
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, Swap, Swapped};

pub(super) struct DynamoSwap {
    key: String,
    table: DynamoTable,
    max_reply: MaxReply,
    current: Mutex<Current>,
}

/// What was there when it was last read.
#[derive(Clone)]
enum Current {
    /// It was not read.
    Unknown,
    /// Nothing with a value.
    Unset,
    Versioned(u64),
    Unversioned(Vec<u8>),
}

impl DynamoSwap {
    pub(super) fn new(key: String, table: DynamoTable, max_reply: MaxReply) -> Self {
        Self {
            key,
            table,
            max_reply,
            current: Mutex::new(Current::Unknown),
        }
    }
}

#[async_trait]
impl Swap for DynamoSwap {
    /// Always reads consistently.
    async fn current(&self) -> Result<Option<Vec<u8>>, Failure> {
        let item = self.table.lock().get(&self.key, true)?.unwrap_or_default();
        *self.current.lock() = match (&item.value, item.version) {
            (Some(_), Some(version)) => Current::Versioned(version),
            (Some(value), None) => Current::Unversioned(value.clone()),
            (None, _) => Current::Unset,
        };
        self.max_reply.value(item.value)
    }

    async fn swap(&self, value: Vec<u8>) -> Result<Swapped, Failure> {
        let condition = match self.current.lock().clone() {
            Current::Unknown => Condition::Always,
            Current::Unset => Condition::NoValue,
            Current::Versioned(version) => Condition::Version(version),
            Current::Unversioned(value) => Condition::Value(value),
        };
        let written = self.table.lock().update(Update {
            key: &self.key,
            value,
            counts_version: true,
            condition,
        });
        Ok(match written {
            Ok(()) => Swapped::Done,
            Err(_) => Swapped::CasFailed,
        })
    }
}
