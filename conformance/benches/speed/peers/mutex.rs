//! SQLite as Spin itself has it: one connection with SQLite's own pragmas behind a
//! mutex, entered through `spawn_blocking`; a listing loads all keys.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::task::spawn_blocking;

use super::Store;
use super::raw::{GET, PUT};
use crate::data::LABEL;

pub(crate) struct Mutexed {
    connection: Arc<Mutex<Connection>>,
}

impl Mutexed {
    /// Opens a file of its own, and gives it the journal that SQLite gives a file.
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection
            .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
            .unwrap();
        Self {
            connection: Arc::new(Mutex::new(connection)),
        }
    }

    pub(crate) async fn page(&self, prefix: &str, limit: usize) -> Vec<String> {
        let connection = self.connection.clone();
        let prefix = prefix.to_owned();
        let list = move || {
            let connection = connection.lock().unwrap();
            let mut list = connection
                .prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")
                .unwrap();
            let keys = list.query_map([LABEL], |row| row.get(0)).unwrap();
            let mut keys: Vec<String> = keys.map(Result::unwrap).collect();
            keys.retain(|key| key.starts_with(&prefix));
            keys.sort();
            keys.truncate(limit);
            keys
        };
        spawn_blocking(list).await.unwrap()
    }
}

impl Store for Mutexed {
    async fn get(&self, key: &str) -> Option<usize> {
        let connection = self.connection.clone();
        let key = key.to_owned();
        let get = move || {
            let connection = connection.lock().unwrap();
            let mut get = connection.prepare_cached(GET).unwrap();
            get.query_row([LABEL, &key], |row| row.get::<_, Vec<u8>>(0))
                .optional()
                .unwrap()
        };
        let value = spawn_blocking(get).await.unwrap();
        value.map(|value| value.len())
    }

    async fn put(&self, key: &str, value: Vec<u8>) {
        let connection = self.connection.clone();
        let key = key.to_owned();
        let put = move || {
            let connection = connection.lock().unwrap();
            let mut put = connection.prepare_cached(PUT).unwrap();
            put.execute(params![LABEL, key, value]).unwrap();
        };
        spawn_blocking(put).await.unwrap();
    }
}
