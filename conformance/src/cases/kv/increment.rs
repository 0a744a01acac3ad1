//! Counters.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvError, KvHandle};
use futures_util::future::try_join_all;

use super::{needs, needs_none, open};
use crate::case::{CaseResult, cases, check, check_eq, check_err};
use crate::fixture::{Declined, DynFixture};
use crate::forms::shows;

cases! {
    "KV-INCREMENT-1" => a_missing_counter_is_0_and_each_increment_returns_the_sum;
    "KV-INCREMENT-1" => what_is_added_may_be_negative_or_0;
    "KV-INCREMENT-1" => two_counters_count_apart;
    "KV-INCREMENT-2" => a_counter_is_stored_in_the_platforms_own_form;
    "KV-INCREMENT-2" => a_counter_that_another_program_wrote_is_counted_on;
    "KV-INCREMENT-2" => a_counter_is_read_through_any_handle;
    "KV-INCREMENT-3" => an_overflow_is_an_error_and_leaves_the_counter;
    "KV-INCREMENT-3" => a_value_that_is_no_counter_is_an_error_and_stays;
    "KV-INCREMENT-4" => increments_at_the_same_time_are_all_counted;
    "KV-INCREMENT-5" => without_increment_it_is_unsupported_and_changes_nothing;
    "KV-TTL-4", "KV-INCREMENT-1" => an_increment_takes_the_ttl_away_and_starts_anew_after_it;
    "KV-CHECK-1" => a_counters_key_out_of_range_is_refused;
}

async fn counters(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    let kv = open(fixture).await?;
    needs(kv.check_capabilities().await?.increment, "increment")?;
    Ok(kv)
}

async fn a_missing_counter_is_0_and_each_increment_returns_the_sum(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = counters(fixture).await?;
    check_eq!(kv.counter("visits").await?, 0, "before the first");
    for (delta, sum) in [
        (1, 1),
        (1, 2),
        (40, 42),
        (1_000_000_000_000, 1_000_000_000_042),
    ] {
        check_eq!(kv.increment("visits", delta).await?, sum, "plus {delta}");
        check_eq!(kv.counter("visits").await?, sum, "read after plus {delta}");
    }
    Ok(())
}

async fn what_is_added_may_be_negative_or_0(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    for (delta, sum) in [(-3, -3), (0, -3), (5, 2), (-2, 0), (0, 0)] {
        check_eq!(kv.increment("n", delta).await?, sum, "plus {delta}");
    }
    check_eq!(kv.increment("fresh", 0).await?, 0, "0 to a missing counter");
    check!(kv.exists("fresh").await?, "the counter was not made");
    Ok(())
}

async fn two_counters_count_apart(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    for _ in 0..3 {
        kv.increment("a", 1).await?;
        kv.increment("A", 10).await?;
    }
    check_eq!(kv.counter("a").await?, 3, "a");
    check_eq!(kv.counter("A").await?, 30, "A");
    Ok(())
}

/// The bytes of a counter on this platform.
async fn bytes_of(fixture: &DynFixture, count: i64) -> Result<Bytes, BoxError> {
    fixture.counter_bytes(count).await?.ok_or_else(|| {
        Declined::new("the fixture does not know the platform's form of a counter").into()
    })
}

async fn a_counter_is_stored_in_the_platforms_own_form(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    for (key, count) in [
        ("zero", 0),
        ("one", 1_i64),
        ("minus", -2),
        ("large", 0x0102_0304_0506_0708),
        ("eight-digits", 12_345_678),
    ] {
        kv.increment(key, count).await?;
        let stored = kv.get_bytes(key).await?;
        let expected = bytes_of(fixture, count).await?;
        check_eq!(stored, Some(expected), "the bytes of {count}");
    }
    Ok(())
}

async fn a_counter_that_another_program_wrote_is_counted_on(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    for count in [41_i64, -1, 0, 12_345_678, -1_234_567, i64::MAX - 1] {
        kv.put_bytes("n", bytes_of(fixture, count).await?).await?;
        check_eq!(kv.counter("n").await?, count, "read after a put of {count}");
        let sum = count + 1;
        check_eq!(kv.increment("n", 1).await?, sum, "after a put of {count}");
        check_eq!(kv.counter("n").await?, sum, "read after it");
    }
    kv.delete("n").await?;
    check_eq!(kv.increment("n", 1).await?, 1, "after a delete");
    Ok(())
}

async fn a_counter_is_read_through_any_handle(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    kv.increment("n", 7).await?;
    // The first call of a handle is the one that may have something to find out.
    for call in 0..3 {
        let later = open(fixture).await?;
        let found = match call {
            0 => later.counter("n").await?,
            1 => later.increment("n", 0).await?,
            _ => {
                check_eq!(later.counter("missing").await?, 0, "a missing one");
                later.counter("n").await?
            }
        };
        check_eq!(found, 7, "through a later handle");
    }
    Ok(())
}

