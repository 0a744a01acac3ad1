//! The mirror, in this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use conformance::operations::{Answer, Session, Stores, Work};
use edgezero_store_sqlite::{SqliteFile, Synchronous};
use edgezero_store_traits::{BoxError, KvError, KvStore};

use crate::world::Subject;

/// The mirror's stores in one file, with a clock that stands still, if with TTL.
pub(crate) struct MirrorStores {
    file: SqliteFile,
    seconds: Arc<AtomicU64>,
}

impl MirrorStores {
    pub(crate) fn open(path: &Path, ttl: bool, now: u64) -> Result<Self, BoxError> {
        let seconds = Arc::new(AtomicU64::new(now));
        let clock = {
            let seconds = seconds.clone();
            move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed))
        };
        // Waiting for the disk is not what is compared.
        let options = SqliteFile::options().synchronous(Synchronous::Normal);
        let file = options.ttl(ttl).clock(clock).open(path)?;
        Ok(Self { file, seconds })
    }
}

#[async_trait]
impl Stores for MirrorStores {
    async fn open(
        &self,
        label: &str,
        max_list_keys: Option<u32>,
    ) -> Result<Arc<dyn KvStore>, KvError> {
        Ok(Arc::new(match max_list_keys {
            None => self.file.kv(label)?,
            Some(max) => self.file.kv_with_max_list_keys(label, max)?,
        }))
    }
}

/// The mirror as an actor that keeps its file open.
pub(crate) struct Mirror {
    path: PathBuf,
    ttl: bool,
    seconds: Arc<AtomicU64>,
    session: Session<MirrorStores>,
}

impl Mirror {
    pub(crate) fn new(path: &Path, ttl: bool) -> Result<Self, BoxError> {
        let stores = MirrorStores::open(path, ttl, 0)?;
        Ok(Self {
            path: path.to_owned(),
            ttl,
            seconds: stores.seconds.clone(),
            session: Session::new(stores),
        })
    }
}

#[async_trait]
impl Subject for Mirror {
    async fn run(&mut self, work: Work, now: u64) -> Result<Vec<Answer>, BoxError> {
        self.seconds.store(now, Ordering::Relaxed);
        Ok(self.session.run(work).await)
    }

    async fn reopen(&mut self) -> Result<(), BoxError> {
        *self = Self::new(&self.path, self.ttl)?;
        Ok(())
    }

    fn keeps_swap(&self) -> bool {
        true
    }
}
