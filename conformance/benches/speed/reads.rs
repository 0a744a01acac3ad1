//! Reads of single keys.

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::data::{self, Files};
use crate::measure::{Bench, Measured, Side, Turn};
use crate::peers::{self, Load, Mutexed, Ours, ROUND, Raw, Redb, many, one};

pub(crate) const ONE: &str = "get of 100 B, one task";
pub(crate) const SMALL: &str = "get of 100 B out of 1,000 keys, one task";
pub(crate) const LARGE_VALUE: &str = "get of 64 KiB, one task";
pub(crate) const MANY: &str = "get of 100 B, 64 tasks";

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    let keys = data::zipf(data::LARGE);
    let file = files.of(data::LARGE);
    let ours = Arc::new(Ours::open(&file));
    let mutex = Arc::new(Mutexed::open(&files.copy(data::LARGE, "mutex-get.db")));
    let redb = Arc::new(Redb::open(&files.redb()));
    let raw = Raw::open(&file);

    bench.measure_in_turn(
        Turn::Short,
        [
            one((ONE, "ours"), &ours, &keys, Load::Get),
            one_raw((ONE, "raw"), &raw, &keys),
            one((ONE, "mutex"), &mutex, &keys, Load::Get),
            one((ONE, "redb"), &redb, &keys, Load::Get),
            many((MANY, "ours"), &ours, &keys, Load::Get),
            two_raw((MANY, "raw, two threads"), &file, &keys),
            many((MANY, "mutex"), &mutex, &keys, Load::Get),
            many((MANY, "redb"), &redb, &keys, Load::Get),
        ],
    );

    let keys = data::zipf(data::SMALL);
    for (what, file) in [
        (SMALL, files.of(data::SMALL)),
        (LARGE_VALUE, files.of_large_values()),
    ] {
        let (ours, raw) = (Arc::new(Ours::open(&file)), Raw::open(&file));
        bench.measure_in_turn(
            Turn::Short,
            [
                one((what, "ours"), &ours, &keys, Load::Get),
                one_raw((what, "raw"), &raw, &keys),
            ],
        );
    }
}

fn one_raw<'a>(what: Measured, raw: &'a Raw, keys: &'a [String]) -> Side<'a> {
    let mut statement = raw.prepare(peers::raw::GET);
    let mut next = keys.iter().cycle();
    Side {
        what,
        operations: 1,
        run: Box::new(move |_, rounds| {
            let started = Instant::now();
            for key in next.by_ref().take(usize::try_from(rounds).unwrap()) {
                assert!(!peers::raw::get(&mut statement, key).is_empty());
            }
            started.elapsed()
        }),
    }
}

fn two_raw<'a>(what: Measured, file: &'a Path, keys: &'a [String]) -> Side<'a> {
    Side {
        what,
        operations: ROUND,
        run: Box::new(|_, rounds| two_threads(file, keys, rounds)),
    }
}

/// Two threads with a connection each.
fn two_threads(file: &Path, keys: &[String], rounds: u64) -> Duration {
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
