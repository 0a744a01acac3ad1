//! A SQLite file as Spin uses it: one connection behind a mutex, SQLite's default
//! settings, one table for all labels.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

/// Spin refuses to hand a component more than this at once, in bytes.
const MAX_REPLY_BYTES: usize = 128 * 1024 * 1024;

/// Where the store of a label is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Location {
    /// This SQLite file; several labels may share it.
    File(PathBuf),
    /// The memory of this host, under the label.
    Memory(String),
}

/// The stores of one host, each opened when a label of it is first opened.
#[derive(Default)]
pub(crate) struct Files {
    open: Mutex<HashMap<Location, Arc<File>>>,
}

impl Files {
    pub(crate) fn open(&self, location: &Location) -> Result<Arc<File>, String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(location) {
            return Ok(file.clone());
        }
        let file = Arc::new(File::open(location).map_err(|error| error.to_string())?);
        open.insert(location.clone(), file.clone());
        Ok(file)
    }
}

pub(crate) struct File {
    connection: Mutex<Connection>,
}

impl File {
    fn open(location: &Location) -> rusqlite::Result<Self> {
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
        })
    }

    pub(crate) fn get(&self, label: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        let value: Option<Vec<u8>> = self.with(|connection| {
            connection
                .prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .query_row([label, key], |row| row.get(0))
                .optional()
        })?;
        match value {
            Some(value) if value.len() > MAX_REPLY_BYTES => Err(format!(
                "query result exceeds limit of {MAX_REPLY_BYTES} bytes"
            )),
            value => Ok(value),
        }
    }

    pub(crate) fn set(&self, label: &str, key: &str, value: &[u8]) -> Result<(), String> {
        self.with(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (store, key) DO UPDATE SET value = ?3",
                )?
                .execute(params![label, key, value])
        })?;
        Ok(())
    }

    pub(crate) fn delete(&self, label: &str, key: &str) -> Result<(), String> {
        self.with(|connection| {
            connection
                .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .execute([label, key])
        })?;
        Ok(())
    }

    pub(crate) fn exists(&self, label: &str, key: &str) -> Result<bool, String> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .exists([label, key])
        })
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

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, String> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&connection).map_err(|error| error.to_string())
    }
}
