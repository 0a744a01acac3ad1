//! Stores on a platform that lists by scanning a table of keys. While keys come and go
//! the table shrinks and grows, and the scan names some keys twice, as Redis does.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Flaw, RIGHT, Right, others};

const ONCE: &str = "kv::listing::a_key_is_listed_once_while_thousands_of_others_come_and_go";
const PAGES: &str = "kv::listing::no_key_comes_twice_in_pages_while_others_come_and_go";

/// So many keys are in one part of the table.
const PART: usize = 512;

/// The keys as the platform names them.
async fn scan(right: &Right, prefix: &str) -> Result<Vec<String>, KvError> {
    let mut named = Vec::new();
    let mut at = 0;
    loop {
        let keys = right.keys("").await?;
        // When the table shrinks, its parts are merged, and what was named in one of
        // them comes again.
        let parts = (keys.len() / PART + 1).next_power_of_two() as u64;
        let is_here = |key: &&String| {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            hasher.finish() % parts == at % parts && key.starts_with(prefix)
        };
        named.extend(keys.iter().filter(is_here).cloned());
        at += 1;
        if at >= parts {
            return Ok(named);
        }
        others().await;
    }
}

fn page(mut keys: Vec<String>, cursor: Option<&str>, limit: usize) -> KvPage {
    keys.retain(|key| cursor.is_none_or(|after| key.as_str() > after));
    let more = keys.len() > limit;
    keys.truncate(limit);
    let cursor = keys.last().filter(|_| more).cloned();
    KvPage { keys, cursor }
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_key_that_the_scan_names_twice_is_listed_twice",
        fails: &[ONCE],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut keys = scan(right, prefix).await?;
                keys.sort();
                Ok(page(keys, cursor, limit))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "only_neighbours_in_the_scan_are_compared",
        fails: &[ONCE],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut keys = scan(right, prefix).await?;
                keys.dedup();
                keys.sort();
                Ok(page(keys, cursor, limit))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_that_the_scan_names_twice_takes_two_places_of_the_page",
        fails: &[PAGES],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut keys = scan(right, prefix).await?;
                keys.sort();
                let mut page = page(keys, cursor, limit);
                page.keys.dedup();
                page.keys.pop();
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_page_is_what_the_scan_names_next",
        fails: &[PAGES],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                // The cursor is a place in the scan.
                let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap_or(0));
                let keys = scan(right, prefix).await?;
                let rest = keys.get(from..).unwrap_or_default();
                let some = &rest[..rest.len().min(limit)];
                let next = (some.len() < rest.len()).then(|| (from + limit).to_string());
                let once: BTreeSet<_> = some.iter().cloned().collect();
                Ok(KvPage {
                    keys: once.into_iter().collect(),
                    cursor: next,
                })
            })
        },
        ..RIGHT
    },
];
