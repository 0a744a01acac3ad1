//! Key-value pairs in a SQLite file.

mod range;
mod reader;
mod swap;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::{counter, limits};
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, KvSwap, Label};
use rusqlite::{Connection, params};

use self::range::KeyRange;
use self::reader::{NoBlob, Reader};
use self::swap::SqliteSwap;
use crate::database::{Database, Failure};
use crate::sql;

/// What a value of unknown length counts as, where rows of keys are counted.
const ROWS_OF_A_VALUE: usize = 32;

/// What stands under a key of Spin's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nothing.
    Missing,
    /// A value that Spin reads.
    Value(Bytes),
    /// A text or a number, which a foreign program wrote: Spin cannot read it, and
    /// replaces or deletes it as any other value.
    NotABlob,
}

/// The key-value store of one label in a [`SqliteFile`](crate::SqliteFile); clones
/// share the file.
///
/// Every write is whole or not there, also a batch; an increment and a swap read and
/// write in one transaction, which no other write comes between. They hold between
/// tasks, between processes and beside Spin. A swap that creates a key waits while a
/// component in Spin is creating one with the same
/// [ticket](edgezero_store_traits::kv::ticket).
#[derive(Clone)]
pub struct SqliteKvStore {
    database: Arc<Database>,
    label: Label,
    capabilities: KvCapabilities,
    skipped: Option<Arc<Mutex<BTreeSet<Vec<u8>>>>>,
}

impl SqliteKvStore {
    pub(crate) fn new(database: Arc<Database>, label: Label, max_list_keys: u32) -> Self {
        let capabilities = KvCapabilities::new()
            .with_ttl(database.has_ttl())
            .with_increment(true)
            .with_compare_and_swap(true)
            .with_transactions(true)
            .with_max_list_keys(max_list_keys);
        Self {
            database,
            label,
            capabilities,
            skipped: None,
        }
    }

    /// Has listings pass over keys that are not UTF-8, which a foreign program wrote, and
    /// remember them for [`SqliteKvStore::skipped_keys`]. Otherwise one such key is an error
    /// of every listing that comes to it, as on Spin.
    #[must_use]
    pub fn skip_unreadable_keys(mut self) -> Self {
        self.skipped = Some(Arc::default());
        self
    }

    /// The keys that listings of this store and its clones have passed over, in order.
    pub fn skipped_keys(&self) -> Vec<Vec<u8>> {
        let skipped = self.skipped.iter();
        let skipped = skipped.flat_map(|keys| lock(keys).iter().cloned().collect::<Vec<_>>());
        skipped.collect()
    }

    /// Writes `pairs` and deletes the keys of `deletes` in one transaction: all of it,
    /// or on an error, or when the process is killed, nothing. `written` is called
    /// after each pair, in a thread of its own: a large batch takes a while. Where the
    /// transaction had to be begun anew, that is once more for each.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = edgezero_store_sqlite::SqliteFile::open(folder.path().join("kv.db"))?;
    /// let store = file.kv("app-config")?;
    /// let pairs = vec![("greeting".to_owned(), "Hello".into())];
    /// store.write_batch(pairs, vec!["farewell".to_owned()], || ()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`KvError::Validation`] for a key or a value outside the
    /// [limits](limits), before anything is written; else as for a write.
    pub async fn write_batch(
        &self,
        pairs: Vec<(String, Bytes)>,
        deletes: Vec<String>,
        mut written: impl FnMut() + Send + 'static,
    ) -> Result<(), KvError> {
        for (key, value) in &pairs {
            limits::check_key(key)?;
            limits::check_value(key, value)?;
        }
        let action = format!("write {} and delete {} keys", pairs.len(), deletes.len());
        let label = self.label.clone();
        let done = self.database.write(move |transaction, _| {
            put_all(transaction, &label, &pairs, &mut written)?;
            delete_all(transaction, &label, &deletes)
        });
        done.await.map_err(|failure| self.failed(&action, failure))
    }

    /// The values under `keys` as they stand in the file, in the order of the keys. Unlike
    /// `get_many`, it takes any key, and a value that Spin cannot read is no error.
    ///
    /// # Errors
    /// As for a read.
    pub async fn look(&self, keys: &[&str]) -> Result<Vec<Stored>, KvError> {
        let get = self.database.reads().get;
        let owned: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let rows = keys.len().saturating_mul(ROWS_OF_A_VALUE);
        let found = self.read(rows, move |reader| {
            let _view = reader.connection.unchecked_transaction()?;
            let values = owned.iter().map(|key| {
                Ok(match reader.value(get, key)? {
                    Ok(Some(value)) => Stored::Value(value),
                    Ok(None) => Stored::Missing,
                    Err(NoBlob) => Stored::NotABlob,
                })
            });
            values.collect()
        });
        found
            .await
            .map_err(|failure| self.failed(&format!("read {} keys", keys.len()), failure))
    }

