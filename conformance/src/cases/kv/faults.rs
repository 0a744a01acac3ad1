//! Requests to the platform that fail.
//!
//! The fixture fails one request of a call after the other, before the platform acted
//! and after it acted. A store may make a request again where that does no harm, and
//! then succeed.

use edgezero_store_traits::{BoxError, KvError, KvHandle};

use super::batch::{largest, pairs_of};
use super::interrupted::{Attempt, SECRET, Was, Watched, Write};
use super::{needs, open, pages};
use crate::case::{CaseResult, cases, check, check_eq};
use crate::cases::failing::Faults;
use crate::fixture::DynFixture;
use crate::forms::shows;

cases! {
    "ERROR-4" => a_write_whose_request_fails_is_unavailable_and_not_another_error;
    "ERROR-4" => a_read_whose_request_fails_is_unavailable_and_not_another_error;
    "ERROR-2", "ERROR-4" => the_error_of_a_failed_request_names_the_key_and_holds_no_value;
    "ERROR-5" => a_read_that_fails_is_an_error_and_not_a_missing_value;
    "ERROR-5", "KV-LIST-10" => a_listing_that_fails_is_an_error_and_not_a_short_one;
    "ERROR-6" => a_write_that_fails_is_done_or_not_done_for_every_call_that_reads;
    "KV-BATCH-3", "ERROR-6" => a_batch_that_fails_is_done_whole_or_not_at_all;
    "KV-BATCH-3", "ERROR-6" => the_largest_batch_that_fails_is_done_whole_or_not_at_all;
    "KV-TTL-8", "ERROR-6" => a_write_that_fails_leaves_no_value_with_the_ttl_of_another;
    "ERROR-7" => an_increment_whose_answer_is_lost_is_not_counted_twice;
    "ERROR-7" => a_swap_whose_answer_is_lost_is_not_a_conflict_with_itself;
}

/// Makes each write on keys that were like this, with one of its requests failing.
async fn fail_writes(
    fixture: &DynFixture,
    store: &Watched,
    writes: impl Iterator<Item = Write>,
    was: &[Was],
) -> Result<Vec<Vec<Attempt>>, BoxError> {
    let mut groups = Vec::new();
    for write in writes.filter(|write| write.is_supported(store.can)) {
        for was in was {
            let mut attempts = Vec::new();
            let mut faults = Faults::new(fixture);
            while faults.next() {
                let mut attempt = store.prepare(write, *was, &faults.name()).await?;
                let call = store.make(&attempt);
                let (done, _) = if write.may_change(*was) {
                    faults.fail_write(call, &format!("{write:?}")).await?
                } else {
                    faults.fail(call).await?
                };
                attempt.result = Some(done);
                attempts.push(attempt);
            }
            groups.push(attempts);
        }
    }
    Ok(groups)
}

const MISSING_OR_THERE: [Was; 2] = [Was::Missing, Was::There];

fn unavailable(error: &KvError, what: &str) -> Result<(), BoxError> {
    check!(
        matches!(error, KvError::Unavailable { .. }),
        "a request of {what} failed; the error is of the kind {:?}, and not \"unavailable\": {error}",
        error.kind()
    );
    check_eq!(error.status(), 503, "the status");
    Ok(())
}

async fn a_write_whose_request_fails_is_unavailable_and_not_another_error(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    let writes = Write::ALL.into_iter();
    let groups = fail_writes(fixture, &store, writes, &MISSING_OR_THERE).await?;
    for attempt in groups.iter().flatten() {
        if let Some(Err(error)) = &attempt.result {
            unavailable(error, &format!("{:?}", attempt.write))?;
        }
    }
    Ok(())
}

async fn the_error_of_a_failed_request_names_the_key_and_holds_no_value(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    let writes = Write::ALL.into_iter();
    for attempt in fail_writes(fixture, &store, writes, &[Was::There])
        .await?
        .iter()
        .flatten()
    {
        if let Some(Err(error)) = &attempt.result {
            let what = format!("the error of {:?}", attempt.write);
            let text = error.to_string();
            check!(
                attempt.is_named_in(&text),
                "{what} names neither its key nor how many keys: {text}"
            );
            check!(!shows(error, SECRET.as_bytes()), "{what} holds the value");
        }
    }
    for read in Read::ALL.into_iter().chain([Read::List]) {
        for (_, result) in fail_reads(fixture, read).await? {
            if let Err(error) = result {
                let text = error.to_string();
                let named = read.is_named_in(&text);
                check!(named, "the error of {read:?} does not say of what: {text}");
                let shown = shows(&error, SECRET.as_bytes());
                check!(!shown, "the error of {read:?} holds the value");
            }
        }
    }
    Ok(())
}

