//! The files that everybody reads and writes, and the keys that are asked for.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::SmallRng;
use rand_distr::Zipf;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::peers::Redb;

pub(crate) const LABEL: &str = "default";
pub(crate) const SMALL: usize = 1_000;
pub(crate) const LARGE: usize = 1_000_000;
/// Store sizes for the picture of listing.
pub(crate) const SIZES: [usize; 4] = [SMALL, 10_000, 100_000, LARGE];
pub(crate) const VALUE: usize = 100;
pub(crate) const LARGE_VALUE: usize = 64 * 1024;

/// How many keys have one prefix.
const GROUP: usize = 500;

/// The first key of a list is asked for most often, the second half as
/// often, and so on.
const SKEW: f64 = 1.0;

/// How many keys a list has; it is gone through round and round.
const ASKED: usize = 1 << 17;

/// Key `n` of any store: 32 bytes.
pub(crate) fn key(n: usize) -> String {
    format!("{}{n:019}", prefix(n))
}

/// What key `n` and its group begin with.
pub(crate) fn prefix(n: usize) -> String {
    format!("group{:07}/", n / GROUP)
}

/// Keys to read and to write, Zipf-distributed over a store of `keys`.
pub(crate) fn zipf(keys: usize) -> Arc<[String]> {
    let mut random = SmallRng::seed_from_u64(1);
    #[expect(clippy::cast_precision_loss, reason = "1,000,000 at most")]
    let ranks = Zipf::new(keys as f64, SKEW).unwrap();
    let asked = (0..ASKED).map(|_| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 up to keys"
        )]
        let rank = ranks.sample(&mut random) as usize - 1;
        // Those asked for most often are not neighbours: the factor has no
        // divisor in common with a power of ten.
        key((rank * 48_271) % keys)
    });
    asked.collect()
}

/// A value of [`VALUE`] bytes that no other call gave: SQLite writes nothing where
/// the same value stands already.
pub(crate) fn new_value() -> Vec<u8> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut value = vec![b'y'; VALUE];
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    value[..8].copy_from_slice(&next.to_le_bytes());
    value
}

/// SQLite files with a write-ahead log, as the mirror makes them. Each is made when
/// it is first asked for.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// So many keys with values of [`VALUE`].
    pub(crate) fn of(&self, keys: usize) -> PathBuf {
        self.path(keys, VALUE)
    }

    /// [`SMALL`] keys with values of [`LARGE_VALUE`].
    pub(crate) fn of_large_values(&self) -> PathBuf {
        self.path(SMALL, LARGE_VALUE)
    }

    fn path(&self, keys: usize, value: usize) -> PathBuf {
        let path = self.folder.path().join(format!("{keys}-{value}.db"));
        if !path.exists() {
            eprintln!("making a file of {keys} keys");
            fill(&path, keys, value);
        }
        path
    }

    /// redb's own file, of [`LARGE`].
    pub(crate) fn redb(&self) -> PathBuf {
        let path = self.folder.path().join("redb");
        if !path.exists() {
            Redb::make(&path, LARGE);
        }
        path
    }

    /// A copy that only its reader writes to.
    pub(crate) fn copy(&self, keys: usize, name: &str) -> PathBuf {
        let copy = self.folder.path().join(name);
        fs::copy(self.of(keys), &copy).unwrap();
        // Else the kernel does while others are measured.
        File::open(&copy).unwrap().sync_all().unwrap();
        copy
    }
}

fn fill(path: &Path, keys: usize, value: usize) {
    drop(edgezero_store_sqlite::SqliteFile::open(path).unwrap());
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    let mut insert = transaction
        .prepare("INSERT INTO spin_key_value VALUES (?1, ?2, ?3)")
        .unwrap();
    for n in 0..keys {
        insert
            .execute(params![LABEL, key(n), vec![b'x'; value]])
            .unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
}
