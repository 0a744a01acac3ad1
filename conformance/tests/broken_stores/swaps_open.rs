//! Stores that few swaps may be open on.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap};

use crate::flaw::{Done, Flaw, Notes, RIGHT, Right, internal, others};

const OPEN: &str = "kv::swap::a_hundred_swaps_may_be_open_at_once";
const OTHERS: &str = "kv::swap::open_swaps_do_not_keep_other_calls_waiting";

/// A swap that keeps something as long as it is open.
struct Kept {
    swap: Box<dyn KvSwap>,
    _kept: Permit,
}

/// One of a few, noted by a name; given back when it is dropped.
struct Permit(Arc<Notes>, String);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.take(&self.1);
    }
}

#[async_trait]
impl KvSwap for Kept {
    fn current(&self) -> Option<&Bytes> {
        self.swap.current()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        self.swap.swap(value).await
    }
}

fn open_in(notes: &Notes) -> usize {
    let notes = notes.lock();
    notes.keys().filter(|key| key.starts_with("open ")).count()
}

/// Takes one of `most` connections, and waits where there is none.
async fn take(notes: &Arc<Notes>, most: usize, name: &str) -> Permit {
    if open_in(notes) >= most {
        // Whoever waits here is the one that would give one back.
        std::future::pending::<()>().await;
    }
    let number = notes.count("number");
    let name = format!("open {name}{number}");
    notes.set(&name, "");
    Permit(notes.clone(), name)
}

fn in_a_pool_of<'a>(right: &'a Right, key: &'a str, most: usize) -> Done<'a, Box<dyn KvSwap>> {
    Box::pin(async move {
        let kept = take(&right.shared, most, "").await;
        let swap = right.compare_and_swap(key).await?;
        Ok(Box::new(Kept { swap, _kept: kept }) as Box<dyn KvSwap>)
    })
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "the_33rd_swap_waits_for_a_connection_for_ever",
        fails: &[OPEN],
        compare_and_swap: |right, key| in_a_pool_of(right, key, 32),
        ..RIGHT
    },
    Flaw {
        name: "the_65th_swap_waits_for_a_connection_for_ever",
        fails: &[OPEN, OTHERS],
        compare_and_swap: |right, key| in_a_pool_of(right, key, 64),
        ..RIGHT
    },
    Flaw {
        name: "the_17th_swap_fails",
        fails: &[OPEN],
        compare_and_swap: |right, key| {
            if open_in(&right.shared) >= 16 {
                return Box::pin(async { Err(internal("too many swaps")) });
            }
            in_a_pool_of(right, key, 16)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_second_swap_of_one_key_waits_for_the_first",
        fails: &[OTHERS],
        compare_and_swap: |right, key| {
            Box::pin(async move {
                let name = format!("{key} ");
                let is_open = |key: &String| key.starts_with(&format!("open {name}"));
                if right.shared.lock().keys().any(is_open) {
                    std::future::pending::<()>().await;
                }
                let kept = take(&right.shared, usize::MAX, &name).await;
                let swap = right.compare_and_swap(key).await?;
                Ok(Box::new(Kept { swap, _kept: kept }) as Box<dyn KvSwap>)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_open_swap_locks_the_store",
        fails: &[OTHERS],
        put: |right, key, value| {
            Box::pin(async move {
                while open_in(&right.shared) > 0 {
                    std::future::pending::<()>().await;
                    others().await;
                }
                right.put_bytes(key, value).await
            })
        },
        compare_and_swap: |right, key| in_a_pool_of(right, key, usize::MAX),
        ..RIGHT
    },
];