async fn a_write_that_fails_is_done_or_not_done_for_every_call_that_reads(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    let writes = Write::ALL.into_iter();
    for attempts in fail_writes(fixture, &store, writes, &MISSING_OR_THERE).await? {
        store.outcomes(&attempts, false).await?;
    }
    Ok(())
}

async fn a_batch_that_fails_is_done_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.transactions, "transactions")?;
    let batches = Write::ALL.into_iter().filter(|write| write.is_batch());
    for attempts in fail_writes(fixture, &store, batches, &MISSING_OR_THERE).await? {
        store.outcomes(&attempts, true).await?;
    }
    Ok(())
}

async fn the_largest_batch_that_fails_is_done_whole_or_not_at_all(
    fixture: &DynFixture,
) -> CaseResult {
    /// Its first request, before and after: each takes a large batch.
    const ATTEMPTS: usize = 2;
    let store = Watched::open(fixture).await?;
    needs(store.can.transactions, "transactions")?;
    let (keys, sample) = largest();
    let mut faults = Faults::new(fixture);
    for attempt in 0..ATTEMPTS {
        if !faults.next() {
            break;
        }
        let new = format!("attempt {attempt}");
        let put = store.kv.put_many_bytes(pairs_of(&keys, &new));
        let (done, _) = faults.fail_write(put, "PutMany").await?;
        let found = store.kv.get_many_bytes(&sample).await?;
        let found = found.iter().flatten();
        let made = found.filter(|value| ***value == *new.as_bytes()).count();
        check!(
            made == sample.len() || made == 0 && done.is_err(),
            "a request of a put_many of {} keys failed, and of {} of them {made} are written",
            keys.len(),
            sample.len()
        );
    }
    store.kv.put_many_bytes(pairs_of(&keys, "x")).await?;
    let mut faults = Faults::new(fixture);
    for _ in 0..ATTEMPTS {
        if !faults.next() {
            break;
        }
        let delete = store.kv.delete_many(&keys);
        let (done, _) = faults.fail_write(delete, "DeleteMany").await?;
        let found = store.kv.get_many_bytes(&sample).await?;
        let left = found.iter().flatten().count();
        check!(
            left == 0 || left == sample.len() && done.is_err(),
            "a request of a delete_many of {} keys failed, and of {} of them {left} are left",
            keys.len(),
            sample.len()
        );
        if left == 0 {
            store.kv.put_many_bytes(pairs_of(&keys, "x")).await?;
        }
    }
    Ok(())
}

async fn a_write_that_fails_leaves_no_value_with_the_ttl_of_another(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.ttl, "TTL")?;
    let with_ttl = [Write::PutWithTtl].into_iter();
    let mut groups = fail_writes(fixture, &store, with_ttl, &MISSING_OR_THERE).await?;
    let writes = Write::ALL.into_iter();
    groups.extend(fail_writes(fixture, &store, writes, &[Was::Expiring]).await?);
    store.check_ttls(fixture, &groups).await?;
    Ok(())
}

async fn an_increment_whose_answer_is_lost_is_not_counted_twice(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.increment, "increment")?;
    let increment = [Write::Increment].into_iter();
    for attempts in fail_writes(fixture, &store, increment, &MISSING_OR_THERE).await? {
        store.outcomes(&attempts, true).await?;
    }
    Ok(())
}

async fn a_swap_whose_answer_is_lost_is_not_a_conflict_with_itself(
    fixture: &DynFixture,
) -> CaseResult {
    let store = Watched::open(fixture).await?;
    needs(store.can.compare_and_swap, "compare_and_swap")?;
    let swaps = [Write::Swap, Write::Update].into_iter();
    for attempts in fail_writes(fixture, &store, swaps, &MISSING_OR_THERE).await? {
        let made = store.outcomes(&attempts, true).await?;
        for (attempt, made) in attempts.iter().zip(made) {
            let conflict = matches!(attempt.result, Some(Err(KvError::Conflict { .. })));
            check!(
                !conflict,
                "{:?} without another writer is a conflict after a request failed; its own value \
                 was stored: {}",
                attempt.write,
                made[0]
            );
        }
    }
    Ok(())
}

/// A call that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Get,
    Exists,
    GetMany,
    Counter,
    BeginSwap,
    List,
}

const PREFIX: &str = "read-";
const READ: &str = "read-07";
const COUNTER: &str = "read-counter";

