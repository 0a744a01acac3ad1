//! Pages of keys.

use std::path::Path;

use futures_util::TryStreamExt;

use crate::data::{self, Files, LARGE, SIZES};
use crate::measure::{Bench, Side, Turn, time};
use crate::peers::{Mutexed, Ours, Raw};

pub(crate) const ALL: &str = "all pages of 1,000,000 keys";

/// A page of 100 in a prefix, out of a store of so many keys.
pub(crate) fn page(keys: usize) -> &'static str {
    match keys {
        1_000 => "page of 100 in a prefix, 1,000 keys",
        10_000 => "page of 100 in a prefix, 10,000 keys",
        100_000 => "page of 100 in a prefix, 100,000 keys",
        1_000_000 => "page of 100 in a prefix, 1,000,000 keys",
        _ => unreachable!("no file has {keys} keys"),
    }
}

const LIMIT: usize = 100;

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    for keys in SIZES {
        let prefix = data::prefix(keys / 2);
        let ours = Ours::open_capped(&files.of(keys));
        bench.measure((page(keys), "ours"), 1, |runtime, rounds| {
            let pages = async {
                for _ in 0..rounds {
                    let page = ours.kv.list_keys_page(&prefix, None, LIMIT);
                    assert_eq!(page.await.unwrap().keys.len(), LIMIT);
                }
            };
            time(|| runtime.block_on(pages))
        });
        let mutex = Mutexed::open(&files.copy(keys, &format!("mutex-list-{keys}.db")));
        bench.measure((page(keys), "mutex"), 1, |runtime, rounds| {
            let pages = async {
                for _ in 0..rounds {
                    assert_eq!(mutex.page(&prefix, LIMIT).await.len(), LIMIT);
                }
            };
            time(|| runtime.block_on(pages))
        });
    }

    all_pages(bench, &files.of(LARGE));
}

fn all_pages(bench: &mut Bench, file: &Path) {
    let ours = Ours::open(file);
    let raw = Raw::open(file);
    let mut scan = raw.prepare("SELECT key FROM spin_key_value WHERE store = ?1 ORDER BY key");
    let ours = Side {
        what: (ALL, "ours"),
        operations: 1,
        run: Box::new(|runtime, rounds| {
            let kv = ours.kv.clone();
            let pages = async move {
                for _ in 0..rounds {
                    let mut pages = kv.pages("", 1000);
                    let mut found = 0;
                    while let Some(page) = pages.try_next().await.unwrap() {
                        found += page.keys.len();
                    }
                    assert_eq!(found, LARGE);
                }
            };
            time(|| runtime.block_on(runtime.spawn(pages)).unwrap())
        }),
    };
    let raw = Side {
        what: (ALL, "raw"),
        operations: 1,
        run: Box::new(|_, rounds| {
            time(|| {
                for _ in 0..rounds {
                    let keys = scan.query_map([data::LABEL], |row| row.get::<_, String>(0));
                    assert_eq!(keys.unwrap().map(Result::unwrap).count(), LARGE);
                }
            })
        }),
    };
    bench.measure_in_turn(Turn::Short, [ours, raw]);
}
