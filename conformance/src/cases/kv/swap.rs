//! Compare and swap.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvHandle};
use futures_util::future::join_all;

use super::{list, open, pattern};
use crate::case::{CaseResult, Stop, cases, check, check_eq, check_err};
use crate::fixture::Fixture;

cases! {
    "KV-SWAP-1" => a_swap_begins_with_the_stored_value_or_none;
    "KV-SWAP-2" => a_swap_replaces_the_value_it_began_with;
    "KV-SWAP-2" => a_swap_creates_what_was_missing;
    "KV-SWAP-2" => swap_follows_swap_and_each_counts_once;
    "KV-SWAP-2" => a_swap_that_is_given_up_changes_nothing;
    "KV-SWAP-3" => a_swap_of_a_value_that_changed_is_a_conflict;
    "KV-SWAP-3" => a_put_and_a_swap_in_between_are_a_conflict;
    "KV-SWAP-3" => a_swap_of_a_value_that_was_removed_is_a_conflict;
    "KV-SWAP-3" => a_swap_of_nothing_is_a_conflict_once_there_is_a_value;
    "KV-SWAP-3" => a_value_that_differs_in_its_last_byte_is_another;
    "KV-SWAP-4" => of_many_swaps_at_once_one_succeeds;
    "KV-SWAP-5" => without_compare_and_swap_it_is_unsupported;
    "KV-TTL-4", "KV-SWAP-2" => a_swap_takes_the_ttl_away_and_an_expired_value_is_none;
    "KV-SWAP-3", "KV-VALUE-1" => a_swap_to_a_value_over_25_mib_is_refused;
}

pub(super) async fn open_with_swap(fixture: &dyn Fixture) -> Result<KvHandle, Stop> {
    let kv = open(fixture).await?;
    if kv.check_capabilities().await?.compare_and_swap {
        Ok(kv)
    } else {
        Err(Stop::Excluded(
            "the backend has no compare_and_swap".to_owned(),
        ))
    }
}

fn conflict(result: Result<(), KvError>, what: &str) -> CaseResult {
    let error = check_err!(result, KvError::Conflict { .. }, "{what}");
    check_eq!(error.status(), 409, "the status");
    check!(error.to_string().contains("\"key\""), "it says: {error}");
    Ok(())
}

async fn a_swap_begins_with_the_stored_value_or_none(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    check_eq!(kv.compare_and_swap("key").await?.current(), None, "missing");
    for value in ["", "x", "a\0b"] {
        kv.put_bytes("key", value).await?;
        let swap = kv.compare_and_swap("key").await?;
        check_eq!(swap.current(), Some(&Bytes::from(value)), "a value");
    }
    Ok(())
}

async fn a_swap_replaces_the_value_it_began_with(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for (old, new) in [("old", "new"), ("new", ""), ("", "x"), ("x", "x")] {
        kv.put_bytes("key", old).await?;
        kv.compare_and_swap("key").await?.swap(new).await?;
        check_eq!(
            kv.get_bytes("key").await?,
            Some(Bytes::from(new)),
            "{old:?} swapped for {new:?}"
        );
    }
    check_eq!(list(&kv, "").await?, ["key"], "the keys");
    Ok(())
}

async fn a_swap_creates_what_was_missing(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("other", "stays").await?;
    for value in ["x", ""] {
        kv.compare_and_swap("key").await?.swap(value).await?;
        check_eq!(kv.get_bytes("key").await?, Some(value.into()), "created");
        kv.delete("key").await?;
    }
    check_eq!(list(&kv, "").await?, ["other"], "the keys");
    Ok(())
}

async fn swap_follows_swap_and_each_counts_once(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    let mut before = None;
    for value in ["a", "b", "a", "c", "a"] {
        let swap = kv.compare_and_swap("key").await?;
        check_eq!(swap.current().cloned(), before, "before {value}");
        swap.swap(value).await?;
        // Read twice: nothing of the swap comes later.
        for _ in 0..2 {
            let found = kv.get_bytes("key").await?;
            check_eq!(found, Some(value.into()), "after {value}");
        }
        before = Some(Bytes::from(value));
    }
    kv.put_bytes("key", "put").await?;
    check_eq!(kv.get_bytes("key").await?, Some("put".into()), "a put");
    Ok(())
}

