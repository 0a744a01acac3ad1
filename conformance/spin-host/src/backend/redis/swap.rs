//! Compare-and-swap on Redis.

use async_trait::async_trait;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};

use super::RedisSwap;
use crate::backend::reply::MaxReply;
use crate::backend::{Failure, Swap, Swapped};

pub(super) struct RedisStoreSwap {
    pub(super) key: String,
    /// Of its own: what is watched is watched by a connection.
    pub(super) connection: ConnectionManager,
    pub(super) variant: RedisSwap,
    pub(super) max_reply: MaxReply,
}

impl RedisStoreSwap {
    /// Whether Redis says that the transaction was done: its reply is nil where another
    /// writer was faster.
    async fn write(&self, value: Vec<u8>) -> RedisResult<bool> {
        let written: Option<()> = redis::pipe()
            .atomic()
            .set(&self.key, value)
            .query_async(&mut self.connection.clone())
            .await?;
        Ok(written.is_some())
    }

    async fn unwatch(&self) -> RedisResult<()> {
        let mut unwatch = redis::cmd("UNWATCH");
        if self.variant == RedisSwap::Spin41 {
            unwatch.arg(&self.key);
        }
        unwatch.exec_async(&mut self.connection.clone()).await
    }
}

#[async_trait]
impl Swap for RedisStoreSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>, Failure> {
        let mut redis = self.connection.clone();
        redis::cmd("WATCH")
            .arg(&self.key)
            .exec_async(&mut redis)
            .await
            .map_err(Failure::other)?;
        let found = redis.get(&self.key).await.map_err(Failure::other)?;
        self.max_reply.value(found)
    }

    async fn swap(&self, value: Vec<u8>) -> Result<Swapped, Failure> {
        let written = self.write(value).await;
        if self.unwatch().await.is_err() {
            return Ok(Swapped::CasFailed);
        }
        Ok(match (written, self.variant) {
            (Ok(true), _) | (Ok(false), RedisSwap::HalfMended | RedisSwap::Spin41) => Swapped::Done,
            _ => Swapped::CasFailed,
        })
    }
}
