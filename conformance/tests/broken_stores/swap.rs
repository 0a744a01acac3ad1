//! Stores that swap when they should not, or do not when they should.

use bytes::Bytes;
use edgezero_store_traits::KvError;

use crate::flaw::{Begun, Flaw, RIGHT, conflict, internal, others};

/// Compares and writes, and lets others in between.
async fn in_two_steps(begun: Begun, value: Bytes) -> Result<(), KvError> {
    if begun.right.get_bytes(&begun.key).await? != begun.current {
        return Err(conflict(&begun.key));
    }
    others().await;
    begun.right.put_bytes(&begun.key, value).await
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_swap_begins_with_an_empty_value_for_a_missing_one",
        fails: &["kv::swap::a_swap_begins_with_the_stored_value_or_none"],
        current: |current| Some(current.unwrap_or_default()),
        ..RIGHT
    },
    Flaw {
        name: "a_swap_begins_with_none_for_an_empty_value",
        fails: &["kv::swap::a_swap_begins_with_the_stored_value_or_none"],
        current: |current| current.filter(|value| !value.is_empty()),
        ..RIGHT
    },
    Flaw {
        name: "a_swap_that_begins_makes_the_key",
        fails: &["kv::swap::a_swap_that_is_given_up_changes_nothing"],
        compare_and_swap: |right, key| {
            Box::pin(async move {
                let swap = right.compare_and_swap(key).await?;
                if swap.current().is_none() {
                    right.put_bytes(key, "".into()).await?;
                }
                Ok(swap)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_locks_the_key_until_it_swaps",
        fails: &["kv::swap::a_swap_that_is_given_up_changes_nothing"],
        put: |right, key, value| {
            if right.shared.has(key) {
                return Box::pin(async { Err(internal("locked")) });
            }
            right.put_bytes(key, value)
        },
        compare_and_swap: |right, key| {
            right.shared.set(key, "");
            right.compare_and_swap(key)
        },
        swap: |begun, value| {
            begun.right.shared.take(&begun.key);
            begun.swap.swap(value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_creates_nothing",
        fails: &["kv::swap::a_swap_creates_what_was_missing"],
        swap: |begun, value| {
            if begun.current.is_none() {
                return Box::pin(async move { Err(conflict(&begun.key)) });
            }
            begun.swap.swap(value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_is_written_again_after_the_next_put",
        fails: &["kv::swap::swap_follows_swap_and_each_counts_once"],
        put: |right, key, value| {
            Box::pin(async move {
                right.put_bytes(key, value).await?;
                match right.shared.take(key) {
                    None => Ok(()),
                    Some(swapped) => right.put_bytes(key, swapped).await,
                }
            })
        },
        swap: |begun, value| {
            begun.right.shared.set(&begun.key, value.clone());
            begun.swap.swap(value)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_ignores_what_is_stored",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move { begun.right.put_bytes(&begun.key, value).await })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_is_tried_again_after_a_lost_race",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                match begun.swap.swap(value.clone()).await {
                    Err(KvError::Conflict { .. }) => begun.right.put_bytes(&begun.key, value).await,
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_conflict_is_found_after_the_write",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                let stored = begun.right.get_bytes(&begun.key).await?;
                begun.right.put_bytes(&begun.key, value).await?;
                if stored != begun.current {
                    return Err(conflict(&begun.key));
                }
                Ok(())
            })
        },
        ..RIGHT
    },
    Flaw {
        // Spin 4.1 on Redis.
        name: "a_swap_writes_and_is_always_a_conflict",
        fails: &[
            "kv::swap::a_swap_replaces_the_value_it_began_with",
            "kv::update::updates_at_the_same_time_are_all_kept",
        ],
        swap: |begun, value| {
            Box::pin(async move {
                begun.swap.swap(value).await?;
                Err(conflict(&begun.key))
            })
        },
        ..RIGHT
    },
    Flaw {
        // Spin on Redis with half of it mended.
        name: "a_swap_that_lost_the_race_succeeds_and_writes_nothing",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                match begun.swap.swap(value).await {
                    Err(KvError::Conflict { .. }) => Ok(()),
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        // Spin on DynamoDB: a put takes the version away, and the next swap starts it
        // again.
        name: "a_swap_compares_a_version_that_a_put_takes_back",
        fails: &["kv::swap::a_put_and_a_swap_in_between_are_a_conflict"],
        put: |right, key, value| {
            right.shared.take(key);
            right.put_bytes(key, value)
        },
        compare_and_swap: |right, key| {
            Box::pin(async move {
                let version = right.shared.get(key).unwrap_or_default();
                let swap = right.compare_and_swap(key).await?;
                // The swap's own: no two of the case begin with one value.
                right.own.set(&format!("{:?}", swap.current()), version);
                Ok(swap)
            })
        },
        swap: |begun, value| {
            Box::pin(async move {
                let (right, key) = (&begun.right, &begun.key);
                let begun_with = right.own.get(&format!("{:?}", begun.current.as_ref()));
                let begun_with = begun_with.unwrap_or_default();
                let version = right.shared.get(key).unwrap_or_default();
                let is_same = match version.is_empty() {
                    true => right.get_bytes(key).await? == begun.current,
                    false => version == begun_with,
                };
                if !is_same {
                    return Err(conflict(key));
                }
                right.shared.count(key);
                right.put_bytes(key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_conflict_is_an_internal_error",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                let done = begun.swap.swap(value).await;
                done.map_err(|error| internal(error.to_string()))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_conflict_names_no_key",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                let done = begun.swap.swap(value).await;
                done.map_err(|_| conflict(""))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_lost_swap_succeeds",
        fails: &["kv::swap::a_swap_of_a_value_that_changed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                match begun.swap.swap(value).await {
                    Err(KvError::Conflict { .. }) => Ok(()),
                    done => done,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_takes_a_removed_value_for_an_empty_one",
        fails: &["kv::swap::a_swap_of_a_value_that_was_removed_is_a_conflict"],
        swap: |begun, value| {
            Box::pin(async move {
                let stored = begun.right.get_bytes(&begun.key).await?;
                if stored.unwrap_or_default() != begun.current.unwrap_or_default() {
                    return Err(conflict(&begun.key));
                }
                begun.right.put_bytes(&begun.key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_of_nothing_overwrites",
        fails: &["kv::swap::a_swap_of_nothing_is_a_conflict_once_there_is_a_value"],
        swap: |begun, value| {
            Box::pin(async move {
                if begun.current.is_none() {
                    return begun.right.put_bytes(&begun.key, value).await;
                }
                begun.swap.swap(value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_compares_the_first_64_kib",
        fails: &["kv::swap::a_value_that_differs_in_its_last_byte_is_another"],
        swap: |begun, value| {
            Box::pin(async move {
                let stored = begun.right.get_bytes(&begun.key).await?;
                let start = |value: Option<Bytes>| {
                    value.map(|value| value.slice(..value.len().min(1 << 16)))
                };
                if start(stored) != start(begun.current) {
                    return Err(conflict(&begun.key));
                }
                begun.right.put_bytes(&begun.key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_compares_lengths",
        fails: &["kv::swap::a_value_that_differs_in_its_last_byte_is_another"],
        swap: |begun, value| {
            Box::pin(async move {
                let stored = begun.right.get_bytes(&begun.key).await?;
                if stored.map(|value| value.len()) != begun.current.map(|value| value.len()) {
                    return Err(conflict(&begun.key));
                }
                begun.right.put_bytes(&begun.key, value).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_compares_and_writes_in_two_steps",
        fails: &["kv::swap::of_many_swaps_at_once_one_succeeds"],
        swap: |begun, value| Box::pin(in_two_steps(begun, value)),
        ..RIGHT
    },
    Flaw {
        name: "a_swap_is_atomic_for_its_own_handle_only",
        fails: &["kv::swap::of_many_swaps_at_once_one_succeeds"],
        swap: |begun, value| {
            let right = begun.right.clone();
            Box::pin(async move { right.own.in_turn(in_two_steps(begun, value)).await })
        },
        ..RIGHT
    },
    Flaw {
        name: "without_compare_and_swap_it_swaps",
        fails: &["kv::swap::without_compare_and_swap_it_is_unsupported"],
        capabilities: |capabilities| capabilities.with_compare_and_swap(false),
        ..RIGHT
    },
];