    /// `action` says what was tried: "read the key …".
    fn failed(&self, action: &str, failure: Failure) -> KvError {
        let mut message = format!("cannot {action} {}", self.place());
        if let Some(advice) = failure.advice() {
            message.push_str(": ");
            message.push_str(&advice);
        }
        let passes = failure.passes();
        let source = Some(failure.into());
        if passes {
            KvError::Unavailable { message, source }
        } else {
            KvError::Internal { message, source }
        }
    }

    /// Spin cannot read such a value either.
    fn no_blob(&self, key: &str) -> KvError {
        KvError::Internal {
            message: format!(
                "cannot read the key {key:?} {}: its value is no BLOB, and Spin reads BLOBs \
                 only; write it as x'…' or with CAST(… AS BLOB)",
                self.place()
            ),
            source: None,
        }
    }

    /// Which store this is, for a message.
    fn place(&self) -> String {
        format!(
            "in the store {:?} in {}",
            self.label.as_str(),
            self.database.path().display()
        )
    }

    /// Runs `work`, which reads at most `rows`, with this store's label.
    async fn read<T: Send + 'static>(
        &self,
        rows: usize,
        work: impl Fn(Reader<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let label = self.label.clone();
        let work = move |connection: &Connection, now| work(Reader::new(connection, &label, now));
        self.database.read(rows, work).await
    }

    /// Runs `work`, which reads and writes, in a transaction with this store's label.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl Fn(Reader<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let label = self.label.clone();
        let work = move |connection: &Connection, now| work(Reader::new(connection, &label, now));
        self.database.write(work).await
    }

    /// The value that was read under `key`.
    fn found(
        &self,
        key: &str,
        found: Result<Result<Option<Bytes>, NoBlob>, Failure>,
    ) -> Result<Option<Bytes>, KvError> {
        found
            .map_err(|failure| self.failed(&format!("read the key {key:?}"), failure))?
            .map_err(|NoBlob| self.no_blob(key))
    }

    /// Runs `work` in a transaction, with this store's label and `key`.
    async fn write(
        &self,
        key: &str,
        work: impl Fn(&Connection, &str, &str) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<(), Failure> {
        let (label, key) = (self.label.clone(), key.to_owned());
        let work = move |connection: &Connection, _| work(connection, label.as_str(), &key);
        self.database.write(work).await.map(drop)
    }

    /// A page, refused where more keys than `max` match.
    async fn page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
        max: Option<NonZeroU32>,
    ) -> Result<KvPage, KvError> {
        limits::check_page_limit(limit)?;
        let reads = self.database.reads();
        let matching = KeyRange::listed(prefix, None);
        let page = KeyRange::listed(prefix, cursor);
        // One more than the page tells whether another page follows, and one more
        // than the cap that there are too many.
        let up_to = limit + 1;
        let count_up_to = max.map(|max| i64::from(max.get()) + 1);
        let counted = count_up_to.map_or(0, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
        let rows = if self.database.has_ttl() {
            // And all that have expired, which nobody has counted.
            usize::MAX
        } else {
            counted.saturating_add(up_to)
        };
        let skips = self.skipped.is_some();
        let list = move |reader: &Reader<'_>| {
            let mut skipped = Vec::new();
            let keys = reader.keys(reads, &page, up_to, skips.then_some(&mut skipped))?;
            Ok(Some((keys, skipped)))
        };
        let listed = self.read(rows, move |reader| {
            let Some(count_up_to) = count_up_to else {
                return list(&reader);
            };
            // One view of the store: what was counted is what is listed.
            let _view = reader.connection.unchecked_transaction()?;
            if reader.count(reads, &matching, count_up_to)? == count_up_to {
                return Ok(None);
            }
            list(&reader)
        });
        let listed = listed.await.map_err(|failure| {
            self.failed(
                &format!("list the keys that start with {prefix:?}"),
                failure,
            )
        })?;
        let (mut keys, skipped) = listed.ok_or_else(|| KvError::LimitExceeded {
            prefix: prefix.to_owned(),
            max: max.map_or(0, NonZeroU32::get),
            store: None,
        })?;
        if let Some(all) = &self.skipped {
            lock(all).extend(skipped);
        }
        let more = keys.len() > limit;
        keys.truncate(limit);
        let cursor = keys.last().filter(|_| more).cloned();
        Ok(KvPage { keys, cursor })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl KvStore for SqliteKvStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        let (get, owned) = (self.database.reads().get, key.to_owned());
        let found = self.read(1, move |reader| reader.value(get, &owned)).await;
        self.found(key, found)
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        let done = self.write(key, move |transaction, label, key| {
            let mut put = transaction.prepare_cached(sql::PUT)?;
            put.execute(params![label, key, &value[..]])
        });
        done.await
            .map_err(|failure| self.failed(&format!("write the key {key:?}"), failure))
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        if !self.capabilities.ttl {
            return Err(KvError::Unsupported {
                operation: "put_bytes_with_ttl",
            });
        }
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        let (label, owned) = (self.label.clone(), key.to_owned());
        let done = self.database.write(move |transaction, now| {
            let now = now.unwrap_or_default();
            purge(transaction, now)?;
            let (label, key) = (label.as_str(), owned.as_str());
            let mut put = transaction.prepare_cached(sql::PUT)?;
            put.execute(params![label, key, &value[..]])?;
            let mut expire = transaction.prepare_cached(sql::EXPIRE)?;
            expire.execute(params![label, key, now.saturating_add(ttl)])
        });
        done.await
            .map(drop)
            .map_err(|failure| self.failed(&format!("write the key {key:?}"), failure))
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        let done = self.write(key, |transaction, label, key| {
            transaction
                .prepare_cached(sql::DELETE)?
                .execute([label, key])
        });
        done.await
            .map_err(|failure| self.failed(&format!("delete the key {key:?}"), failure))
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        let (exists, owned) = (self.database.reads().exists, key.to_owned());
        let found = self.read(1, move |reader| reader.exists(exists, &owned));
        found
            .await
            .map_err(|failure| self.failed(&format!("look for the key {key:?}"), failure))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let max = self.capabilities.max_list_keys;
        self.page(prefix, cursor, limit, max).await
    }

    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.page(prefix, cursor, limit, None).await
    }

    fn capabilities(&self) -> KvCapabilities {
        self.capabilities
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let get = self.database.reads().get;
        let owned: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let rows = keys.len().saturating_mul(ROWS_OF_A_VALUE);
        let found = self.read(rows, move |reader| {
            // One view of the store for all of them.
            let _view = reader.connection.unchecked_transaction()?;
            owned.iter().map(|key| reader.value(get, key)).collect()
        });
        let found: Vec<Result<Option<Bytes>, NoBlob>> = found
            .await
            .map_err(|failure| self.failed(&format!("read {} keys", keys.len()), failure))?;
        keys.iter()
            .zip(found)
            .map(|(key, value)| value.map_err(|NoBlob| self.no_blob(key)))
            .collect()
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        let action = format!("write {} keys", pairs.len());
        let label = self.label.clone();
        let done = self
            .database
            .write(move |transaction, _| put_all(transaction, &label, &pairs, &mut || ()));
        done.await.map_err(|failure| self.failed(&action, failure))
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        let label = self.label.clone();
        let owned: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let done = self
            .database
            .write(move |transaction, _| delete_all(transaction, &label, &owned));
        done.await
            .map_err(|failure| self.failed(&format!("delete {} keys", keys.len()), failure))
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        let (get, owned) = (self.database.reads().get, key.to_owned());
        let done = self.transact(move |reader| {
            let stored = reader.value(get, &owned)?;
            let sum = stored.map(|stored| counter::add(&owned, stored.as_deref(), delta));
            if let Ok(Ok(sum)) = sum {
                reader.put(&owned, &counter::to_bytes(sum))?;
            }
            Ok(sum)
        });
        done.await
            .map_err(|failure| self.failed(&format!("count at the key {key:?}"), failure))?
            .map_err(|NoBlob| self.no_blob(key))?
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        let (get, owned) = (self.database.reads().get, key.to_owned());
        // In turn with the writes: what another connection reads beside a write that
        // is on its way to the disk is no longer there when the swap comes.
        let found = self.transact(move |reader| reader.value(get, &owned)).await;
        let current = self.found(key, found)?;
        Ok(Box::new(SqliteSwap {
            current,
            store: self.clone(),
            key: key.to_owned(),
        }))
    }

    async fn pause(&self, duration: Duration) {
        // Not tokio's timer, which a runtime may lack. It ends early at worst.
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(duration)).await;
    }
}

