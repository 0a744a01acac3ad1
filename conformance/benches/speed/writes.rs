//! Writes, each on the disk before it returns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusqlite::params;

use crate::data::{self, Files, LARGE, SMALL};
use crate::measure::{Bench, Measured, Side, Turn};
use crate::peers::{self, Load, Mutexed, Ours, Raw, Redb, many, one};

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
    let raw = Raw::open(&files.copy(LARGE, "raw-put.db"));
    let mutex = Arc::new(Mutexed::open(&files.copy(LARGE, "mutex-put.db")));
    let redb = Arc::new(Redb::open(&files.redb()));
    bench.measure_in_turn(
        Turn::Long,
        [
            one((ONE, "ours"), &ours, &keys, Load::Put),
            one_raw((ONE, "raw"), &raw, &keys),
            many((MANY, "ours"), &ours, &keys, Load::Put),
            many((MANY, "mutex"), &mutex, &keys, Load::Put),
            many((MANY, "redb"), &redb, &keys, Load::Put),
        ],
    );

    let few = data::zipf(SMALL);
    let small = Arc::new(Ours::open(&files.copy(SMALL, "ours-put-small.db")));
    let raw_small = Raw::open(&files.copy(SMALL, "raw-put-small.db"));
    bench.measure_in_turn(
        Turn::Long,
        [
            many((MANY_FEW, "ours"), &small, &few, Load::Put),
            one_raw((ONE_FEW, "raw"), &raw_small, &few),
        ],
    );

    bench.measure_in_turn(
        Turn::Long,
        [
            many((MIXED, "ours"), &ours, &keys, Load::Mixed),
            many((MIXED, "redb"), &redb, &keys, Load::Mixed),
            many((MIXED, "mutex"), &mutex, &keys, Load::Mixed),
        ],
    );

    batches(bench, files);
}

/// A transaction for each.
fn one_raw<'a>(what: Measured, raw: &'a Raw, keys: &'a [String]) -> Side<'a> {
    let mut put = raw.prepare(peers::raw::PUT);
    let mut next = keys.iter().cycle();
    Side {
        what,
        operations: 1,
        run: Box::new(move |_, rounds| {
            let started = Instant::now();
            for _ in 0..rounds {
                put.execute(params![data::LABEL, next.next(), data::new_value()])
                    .unwrap();
            }
            started.elapsed()
        }),
    }
}

/// The same 10,000 keys in a row each time, in a file of each one's own.
fn batches(bench: &mut Bench, files: &Files) {
    let keys = || (0..BATCH_SIZE).map(data::key);
    let ours = Ours::open(&files.copy(SMALL, "ours-batch.db"));
    let mut raw = Raw::open(&files.copy(SMALL, "raw-batch.db"));
    let ours = Side {
        what: (BATCH, "ours"),
        operations: 1,
        run: Box::new(|runtime, rounds| {
            let mut taken = Duration::ZERO;
            for _ in 0..rounds {
                let pairs = keys().map(|key| (key, Bytes::from(data::new_value())));
                let pairs = pairs.collect();
                let started = Instant::now();
                runtime.block_on(ours.kv.put_many_bytes(pairs)).unwrap();
                taken += started.elapsed();
            }
            taken
        }),
    };
    let raw = Side {
        what: (BATCH, "raw"),
        operations: 1,
        run: Box::new(|_, rounds| {
            let mut taken = Duration::ZERO;
            for _ in 0..rounds {
                let pairs: Vec<_> = keys().map(|key| (key, data::new_value())).collect();
                let started = Instant::now();
                raw.put_all(&pairs);
                taken += started.elapsed();
            }
            taken
        }),
    };
    bench.measure_in_turn(Turn::Long, [ours, raw]);
}
