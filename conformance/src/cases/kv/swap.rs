//! Compare and swap.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::kv::limits::MIN_OPEN_SWAPS;
use edgezero_store_traits::{BoxError, KvError, KvHandle};
use futures_util::future::{join_all, try_join_all};

use super::{list, needs, needs_none, open, pattern};
use crate::Mismatch;
use crate::case::{CaseResult, Stop, cases, check, check_eq, check_err, check_keys, shown};
use crate::fixture::DynFixture;

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
    "KV-SWAP-3" => a_value_that_differs_behind_a_nul_or_in_its_form_is_another;
    "KV-SWAP-2" => a_swap_of_any_bytes_that_did_not_change_succeeds;
    "KV-SWAP-3" => a_value_that_was_deleted_and_put_again_is_another;
    "KV-SWAP-3" => an_increment_in_between_is_a_conflict;
    "KV-TTL-3", "KV-SWAP-3" => a_value_that_expired_and_was_put_again_is_another;
    "KV-SWAP-6" => a_hundred_swaps_may_be_open_at_once;
    "KV-SWAP-6" => open_swaps_do_not_keep_other_calls_waiting;
    "KV-SWAP-4" => of_many_swaps_at_once_one_succeeds;
    "KV-SWAP-5" => without_compare_and_swap_it_is_unsupported;
    "KV-TTL-4", "KV-SWAP-2" => a_swap_takes_the_ttl_away_and_an_expired_value_is_none;
    "KV-SWAP-3", "KV-VALUE-1" => a_swap_to_a_value_over_25_mib_is_refused;
}

pub(super) async fn open_with_swap(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    let kv = open(fixture).await?;
    needs(
        kv.check_capabilities().await?.compare_and_swap,
        "compare_and_swap",
    )?;
    Ok(kv)
}

fn conflict(result: Result<(), KvError>, what: &str) -> Result<(), BoxError> {
    let error = check_err!(result, KvError::Conflict { .. }, "{what}");
    check_eq!(error.status(), 409, "the status");
    check!(error.to_string().contains("\"key\""), "it says: {error}");
    Ok(())
}

async fn a_swap_begins_with_the_stored_value_or_none(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    check_eq!(kv.compare_and_swap("key").await?.current(), None, "missing");
    for value in ["", "x", "a\0b"] {
        kv.put_bytes("key", value).await?;
        let swap = kv.compare_and_swap("key").await?;
        check_eq!(swap.current(), Some(&Bytes::from(value)), "a value");
    }
    Ok(())
}

async fn a_swap_replaces_the_value_it_began_with(fixture: &DynFixture) -> CaseResult {
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
    check_keys!(list(&kv, "").await?, ["key"], "the keys");
    Ok(())
}

async fn a_swap_creates_what_was_missing(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("other", "stays").await?;
    for value in ["x", ""] {
        kv.compare_and_swap("key").await?.swap(value).await?;
        check_eq!(kv.get_bytes("key").await?, Some(value.into()), "created");
        kv.delete("key").await?;
    }
    check_keys!(list(&kv, "").await?, ["other"], "the keys");
    Ok(())
}

