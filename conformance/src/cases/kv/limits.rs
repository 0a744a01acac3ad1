//! Limits of the platform below the contract's, and a platform that is busy.

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvError};

use super::{list, open};
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::{Declined, DynFixture, LABEL};

cases! {
    "KV-LIMIT-1" => what_the_platform_cannot_hold_is_refused_and_changes_nothing;
    "KV-LIMIT-1", "KV-BATCH-2" => a_batch_with_what_the_platform_cannot_hold_writes_nothing;
    "KV-LIMIT-1", "KV-SWAP-3" => a_swap_to_what_the_platform_cannot_hold_changes_nothing;
    "ERROR-3" => a_busy_platform_is_waited_for_or_unavailable;
}

async fn unstorable(fixture: &DynFixture) -> Result<Vec<(String, Bytes)>, BoxError> {
    let pairs = fixture.unstorable().await?;
    if pairs.is_empty() {
        return Err(Declined::new("the platform holds everything that the contract allows").into());
    }
    Ok(pairs)
}

fn refused<T: std::fmt::Debug>(
    result: Result<T, KvError>,
    key: &str,
    what: &str,
) -> Result<(), BoxError> {
    let error = check_err!(result, KvError::PlatformLimit { .. }, "{what} of {key:?}");
    check_eq!(error.status(), 400, "the status");
    check!(
        error.to_string().contains(&format!("{key:?}")),
        "the key {key:?} is not in: {error}"
    );
    Ok(())
}

async fn what_the_platform_cannot_hold_is_refused_and_changes_nothing(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("other", "stays").await?;
    for (key, value) in unstorable(fixture).await? {
        refused(kv.put_bytes(&key, value.clone()).await, &key, "a put")?;
        // It is the value that is refused where the key takes another one.
        if kv.put_bytes(&key, "small").await.is_ok() {
            refused(kv.put_bytes(&key, value).await, &key, "a second put")?;
            let stored = kv.get_bytes(&key).await?;
            check_eq!(stored, Some("small".into()), "the value from before");
            kv.delete(&key).await?;
        }
    }
    check_keys!(list(&kv, "").await?, ["other"], "the keys");
    Ok(())
}

async fn a_batch_with_what_the_platform_cannot_hold_writes_nothing(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("other", "stays").await?;
    for (key, value) in unstorable(fixture).await? {
        for (before, after) in [(0, 0), (1, 1), (60, 0), (0, 60), (200, 200)] {
            let good = |n: usize| (format!("good{n:04}"), Bytes::from("x"));
            let pairs = (0..before).map(good);
            let pairs = pairs.chain([(key.clone(), value.clone())]);
            let pairs = pairs.chain((before..before + after).map(good));
            refused(kv.put_many_bytes(pairs.collect()).await, &key, "a batch")?;
            check_keys!(list(&kv, "").await?, ["other"], "the keys");
        }
    }
    Ok(())
}

async fn a_swap_to_what_the_platform_cannot_hold_changes_nothing(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = super::swap::open_with_swap(fixture).await?;
    kv.put_bytes("other", "stays").await?;
    for (key, value) in unstorable(fixture).await? {
        let swap = match kv.compare_and_swap(&key).await {
            Ok(swap) => swap,
            refusal => {
                refused(refusal, &key, "the beginning of a swap")?;
                refused(kv.increment(&key, 1).await, &key, "an increment")?;
                continue;
            }
        };
        refused(swap.swap(value.clone()).await, &key, "a creating swap")?;
        check!(!kv.exists(&key).await?, "it was created");
        kv.put_bytes(&key, "small").await?;
        let swap = kv.compare_and_swap(&key).await?;
        refused(swap.swap(value).await, &key, "a replacing swap")?;
        let stored = kv.get_bytes(&key).await?;
        check_eq!(stored, Some("small".into()), "the value from before");
        kv.delete(&key).await?;
    }
    check_keys!(list(&kv, "").await?, ["other"], "the keys");
    Ok(())
}

async fn a_busy_platform_is_waited_for_or_unavailable(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let can = kv.check_capabilities().await?;
    let pairs: Vec<_> = (0..5).map(|n| (n.to_string(), Bytes::from("x"))).collect();
    let keys: Vec<_> = pairs.iter().map(|(key, _)| key.clone()).collect();
    let mut counted = 0;
    for round in 0..3 {
        if can.increment {
            kv.increment("n", 0).await?;
        }
        if !fixture.make_busy(LABEL).await? {
            return Err(Declined::new("the fixture cannot make the platform busy").into());
        }
        let busy = |result: Result<(), KvError>, what: &str| match result {
            Ok(()) => Ok(true),
            result => {
                let error = check_err!(result, KvError::Unavailable { .. }, "{what}, {round}");
                check_eq!(error.status(), 503, "the status");
                Ok::<_, BoxError>(false)
            }
        };
        if can.increment && busy(kv.increment("n", 1).await.map(drop), "an increment")? {
            counted += 1;
        }
        let written = busy(kv.put_many_bytes(pairs.clone()).await, "a batch")?;
        let deleted = busy(kv.delete_many(&keys).await, "a batch of deletes")?;
        if can.increment {
            check_eq!(kv.counter("n").await?, counted, "the count");
        }
        if written && deleted {
            check_eq!(kv.get_many_bytes(&keys).await?, [const { None }; 5], "them");
        }
    }
    Ok(())
}
