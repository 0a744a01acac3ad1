//! The process that is killed: tasks that write, and acknowledge what has returned.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::{KvError, KvStore};
use fastrand::Rng;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::kept::{BATCH, KINDS, Kept, Kind, TASKS, batch_key, value};

pub(crate) const MARKER: &str = "--as-writer";

/// Values are up to so long: then the log is brought back every hundred writes or so.
const LONGEST: usize = 60_000;

/// Writes until it is killed; an error ends it, and so fails the test.
pub(crate) fn run(path: &Path, kept: &Kept, seed: &str) {
    let mut random = Rng::with_seed(seed.parse().unwrap());
    let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
    let store = Arc::new(store);
    Runtime::new().unwrap().block_on(async {
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (store, times) = (store.clone(), kept.times(task));
            let random = random.fork();
            tasks.spawn(async move { write(&store, task, times, random).await.unwrap() });
        }
        tasks.join_all().await;
    });
}

async fn write(
    store: &SqliteKvStore,
    task: usize,
    mut times: [u64; KINDS.len()],
    mut random: Rng,
) -> Result<(), KvError> {
    loop {
        let kind = random.usize(..KINDS.len());
        times[kind] += 1;
        let (key, times) = (KINDS[kind].key(task), times[kind]);
        let value = value(times, random.usize(..LONGEST));
        match KINDS[kind] {
            Kind::Put => store.put_bytes(&key, value.into()).await?,
            Kind::Batch => {
                let pair = |n| (batch_key(task, n), value.clone().into());
                store.put_many((0..BATCH).map(pair).collect()).await?;
            }
            Kind::Increment => {
                store.increment(&key, 1).await?;
            }
            Kind::PutOrDelete if times % 2 == 1 => store.put_bytes(&key, value.into()).await?,
            Kind::PutOrDelete => store.delete(&key).await?,
        }
        // In one piece, which is in the pipe even when the process ends at once.
        let line = format!("{task} {kind} {times}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}