fn put_all(
    transaction: &Connection,
    label: &Label,
    pairs: &[(String, Bytes)],
    written: &mut impl FnMut(),
) -> rusqlite::Result<()> {
    let mut put = transaction.prepare_cached(sql::PUT)?;
    for (key, value) in pairs {
        put.execute(params![label.as_str(), key, &value[..]])?;
        written();
    }
    Ok(())
}

fn delete_all(transaction: &Connection, label: &Label, keys: &[String]) -> rusqlite::Result<()> {
    let mut delete = transaction.prepare_cached(sql::DELETE)?;
    for key in keys {
        delete.execute([label.as_str(), key])?;
    }
    Ok(())
}

/// Deletes some of the keys whose TTL has passed.
fn purge(transaction: &Connection, now: i64) -> rusqlite::Result<()> {
    let mut purge = transaction.prepare_cached(sql::PURGE)?;
    let mut delete = transaction.prepare_cached(sql::DELETE)?;
    let expired: Vec<(String, String)> = purge
        .query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (label, key) in expired {
        delete.execute([label, key])?;
    }
    Ok(())
}

impl fmt::Debug for SqliteKvStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteKvStore")
            .field("path", &self.database.path())
            .field("label", &self.label)
            .field("capabilities", &self.capabilities)
            .finish()
    }
}
