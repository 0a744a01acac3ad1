//! However a key comes and goes, every call that reads knows of it.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvCapabilities, KvError, KvHandle};

use super::{list, needs, open, open_with_cap};
use crate::case::{CaseResult, cases, check, check_eq, check_keys};
use crate::fixture::DynFixture;

cases! {
    "KV-LIST-13" => a_key_is_listed_by_whatever_call_it_was_made;
    "KV-LIST-13", "KV-DELETE-2" => a_key_is_gone_from_the_listing_by_whatever_call_it_was_removed;
    "KV-LIST-13", "KV-TTL-4" => a_key_stays_listed_by_whatever_call_its_ttl_ended;
    "KV-LIST-13", "KV-TTL-3" => an_expired_key_is_listed_again_by_whatever_call_it_was_made;
    "KV-CAP-1", "KV-LIST-13" => a_key_counts_towards_the_cap_by_whatever_call_it_was_made;
}

/// A call that makes a key, or writes it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Make {
    Put,
    PutMany,
    Increment,
    Swap,
    Update,
    ReadModifyWrite,
    PutWithTtl,
}

impl Make {
    const ALL: [Self; 7] = [
        Self::Put,
        Self::PutMany,
        Self::Increment,
        Self::Swap,
        Self::Update,
        Self::ReadModifyWrite,
        Self::PutWithTtl,
    ];

    fn supported(can: KvCapabilities) -> Vec<Self> {
        let is_supported = |make: &Self| match make {
            Self::Put | Self::PutMany => true,
            Self::Increment => can.increment,
            Self::Swap | Self::Update | Self::ReadModifyWrite => can.compare_and_swap,
            Self::PutWithTtl => can.ttl,
        };
        Self::ALL.into_iter().filter(is_supported).collect()
    }

    /// Writes the key; `counter` is a counter's form, which is not JSON.
    async fn make(self, kv: &KvHandle, key: &str, counter: &Bytes) -> Result<(), KvError> {
        match self {
            Self::Put => kv.put_bytes(key, counter.clone()).await,
            Self::PutMany => {
                let pair = (key.to_owned(), counter.clone());
                kv.put_many_bytes(vec![pair]).await
            }
            Self::Increment => kv.increment(key, 1).await.map(drop),
            Self::Swap => kv.compare_and_swap(key).await?.swap(counter.clone()).await,
            Self::Update => {
                // It reads JSON, which a counter is not everywhere.
                let json = |_: Option<u8>| Some(1_u8);
                match kv.update(key, json).await {
                    Err(KvError::Serialization { .. }) => {
                        kv.compare_and_swap(key).await?.swap("1").await
                    }
                    done => done.map(drop),
                }
            }
            Self::ReadModifyWrite => match kv.read_modify_write(key, 0_u8, |_| 1).await {
                Err(KvError::Serialization { .. }) => {
                    kv.compare_and_swap(key).await?.swap("1").await
                }
                done => done.map(drop),
            },
            Self::PutWithTtl => kv.put_bytes_with_ttl(key, counter.clone(), TTL).await,
        }
    }
}

const TTL: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
enum Remove {
    Delete,
    DeleteMany,
}

impl Remove {
    const ALL: [Self; 2] = [Self::Delete, Self::DeleteMany];

    async fn remove(self, kv: &KvHandle, key: &str) -> Result<(), KvError> {
        match self {
            Self::Delete => kv.delete(key).await,
            Self::DeleteMany => kv.delete_many(&[key]).await,
        }
    }
}

/// A counter's bytes where the platform counts, else any.
async fn counter(kv: &KvHandle, can: KvCapabilities) -> Result<Bytes, KvError> {
    if !can.increment {
        return Ok(Bytes::from("1"));
    }
    kv.increment("!counter", 1).await?;
    let stored = kv.get_bytes("!counter").await?.unwrap_or_default();
    kv.delete("!counter").await?;
    Ok(stored)
}

/// Checks that these are the keys, for every call that reads.
async fn check_there(kv: &KvHandle, keys: &[String], what: &str) -> Result<(), BoxError> {
    check_keys!(list(kv, "").await?, keys, "{what}: the keys listed");
    let found = kv.get_many_bytes(keys).await?;
    for (key, found) in keys.iter().zip(found) {
        check!(found.is_some(), "{what}: get_many finds no {key:?}");
        check!(kv.exists(key).await?, "{what}: {key:?} does not exist");
    }
    Ok(())
}

