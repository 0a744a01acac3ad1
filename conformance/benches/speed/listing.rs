//! Pages of keys.

use std::sync::Arc;

use crate::data::{self, Files, LARGE, SIZES};
use crate::measure::{Bench, time};
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

    let file = files.of(LARGE);
    let ours = Arc::new(Ours::open(&file));
    bench.measure((ALL, "ours"), 1, |runtime, rounds| {
        let kv = ours.kv.clone();
        let pages = async move {
            for _ in 0..rounds {
                let mut found = 0;
                let mut cursor: Option<String> = None;
                loop {
                    let page = kv.list_keys_page("", cursor.as_deref(), 1000);
                    let page = page.await.unwrap();
                    found += page.keys.len();
                    cursor = page.cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
                assert_eq!(found, LARGE);
            }
        };
        time(|| runtime.block_on(runtime.spawn(pages)).unwrap())
    });
    let raw = Raw::open(&file);
    let mut scan = raw.prepare("SELECT key FROM spin_key_value WHERE store = ?1 ORDER BY key");
    bench.measure((ALL, "raw"), 1, |_, rounds| {
        time(|| {
            for _ in 0..rounds {
                let keys = scan.query_map([data::LABEL], |row| row.get::<_, String>(0));
                assert_eq!(keys.unwrap().map(Result::unwrap).count(), LARGE);
            }
        })
    });
}
