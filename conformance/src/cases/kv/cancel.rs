//! Calls that their caller drops before they have returned.

use bytes::Bytes;

use super::batch::{largest, pairs_of};
use super::interrupted::{Attempt, POLLS, Was, Watched, Write, drop_after};
use super::{fill, list, needs, open, pattern};
use crate::case::{CaseResult, cases, check, check_eq, check_keys};
use crate::fixture::DynFixture;
use edgezero_store_traits::BoxError;

cases! {
    "KV-CANCEL-1" => dropped_calls_leave_the_store_usable_and_no_half_write;
    "KV-CANCEL-1" => a_dropped_write_is_done_or_not_done_for_every_call_that_reads;
    "KV-CANCEL-1" => a_dropped_read_changes_nothing;
    "KV-BATCH-3", "KV-CANCEL-1" => a_dropped_batch_is_done_whole_or_not_at_all;
    "KV-BATCH-3", "KV-CANCEL-1" => the_largest_batch_that_is_dropped_is_done_whole_or_not_at_all;
    "KV-TTL-8", "KV-CANCEL-1" => a_dropped_write_leaves_no_value_with_the_ttl_of_another;
}

/// Makes each write on keys that were like this, and drops it after each number of
/// polls.
async fn drop_writes(
    store: &Watched,
    writes: impl Iterator<Item = Write>,
    was: &[Was],
) -> Result<Vec<Vec<Attempt>>, BoxError> {
    let mut groups = Vec::new();
    for write in writes.filter(|write| write.is_supported(store.can)) {
        for was in was {
            let mut attempts = Vec::new();
            for polls in 0..=POLLS {
                let name = format!("dropped{polls}");
                let mut attempt = store.prepare(write, *was, &name).await?;
                let done = drop_after(polls, store.make(&attempt)).await;
                if let Some(done) = done {
                    done?;
                    attempt.result = Some(Ok(()));
                }
                attempts.push(attempt);
            }
            groups.push(attempts);
        }
    }
    Ok(groups)
}

async fn a_dropped_write_is_done_or_not_done_for_every_call_that_reads(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    let groups = drop_writes(&store, Write::ALL.into_iter(), &[Was::Missing, Was::There]);
    for attempts in groups.await? {
        store.outcomes(&attempts, false).await?;
    }
    Ok(())
}

async fn a_dropped_batch_is_done_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.transactions, "transactions")?;
    let batches = Write::ALL.into_iter().filter(|write| write.is_batch());
    let groups = drop_writes(&store, batches, &[Was::Missing, Was::There]).await?;
    for attempts in groups {
        store.outcomes(&attempts, true).await?;
    }
    Ok(())
}

async fn the_largest_batch_that_is_dropped_is_done_whole_or_not_at_all(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.transactions, "transactions")?;
    let kv = &store.kv;
    let (keys, sample) = largest();
    kv.put_many_bytes(pairs_of(&keys, "x")).await?;
    for (polls, deletes) in [(1, true), (1, false), (2, true)] {
        let what = if deletes {
            let _ = drop_after(polls, kv.delete_many(&keys)).await;
            "delete_many"
        } else {
            let pairs = pairs_of(&keys, &polls.to_string());
            let _ = drop_after(polls, kv.put_many_bytes(pairs)).await;
            "put_many"
        };
        // What was sent before this write is done now.
        kv.put_bytes("fence", "x").await?;
        let found = kv.get_many_bytes(&sample).await?;
        let first = found.iter().filter(|value| **value == found[0]).count();
        check!(
            first == sample.len(),
            "a {what} of {} keys was dropped after {polls} polls and is done in part: of {} of \
             them {first} are like the first",
            keys.len(),
            sample.len()
        );
    }
    Ok(())
}

async fn a_dropped_write_leaves_no_value_with_the_ttl_of_another(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.ttl, "TTL")?;
    let with_ttl = [Write::PutWithTtl].into_iter();
    let mut groups = drop_writes(&store, with_ttl, &[Was::Missing, Was::There]).await?;
    groups.extend(drop_writes(&store, Write::ALL.into_iter(), &[Was::Expiring]).await?);
    store.check_ttls(fixture, &groups).await?;
    Ok(())
}

async fn a_dropped_read_changes_nothing(fixture: &DynFixture) -> CaseResult {
    let store = Watched::open(fixture).await?;
    let kv = &store.kv;
    let keys: Vec<_> = (0..20).map(|n| format!("key-{n:02}")).collect();
    fill(kv, &keys).await?;
    let counts = store.can.increment;
    if counts {
        kv.increment("n", 5).await?;
    }
    for polls in 0..=POLLS {
        let _ = drop_after(polls, kv.get_bytes("key-03")).await;
        let _ = drop_after(polls, kv.get_bytes("missing")).await;
        let _ = drop_after(polls, kv.exists("key-03")).await;
        let _ = drop_after(polls, kv.list_keys_page("key", None, 7)).await;
        let _ = drop_after(polls, kv.get_many_bytes(&keys)).await;
        if store.can.compare_and_swap {
            for key in ["key-03", "missing"] {
                let _ = drop_after(polls, kv.compare_and_swap(key)).await;
            }
        }
        if counts {
            let _ = drop_after(polls, kv.counter("n")).await;
        }
        check_keys!(list(kv, "key").await?, keys, "the keys");
        let found = kv.get_bytes("key-03").await?;
        check_eq!(found, Some("x".into()), "a key after dropped reads");
        check!(!kv.exists("missing").await?, "a read made a key");
    }
    if counts {
        check_eq!(kv.increment("n", 1).await?, 6, "the counter");
    }
    let found = kv.get_many_bytes(&keys).await?;
    check_eq!(
        found,
        vec![Some(Bytes::from("x")); keys.len()],
        "the values"
    );
    Ok(())
}

async fn dropped_calls_leave_the_store_usable_and_no_half_write(
    fixture: &DynFixture,
) -> CaseResult {
    const LENGTH: usize = 50_000;
    let kv = open(fixture).await?;
    kv.put_bytes("key", pattern(0, LENGTH)).await?;
    for seed in 1..=27 {
        // Begun, and dropped where they wait.
        let polls = usize::from(seed) % (POLLS + 1);
        let put = kv.put_bytes("key", pattern(seed, LENGTH));
        let _ = drop_after(polls, put).await;
        let _ = drop_after(polls, kv.get_bytes("key")).await;
        let _ = drop_after(polls, kv.exists("key")).await;
        let _ = drop_after(polls, kv.list_keys_page("", None, 10)).await;
        let _ = drop_after(polls, kv.delete("gone")).await;
        let found = kv.get_bytes("key").await?.unwrap_or_default();
        let whole = (0..=seed).any(|seed| found == pattern(seed, LENGTH));
        check!(whole, "{} bytes that nobody wrote", found.len());
    }
    kv.put_bytes("key", "after").await?;
    check_keys!(list(&kv, "").await?, ["key"], "the keys afterwards");
    Ok(())
}
