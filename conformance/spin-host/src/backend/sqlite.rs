//! SQLite: Spin's backend of type `spin`, and of the label `default`.

mod connection;
mod swap;

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{mpsc, oneshot};

use super::reply::MaxReply;
use super::{Backend, Failure, KeyStream, Pair, Store, Swap};
use connection::Shared;
use swap::SqliteSwap;

const GET: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";

const SET: &str = "
    INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (store, key) DO UPDATE SET value = ?3";

const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";

const KEYS: &str = "SELECT key FROM spin_key_value WHERE store = ?1";

const GET_MANY: &str = "
    SELECT key, value FROM spin_key_value WHERE store = ?1 AND key IN rarray(?2)";

const DELETE_MANY: &str = "
    DELETE FROM spin_key_value WHERE store = ?1 AND key IN rarray(?2)";

/// A SQLite file, or a database in memory, that Spin opens for one label.
///
/// What is odd about it:
///
/// - Each label has one connection of its own, behind a mutex, also where two labels
///   name the same file. A call waits for it with the whole instance: nothing else
///   runs in that instance meanwhile.
/// - A transaction is deferred: it takes the lock to write when it first writes. An
///   `increment` has read by then, and beside another writer fails at once with
///   `database is locked`. What begins with a write (`set`, `set-many`, a swap) waits
///   five seconds for the lock.
/// - `increment` of a value that is not 8 bytes long panics while it holds the mutex,
///   which poisons it: every later call on the label panics, in all instances, until
///   the host starts again. The sum wraps.
/// - A swap where there was a value compares values. Where there was none it
///   overwrites what has come in between, and answers success.
/// - The stream of keys holds the mutex until its last key is taken or its reader is
///   gone. A component that makes another call on the label meanwhile waits for ever;
///   here that is an error after a minute.
///
/// One difference is deliberate: keys come in shuffled order, because Spin promises
/// none.
///
/// Its calls need tokio's runtime with several threads: each blocks its own.
pub struct Sqlite {
    path: Option<PathBuf>,
    connection: OnceLock<Arc<Shared>>,
}

impl Sqlite {
    /// The database in this file, which is made when the label is first opened.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            connection: OnceLock::new(),
        }
    }

    /// A database in memory, which starts empty.
    pub fn in_memory() -> Self {
        Self {
            path: None,
            connection: OnceLock::new(),
        }
    }

    fn connect(&self) -> Result<Arc<Shared>, Failure> {
        let connection = match &self.path {
            Some(path) => {
                if let Some(folder) = path.parent() {
                    // Where this fails, opening the file fails, and says why.
                    let _ = std::fs::create_dir_all(folder);
                }
                Connection::open(path)
            }
            None => Connection::open_in_memory(),
        }
        .map_err(Failure::other)?;
        connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS spin_key_value (
                    store TEXT NOT NULL,
                    key   TEXT NOT NULL,
                    value BLOB NOT NULL,

                    PRIMARY KEY (store, key)
                )",
            )
            .and_then(|()| rusqlite::vtab::array::load_module(&connection))
            .map_err(Failure::other)?;
        Ok(Arc::new(Shared::new(connection)))
    }
}

#[async_trait]
impl Backend for Sqlite {
    async fn open(&self, label: &str, max_reply: usize) -> Result<Arc<dyn Store>, Failure> {
        let connection = tokio::task::block_in_place(|| -> Result<_, Failure> {
            if let Some(connection) = self.connection.get() {
                return Ok(connection);
            }
            let new = self.connect()?;
            Ok(self.connection.get_or_init(|| new))
        })?;
        Ok(Arc::new(SqliteStore {
            label: label.to_owned(),
            max_reply: MaxReply(max_reply),
            connection: connection.clone(),
        }))
    }
}

struct SqliteStore {
    label: String,
    max_reply: MaxReply,
    connection: Arc<Shared>,
}

fn value(connection: &Connection, label: &str, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached(GET)?
        .query_row([label, key], |row| row.get(0))
        .optional()
}