async fn swap_follows_swap_and_each_counts_once(fixture: &DynFixture) -> CaseResult {
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

async fn a_swap_that_is_given_up_changes_nothing(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    drop(kv.compare_and_swap("key").await?);
    check!(!kv.exists("key").await?, "the key was made");
    kv.put_bytes("key", "x").await?;
    drop(kv.compare_and_swap("key").await?);
    kv.put_bytes("key", "y").await?;
    check_eq!(kv.get_bytes("key").await?, Some("y".into()), "get");
    Ok(())
}

async fn a_swap_of_a_value_that_changed_is_a_conflict(fixture: &DynFixture) -> CaseResult {
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
async fn a_put_and_a_swap_in_between_are_a_conflict(fixture: &DynFixture) -> CaseResult {
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

async fn a_swap_of_a_value_that_was_removed_is_a_conflict(fixture: &DynFixture) -> CaseResult {
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

async fn a_swap_of_nothing_is_a_conflict_once_there_is_a_value(fixture: &DynFixture) -> CaseResult {
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

async fn a_value_that_differs_in_its_last_byte_is_another(fixture: &DynFixture) -> CaseResult {
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

/// Pairs of values that a careless comparison takes for one.
fn alike() -> Vec<(Bytes, Bytes)> {
    let pairs: &[(&[u8], &[u8])] = &[
        // Up to a NUL.
        (b"a\0b", b"a\0c"),
        (b"a\0b", b"a"),
        (b"a\0", b"a"),
        (b"\0", b""),
        (b"\0a", b"\0b"),
        (b"\0\0", b"\0"),
        // As text.
        (b"\xff", b"\xfe"),
        (b"a\xff", b"a\xef\xbf\xbd"),
        (b"\xc3\xa9", b"e\xcc\x81"),
        (b"text", b"TEXT"),
        (b"text", b"text "),
        (b"text", b" text"),
        (b"text", b"text\n"),
        (b"a\r\nb", b"a\nb"),
        (b"a\\b", b"a\\\\b"),
        (b"a%sb", b"a%%sb"),
        (b"it's", b"it''s"),
        (b"\"a\"", b"a"),
        (b"\xef\xbb\xbfa", b"a"),
        // As numbers, and as other things that text can stand for.
        (b"1", b"01"),
        (b"1", b"1.0"),
        (b"10", b"1e1"),
        (b"0", b"-0"),
        (b"0", b""),
        (b"9007199254740993", b"9007199254740992"),
        (b"true", b"1"),
        (b"null", b""),
        (b"nil", b""),
        (b"0x10", b"16"),
        // As JSON.
        (b"{\"a\":1}", b"{\"a\": 1}"),
        (b"{\"a\":1,\"b\":2}", b"{\"b\":2,\"a\":1}"),
        // By a sum, by the ends, by the length.
        (b"ab", b"ba"),
        (b"axxxxxxxb", b"axxxyxxxb"),
        (b"first", b"other"),
    ];
    let mut pairs: Vec<_> = pairs
        .iter()
        .map(|(a, b)| (Bytes::from_static(a), Bytes::from_static(b)))
        .collect();
    // In the middle of a long one, behind a NUL.
    let long = pattern(0, 10_000);
    let mut other = long.to_vec();
    other[5_000] ^= 1;
    pairs.push((long, other.into()));
    pairs
}

async fn a_value_that_differs_behind_a_nul_or_in_its_form_is_another(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for (a, b) in alike() {
        for (old, theirs) in [(&a, &b), (&b, &a)] {
            kv.put_bytes("key", old.clone()).await?;
            let swap = kv.compare_and_swap("key").await?;
            kv.put_bytes("key", theirs.clone()).await?;
            let done = swap.swap("ours").await;
            check_err!(
                done,
                KvError::Conflict { .. },
                "a swap of {}, in place of which another writer put {}",
                shown(old),
                shown(theirs)
            );
            let found = kv.get_bytes("key").await?;
            check!(found.as_ref() == Some(theirs), "a conflict wrote a value");
        }
    }
    Ok(())
}

async fn a_swap_of_any_bytes_that_did_not_change_succeeds(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    let every_byte = Bytes::from((0..=255).collect::<Vec<u8>>());
    let values = alike().into_iter().flat_map(|(a, b)| [a, b]);
    for value in values.chain([every_byte, pattern(7, 100_000)]) {
        kv.put_bytes("key", value.clone()).await?;
        let swap = kv.compare_and_swap("key").await?;
        check!(
            swap.current() == Some(&value),
            "a swap does not begin with {}",
            shown(&value)
        );
        if let Err(error) = swap.swap("ours").await {
            return Err(Mismatch::new(format!(
                "nothing changed {}, and its swap failed: {error}",
                shown(&value)
            ))
            .into());
        }
        let found = kv.get_bytes("key").await?;
        check_eq!(found, Some("ours".into()), "after the swap");
    }
    Ok(())
}

/// What another writer does between the beginning of a swap and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Put,
    PutMany,
    Delete,
    DeleteMany,
    Swap,
}

impl Between {
    const ALL: [Self; 5] = [
        Self::Put,
        Self::PutMany,
        Self::Delete,
        Self::DeleteMany,
        Self::Swap,
    ];

    /// All sequences of so many steps that leave a value.
    fn sequences(steps: usize) -> Vec<Vec<Self>> {
        let mut sequences = vec![Vec::new()];
        for _ in 0..steps {
            let longer = |sequence: &Vec<Self>| {
                let sequence = sequence.clone();
                Self::ALL.map(|step| [&sequence[..], &[step]].concat())
            };
            sequences = sequences.iter().flat_map(longer).collect();
        }
        let leaves_a_value = |sequence: &Vec<Self>| {
            !matches!(sequence.last(), Some(Self::Delete | Self::DeleteMany))
        };
        sequences.retain(leaves_a_value);
        sequences
    }

    async fn make(self, kv: &KvHandle, key: &str, value: String) -> Result<(), KvError> {
        match self {
            Self::Put => kv.put_bytes(key, value).await,
            Self::PutMany => {
                let pair = (key.to_owned(), value.into());
                kv.put_many_bytes(vec![pair]).await
            }
            Self::Delete => kv.delete(key).await,
            Self::DeleteMany => kv.delete_many(&[key]).await,
            Self::Swap => kv.compare_and_swap(key).await?.swap(value).await,
        }
    }
}

/// A version that starts again after a delete tells nothing of the value.
async fn a_value_that_was_deleted_and_put_again_is_another(fixture: &DynFixture) -> CaseResult {
    use Between::{Delete, Put, Swap};

    const BEFORE: [&[Between]; 6] = [
        &[],
        &[Put],
        &[Swap],
        &[Put, Put],
        &[Put, Delete, Put],
        &[Put, Swap, Swap],
    ];
    let kv = open_with_swap(fixture).await?;
    let theirs = open(fixture).await?;
    let between = (1..=3).flat_map(Between::sequences);
    let one = between.enumerate().map(|(number, between)| {
        let (kv, theirs) = (&kv, &theirs);
        async move {
            // A sequence of three steps with one of the histories, in turn.
            let some = BEFORE.iter().skip(number % 3).step_by(3);
            let histories: Vec<_> = match between.len() {
                3 => some.collect(),
                _ => BEFORE.iter().collect(),
            };
            for (history, before) in histories.into_iter().enumerate() {
                let key = format!("key-{number}-{history}");
                for (n, step) in before.iter().enumerate() {
                    step.make(kv, &key, format!("before {n}")).await?;
                }
                let swap = kv.compare_and_swap(&key).await?;
                for (n, step) in between.iter().enumerate() {
                    step.make(theirs, &key, format!("theirs {n}")).await?;
                }
                let done = swap.swap("ours").await;
                check_err!(
                    done,
                    KvError::Conflict { .. },
                    "after {before:?} a swap began, and another writer did {between:?}"
                );
                let last = Bytes::from(format!("theirs {}", between.len() - 1));
                check_eq!(kv.get_bytes(&key).await?, Some(last), "the value of {key}");
            }
            Ok::<_, Stop>(())
        }
    });
    let all: Vec<_> = one.collect();
    let mut left = all.into_iter();
    loop {
        let some: Vec<_> = left.by_ref().take(16).collect();
        if some.is_empty() {
            return Ok(());
        }
        try_join_all(some).await?;
    }
}

async fn an_increment_in_between_is_a_conflict(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    needs(kv.check_capabilities().await?.increment, "increment")?;
    for (round, counted) in [0, 1, 2, 3].into_iter().enumerate() {
        let key = format!("key-{round}");
        for _ in 0..counted {
            kv.increment(&key, 10).await?;
        }
        let swap = kv.compare_and_swap(&key).await?;
        kv.increment(&key, 1).await?;
        let done = swap.swap("ours").await;
        check_err!(done, KvError::Conflict { .. }, "after an increment");
        check_eq!(kv.counter(&key).await?, counted * 10 + 1, "the counter");
    }
    Ok(())
}

async fn a_value_that_expired_and_was_put_again_is_another(fixture: &DynFixture) -> CaseResult {
    const MINUTE: Duration = Duration::from_secs(60);
    let kv = open_with_swap(fixture).await?;
    needs(kv.check_capabilities().await?.ttl, "TTL")?;
    let mut swaps = Vec::new();
    for n in 0..4 {
        let key = format!("key {n}");
        if n >= 2 {
            kv.put_bytes(&key, "before").await?;
        }
        kv.put_bytes_with_ttl(&key, "first", MINUTE).await?;
        swaps.push((key.clone(), kv.compare_and_swap(&key).await?));
    }
    fixture.pass_time(MINUTE + Duration::from_secs(1)).await?;
    for (n, (key, swap)) in swaps.into_iter().enumerate() {
        if n % 2 == 0 {
            kv.put_bytes(&key, "second").await?;
        } else {
            kv.put_bytes_with_ttl(&key, "second", MINUTE).await?;
        }
        let done = swap.swap("ours").await;
        check_err!(
            done,
            KvError::Conflict { .. },
            "it expired and was put again"
        );
        let found = kv.get_bytes(&key).await?;
        check_eq!(found, Some("second".into()), "the value");
    }
    Ok(())
}

async fn a_hundred_swaps_may_be_open_at_once(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for key in (0..MIN_OPEN_SWAPS).step_by(2) {
        kv.put_bytes(&format!("key-{key:03}"), "old").await?;
    }
    let mut swaps = Vec::new();
    for key in 0..MIN_OPEN_SWAPS {
        let key = format!("key-{key:03}");
        swaps.push((kv.compare_and_swap(&key).await?, key));
    }
    for (swap, key) in swaps {
        swap.swap(format!("new {key}")).await?;
    }
    for key in 0..MIN_OPEN_SWAPS {
        let key = format!("key-{key:03}");
        let new = Bytes::from(format!("new {key}"));
        check_eq!(kv.get_bytes(&key).await?, Some(new), "the value of {key}");
    }
    Ok(())
}

async fn open_swaps_do_not_keep_other_calls_waiting(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("key", "old").await?;
    let mut swaps = Vec::new();
    for _ in 0..MIN_OPEN_SWAPS {
        swaps.push(kv.compare_and_swap("key").await?);
    }
    kv.put_bytes("other", "x").await?;
    check!(kv.exists("other").await?, "exists beside open swaps");
    let one = [("one".to_owned(), Bytes::from("x"))];
    kv.put_many_bytes(one.to_vec()).await?;
    let keys = ["key", "one", "other"];
    check_keys!(list(&kv, "").await?, keys, "a listing beside open swaps");
    let found = kv.get_many_bytes(&keys).await?;
    check!(
        found.iter().all(Option::is_some),
        "get_many beside open swaps"
    );
    kv.delete_many(&["one"]).await?;
    kv.delete("other").await?;
    kv.update("counted", |n: Option<u8>| Some(n.unwrap_or(0) + 1))
        .await?;
    let mut swaps = swaps.into_iter();
    if let Some(first) = swaps.next() {
        first.swap("new").await?;
    }
    // Half of them are given up.
    for swap in swaps.step_by(2) {
        conflict(swap.swap("late").await, "after the first of many")?;
    }
    check_eq!(kv.get_bytes("key").await?, Some("new".into()), "the value");
    Ok(())
}

async fn of_many_swaps_at_once_one_succeeds(fixture: &DynFixture) -> CaseResult {
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

async fn without_compare_and_swap_it_is_unsupported(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    needs_none(
        kv.check_capabilities().await?.compare_and_swap,
        "compare_and_swap",
    )?;
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
    fixture: &DynFixture,
) -> CaseResult {
    const MINUTE: Duration = Duration::from_secs(60);
    let kv = open_with_swap(fixture).await?;
    needs(kv.check_capabilities().await?.ttl, "TTL")?;
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

async fn a_swap_to_a_value_over_25_mib_is_refused(fixture: &DynFixture) -> CaseResult {
    use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;

    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("key", "old").await?;
    let swap = kv.compare_and_swap("key").await?;
    let large = vec![0; MAX_VALUE_BYTES + 1];
    check_err!(swap.swap(large).await, KvError::Validation { .. }, "a swap");
    check_eq!(kv.get_bytes("key").await?, Some("old".into()), "get");
    Ok(())
}
