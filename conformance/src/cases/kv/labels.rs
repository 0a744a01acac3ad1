//! Stores beside each other.

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvHandle};

use super::{list, needs, open};
use crate::case::{CaseResult, cases, check, check_eq, check_keys};
use crate::fixture::{DynFixture, OTHER_LABEL};

cases! {
    "KV-STORE-1" => two_labels_share_no_key;
    "KV-STORE-1" => a_delete_in_one_label_leaves_the_other;
    "KV-STORE-1" => a_listing_shows_its_own_label_only;
    "KV-STORE-1" => a_batch_in_one_label_leaves_the_other;
    "KV-STORE-1" => a_counter_in_one_label_leaves_the_other;
    "KV-SWAP-3", "KV-STORE-1" => a_swap_in_one_label_is_not_disturbed_by_the_other;
}

async fn both(fixture: &DynFixture) -> Result<(KvHandle, KvHandle), BoxError> {
    let other = KvHandle::new(fixture.kv(OTHER_LABEL).await?);
    Ok((open(fixture).await?, other))
}

async fn two_labels_share_no_key(fixture: &DynFixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    one.put_bytes("key", "one").await?;
    check_eq!(
        other.get_bytes("key").await?,
        None,
        "get in the other label"
    );
    check!(!other.exists("key").await?, "it exists in the other label");
    other.put_bytes("key", "other").await?;
    check_eq!(one.get_bytes("key").await?, Some(Bytes::from("one")), "one");
    check_eq!(
        other.get_bytes("key").await?,
        Some(Bytes::from("other")),
        "other"
    );
    Ok(())
}

async fn a_delete_in_one_label_leaves_the_other(fixture: &DynFixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    one.put_bytes("key", "one").await?;
    other.put_bytes("key", "other").await?;
    one.delete("key").await?;
    check_eq!(one.get_bytes("key").await?, None, "where it was deleted");
    check_eq!(
        other.get_bytes("key").await?,
        Some(Bytes::from("other")),
        "other"
    );
    Ok(())
}

async fn a_listing_shows_its_own_label_only(fixture: &DynFixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    for key in ["a", "c"] {
        one.put_bytes(key, "x").await?;
    }
    for key in ["b", "d"] {
        other.put_bytes(key, "x").await?;
    }
    check_keys!(list(&one, "").await?, ["a", "c"], "one");
    check_keys!(list(&other, "").await?, ["b", "d"], "other");
    Ok(())
}

async fn a_batch_in_one_label_leaves_the_other(fixture: &DynFixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    let keys = ["a", "b"];
    let pairs = |value: &'static str| {
        let pairs = keys.map(|key| (key.to_owned(), Bytes::from(value)));
        pairs.to_vec()
    };
    one.put_many_bytes(pairs("one")).await?;
    check_eq!(
        other.get_many_bytes(&keys).await?,
        [None, None],
        "get_many in the other label"
    );
    check_keys!(list(&other, "").await?, [""; 0], "the other label's keys");
    other.put_many_bytes(pairs("other")).await?;
    let values = |value: &'static str| [Some(Bytes::from(value)), Some(Bytes::from(value))];
    check_eq!(one.get_many_bytes(&keys).await?, values("one"), "one");
    one.delete_many(&keys).await?;
    check_eq!(
        one.get_many_bytes(&keys).await?,
        [None, None],
        "where they were deleted"
    );
    check_eq!(other.get_many_bytes(&keys).await?, values("other"), "other");
    Ok(())
}

async fn a_counter_in_one_label_leaves_the_other(fixture: &DynFixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    needs(one.check_capabilities().await?.increment, "increment")?;
    one.increment("n", 5).await?;
    check_eq!(other.counter("n").await?, 0, "the other label's counter");
    check_eq!(other.increment("n", 1).await?, 1, "counted there");
    check_eq!(one.counter("n").await?, 5, "the counter");
    Ok(())
}

async fn a_swap_in_one_label_is_not_disturbed_by_the_other(fixture: &DynFixture) -> CaseResult {
    super::swap::open_with_swap(fixture).await?;
    let (one, other) = both(fixture).await?;
    for kv in [&one, &other] {
        kv.put_bytes("key", "same").await?;
    }
    let swap = one.compare_and_swap("key").await?;
    other.put_bytes("key", "other").await?;
    swap.swap("one").await?;
    check_eq!(one.get_bytes("key").await?, Some(Bytes::from("one")), "one");
    check_eq!(
        other.get_bytes("key").await?,
        Some(Bytes::from("other")),
        "other"
    );
    Ok(())
}