async fn a_swap_that_is_given_up_changes_nothing(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    drop(kv.compare_and_swap("key").await?);
    check!(!kv.exists("key").await?, "the key was made");
    kv.put_bytes("key", "x").await?;
    drop(kv.compare_and_swap("key").await?);
    kv.put_bytes("key", "y").await?;
    check_eq!(kv.get_bytes("key").await?, Some("y".into()), "get");
    Ok(())
}

async fn a_swap_of_a_value_that_changed_is_a_conflict(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for (old, theirs) in [("old", "theirs"), ("x", ""), ("", "x"), ("same", "SAME")] {
        kv.put_bytes("key", old).await?;
        let swap = kv.compare_and_swap("key").await?;
        kv.put_bytes("key", theirs).await?;
        conflict(swap.swap("ours").await, "after another put")?;
        check_eq!(kv.get_bytes("key").await?, Some(theirs.into()), "get");
    }
    // A swap is a change as any other.
    let late = kv.compare_and_swap("key").await?;
    kv.compare_and_swap("key").await?.swap("theirs").await?;
    conflict(late.swap("ours").await, "after another swap")?;
    check_eq!(kv.get_bytes("key").await?, Some("theirs".into()), "get");
    Ok(())
}

/// A version that a put or a delete takes back tells nothing of the value.
async fn a_put_and_a_swap_in_between_are_a_conflict(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for swaps in [1, 2] {
        for deletes in [false, true] {
            kv.put_bytes("key", "first").await?;
            for n in 0..swaps {
                let swap = kv.compare_and_swap("key").await?;
                swap.swap(format!("before {n}")).await?;
            }
            let late = kv.compare_and_swap("key").await?;
            if deletes {
                kv.delete("key").await?;
            }
            kv.put_bytes("key", "second").await?;
            for n in 0..swaps {
                let swap = kv.compare_and_swap("key").await?;
                swap.swap(format!("theirs {n}")).await?;
            }
            conflict(late.swap("ours").await, "after a put and a swap")?;
            let theirs = format!("theirs {}", swaps - 1);
            check_eq!(kv.get_bytes("key").await?, Some(theirs.into()), "get");
        }
    }
    Ok(())
}

async fn a_swap_of_a_value_that_was_removed_is_a_conflict(fixture: &dyn Fixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for old in ["old", ""] {
        kv.put_bytes("key", old).await?;
        let swap = kv.compare_and_swap("key").await?;
        kv.delete("key").await?;
        conflict(swap.swap("ours").await, "after a delete")?;
        check_eq!(kv.get_bytes("key").await?, None, "get");
        check!(!kv.exists("key").await?, "the key is there again");
    }
    Ok(())
}

async fn a_swap_of_nothing_is_a_conflict_once_there_is_a_value(
    fixture: &dyn Fixture,
) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for theirs in ["theirs", ""] {
        kv.delete("key").await?;
        let swap = kv.compare_and_swap("key").await?;
        kv.put_bytes("key", theirs).await?;
        conflict(swap.swap("ours").await, "after a put")?;
        check_eq!(kv.get_bytes("key").await?, Some(theirs.into()), "get");
    }
    Ok(())
}

async fn a_value_that_differs_in_its_last_byte_is_another(fixture: &dyn Fixture) -> CaseResult {
    const LENGTH: usize = 100_000;
    let kv = open_with_swap(fixture).await?;
    let old = pattern(1, LENGTH);
    let mut theirs = old.to_vec();
    theirs[LENGTH - 1] ^= 1;
    for theirs in [
        theirs,
        old[..LENGTH - 1].to_vec(),
        [&old[..], b"\0"].concat(),
    ] {
        kv.put_bytes("key", old.clone()).await?;
        let swap = kv.compare_and_swap("key").await?;
        kv.put_bytes("key", theirs.clone()).await?;
        conflict(swap.swap("ours").await, "after a put")?;
        check!(
            kv.get_bytes("key").await? == Some(theirs.into()),
            "another value is stored"
        );
    }
    Ok(())
}