async fn an_overflow_is_an_error_and_leaves_the_counter(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    for (end, step) in [(i64::MAX, 1), (i64::MIN, -1)] {
        kv.delete("n").await?;
        kv.increment("n", end - step).await?;
        check_eq!(kv.increment("n", step).await?, end, "up to the end");
        for delta in [step, step * 1000, end] {
            let error = check_err!(
                kv.increment("n", delta).await,
                KvError::CounterOverflow { .. },
                "{end} plus {delta}"
            );
            check_eq!(error.status(), 500, "the status");
            check!(error.to_string().contains("\"n\""), "it says: {error}");
            check_eq!(kv.counter("n").await?, end, "the counter afterwards");
        }
        check_eq!(kv.increment("n", -step).await?, end - step, "back");
    }
    Ok(())
}

async fn a_value_that_is_no_counter_is_an_error_and_stays(fixture: &DynFixture) -> CaseResult {
    let kv = counters(fixture).await?;
    let five = fixture.counter_bytes(5).await?;
    // Also what is nearly a number, and what another platform takes for one.
    for value in [
        "",
        "5",
        "seven b",
        "nine byte",
        "{\"a\":1}",
        "007",
        "+5",
        "-0",
        " 5",
        "5 ",
        "5.0",
        "5e1",
        "92233720368547758080",
        "٥",
    ] {
        if five.as_deref() == Some(value.as_bytes()) {
            continue;
        }
        kv.put_bytes("n", value).await?;
        let errors = [
            kv.increment("n", 1).await.map(drop),
            kv.increment("n", 0).await.map(drop),
            kv.counter("n").await.map(drop),
        ];
        for result in errors {
            let error = check_err!(result, KvError::NotACounter { .. }, "{value:?}");
            check_eq!(error.status(), 500, "the status");
            check!(
                value.len() < 7 || !shows(&error, value.as_bytes()),
                "the value is in: {error:?}"
            );
            check!(error.to_string().contains("\"n\""), "no key in: {error}");
        }
        check_eq!(kv.get_bytes("n").await?, Some(value.into()), "afterwards");
    }
    Ok(())
}

async fn increments_at_the_same_time_are_all_counted(fixture: &DynFixture) -> CaseResult {
    const TASKS: usize = 16;
    const EACH: usize = 500;
    let kv = counters(fixture).await?;
    // Some of them by another handle: it is the store that counts.
    let other = open(fixture).await?;
    let handles = (0..TASKS).map(|task| if task % 4 == 0 { &other } else { &kv });
    let tasks = handles.map(|kv| async move {
        let mut sums = Vec::with_capacity(EACH);
        for _ in 0..EACH {
            sums.push(kv.increment("n", 1).await?);
        }
        Ok::<_, KvError>(sums)
    });
    let sums = try_join_all(tasks).await?;
    check_eq!(kv.counter("n").await?, (TASKS * EACH) as i64, "the count");
    for sums in &sums {
        check!(sums.is_sorted(), "a task's sums went down");
    }
    let distinct: BTreeSet<_> = sums.iter().flatten().collect();
    check_eq!(distinct.len(), TASKS * EACH, "the number of distinct sums");
    Ok(())
}

async fn without_increment_it_is_unsupported_and_changes_nothing(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    needs_none(kv.check_capabilities().await?.increment, "increment")?;
    let five = 5_i64.to_le_bytes().to_vec();
    kv.put_bytes("old", five.clone()).await?;
    for key in ["old", "new"] {
        let error = check_err!(
            kv.increment(key, 1).await,
            KvError::Unsupported {
                operation: "increment"
            },
            "increment"
        );
        check_eq!(error.status(), 501, "the status");
    }
    check_eq!(kv.get_bytes("old").await?, Some(five.into()), "the old one");
    check!(!kv.exists("new").await?, "a new one was made");
    Ok(())
}

async fn an_increment_takes_the_ttl_away_and_starts_anew_after_it(
    fixture: &DynFixture,
) -> CaseResult {
    const MINUTE: Duration = Duration::from_secs(60);
    let kv = counters(fixture).await?;
    needs(kv.check_capabilities().await?.ttl, "TTL")?;
    let five = bytes_of(fixture, 5).await?;
    kv.put_bytes_with_ttl("counted", five.clone(), MINUTE)
        .await?;
    kv.put_bytes_with_ttl("left", five, MINUTE).await?;
    check_eq!(kv.increment("counted", 1).await?, 6, "before it expires");
    fixture.pass_time(MINUTE + Duration::from_secs(1)).await?;
    check_eq!(kv.counter("counted").await?, 6, "the one that was counted");
    check_eq!(kv.increment("left", 1).await?, 1, "the one that expired");
    Ok(())
}

async fn a_counters_key_out_of_range_is_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for key in ["", "..", "a\0", &"k".repeat(513)] {
        let increment = kv.increment(key, 1).await;
        check_err!(increment, KvError::Validation { .. }, "increment");
        let counter = kv.counter(key).await;
        check_err!(counter, KvError::Validation { .. }, "counter");
        let swap = kv.compare_and_swap(key).await;
        check_err!(swap, KvError::Validation { .. }, "compare_and_swap");
    }
    Ok(())
}
