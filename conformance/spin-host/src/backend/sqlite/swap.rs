//! Compare-and-swap on SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::params;

use super::connection::Shared;
use super::{SET, value};
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, Swap, Swapped};

const REPLACE: &str = "
    UPDATE spin_key_value SET value = ?4 WHERE store = ?1 AND key = ?2 AND value = ?3";

pub(super) struct SqliteSwap {
    label: String,
    key: String,
    max_reply: MaxReply,
    connection: Arc<Shared>,
    current: Mutex<Option<Vec<u8>>>,
}

impl SqliteSwap {
    pub(super) fn new(
        label: String,
        key: String,
        max_reply: MaxReply,
        connection: Arc<Shared>,
    ) -> Self {
        Self {
            label,
            key,
            max_reply,
            connection,
            current: Mutex::new(None),
        }
    }
}

#[async_trait]
impl Swap for SqliteSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>, Failure> {
        let found = self
            .connection
            .run(|open| value(open, &self.label, &self.key))?;
        // Remembered also where it is too large to hand over.
        self.current.lock().clone_from(&found);
        self.max_reply.value(found)
    }

    async fn swap(&self, new: Vec<u8>) -> Result<Swapped, Failure> {
        let old = self.current.lock().clone();
        let written = self.connection.run(|open| match old {
            Some(old) => open
                .prepare_cached(REPLACE)?
                .execute(params![self.label, self.key, old, new]),
            None => {
                let transaction = open.transaction()?;
                // Overwrites what has come in between.
                let written = transaction
                    .prepare_cached(SET)?
                    .execute(params![self.label, self.key, new])?;
                transaction.commit()?;
                Ok(written)
            }
        })?;
        Ok(match written {
            1 => Swapped::Done,
            _ => Swapped::CasFailed,
        })
    }
}
