//! redb, an embedded store in Rust. A read runs where its task is, a write on a
//! thread for blocking work: it waits for the writers before it, and for the disk.

use std::path::Path;
use std::sync::Arc;

use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use tokio::task::spawn_blocking;

use super::Store;
use crate::data;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("default");

pub(crate) struct Redb {
    database: Arc<Database>,
}

impl Redb {
    /// Makes a file of `keys`.
    pub(crate) fn make(path: &Path, keys: usize) {
        let database = Database::create(path).unwrap();
        let write = database.begin_write().unwrap();
        let mut table = write.open_table(TABLE).unwrap();
        for n in 0..keys {
            let value = [b'x'; data::VALUE];
            table.insert(data::key(n).as_str(), &value[..]).unwrap();
        }
        drop(table);
        write.commit().unwrap();
    }

    pub(crate) fn open(path: &Path) -> Self {
        Self {
            database: Arc::new(Database::open(path).unwrap()),
        }
    }
}

impl Store for Redb {
    async fn get(&self, key: &str) -> Option<usize> {
        let read = self.database.begin_read().unwrap();
        let table = read.open_table(TABLE).unwrap();
        let value = table.get(key).unwrap();
        value.map(|value| value.value().to_vec().len())
    }

    async fn put(&self, key: &str, value: Vec<u8>) {
        let (database, key) = (self.database.clone(), key.to_owned());
        let put = move || {
            let mut write = database.begin_write().unwrap();
            write.set_durability(Durability::Immediate).unwrap();
            let mut table = write.open_table(TABLE).unwrap();
            table.insert(key.as_str(), value.as_slice()).unwrap();
            drop(table);
            write.commit().unwrap();
        };
        spawn_blocking(put).await.unwrap();
    }
}
