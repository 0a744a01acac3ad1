//! SQLite itself: one connection, each statement prepared once, on the same file
//! and with the same pragmas as the mirror.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Statement, params};

use crate::data::LABEL;

pub(crate) const GET: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
pub(crate) const PUT: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
     ON CONFLICT (store, key) DO UPDATE SET value = ?3";

pub(crate) struct Raw {
    pub(crate) connection: Connection,
}

impl Raw {
    pub(crate) fn open(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection
            .pragma_update(None, "synchronous", "FULL")
            .unwrap();
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .unwrap();
        Self { connection }
    }

    pub(crate) fn prepare(&self, statement: &str) -> Statement<'_> {
        self.connection.prepare(statement).unwrap()
    }

    /// One transaction with all of `pairs`.
    pub(crate) fn put_all(&mut self, pairs: &[(String, Vec<u8>)]) {
        let transaction = self.connection.transaction().unwrap();
        let mut put = transaction.prepare(PUT).unwrap();
        for (key, value) in pairs {
            put.execute(params![LABEL, key, value]).unwrap();
        }
        drop(put);
        transaction.commit().unwrap();
    }
}

/// The value, copied, as every store gives it.
pub(crate) fn get(statement: &mut Statement<'_>, key: &str) -> Vec<u8> {
    statement.query_row([LABEL, key], |row| row.get(0)).unwrap()
}
