//! Redis: Spin's backend of type `redis`.

mod swap;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client, RedisResult};
use tokio::sync::{OnceCell, mpsc, oneshot};

use super::reply::MaxReply;
use super::{Backend, Failure, KeyStream, Pair, Store, Swap};
use swap::RedisStoreSwap;

/// A database of a Redis server, which is named by a URL.
///
/// What is odd about it:
///
/// - The label is not part of a key: labels on one URL share their keys, also with
///   everything else that is in the database.
/// - `list-keys` is `KEYS *`, for which Redis stands still; `get-keys` is `SCAN`, in
///   which a key can come twice.
/// - `get-many` sends `KEYS` with the keys as its arguments. With one key, that is a
///   pattern, and Redis answers the names that match it: with none the reply is empty;
///   with an odd number of them the host panics; an even number becomes pairs of a name
///   and another name as its value. With two keys or more Redis refuses the command.
/// - `set-many` is `MSET`, `delete-many` is `DEL`, `increment` is `INCRBY` on decimal
///   text: each is one step, and refuses a sum outside of 64 bits.
/// - A swap has a connection of its own, which is open until the component's instance
///   ends or drops the handle. It always answers `cas-failed`: see [`RedisSwap`].
pub struct Redis {
    client: Client,
    swap: RedisSwap,
    connection: OnceCell<ConnectionManager>,
}

/// How a swap ends on Redis.
///
/// It watches the key, reads, writes in a transaction, and sends `UNWATCH`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedisSwap {
    /// As Spin 4.1: `UNWATCH` gets an argument, which Redis refuses, and that refusal
    /// becomes `cas-failed`, also where the value was written.
    #[default]
    Spin41,
    /// As if Spin had mended `UNWATCH` and no more: a transaction that another writer
    /// foiled answers nil, which Spin takes for success.
    HalfMended,
    /// As it should be: `cas-failed` exactly where nothing was written.
    Mended,
}

impl Redis {
    /// The database that this URL names, for example `redis://127.0.0.1:6379/0`. It is
    /// connected to when a label is first opened.
    ///
    /// # Errors
    /// The reason why the URL is none of Redis.
    pub fn new(url: &str, swap: RedisSwap) -> Result<Self, String> {
        Ok(Self {
            client: Client::open(url).map_err(|error| error.to_string())?,
            swap,
            connection: OnceCell::new(),
        })
    }
}

#[async_trait]
impl Backend for Redis {
    async fn open(&self, _label: &str, max_reply: usize) -> Result<Arc<dyn Store>, Failure> {
        let connect = || self.client.get_connection_manager();
        let connection = self.connection.get_or_try_init(connect).await;
        let connection = connection.map_err(Failure::other)?.clone();
        // Spin asks whether the connection lives, and goes on where it does not.
        let _: RedisResult<()> = connection.clone().ping().await;
        Ok(Arc::new(RedisStore {
            client: self.client.clone(),
            connection,
            swap: self.swap,
            max_reply: MaxReply(max_reply),
        }))
    }
}

struct RedisStore {
    client: Client,
    connection: ConnectionManager,
    swap: RedisSwap,
    max_reply: MaxReply,
}

impl RedisStore {
    fn redis(&self) -> ConnectionManager {
        self.connection.clone()
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let found = self.redis().get(key).await.map_err(Failure::other)?;
        self.max_reply.value(found)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Failure> {
        self.redis().set(key, value).await.map_err(Failure::other)
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        self.redis().del(key).await.map_err(Failure::other)
    }

    async fn exists(&self, key: &str) -> Result<bool, Failure> {
        self.redis().exists(key).await.map_err(Failure::other)
    }

    async fn list_keys(&self) -> Result<Vec<String>, Failure> {
        let keys = self.redis().keys("*").await.map_err(Failure::other)?;
        self.max_reply.keys(keys)
    }

    async fn key_stream(&self) -> KeyStream {
        let (sender, keys) = mpsc::channel(KeyStream::AHEAD);
        let (end_sender, end) = oneshot::channel();
        let (mut redis, max_reply) = (self.redis(), self.max_reply);
        tokio::spawn(async move {
            let sent = async {
                let mut scan = redis.scan::<String>().await.map_err(Failure::other)?;
                while let Some(key) = scan.next_item().await {
                    max_reply.key(&key, "query result")?;
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
        let mut redis = self.redis();
        let found = AssertUnwindSafe(redis.keys::<_, Vec<Pair>>(keys));
        match found.catch_unwind().await {
            Ok(found) => self.max_reply.pairs(found.map_err(Failure::other)?),
            Err(panic) => Err(Failure::Panic(format!(
                "Spin's host panics in get-many: {}",
                text_of(&*panic)
            ))),
        }
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
        self.redis().mset(&pairs).await.map_err(Failure::other)
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<(), Failure> {
        self.redis().del(keys).await.map_err(Failure::other)
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, Failure> {
        self.redis().incr(key, delta).await.map_err(Failure::other)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Arc<dyn Swap>, Failure> {
        let connection = self.client.get_connection_manager().await;
        Ok(Arc::new(RedisStoreSwap {
            key: key.to_owned(),
            connection: connection.map_err(Failure::other)?,
            variant: self.swap,
            max_reply: self.max_reply,
        }))
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given")
}
