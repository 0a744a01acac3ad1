//! The SQLite mirror, as Spin is (`sqlite`) and with TTL turned on (`sqlite-ttl`).

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use conformance::fixture::{self, Fault};
use conformance::harness::Backend;
use conformance::{Fixture, Outcome};
use edgezero_store_sqlite::{SqliteFile, VariableSecretStore};
use edgezero_store_traits::{BoxError, ConfigStore, KvStore, SecretStore};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::system_calls;

const CONFIG_LABEL: &str = "app-config";

pub(crate) fn backend(name: &str, ttl: bool, runtime: Arc<Runtime>) -> Backend {
    Backend::new(name, move |case| match SqliteFixture::new(ttl) {
        Ok(fixture) => runtime.block_on(case.run(&fixture)),
        Err(error) => Outcome::Failed(error.to_string()),
    })
}

/// A file of its own for each case, and a clock that only the case moves.
pub(crate) struct SqliteFixture {
    folder: TempDir,
    ttl: bool,
    milliseconds: Arc<AtomicU64>,
}

impl SqliteFixture {
    pub(crate) fn new(ttl: bool) -> Result<Self, BoxError> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            ttl,
            milliseconds: Arc::new(AtomicU64::new(1_800_000_000_000)),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sqlite_key_value.db")
    }

    fn open(&self) -> Result<SqliteFile, BoxError> {
        let milliseconds = self.milliseconds.clone();
        let options = SqliteFile::options().ttl(self.ttl).clock(move || {
            SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds.load(Ordering::Relaxed))
        });
        Ok(options.open(self.path())?)
    }
}

#[async_trait]
impl Fixture for SqliteFixture {
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        Ok(Arc::new(self.open()?.kv(label)?))
    }

    async fn kv_with_max_list_keys(
        &self,
        label: &str,
        max_list_keys: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError> {
        let store = self.open()?.kv_with_max_list_keys(label, max_list_keys)?;
        Ok(Some(Arc::new(store)))
    }

    async fn config(&self, values: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> {
        let file = self.open()?;
        let store = file.kv(CONFIG_LABEL)?;
        for key in store.list_keys_page("", None, 1000).await?.keys {
            store.delete(&key).await?;
        }
        let pairs = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Bytes::copy_from_slice(value)));
        store.put_many(pairs.collect()).await?;
        Ok(Arc::new(file.config(CONFIG_LABEL)?))
    }

    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> {
        let mut secrets = VariableSecretStore::default();
        for (name, value) in fixture::SECRETS {
            secrets = secrets.with(name, *value)?;
        }
        Ok(Arc::new(secrets))
    }

    /// Holds the file's lock in another connection for a while.
    async fn make_busy(&self, _: &str) -> Result<bool, BoxError> {
        let file = Connection::open(self.path())?;
        file.execute_batch("BEGIN IMMEDIATE")?;
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            file.execute_batch("ROLLBACK")
        });
        Ok(true)
    }

    /// Destroys a page in the middle of the keys.
    async fn fail_mid_listing(&self, _: &str) -> Result<bool, BoxError> {
        let file = Connection::open(self.path())?;
        file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let page_size: u32 = file.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let mut pages = file.prepare(
            "SELECT pageno FROM dbstat WHERE name = 'sqlite_autoindex_spin_key_value_1' \
             AND pagetype = 'leaf' ORDER BY path",
        )?;
        let pages = pages.query_map([], |row| row.get(0))?;
        let pages: Vec<u32> = pages.collect::<Result<_, _>>()?;
        let page = *pages.get(pages.len() / 2).ok_or("there are no keys")?;
        let bytes = OpenOptions::new().write(true).open(self.path())?;
        let zeros = vec![0; usize::try_from(page_size)?];
        bytes.write_all_at(&zeros, u64::from(page - 1) * u64::from(page_size))?;
        Ok(true)
    }

    async fn pass_time(&self, duration: Duration) -> Result<(), BoxError> {
        let milliseconds = u64::try_from(duration.as_millis())?;
        self.milliseconds.fetch_add(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    /// Has one of SQLite's reads and writes of the files fail.
    async fn fail_request(&self, nth: u32, fault: Fault) -> Result<bool, BoxError> {
        Ok(system_calls::fail(self.folder.path(), nth, fault))
    }

    async fn stop_failing(&self) -> Result<bool, BoxError> {
        Ok(system_calls::stop(self.folder.path()))
    }
}
