//! What Spin makes of a container.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::container::{Found, Target};
use super::error::{self, CosmosError};
use super::swap::CosmosSwap;
use super::{CosmosContainer, CosmosValue};
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, KeyStream, Pair, Store, Swap};

/// What `set` does not take in a key.
const ILLEGAL: [char; 4] = ['/', '\\', '?', '#'];

/// After how many tries an increment counts as one that never ends.
const TRIES: usize = 100;

pub(super) struct CosmosStore {
    pub(super) container: CosmosContainer,
    pub(super) max_reply: MaxReply,
}

/// The condition that finds a key's document.
pub(super) fn is(key: &str) -> String {
    format!("c.id='{key}'")
}

/// The bytes of a document that was set.
pub(super) fn bytes(found: Found) -> Result<Vec<u8>, CosmosError> {
    serde_json::from_value(found.value).map_err(error::unexpected)
}

impl CosmosStore {
    fn target<'a>(&self, key: &'a str) -> Target<'a> {
        Target {
            key,
            unsigned: self.container.unsigned,
        }
    }

    /// The first document that a query for the key finds.
    fn first(&self, key: &str) -> Result<Option<Found>, Failure> {
        let found = self.container.lock().query(&is(key))?;
        Ok(found.into_iter().next())
    }

    fn ids(&self) -> Vec<String> {
        let mut ids = self.container.ids();
        fastrand::shuffle(&mut ids);
        ids
    }

    /// The counter is not there: makes it. `None` where someone else has made it.
    fn new_counter(&self, key: &str, delta: i64) -> Result<Option<i64>, Failure> {
        let number = CosmosValue::Number(delta);
        match self.container.lock().create(key, number, false) {
            Ok(()) => Ok(Some(delta)),
            Err(error) if error.status() == Some(409) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Store for CosmosStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let value = self.first(key)?.map(bytes).transpose()?;
        self.max_reply.value(value)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Failure> {
        if key.contains(ILLEGAL) {
            return Err(Failure::Other(format!(
                "Key contains an illegal character. Keys must not include any of: {}",
                ILLEGAL.iter().collect::<String>()
            )));
        }
        let value = CosmosValue::Bytes(value.to_vec());
        Ok(self.container.lock().create(key, value, true)?)
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        match self.container.lock().delete(&self.target(key)) {
            Err(error) if error.status() != Some(404) => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn exists(&self, key: &str) -> Result<bool, Failure> {
        Ok(self.first(key)?.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>, Failure> {
        self.max_reply.keys(self.ids())
    }

    async fn key_stream(&self) -> KeyStream {
        let (sender, keys) = mpsc::channel(KeyStream::AHEAD);
        let (end_sender, end) = oneshot::channel();
        let (ids, max_reply) = (self.ids(), self.max_reply);
        tokio::spawn(async move {
            let sent = async {
                for id in ids {
                    max_reply.key(&id, "query")?;
                    sender.send(id).await.map_err(Failure::other)?;
                }
                Ok(())
            };
            // The component may have dropped the future.
            let _ = end_sender.send(sent.await);
        });
        KeyStream { keys, end }
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>, Failure> {
        let list: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
        let condition = format!("c.id IN ({})", list.join(", "));
        let found = self.container.lock().query(&condition)?;
        let pairs = found.into_iter().map(|found| {
            let id = found.id.clone();
            Ok::<_, CosmosError>((id, Some(bytes(found)?)))
        });
        let mut pairs = pairs.collect::<Result<Vec<_>, _>>()?;
        fastrand::shuffle(&mut pairs);
        self.max_reply.pairs(pairs)
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
        for (key, value) in pairs {
            self.set(&key, &value).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<(), Failure> {
        for key in keys {
            self.delete(&key).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, Failure> {
        let mut tries = 0;
        loop {
            let added = self.container.lock().increment(&self.target(key), delta);
            // Others come in between the write and the read, or the look and the creation.
            tokio::task::yield_now().await;
            match added {
                Ok(()) => break,
                Err(error) if error.status() == Some(404) => {
                    if let Some(sum) = self.new_counter(key, delta)? {
                        return Ok(sum);
                    }
                }
                Err(error) => return Err(error.into()),
            }
            tries += 1;
            if tries > TRIES {
                return Err(Failure::Panic(format!(
                    "Spin's host tries for ever to increment {key:?}: its document is there, and \
                     its URL leads to another"
                )));
            }
        }
        let found = self.first(key)?.ok_or_else(|| {
            Failure::Other(
                "increment returned an empty value after patching, which indicates a bug"
                    .to_owned(),
            )
        })?;
        let sum = serde_json::from_value(found.value).map_err(error::unexpected)?;
        // After it tried again, Spin answers what it added and not the sum.
        Ok(if tries > 0 { delta } else { sum })
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Arc<dyn Swap>, Failure> {
        Ok(Arc::new(CosmosSwap::new(
            key.to_owned(),
            self.container.clone(),
            self.max_reply,
        )))
    }
}
