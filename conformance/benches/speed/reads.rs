//! Reads of single keys.

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::data::{self, Files};
use crate::measure::Bench;
use crate::peers::{self, Load, Mutexed, Ours, ROUND, Raw, Redb, Store, many_tasks, one_task};

pub(crate) const ONE: &str = "get of 100 B, one task";
pub(crate) const SMALL: &str = "get of 100 B out of 1,000 keys, one task";
pub(crate) const LARGE_VALUE: &str = "get of 64 KiB, one task";
pub(crate) const MANY: &str = "get of 100 B, 64 tasks";

type Keys = Arc<[String]>;

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    let keys = data::zipf(data::LARGE);
    let file = files.of(data::LARGE);
    let ours = Arc::new(Ours::open(&file));
    let mutex = Arc::new(Mutexed::open(&files.copy(data::LARGE, "mutex-get.db")));
    let redb = Arc::new(Redb::open(&files.redb()));

    one(bench, ONE, "ours", &ours, &keys);
    raw(bench, ONE, &file, &keys);
    one(bench, ONE, "mutex", &mutex, &keys);
    one(bench, ONE, "redb", &redb, &keys);

    many(bench, "ours", &ours, &keys);
    bench.measure((MANY, "raw, two threads"), ROUND, |_, rounds| {
        two_threads(&file, &keys, rounds)
    });
    many(bench, "mutex", &mutex, &keys);
    many(bench, "redb", &redb, &keys);

    let keys = data::zipf(data::SMALL);
    for (what, file) in [
        (SMALL, files.of(data::SMALL)),
        (LARGE_VALUE, files.of_large_values()),
    ] {
        one(bench, what, "ours", &Arc::new(Ours::open(&file)), &keys);
        raw(bench, what, &file, &keys);
    }
}

fn one<S: Store>(
    bench: &mut Bench,
    what: &'static str,
    who: &'static str,
    store: &Arc<S>,
    keys: &Keys,
) {
    bench.measure((what, who), 1, |runtime, rounds| {
        one_task(runtime, store, keys, Load::Get, rounds)
    });
}

fn many<S: Store>(bench: &mut Bench, who: &'static str, store: &Arc<S>, keys: &Keys) {
    bench.measure((MANY, who), ROUND, |runtime, rounds| {
        many_tasks(runtime, store, keys, Load::Get, rounds)
    });
}

fn raw(bench: &mut Bench, what: &'static str, file: &Path, keys: &Keys) {
    let raw = Raw::open(file);
    let mut statement = raw.prepare(peers::raw::GET);
    bench.measure((what, "raw"), 1, |_, rounds| {
        let started = Instant::now();
        for (_, key) in (0..rounds).zip(keys.iter().cycle()) {
            assert!(!peers::raw::get(&mut statement, key).is_empty());
        }
        started.elapsed()
    });
}

/// Two threads with a connection each.
fn two_threads(file: &Path, keys: &Keys, rounds: u64) -> Duration {
    let count = usize::try_from(rounds).unwrap() * ROUND / 2;
    let ready = Barrier::new(3);
    thread::scope(|scope| {
        let threads = [0, keys.len() / 2].map(|start| {
            let ready = &ready;
            scope.spawn(move || {
                let raw = Raw::open(file);
                let mut statement = raw.prepare(peers::raw::GET);
                ready.wait();
                for key in keys.iter().cycle().skip(start).take(count) {
                    assert!(!peers::raw::get(&mut statement, key).is_empty());
                }
            })
        });
        ready.wait();
        let started = Instant::now();
        for thread in threads {
            thread.join().unwrap();
        }
        started.elapsed()
    })
}
