//! Key-value stores.

mod batch;
mod cancel;
mod cap;
mod concurrent;
mod cursor;
mod faults;
mod handle;
mod increment;
mod interrupted;
mod keys;
mod labels;
mod limits;
mod listing;
mod swap;
mod ttl;
mod update;
mod values;
mod ways;

use std::future::poll_fn;
use std::task::Poll;

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvHandle};
use futures_util::future::try_join_all;

use crate::Mismatch;
use crate::case::check_eq;
use crate::fixture::{Declined, DynFixture, LABEL};

pub(super) const CASES: &[&[crate::Case]] = &[
    values::CASES,
    labels::CASES,
    keys::CASES,
    listing::CASES,
    ways::CASES,
    cursor::CASES,
    cap::CASES,
    ttl::CASES,
    batch::CASES,
    increment::CASES,
    swap::CASES,
    concurrent::CASES,
    cancel::CASES,
    faults::CASES,
    handle::CASES,
    update::CASES,
    limits::CASES,
];

/// The case's store, behind the handle that an app uses.
pub(super) async fn open(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    Ok(KvHandle::new(fixture.kv(LABEL).await?))
}

/// The case's store with this cap; ends the case where there is no such thing.
pub(super) async fn open_with_cap(fixture: &DynFixture, cap: u32) -> Result<KvHandle, BoxError> {
    let store = fixture.kv_with_max_list_keys(LABEL, cap).await?;
    if let Some(store) = store {
        return Ok(KvHandle::new(store));
    }
    // What a capability names is not left out.
    let max = open(fixture).await?.capabilities().max_list_keys;
    check_eq!(max, None, "the cap of a store that cannot be given one");
    Err(Declined::new("the backend has no cap on listings").into())
}

/// Ends the case, as excluded, on a backend that lacks this.
pub(super) fn needs(has: bool, what: &str) -> Result<(), Declined> {
    if has {
        Ok(())
    } else {
        Err(Declined::new(format!("the backend has no {what}")))
    }
}

/// Ends the case, as excluded, on a backend that has this.
pub(super) fn needs_none(has: bool, what: &str) -> Result<(), Declined> {
    if has {
        Err(Declined::new(format!("the backend has {what}")))
    } else {
        Ok(())
    }
}

/// Stores each key with a value of no interest.
pub(super) async fn fill<K: AsRef<str>>(
    kv: &KvHandle,
    keys: impl IntoIterator<Item = K>,
) -> Result<(), BoxError> {
    const AT_ONCE: usize = 16;
    let keys: Vec<String> = keys
        .into_iter()
        .map(|key| key.as_ref().to_owned())
        .collect();
    for some in keys.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|key| kv.put_bytes(key, "x"))).await?;
    }
    Ok(())
}

/// The pages of a listing, until one has no cursor.
async fn pages(kv: &KvHandle, prefix: &str, limit: usize) -> Result<Vec<Vec<String>>, BoxError> {
    let mut pages = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        others().await;
        let page = kv.list_keys_page(prefix, cursor.as_deref(), limit).await?;
        pages.push(page.keys);
        // A listing that never ends is a failure, not a hang.
        if pages.len() > 10_000 {
            return Err(Mismatch::new("the listing did not end after 10,000 pages").into());
        }
        match page.cursor {
            None => return Ok(pages),
            next => cursor = next,
        }
    }
}

/// All keys under a prefix.
async fn list(kv: &KvHandle, prefix: &str) -> Result<Vec<String>, BoxError> {
    Ok(pages(kv, prefix, 1000).await?.concat())
}

/// Lets the calls that are under way beside this one go on, also on a backend that
/// never waits.
async fn others() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A value that differs at every byte from one with another seed.
fn pattern(seed: u8, length: usize) -> Bytes {
    let block: Vec<u8> = (0..251).map(|at| seed.wrapping_add(at)).collect();
    let mut value = block.repeat(length.div_ceil(block.len()));
    value.truncate(length);
    value.into()
}
