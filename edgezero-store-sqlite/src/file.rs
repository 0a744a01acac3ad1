//! A key-value file and the stores in it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use edgezero_store_traits::kv::limits::DEFAULT_MAX_LIST_KEYS;
use edgezero_store_traits::{InvalidLabel, Label};

use crate::database::Database;
use crate::open::{Access, OpenError};
use crate::time::Clock;
use crate::{SqliteConfigStore, SqliteKvStore, Synchronous};

/// A SQLite file with Spin's table, open for many tasks; clones share it.
///
/// Calls wait for their turn and for locks of other processes, each lock for up to
/// 30 seconds; then they are [`KvError::Unavailable`](edgezero_store_traits::KvError).
///
/// A write is on the disk before it returns ([`Synchronous`] offers less). Writes
/// that wait at the same time share one transaction, and so one wait for the disk;
/// each of them is still whole or not there. A read of a key or of a page
/// runs on the task's own thread, for it takes less than waking another, or a
/// fraction of a millisecond; what reads more than some 2,000 keys or 64 values, lists
/// a file with TTL, or meets a lock, runs on tokio's threads for blocking work.
///
/// Where others write to the file too, as Spin does, the mirror writes for 10 ms and
/// then leaves it to them for 5; where it sees nobody it leaves it for a tenth of a
/// second every four seconds. Without that, Spin's own writes could fail beside a
/// mirror that always has more to write.
///
/// One file holds the stores of any number of labels, as Spin's does. A file that
/// is missing is made, with the folders above it, readable by its owner only
/// (mode 0600) and with a write-ahead log; a file that is there keeps its mode
/// and its journal. The log stands beside the file, its name with `-wal` behind, and
/// grows to 8 MiB, with many writes at once to some 64, before it begins anew, or for as
/// long as long reads overlap without a gap; the last to close the file takes it away.
///
/// A write is never acknowledged into a file that was moved, deleted or replaced
/// since it was opened: it is `Unavailable` and says so, nothing of it is written,
/// and the next call opens what is at the path then, or makes a new file. Every
/// transaction that writes looks once before it commits. Reads look at most every
/// 100 ms, for a look takes a microsecond, and a read of a key but a few; so long they
/// may be answered from the file that was there.
///
/// What was written before the move is brought from the log into the file that was
/// moved, by that next call, or when the last clone is dropped and all calls have
/// ended. Where another process goes on with that file and its log, calls are
/// `Unavailable` until it ends. Where the log cannot be brought back, as the file was
/// damaged too, it stays beside the path as `….db-wal.left-1`, or a later number, which
/// SQLite does not read. A process that is killed, or ends by
/// [`std::process::exit`], drops nothing: a log that it leaves gets into whatever file
/// then stands beside it. So while none has a file open, move and delete its `-wal`
/// with it.
#[derive(Clone)]
pub struct SqliteFile {
    database: Arc<Database>,
}

impl SqliteFile {
    /// Opens or makes the file at `path`. It may block for as long as another
    /// process holds the file locked, up to 30 seconds: open files at start-up.
    ///
    /// # Errors
    /// [`OpenError`] for a file that is no database, is read-only, has a table of
    /// Spin's name that is not Spin's, or cannot be reached. It names the file and
    /// the reason; of what was there, nothing was changed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// Opens the file at `path` for reading: nothing is made, nothing is changed, and
    /// neither the file nor its folder need be writable. Keys are seen as Spin sees them,
    /// also those whose TTL has passed. A write is refused as
    /// [`KvError::Unavailable`](edgezero_store_traits::KvError).
    ///
    /// A file whose write-ahead log has not been brought into it, in a folder that may
    /// not be written, can be read only while another process has it open.
    ///
    /// # Errors
    /// [`OpenError`] for a file that is missing, is no database, has a table of Spin's
    /// name that is not Spin's, or may not be read.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let synchronous = Synchronous::default();
        let database = Database::open(path.as_ref(), Access::ReadOnly, synchronous, None)?;
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// Options for how the file is opened.
    pub fn options() -> SqliteFileOptions {
        SqliteFileOptions::default()
    }

    /// The key-value store of `label`, with a cap of 1000 keys on listings, as on
    /// Spin.
    ///
    /// # Errors
    /// [`InvalidLabel`] for a text that Spin refuses as a label.
    pub fn kv(&self, label: &str) -> Result<SqliteKvStore, InvalidLabel> {
        self.kv_with_max_list_keys(label, DEFAULT_MAX_LIST_KEYS)
    }

    /// The key-value store of `label` with a cap on listings, in keys; 0 is no cap.
    ///
    /// # Errors
    /// As [`SqliteFile::kv`].
    pub fn kv_with_max_list_keys(
        &self,
        label: &str,
        max_list_keys: u32,
    ) -> Result<SqliteKvStore, InvalidLabel> {
        let label: Label = label.parse()?;
        Ok(SqliteKvStore::new(
            self.database.clone(),
            label,
            max_list_keys,
        ))
    }

    /// The configuration in the key-value store of `label`.
    ///
    /// # Errors
    /// As [`SqliteFile::kv`].
    pub fn config(&self, label: &str) -> Result<SqliteConfigStore, InvalidLabel> {
        self.kv(label).map(SqliteConfigStore::new)
    }

    /// The file's absolute path.
    pub fn path(&self) -> &Path {
        self.database.path()
    }
}

impl fmt::Debug for SqliteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteFile")
            .field("path", &self.path())
            .field("ttl", &self.database.has_ttl())
            .finish_non_exhaustive()
    }
}

/// How a [`SqliteFile`] is opened.
#[derive(Clone, Default)]
pub struct SqliteFileOptions {
    ttl: bool,
    clock: Option<Clock>,
    synchronous: Synchronous,
}

impl SqliteFileOptions {
    /// Turns TTL on or off; it is off unless turned on, as on Spin.
    ///
    /// With it, `put_bytes_with_ttl` works and an expired key is gone from get,
    /// exists and list. When a key expires stands in a table of the mirror's own,
    /// `edgezero_expiry`; Spin's table stays as it is. Spin, and a mirror without
    /// TTL, see an expired key until a later write with a TTL removes it. Any
    /// other write to the key, Spin's too, ends its TTL: triggers on Spin's table
    /// see to it. They stay in the file when it is opened without TTL again, and
    /// go with `DROP TRIGGER` before `edgezero_expiry` may be dropped.
    #[must_use]
    pub fn ttl(mut self, ttl: bool) -> Self {
        self.ttl = ttl;
        self
    }

    /// Measures TTLs by `clock` instead of the system's: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// When a write is on the disk: before it returns, unless set otherwise.
    ///
    /// ```
    /// use edgezero_store_sqlite::{SqliteFile, Synchronous};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.db");
    /// let cache = SqliteFile::options()
    ///     .synchronous(Synchronous::Normal)
    ///     .open(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// As [`SqliteFile::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteFile, OpenError> {
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemTime::now));
        let clock = self.ttl.then_some(clock);
        let database = Database::open(path.as_ref(), Access::ReadWrite, self.synchronous, clock)?;
        Ok(SqliteFile {
            database: Arc::new(database),
        })
    }
}

impl fmt::Debug for SqliteFileOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteFileOptions")
            .field("ttl", &self.ttl)
            .field("synchronous", &self.synchronous)
            .finish_non_exhaustive()
    }
}
