//! From a file that nobody has open to the first value.

use std::time::{Duration, Instant};

use crate::data::{self, Files};
use crate::measure::{Bench, Side, Turn};
use crate::peers::{self, Ours, Raw, Store};

pub(crate) const OPEN: &str = "open a file of 1,000,000 keys and get";

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    let file = files.of(data::LARGE);
    let key = data::key(4_711);
    let ours = Side {
        what: (OPEN, "ours"),
        operations: 1,
        run: Box::new(|runtime, rounds| {
            runtime.block_on(async {
                let mut taken = Duration::ZERO;
                for _ in 0..rounds {
                    let started = Instant::now();
                    let ours = Ours::open(&file);
                    assert!(ours.get(&key).await.is_some());
                    taken += started.elapsed();
                }
                taken
            })
        }),
    };
    let raw = Side {
        what: (OPEN, "raw"),
        operations: 1,
        run: Box::new(|_, rounds| {
            let mut taken = Duration::ZERO;
            for _ in 0..rounds {
                let started = Instant::now();
                let raw = Raw::open(&file);
                let mut statement = raw.prepare(peers::raw::GET);
                assert!(!peers::raw::get(&mut statement, &key).is_empty());
                taken += started.elapsed();
            }
            taken
        }),
    };
    bench.measure_in_turn(Turn::Short, [ours, raw]);
}