fn keys(connection: &Connection, label: &str) -> rusqlite::Result<Vec<String>> {
    let mut keys: Vec<String> = connection
        .prepare_cached(KEYS)?
        .query_map([label], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    fastrand::shuffle(&mut keys);
    Ok(keys)
}

/// Keys as a statement's list.
fn list(keys: Vec<String>) -> Rc<Vec<Value>> {
    Rc::new(keys.into_iter().map(Value::from).collect())
}

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let found = self.connection.run(|open| value(open, &self.label, key))?;
        self.max_reply.value(found)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Failure> {
        self.connection.run(|open| {
            open.prepare_cached(SET)?
                .execute(params![self.label, key, value])
                .map(drop)
        })
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        self.connection.run(|open| {
            open.prepare_cached(DELETE)?
                .execute([&self.label, key])
                .map(drop)
        })
    }

    /// Reads the value to know, whatever the limit.
    async fn exists(&self, key: &str) -> Result<bool, Failure> {
        let found = self.connection.run(|open| value(open, &self.label, key))?;
        Ok(found.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>, Failure> {
        let keys = self.connection.run(|open| keys(open, &self.label))?;
        self.max_reply.keys(keys)
    }

    async fn key_stream(&self) -> KeyStream {
        let (sender, keys) = mpsc::channel(KeyStream::AHEAD);
        let (end_sender, end) = oneshot::channel();
        let (connection, label) = (self.connection.clone(), self.label.clone());
        let max_reply = self.max_reply;
        tokio::task::spawn_blocking(move || {
            let sent = connection.lock().and_then(|open| {
                for key in self::keys(&open, &label).map_err(Failure::other)? {
                    max_reply.key(&key, "query result")?;
                    sender.blocking_send(key).map_err(Failure::other)?;
                }
                Ok(())
            });
            // The component may have dropped the future.
            let _ = end_sender.send(sent);
        });
        KeyStream { keys, end }
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>, Failure> {
        let mut found = self.connection.run(|open| {
            open.prepare_cached(GET_MANY)?
                .query_map(params![self.label, list(keys)], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<rusqlite::Result<Vec<Pair>>>()
        })?;
        fastrand::shuffle(&mut found);
        // Spin hands the refusal on as an error inside an error.
        self.max_reply
            .pairs(found)
            .map_err(|refusal| match refusal {
                Failure::Other(text) => Failure::Other(format!("Error::Other({text:?})")),
                panic @ Failure::Panic(_) => panic,
            })
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
        self.connection.run(|open| {
            let transaction = open.transaction()?;
            for (key, value) in &pairs {
                transaction
                    .prepare_cached(SET)?
                    .execute(params![self.label, key, value])?;
            }
            transaction.commit()
        })
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<(), Failure> {
        self.connection.run(|open| {
            open.prepare_cached(DELETE_MANY)?
                .execute(params![self.label, list(keys)])
                .map(drop)
        })
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, Failure> {
        let sum = self.connection.run(|open| {
            let transaction = open.transaction()?;
            let count = match value(&transaction, &self.label, key)? {
                None => 0,
                Some(stored) => match stored.try_into() {
                    Ok(bytes) => i64::from_le_bytes(bytes),
                    Err(_) => {
                        // While the connection is held, as the panic does it.
                        self.connection.poison();
                        return Ok(None);
                    }
                },
            };
            let sum = count.wrapping_add(delta);
            transaction.prepare_cached(SET)?.execute(params![
                self.label,
                key,
                sum.to_le_bytes()
            ])?;
            transaction.commit()?;
            Ok(Some(sum))
        })?;
        sum.ok_or_else(|| {
            Failure::Panic(format!(
                "Spin's host panics: the value of {key:?}, which is to be incremented, is not 8 \
                 bytes long"
            ))
        })
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Arc<dyn Swap>, Failure> {
        Ok(Arc::new(SqliteSwap::new(
            self.label.clone(),
            key.to_owned(),
            self.max_reply,
            self.connection.clone(),
        )))
    }
}
