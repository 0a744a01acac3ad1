//! A SQLite file as Spin uses it: one connection behind a mutex, SQLite's default
//! settings, one table for all labels.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

/// Spin refuses to hand a component more than this at once, in bytes.
pub(crate) const MAX_REPLY_BYTES: usize = 128 * 1024 * 1024;

/// Where the store of a label is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Location {
    /// This SQLite file; several labels may share it.
    File(PathBuf),
    /// The memory of this host, under the label.
    Memory(String),
}

/// The stores of one host, each opened when a label of it is first opened.
pub(crate) struct Files {
    open: Mutex<HashMap<Location, Arc<File>>>,
    max_reply: usize,
}

impl Files {
    pub(crate) fn new(max_reply: usize) -> Self {
        Self {
            open: Mutex::default(),
            max_reply,
        }
    }

    pub(crate) fn open(&self, location: &Location) -> Result<Arc<File>, String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(location) {
            return Ok(file.clone());
        }
        let file = File::open(location, self.max_reply).map_err(|error| error.to_string())?;
        let file = Arc::new(file);
        open.insert(location.clone(), file.clone());
        Ok(file)
    }
}

const SET: &str = "
    INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (store, key) DO UPDATE SET value = ?3";

const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";

fn value(connection: &Connection, label: &str, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
        .query_row([label, key], |row| row.get(0))
        .optional()
}

/// A transaction that reads what it will write over.
fn write(connection: &Connection) -> rusqlite::Result<Transaction<'_>> {
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

pub(crate) struct File {
    connection: Mutex<Connection>,
    /// The most that one reply to the component may hold, in bytes.
    max_reply: usize,
}

impl File {
    fn open(location: &Location, max_reply: usize) -> rusqlite::Result<Self> {
        let connection = match location {
            Location::File(path) => {
                if let Some(folder) = path.parent() {
                    // Where this fails, opening the file fails, and says why.
                    let _ = std::fs::create_dir_all(folder);
                }
                Connection::open(path)?
            }
            Location::Memory(_) => Connection::open_in_memory()?,
        };
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS spin_key_value (
                store TEXT NOT NULL,
                key   TEXT NOT NULL,
                value BLOB NOT NULL,

                PRIMARY KEY (store, key)
            )",
        )?;
        Ok(Self {
            connection: Mutex::new(connection),
            max_reply,
        })
    }

    pub(crate) fn get(&self, label: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        let found = self.with(|connection| value(connection, label, key))?;
        self.check_reply(found.as_ref().map_or(0, Vec::len))?;
        Ok(found)
    }

    pub(crate) fn set(&self, label: &str, key: &str, value: &[u8]) -> Result<(), String> {
        self.with(|connection| {
            connection
                .prepare_cached(SET)?
                .execute(params![label, key, value])
        })?;
        Ok(())
    }

    pub(crate) fn delete(&self, label: &str, key: &str) -> Result<(), String> {
        self.with(|connection| connection.prepare_cached(DELETE)?.execute([label, key]))?;
        Ok(())
    }

    pub(crate) fn exists(&self, label: &str, key: &str) -> Result<bool, String> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .exists([label, key])
        })
    }

    /// [`File::keys`], as one reply.
    pub(crate) fn list_keys(&self, label: &str) -> Result<Vec<String>, String> {
        let keys = self.keys(label)?;
        self.check_reply(keys.iter().map(String::len).sum())?;
        Ok(keys)
    }

    /// All keys of a label, in an order that changes from call to call.
    pub(crate) fn keys(&self, label: &str) -> Result<Vec<String>, String> {
        let mut keys: Vec<String> = self.with(|connection| {
            connection
                .prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")?
                .query_map([label], |row| row.get(0))?
                .collect()
        })?;
        fastrand::shuffle(&mut keys);
        Ok(keys)
    }

    /// Those of the keys that are there, in an order that changes from call to call.
    pub(crate) fn get_many(
        &self,
        label: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Vec<u8>)>, String> {
        let mut found = Vec::new();
        let mut bytes = 0;
        for key in keys {
            if let Some(value) = self.get(label, key)? {
                bytes += key.len() + value.len();
                found.push((key.clone(), value));
            }
        }
        self.check_reply(bytes)?;
        fastrand::shuffle(&mut found);
        Ok(found)
    }

    /// In one transaction.
    pub(crate) fn set_many(&self, label: &str, pairs: &[(String, Vec<u8>)]) -> Result<(), String> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for (key, value) in pairs {
                transaction
                    .prepare_cached(SET)?
                    .execute(params![label, key, value])?;
            }
            transaction.commit()
        })
    }

    /// In one transaction.
    pub(crate) fn delete_many(&self, label: &str, keys: &[String]) -> Result<(), String> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for key in keys {
                transaction.prepare_cached(DELETE)?.execute([label, key])?;
            }
            transaction.commit()
        })
    }

    /// Adds without a check, as Spin does. `Ok(None)` where Spin's host panics: the
    /// stored value is not 8 bytes long.
    pub(crate) fn increment(
        &self,
        label: &str,
        key: &str,
        delta: i64,
    ) -> Result<Option<i64>, String> {
        self.with(|connection| {
            let transaction = write(connection)?;
            let count = match value(&transaction, label, key)? {
                None => 0,
                Some(stored) => match stored.try_into() {
                    Ok(bytes) => i64::from_le_bytes(bytes),
                    Err(_) => return Ok(None),
                },
            };
            let sum = count.wrapping_add(delta);
            transaction
                .prepare_cached(SET)?
                .execute(params![label, key, sum.to_le_bytes()])?;
            transaction.commit()?;
            Ok(Some(sum))
        })
    }

    /// Writes `new` if the key still has the value `old`; says whether it did.
    pub(crate) fn swap(
        &self,
        label: &str,
        key: &str,
        old: Option<&[u8]>,
        new: &[u8],
    ) -> Result<bool, String> {
        self.with(|connection| {
            let transaction = write(connection)?;
            if value(&transaction, label, key)?.as_deref() != old {
                return Ok(false);
            }
            transaction
                .prepare_cached(SET)?
                .execute(params![label, key, new])?;
            transaction.commit()?;
            Ok(true)
        })
    }

    fn check_reply(&self, bytes: usize) -> Result<(), String> {
        let limit = self.max_reply;
        if bytes > limit {
            return Err(format!("query result exceeds limit of {limit} bytes"));
        }
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, String> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&connection).map_err(|error| error.to_string())
    }
}