async fn a_key_is_listed_by_whatever_call_it_was_made(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let can = kv.check_capabilities().await?;
    let counter = counter(&kv, can).await?;
    let ways = Make::supported(can);
    let mut keys = Vec::new();
    // Made in one way, and written again in another.
    for first in &ways {
        for second in &ways {
            let key = format!("{first:?}-{second:?}");
            first.make(&kv, &key, &counter).await?;
            keys.push(key.clone());
            keys.sort();
            let page = kv.list_keys_page(&key, None, 10).await?;
            check_keys!(
                page.keys,
                [&key],
                "{key:?} made by {first:?}: the keys listed"
            );
            // A value of its own form, for the increment.
            kv.put_bytes(&key, counter.clone()).await?;
            second.make(&kv, &key, &counter).await?;
        }
    }
    check_there(&kv, &keys, "made and written again").await?;
    let other = open(fixture).await?;
    Ok(check_there(&other, &keys, "through another handle").await?)
}

async fn a_key_is_gone_from_the_listing_by_whatever_call_it_was_removed(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    let can = kv.check_capabilities().await?;
    let counter = counter(&kv, can).await?;
    let ways = Make::supported(can);
    let mut keys = Vec::new();
    for first in &ways {
        for remove in Remove::ALL {
            for second in &ways {
                let key = format!("{first:?}-{remove:?}-{second:?}");
                first.make(&kv, &key, &counter).await?;
                remove.remove(&kv, &key).await?;
                check!(!kv.exists(&key).await?, "{key:?} exists after its removal");
                keys.push((*second, key));
            }
        }
    }
    check_keys!(
        list(&kv, "").await?,
        [""; 0],
        "all were removed; the keys listed"
    );
    for (second, key) in &keys {
        second.make(&kv, key, &counter).await?;
    }
    let mut keys: Vec<_> = keys.into_iter().map(|(_, key)| key).collect();
    keys.sort();
    Ok(check_there(&kv, &keys, "removed and made again").await?)
}

async fn open_with_ttl(fixture: &DynFixture) -> Result<(KvHandle, KvCapabilities), BoxError> {
    let kv = open(fixture).await?;
    let can = kv.check_capabilities().await?;
    needs(can.ttl, "TTL")?;
    Ok((kv, can))
}

async fn a_key_stays_listed_by_whatever_call_its_ttl_ended(fixture: &DynFixture) -> CaseResult {
    let (kv, can) = open_with_ttl(fixture).await?;
    let counter = counter(&kv, can).await?;
    let mut keys = Vec::new();
    for way in Make::supported(can) {
        let key = format!("{way:?}");
        Make::PutWithTtl.make(&kv, &key, &counter).await?;
        way.make(&kv, &key, &counter).await?;
        if way != Make::PutWithTtl {
            keys.push(key);
        }
    }
    keys.sort();
    fixture.pass_time(TTL + Duration::from_secs(1)).await?;
    Ok(check_there(&kv, &keys, "after the TTL that was taken away").await?)
}

async fn an_expired_key_is_listed_again_by_whatever_call_it_was_made(
    fixture: &DynFixture,
) -> CaseResult {
    let (kv, can) = open_with_ttl(fixture).await?;
    let counter = counter(&kv, can).await?;
    let mut keys: Vec<_> = Make::supported(can)
        .into_iter()
        .map(|way| (way, format!("{way:?}")))
        .collect();
    for (_, key) in &keys {
        Make::PutWithTtl.make(&kv, key, &counter).await?;
    }
    fixture.pass_time(TTL + Duration::from_secs(1)).await?;
    check_keys!(list(&kv, "").await?, [""; 0], "the keys after their TTL");
    for (way, key) in &keys {
        way.make(&kv, key, &counter).await?;
    }
    keys.sort_by(|(_, a), (_, b)| a.cmp(b));
    let keys: Vec<_> = keys.into_iter().map(|(_, key)| key).collect();
    Ok(check_there(&kv, &keys, "made again after their TTL").await?)
}

async fn a_key_counts_towards_the_cap_by_whatever_call_it_was_made(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open_with_cap(fixture, 2).await?;
    let can = kv.check_capabilities().await?;
    let counter = counter(&kv, can).await?;
    for way in Make::supported(can) {
        for key in ["a", "b"] {
            kv.put_bytes(key, "x").await?;
        }
        check_keys!(list(&kv, "").await?, ["a", "b"], "the keys before {way:?}");
        way.make(&kv, "c", &counter).await?;
        let page = kv.list_keys_page("", None, 10).await;
        let over = matches!(page, Err(KvError::LimitExceeded { .. }));
        check_eq!(
            over,
            true,
            "whether {way:?} of a third key is over the cap of 2"
        );
        kv.delete("c").await?;
    }
    Ok(())
}
