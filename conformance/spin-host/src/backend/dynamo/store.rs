//! What Spin makes of a table.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::swap::DynamoSwap;
use super::table::{self, Condition, Update, Write};
use super::{DynamoItem, DynamoTable};
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, KeyStream, Pair, Store, Swap};

pub(super) struct DynamoStore {
    pub(super) table: DynamoTable,
    pub(super) max_reply: MaxReply,
}

impl DynamoStore {
    fn read(&self, key: &str) -> Result<Option<DynamoItem>, Failure> {
        self.table.lock().get(key, self.table.consistent_read)
    }

    /// Checked as a whole, written one by one.
    async fn write_batch(&self, writes: Vec<Write>) -> Result<(), Failure> {
        table::check_writes(&writes)?;
        for write in writes {
            self.table.lock().write(write)?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

#[async_trait]
impl Store for DynamoStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let item = self.read(key)?;
        self.max_reply.value(item.and_then(|item| item.value))
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Failure> {
        let put = Write::Put(key.to_owned(), value.to_vec());
        self.table.lock().write(put)
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        self.table.lock().write(Write::Delete(key.to_owned()))
    }

    async fn exists(&self, key: &str) -> Result<bool, Failure> {
        Ok(self.read(key)?.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>, Failure> {
        let keys = self.table.lock().scan();
        self.max_reply.keys(keys)
    }

    async fn key_stream(&self) -> KeyStream {
        let (sender, keys) = mpsc::channel(KeyStream::AHEAD);
        let (end_sender, end) = oneshot::channel();
        let scanned = self.table.lock().scan();
        let max_reply = self.max_reply;
        tokio::spawn(async move {
            let sent = async {
                for key in scanned {
                    max_reply.key(&key, "key")?;
                    sender.send(key).await.map_err(Failure::other)?;
                }
                Ok(())
            };
            // The component may have dropped the future.
            let _ = end_sender.send(sent.await);
        });
        KeyStream { keys, end }
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>, Failure> {
        table::check_reads(&keys)?;
        let mut found = Vec::new();
        for key in keys {
            if let Some(item) = self.read(&key)? {
                found.push((key, item.value));
            }
            tokio::task::yield_now().await;
        }
        fastrand::shuffle(&mut found);
        self.max_reply.pairs(found)
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
        let puts = pairs.into_iter().map(|(key, value)| Write::Put(key, value));
        self.write_batch(puts.collect()).await
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<(), Failure> {
        self.write_batch(keys.into_iter().map(Write::Delete).collect())
            .await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, Failure> {
        let item = self.table.lock().get(key, true)?;
        let old = match item.and_then(|item| item.value) {
            Some(value) => {
                let text = std::str::from_utf8(&value).map_err(Failure::other)?;
                Some(text.parse::<i64>().map_err(Failure::other)?)
            }
            None => None,
        };
        // What others write between the read and the transaction foils it.
        tokio::task::yield_now().await;
        let sum = old.unwrap_or(0).wrapping_add(delta);
        self.table.lock().update(Update {
            key,
            value: sum.to_string().into_bytes(),
            counts_version: false,
            condition: match old {
                // As this number is written, which need not be as it was stored.
                Some(old) => Condition::Value(old.to_string().into_bytes()),
                None => Condition::NoValue,
            },
        })?;
        Ok(sum)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Arc<dyn Swap>, Failure> {
        Ok(Arc::new(DynamoSwap::new(
            key.to_owned(),
            self.table.clone(),
            self.max_reply,
        )))
    }
}
