//! Stores that count wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::counter;

use crate::flaw::{Done, Flaw, On, RIGHT, Right, internal, others};

/// Reads, adds and writes, and lets others in between.
fn in_two_steps<'a>(right: &'a Right, key: &'a str, delta: i64) -> Done<'a, i64> {
    Box::pin(async move {
        let sum = counter::add(key, right.get_bytes(key).await?.as_deref(), delta)?;
        others().await;
        store(right, key, sum).await
    })
}

async fn store(right: &Right, key: &str, count: i64) -> Result<i64, KvError> {
    let bytes = Bytes::copy_from_slice(&counter::to_bytes(count));
    right.put_bytes(key, bytes).await?;
    Ok(count)
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "an_increment_returns_what_was_there",
        fails: &["kv::increment::a_missing_counter_is_0_and_each_increment_returns_the_sum"],
        increment: |right, key, delta| {
            Box::pin(async move { Ok(right.increment(key, delta).await? - delta) })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_is_always_by_1",
        fails: &["kv::increment::a_missing_counter_is_0_and_each_increment_returns_the_sum"],
        increment: |right, key, _| right.increment(key, 1),
        ..RIGHT
    },
    Flaw {
        name: "a_missing_counter_is_an_error",
        fails: &["kv::increment::a_missing_counter_is_0_and_each_increment_returns_the_sum"],
        increment: |right, key, delta| {
            Box::pin(async move {
                if !right.exists(key).await? {
                    return Err(internal("404"));
                }
                right.increment(key, delta).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_does_not_go_below_0",
        fails: &["kv::increment::what_is_added_may_be_negative_or_0"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let sum = counter::add(key, stored.as_deref(), delta)?.max(0);
                store(right, key, sum).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_by_0_makes_no_counter",
        fails: &["kv::increment::what_is_added_may_be_negative_or_0"],
        increment: |right, key, delta| {
            Box::pin(async move {
                if delta == 0 {
                    return counter::read(key, right.get_bytes(key).await?.as_deref());
                }
                right.increment(key, delta).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "all_counters_are_one",
        fails: &["kv::increment::two_counters_count_apart"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let sum = right.increment("the counter", delta).await?;
                store(right, key, sum).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_is_stored_as_text",
        fails: &["kv::increment::a_counter_is_stored_in_the_platforms_own_form"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?.unwrap_or_default();
                let count: i64 = String::from_utf8_lossy(&stored).parse().unwrap_or(0);
                let text = (count + delta).to_string();
                right.put_bytes(key, text.into()).await?;
                Ok(count + delta)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_is_big_endian",
        fails: &["kv::increment::a_counter_is_stored_in_the_platforms_own_form"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let count = counter::read(key, stored.as_deref())?.swap_bytes();
                store(right, key, (count + delta).swap_bytes()).await?;
                Ok(count + delta)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "counters_are_kept_beside_the_values",
        fails: &["kv::increment::a_counter_that_another_program_wrote_is_counted_on"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.shared.get(key);
                let sum = counter::add(key, stored.as_deref(), delta)?;
                right.shared.set(key, counter::to_bytes(sum).to_vec());
                store(right, key, sum).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_wraps",
        fails: &["kv::increment::an_overflow_is_an_error_and_leaves_the_counter"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let sum = counter::read(key, stored.as_deref())?.wrapping_add(delta);
                store(right, key, sum).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_stays_at_the_end_of_its_range",
        fails: &["kv::increment::an_overflow_is_an_error_and_leaves_the_counter"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let sum = counter::read(key, stored.as_deref())?.saturating_add(delta);
                store(right, key, sum).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_overflow_is_found_after_the_write",
        fails: &["kv::increment::an_overflow_is_an_error_and_leaves_the_counter"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let count = counter::read(key, stored.as_deref())?;
                store(right, key, count.wrapping_add(delta)).await?;
                counter::add(key, stored.as_deref(), delta)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "what_is_no_counter_counts_as_0",
        fails: &["kv::increment::a_value_that_is_no_counter_is_an_error_and_stays"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                let count = counter::read(key, stored.as_deref()).unwrap_or(0);
                store(right, key, count + delta).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "what_is_no_counter_is_found_after_the_write",
        fails: &["kv::increment::a_value_that_is_no_counter_is_an_error_and_stays"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?;
                store(right, key, delta).await?;
                counter::add(key, stored.as_deref(), delta)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_about_what_is_no_counter_holds_the_value",
        fails: &["kv::increment::a_value_that_is_no_counter_is_an_error_and_stays"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?.unwrap_or_default();
                match right.increment(key, delta).await {
                    Err(KvError::NotACounter { len, .. }) if len > 1 => {
                        let key = String::from_utf8_lossy(&stored).into_owned();
                        Err(KvError::NotACounter { key, len })
                    }
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        // A check for 8 bytes on a platform that counts in decimal.
        name: "a_counter_that_was_counted_once_is_not_a_counter",
        fails: &["kv::increment::a_missing_counter_is_0_and_each_increment_returns_the_sum"],
        increment: |right, key, delta| {
            Box::pin(async move {
                match right.get_bytes(key).await? {
                    None => right.increment(key, delta).await,
                    Some(stored) => Err(KvError::NotACounter {
                        key: key.to_owned(),
                        len: stored.len(),
                    }),
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        // The sum of an increment that is read in a second step.
        name: "two_increments_at_once_return_one_sum",
        fails: &["kv::increment::increments_at_the_same_time_are_all_counted"],
        increment: |right, key, delta| {
            Box::pin(async move {
                right.increment(key, delta).await?;
                others().await;
                right.counter(key).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_error_about_what_is_no_counter_holds_the_value_in_base64",
        fails: &["kv::increment::a_value_that_is_no_counter_is_an_error_and_stays"],
        increment: |right, key, delta| {
            Box::pin(async move {
                let stored = right.get_bytes(key).await?.unwrap_or_default();
                let done = right.increment(key, delta).await;
                done.map_err(|_| KvError::NotACounter {
                    key: format!("{key:?} {}", STANDARD.encode(stored)),
                    len: 0,
                })
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_busy_counter_is_an_internal_error",
        fails: &["kv::limits::a_busy_platform_is_waited_for_or_unavailable"],
        on: On::Sqlite,
        increment: |right, key, delta| match right.shared.take("busy") {
            Some(_) if delta != 0 => Box::pin(async { Err(internal("locked")) }),
            _ => right.increment(key, delta),
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_that_is_busy_is_made_again_though_it_counted",
        fails: &["kv::limits::a_busy_platform_is_waited_for_or_unavailable"],
        on: On::Sqlite,
        increment: |right, key, delta| {
            Box::pin(async move {
                if right.shared.take("busy").is_some() {
                    right.increment(key, delta).await?;
                }
                right.increment(key, delta).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_increment_reads_and_writes_in_two_steps",
        fails: &["kv::increment::increments_at_the_same_time_are_all_counted"],
        increment: in_two_steps,
        ..RIGHT
    },
    Flaw {
        name: "an_increment_is_atomic_for_its_own_handle_only",
        fails: &["kv::increment::increments_at_the_same_time_are_all_counted"],
        increment: |right, key, delta| Box::pin(right.own.in_turn(in_two_steps(right, key, delta))),
        ..RIGHT
    },
    Flaw {
        name: "without_increment_it_counts",
        fails: &["kv::increment::without_increment_it_is_unsupported_and_changes_nothing"],
        capabilities: |capabilities| capabilities.with_increment(false),
        ..RIGHT
    },
    Flaw {
        name: "an_increment_is_unsupported_and_counts",
        fails: &["kv::increment::without_increment_it_is_unsupported_and_changes_nothing"],
        capabilities: |capabilities| capabilities.with_increment(false),
        increment: |right, key, delta| {
            Box::pin(async move {
                right.increment(key, delta).await?;
                let operation = "increment";
                Err(KvError::Unsupported { operation })
            })
        },
        ..RIGHT
    },
];
