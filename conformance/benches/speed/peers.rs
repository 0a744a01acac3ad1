//! Ours, and what else one would take, behind one trait.

mod mutex;
mod ours;
pub(crate) mod raw;
mod redb;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::data;
use crate::measure::{Measured, Side};

pub(crate) use self::mutex::Mutexed;
pub(crate) use self::ours::Ours;
pub(crate) use self::raw::Raw;
pub(crate) use self::redb::Redb;

/// A store that many tasks share.
pub(crate) trait Store: Send + Sync + 'static {
    /// How long the value is.
    fn get(&self, key: &str) -> impl Future<Output = Option<usize>> + Send;

    /// Returns when the value is on the disk.
    fn put(&self, key: &str, value: Vec<u8>) -> impl Future<Output = ()> + Send;
}

/// What tasks do.
#[derive(Clone, Copy)]
pub(crate) enum Load {
    Get,
    Put,
    /// 95 reads to 5 writes.
    Mixed,
}

/// How many tasks there are where there are many.
pub(crate) const TASKS: usize = 64;

/// How many operations each of them does in a round.
const OPERATIONS: usize = 16;

/// How many operations all of them do in a round.
pub(crate) const ROUND: usize = TASKS * OPERATIONS;

/// One task that does `load`.
pub(crate) fn one<'a, S: Store>(
    what: Measured,
    store: &'a Arc<S>,
    keys: &'a Arc<[String]>,
    load: Load,
) -> Side<'a> {
    Side {
        what,
        operations: 1,
        run: Box::new(move |runtime, rounds| one_task(runtime, store, keys, load, rounds)),
    }
}

/// [`TASKS`] that do `load`.
pub(crate) fn many<'a, S: Store>(
    what: Measured,
    store: &'a Arc<S>,
    keys: &'a Arc<[String]>,
    load: Load,
) -> Side<'a> {
    Side {
        what,
        operations: ROUND,
        run: Box::new(move |runtime, rounds| many_tasks(runtime, store, keys, load, rounds)),
    }
}

/// How long one task takes for `rounds` operations.
fn one_task<S: Store>(
    runtime: &Runtime,
    store: &Arc<S>,
    keys: &Arc<[String]>,
    load: Load,
    rounds: u64,
) -> Duration {
    let (store, keys) = (store.clone(), keys.clone());
    let count = usize::try_from(rounds).unwrap();
    let start = next_start(count);
    let task = runtime.spawn(async move {
        let started = Instant::now();
        work(&*store, &keys, start, count, load).await;
        started.elapsed()
    });
    runtime.block_on(task).unwrap()
}

/// How long [`TASKS`] take together for `rounds` of [`ROUND`].
pub(crate) fn many_tasks<S: Store>(
    runtime: &Runtime,
    store: &Arc<S>,
    keys: &Arc<[String]>,
    load: Load,
    rounds: u64,
) -> Duration {
    let count = usize::try_from(rounds).unwrap() * OPERATIONS;
    let first = next_start(count);
    let started = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (store, keys) = (store.clone(), keys.clone());
            let start = first + keys.len() / TASKS * task;
            runtime.spawn(async move { work(&*store, &keys, start, count, load).await })
        })
        .collect();
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
    started.elapsed()
}

/// Where in the list of keys to begin, so that not every round asks for the same.
pub(crate) fn next_start(count: usize) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(count, Ordering::Relaxed)
}

async fn work<S: Store>(store: &S, keys: &[String], start: usize, count: usize, load: Load) {
    for n in start..start + count {
        let key = &keys[n % keys.len()];
        let is_put = match load {
            Load::Get => false,
            Load::Put => true,
            Load::Mixed => n % 20 == 0,
        };
        if is_put {
            store.put(key, data::new_value()).await;
        } else {
            assert!(store.get(key).await.is_some(), "{key} is missing");
        }
    }
}