async fn of_many_swaps_at_once_one_succeeds(fixture: &dyn Fixture) -> CaseResult {
    const WRITERS: usize = 16;
    let kv = open_with_swap(fixture).await?;
    let other = open(fixture).await?;
    for round in 0..20 {
        // Of a missing value in the first round, of a stored one in the others.
        let mut swaps = Vec::new();
        for _ in 0..WRITERS / 2 {
            swaps.push(kv.compare_and_swap("key").await?);
            swaps.push(other.compare_and_swap("key").await?);
        }
        let named = swaps.into_iter().enumerate();
        let done = join_all(named.map(|(writer, swap)| async move {
            let value = format!("{round} by {writer}");
            (swap.swap(value.clone()).await, value)
        }))
        .await;
        let mut winners = Vec::new();
        for (result, value) in done {
            match result {
                Ok(()) => winners.push(value),
                Err(KvError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        check_eq!(winners.len(), 1, "round {round}: swaps that succeeded");
        let found = kv.get_bytes("key").await?;
        check_eq!(found, Some(winners.remove(0).into()), "the winner's value");
    }
    Ok(())
}

async fn without_compare_and_swap_it_is_unsupported(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    if kv.check_capabilities().await?.compare_and_swap {
        return Err(Stop::Excluded(
            "the backend has compare_and_swap".to_owned(),
        ));
    }
    kv.put("key", &1).await?;
    let results = [
        kv.compare_and_swap("key").await.map(drop),
        kv.update("key", |n: Option<u8>| n).await.map(drop),
        kv.read_modify_write("key", 0, |n: u8| n + 1)
            .await
            .map(drop),
    ];
    for result in results {
        let error = check_err!(
            result,
            KvError::Unsupported {
                operation: "compare_and_swap"
            },
            "without compare_and_swap"
        );
        check_eq!(error.status(), 501, "the status");
    }
    check_eq!(kv.get("key").await?, Some(1), "the value");
    Ok(())
}

async fn a_swap_takes_the_ttl_away_and_an_expired_value_is_none(
    fixture: &dyn Fixture,
) -> CaseResult {
    const MINUTE: Duration = Duration::from_secs(60);
    let kv = open_with_swap(fixture).await?;
    if !kv.check_capabilities().await?.ttl {
        return Err(Stop::Excluded("the backend has no TTL".to_owned()));
    }
    for key in ["swapped", "left", "key"] {
        kv.put_bytes_with_ttl(key, "x", MINUTE).await?;
    }
    kv.compare_and_swap("swapped").await?.swap("y").await?;
    let late = kv.compare_and_swap("key").await?;
    fixture.pass_time(MINUTE + Duration::from_secs(1)).await?;
    check_eq!(
        kv.get_bytes("swapped").await?,
        Some("y".into()),
        "the one that was swapped"
    );
    conflict(late.swap("z").await, "after it expired")?;
    let swap = kv.compare_and_swap("left").await?;
    check_eq!(swap.current(), None, "the one that expired");
    swap.swap("anew").await?;
    check_eq!(
        kv.get_bytes("left").await?,
        Some("anew".into()),
        "the one created anew"
    );
    Ok(())
}

async fn a_swap_to_a_value_over_25_mib_is_refused(fixture: &dyn Fixture) -> CaseResult {
    use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;

    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("key", "old").await?;
    let swap = kv.compare_and_swap("key").await?;
    let large = vec![0; MAX_VALUE_BYTES + 1];
    check_err!(swap.swap(large).await, KvError::Validation { .. }, "a swap");
    check_eq!(kv.get_bytes("key").await?, Some("old".into()), "get");
    Ok(())
}
