//! Many calls under way at once.

use edgezero_store_traits::KvError;
use futures_util::future::{join_all, try_join, try_join_all};

use super::{list, open, others, pattern};
use crate::case::{CaseResult, cases, check, check_eq, check_keys};
use crate::fixture::DynFixture;

cases! {
    "KV-CONCURRENT-1" => puts_of_different_keys_all_take_effect;
    "KV-CONCURRENT-1" => writers_with_handles_of_their_own_all_take_effect;
    "KV-CONCURRENT-2" => puts_of_one_key_leave_one_value_whole;
    "KV-CONCURRENT-3" => many_readers_at_once_each_get_their_value;
    "KV-CONCURRENT-3" => reads_beside_writes_see_whole_values_only;
    "KV-CONCURRENT-4" => listings_beside_writes_show_every_key_that_stays;
}

async fn puts_of_different_keys_all_take_effect(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys: Vec<_> = (0..64).map(|n| format!("key:{n:02}")).collect();
    try_join_all(keys.iter().map(|key| kv.put_bytes(key, key.clone()))).await?;
    check_keys!(list(&kv, "").await?, keys, "the keys");
    for key in &keys {
        check_eq!(
            kv.get_bytes(key).await?,
            Some(key.clone().into()),
            "the value of {key}"
        );
    }
    Ok(())
}

async fn writers_with_handles_of_their_own_all_take_effect(fixture: &DynFixture) -> CaseResult {
    let mut handles = Vec::new();
    for _ in 0..8 {
        handles.push(open(fixture).await?);
    }
    let writers = handles.iter().enumerate().map(|(writer, kv)| async move {
        for n in 0..8 {
            kv.put_bytes(&format!("{writer}:{n}"), "x").await?;
        }
        Ok::<_, KvError>(())
    });
    try_join_all(writers).await?;
    for (writer, kv) in handles.iter().enumerate() {
        let keys = list(kv, &format!("{writer}:")).await?;
        check_eq!(keys.len(), 8, "the keys of writer {writer}");
    }
    Ok(())
}

async fn puts_of_one_key_leave_one_value_whole(fixture: &DynFixture) -> CaseResult {
    const LENGTH: usize = 100_000;
    let kv = open(fixture).await?;
    for round in 0..4 {
        let puts =
            (0..16).map(|seed| kv.put_bytes("key", pattern(seed * 16, LENGTH - usize::from(seed))));
        try_join_all(puts).await?;
        let found = kv.get_bytes("key").await?.unwrap_or_default();
        let whole = (0..16).any(|seed| found == pattern(seed * 16, LENGTH - usize::from(seed)));
        check!(
            whole,
            "round {round}: {} bytes that nobody wrote",
            found.len()
        );
    }
    Ok(())
}

async fn many_readers_at_once_each_get_their_value(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for n in 0..16_u8 {
        kv.put_bytes(&format!("key:{n}"), pattern(n, 10_000))
            .await?;
    }
    let reads = (0..128_u8).map(|n| {
        let kv = kv.clone();
        async move { kv.get_bytes(&format!("key:{}", n % 16)).await }
    });
    for (n, read) in (0..128_u8).zip(join_all(reads).await) {
        check!(
            read? == Some(pattern(n % 16, 10_000)),
            "read {n} got another value"
        );
    }
    Ok(())
}

async fn reads_beside_writes_see_whole_values_only(fixture: &DynFixture) -> CaseResult {
    const WRITES: u8 = 30;
    const LENGTH: usize = 50_000;
    let kv = open(fixture).await?;
    kv.put_bytes("key", pattern(0, LENGTH)).await?;
    let write = async {
        for seed in 1..=WRITES {
            kv.put_bytes("key", pattern(seed, LENGTH)).await?;
            others().await;
        }
        Ok::<_, KvError>(())
    };
    let read = try_join_all((0..4).map(|_| async {
        let mut seen = Vec::new();
        for _ in 0..WRITES {
            seen.push(kv.get_bytes("key").await?.unwrap_or_default());
            others().await;
        }
        Ok::<_, KvError>(seen)
    }));
    let ((), readers) = try_join(write, read).await?;
    for seen in readers {
        // A reader never goes back to a value older than one it has seen.
        let mut newest = 0;
        for value in seen {
            let seed = value.first().copied().unwrap_or_default();
            check!(
                value == pattern(seed, LENGTH),
                "{} bytes that nobody wrote",
                value.len()
            );
            check!(seed >= newest, "write {seed} was read after write {newest}");
            newest = seed;
        }
    }
    Ok(())
}

async fn listings_beside_writes_show_every_key_that_stays(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let stay: Vec<_> = (0..20).map(|n| format!("stays:{n:02}")).collect();
    for key in &stay {
        kv.put_bytes(key, "x").await?;
    }
    let write = async {
        for n in 0..20 {
            let key = format!("stays:{n:02}:passes");
            kv.put_bytes(&key, "x").await?;
            others().await;
            kv.delete(&key).await?;
            others().await;
        }
        Ok::<_, KvError>(())
    };
    let read = try_join_all((0..8).map(|_| kv.list_keys_page("stays:", None, 1000)));
    let ((), listings) = try_join(write, read).await?;
    for listing in listings {
        check!(
            listing.keys.is_sorted(),
            "a listing out of order: {:?}",
            listing.keys
        );
        let mut keys = listing.keys;
        keys.retain(|key| !key.ends_with(":passes"));
        check_eq!(keys, stay, "the keys that stay");
    }
    Ok(())
}
