//! Stores that make a request again that may have been carried out.

use bytes::Bytes;
use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::counter;

use crate::flaw::{Flaw, RIGHT, conflict};

const INCREMENT: &str = "kv::faults::an_increment_whose_answer_is_lost_is_not_counted_twice";
const SWAP: &str = "kv::faults::a_swap_whose_answer_is_lost_is_not_a_conflict_with_itself";

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "an_increment_whose_answer_is_lost_is_sent_again",
        fails: &[INCREMENT],
        increment: |right, key, delta| {
            Box::pin(async move {
                match right.increment(key, delta).await {
                    Err(KvError::Unavailable { .. }) => right.increment(key, delta).await,
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_whose_answer_is_lost_is_sent_again_where_the_count_did_not_change",
        fails: &[INCREMENT],
        increment: |right, key, delta| {
            Box::pin(async move {
                match right.increment(key, delta).await {
                    Err(KvError::Unavailable { .. }) => {
                        // It looks, and takes any counter for one that did not change.
                        let stored = right.get_bytes(key).await?;
                        counter::read(key, stored.as_deref())?;
                        right.increment(key, delta).await
                    }
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_that_failed_is_reported_as_made",
        fails: &[INCREMENT],
        increment: |right, key, delta| {
            Box::pin(async move {
                match right.increment(key, delta).await {
                    Err(KvError::Unavailable { .. }) => {
                        let stored = right.get_bytes(key).await?;
                        counter::read(key, stored.as_deref())
                    }
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_by_get_and_put_is_begun_again_after_its_put_was_lost",
        fails: &[INCREMENT],
        increment: |right, key, delta| {
            Box::pin(async move {
                loop {
                    let stored = right.get_bytes(key).await?;
                    let sum = counter::add(key, stored.as_deref(), delta)?;
                    let bytes = Bytes::copy_from_slice(&counter::to_bytes(sum));
                    if right.put_bytes(key, bytes).await.is_ok() {
                        return Ok(sum);
                    }
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_whose_answer_is_lost_is_sent_again",
        fails: &[SWAP],
        swap: |begun, value| {
            Box::pin(async move {
                match begun.swap.swap(value.clone()).await {
                    Err(KvError::Unavailable { .. }) => {
                        let again = begun.right.compare_and_swap(&begun.key).await?;
                        if again.current() != begun.current.as_ref() {
                            return Err(conflict(&begun.key));
                        }
                        again.swap(value).await
                    }
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_that_failed_is_a_conflict",
        fails: &[SWAP],
        swap: |begun, value| {
            Box::pin(async move {
                let done = begun.swap.swap(value).await;
                done.map_err(|_| conflict(&begun.key))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_that_failed_is_reported_as_made",
        fails: &[SWAP],
        swap: |begun, value| {
            Box::pin(async move {
                match begun.swap.swap(value).await {
                    Err(KvError::Unavailable { .. }) => Ok(()),
                    done => done,
                }
            })
        },
        ..RIGHT
    },
];