impl Read {
    /// Those about a key.
    const ALL: [Self; 5] = [
        Self::Get,
        Self::Exists,
        Self::GetMany,
        Self::Counter,
        Self::BeginSwap,
    ];

    fn keys() -> Vec<String> {
        (0..20).map(|n| format!("{PREFIX}{n:02}")).collect()
    }

    /// What it reads, in words that hold no value.
    async fn make(self, kv: &KvHandle) -> Result<String, KvError> {
        let count = |value: Option<&bytes::Bytes>| match value {
            Some(value) => format!("{} bytes", value.len()),
            None => "no value".to_owned(),
        };
        Ok(match self {
            Self::Get => count(kv.get_bytes(READ).await?.as_ref()),
            Self::Exists => kv.exists(READ).await?.to_string(),
            Self::GetMany => {
                let values = kv.get_many_bytes(&Self::keys()).await?;
                let found = values.iter().flatten().count();
                format!("{found} of {} values", values.len())
            }
            Self::Counter => kv.counter(COUNTER).await?.to_string(),
            Self::BeginSwap => count(kv.compare_and_swap(READ).await?.current()),
            Self::List => {
                let page = kv.list_keys_page(PREFIX, None, 1000).await?;
                format!("{} keys, more: {}", page.keys.len(), page.cursor.is_some())
            }
        })
    }

    fn is_named_in(self, text: &str) -> bool {
        match self {
            Self::Get | Self::Exists | Self::BeginSwap => text.contains(READ),
            Self::Counter => text.contains(COUNTER),
            Self::GetMany => text.contains("20 keys") || text.contains(PREFIX),
            Self::List => text.contains(PREFIX),
        }
    }
}

/// Makes a read with one of its requests failing; each with what it reads else.
async fn fail_reads(
    fixture: &DynFixture,
    read: Read,
) -> Result<Vec<(String, Result<String, KvError>)>, BoxError> {
    let kv = open(fixture).await?;
    let can = kv.check_capabilities().await?;
    let is_supported = match read {
        Read::Counter => can.increment,
        Read::BeginSwap => can.compare_and_swap,
        _ => true,
    };
    let mut results = Vec::new();
    if !is_supported {
        return Ok(results);
    }
    if can.increment && !kv.exists(COUNTER).await? {
        kv.increment(COUNTER, 5).await?;
    }
    let pairs = Read::keys().into_iter().map(|key| (key, SECRET.into()));
    kv.put_many_bytes(pairs.collect()).await?;
    let expected = read.make(&kv).await?;
    let mut faults = Faults::new(fixture);
    while faults.next() {
        // Opened for each, so that a cache of one store does not answer.
        let kv = open(fixture).await?;
        let (result, failed) = faults.fail(read.make(&kv)).await?;
        if failed || result.is_ok() {
            results.push((expected.clone(), result));
        } else {
            result?;
        }
    }
    Ok(results)
}

async fn a_read_whose_request_fails_is_unavailable_and_not_another_error(
    fixture: &DynFixture,
) -> CaseResult {
    for read in Read::ALL.into_iter().chain([Read::List]) {
        for (_, result) in fail_reads(fixture, read).await? {
            if let Err(error) = result {
                unavailable(&error, &format!("{read:?}"))?;
            }
        }
    }
    Ok(())
}

async fn a_read_that_fails_is_an_error_and_not_a_missing_value(fixture: &DynFixture) -> CaseResult {
    for read in Read::ALL {
        for (expected, result) in fail_reads(fixture, read).await? {
            if let Ok(found) = result {
                check_eq!(found, expected, "{read:?} after a request of it failed");
            }
        }
    }
    Ok(())
}

async fn a_listing_that_fails_is_an_error_and_not_a_short_one(fixture: &DynFixture) -> CaseResult {
    for (expected, result) in fail_reads(fixture, Read::List).await? {
        if let Ok(found) = result {
            check_eq!(found, expected, "a listing after a request of it failed");
        }
    }
    let mut faults = Faults::new(fixture);
    while faults.next() {
        let kv = open(fixture).await?;
        let (listed, _) = faults.fail(pages(&kv, PREFIX, 7)).await?;
        if let Ok(pages) = listed {
            let expected = kv.list_keys_page(PREFIX, None, 1000).await?.keys;
            check!(
                pages.concat() == expected,
                "in pages of 7: {} keys, and not {}, after a request failed",
                pages.concat().len(),
                expected.len()
            );
        }
    }
    Ok(())
}
