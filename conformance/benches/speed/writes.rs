//! Writes, each on the disk before it returns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusqlite::params;

use crate::data::{self, Files, LARGE, SMALL};
use crate::measure::{Bench, Measured};
use crate::peers::{self, Load, Mutexed, Ours, ROUND, Raw, Redb, Store, many_tasks, one_task};

pub(crate) const ONE: &str = "put, one task";
pub(crate) const MANY: &str = "put, 64 tasks";
pub(crate) const ONE_FEW: &str = "put into 1,000 keys, one task";
pub(crate) const MANY_FEW: &str = "put into 1,000 keys, 64 tasks";
pub(crate) const MIXED: &str = "95 gets to 5 puts, 64 tasks";
pub(crate) const BATCH: &str = "batch of 10,000";

const BATCH_SIZE: usize = 10_000;

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    let keys = data::zipf(LARGE);
    // Each has a file of its own: a write-ahead log that has grown is faster to
    // write to, and the first to come would make it grow for the second.
    let ours = Arc::new(Ours::open(&files.copy(LARGE, "ours-put.db")));
    bench.measure((ONE, "ours"), 1, |runtime, rounds| {
        one_task(runtime, &ours, &keys, Load::Put, rounds)
    });
    let raw = Raw::open(&files.copy(LARGE, "raw-put.db"));
    one(bench, (ONE, "raw"), &raw, &keys);
    let mutex = Arc::new(Mutexed::open(&files.copy(LARGE, "mutex-put.db")));
    let redb = Arc::new(Redb::open(files.redb()));

    many(bench, (MANY, "ours"), &ours, &keys, Load::Put);
    let few = data::zipf(SMALL);
    let small = Arc::new(Ours::open(&files.copy(SMALL, "ours-put-small.db")));
    many(bench, (MANY_FEW, "ours"), &small, &few, Load::Put);
    one(
        bench,
        (ONE_FEW, "raw"),
        &Raw::open(&files.copy(SMALL, "raw-put-small.db")),
        &few,
    );

    many(bench, (MANY, "mutex"), &mutex, &keys, Load::Put);
    many(bench, (MANY, "redb"), &redb, &keys, Load::Put);

    many(bench, (MIXED, "ours"), &ours, &keys, Load::Mixed);
    many(bench, (MIXED, "redb"), &redb, &keys, Load::Mixed);
    many(bench, (MIXED, "mutex"), &mutex, &keys, Load::Mixed);

    batches(bench, files);
}

/// A transaction for each.
fn one(bench: &mut Bench, what: Measured, raw: &Raw, keys: &[String]) {
    let mut put = raw.prepare(peers::raw::PUT);
    let mut next = keys.iter().cycle();
    bench.measure(what, 1, |_, rounds| {
        let started = Instant::now();
        for _ in 0..rounds {
            put.execute(params![data::LABEL, next.next(), data::new_value()])
                .unwrap();
        }
        started.elapsed()
    });
}

fn many<S: Store>(
    bench: &mut Bench,
    what: Measured,
    store: &Arc<S>,
    keys: &Arc<[String]>,
    load: Load,
) {
    bench.measure(what, ROUND, |runtime, rounds| {
        many_tasks(runtime, store, keys, load, rounds)
    });
}

/// The same 10,000 keys in a row each time, in a file of their own.
fn batches(bench: &mut Bench, files: &Files) {
    let file = files.copy(SMALL, "batch.db");
    let keys = || (0..BATCH_SIZE).map(data::key);
    let ours = Ours::open(&file);
    bench.measure((BATCH, "ours"), 1, |runtime, rounds| {
        let mut taken = Duration::ZERO;
        for _ in 0..rounds {
            let pairs = keys().map(|key| (key, Bytes::from(data::new_value())));
            let pairs = pairs.collect();
            let started = Instant::now();
            runtime.block_on(ours.kv.put_many_bytes(pairs)).unwrap();
            taken += started.elapsed();
        }
        taken
    });
    let mut raw = Raw::open(&file);
    bench.measure((BATCH, "raw"), 1, |_, rounds| {
        let mut taken = Duration::ZERO;
        for _ in 0..rounds {
            let pairs: Vec<_> = keys().map(|key| (key, data::new_value())).collect();
            let started = Instant::now();
            raw.put_all(&pairs);
            taken += started.elapsed();
        }
        taken
    });
}
