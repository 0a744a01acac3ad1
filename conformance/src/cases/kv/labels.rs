//! Stores beside each other.

use bytes::Bytes;
use edgezero_store_traits::KvHandle;

use super::{list, open};
use crate::case::{CaseResult, Stop, cases, check, check_eq};
use crate::fixture::{Fixture, OTHER_LABEL};

cases! {
    "KV-STORE-1" => two_labels_share_no_key;
    "KV-STORE-1" => a_delete_in_one_label_leaves_the_other;
    "KV-STORE-1" => a_listing_shows_its_own_label_only;
}

async fn both(fixture: &dyn Fixture) -> Result<(KvHandle, KvHandle), Stop> {
    let other = KvHandle::new(fixture.kv(OTHER_LABEL).await?);
    Ok((open(fixture).await?, other))
}

async fn two_labels_share_no_key(fixture: &dyn Fixture) -> CaseResult {
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

async fn a_delete_in_one_label_leaves_the_other(fixture: &dyn Fixture) -> CaseResult {
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

async fn a_listing_shows_its_own_label_only(fixture: &dyn Fixture) -> CaseResult {
    let (one, other) = both(fixture).await?;
    for key in ["a", "c"] {
        one.put_bytes(key, "x").await?;
    }
    for key in ["b", "d"] {
        other.put_bytes(key, "x").await?;
    }
    check_eq!(list(&one, "").await?, ["a", "c"], "one");
    check_eq!(list(&other, "").await?, ["b", "d"], "other");
    Ok(())
}
