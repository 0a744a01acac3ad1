//! Many keys in one call.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use edgezero_store_traits::kv::limits::MAX_BATCH_KEYS;
use edgezero_store_traits::{BoxError, KvError, KvHandle};
use futures_util::future::try_join;

use super::{fill, list, needs, open, others, pattern};
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::DynFixture;
use crate::forms::shows;

cases! {
    "KV-BATCH-1" => values_are_in_the_order_of_the_keys_asked;
    "KV-BATCH-1", "KV-BATCH-2" => a_batch_of_one_key_reads_and_writes_that_key;
    "KV-BATCH-1" => a_thousand_values_are_read_at_once;
    "KV-BATCH-1", "KV-GET-2" => values_of_any_bytes_and_lengths_come_back_from_a_batch;
    "KV-BATCH-1", "KV-HANDLE-2" => typed_values_are_read_and_the_one_that_does_not_fit_is_named;
    "KV-BATCH-2" => a_batch_is_stored_whole_and_replaces_what_was_there;
    "KV-BATCH-2" => the_last_of_two_equal_keys_wins;
    "KV-BATCH-2" => thousands_of_pairs_are_written_at_once;
    "KV-BATCH-2", "KV-HANDLE-2" => a_typed_batch_with_a_value_that_json_cannot_hold_is_not_written;
    "KV-BATCH-3" => a_batch_is_seen_whole_or_not_at_all;
    "KV-BATCH-3" => the_largest_put_many_is_seen_whole_or_not_at_all;
    "KV-BATCH-3" => the_largest_delete_many_is_seen_whole_or_not_at_all;
    "KV-BATCH-3" => the_largest_get_many_sees_one_state_of_the_store;
    "KV-BATCH-3" => a_batch_of_many_megabytes_is_seen_whole_or_not_at_all;
    "KV-BATCH-6" => a_batch_of_10000_keys_works_and_a_larger_one_is_refused;
    "KV-BATCH-6" => a_batch_over_64_mib_is_refused;
    "KV-BATCH-4" => a_batch_of_deletes_removes_its_keys_and_no_other;
    "KV-BATCH-5" => a_batch_of_nothing_succeeds;
    "KV-BATCH-5", "KV-CHECK-1" => a_batch_with_one_bad_key_or_value_does_nothing;
}

fn pair(key: &str, value: impl Into<Bytes>) -> (String, Bytes) {
    (key.to_owned(), value.into())
}

async fn values_are_in_the_order_of_the_keys_asked(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for key in ["a", "b", "c"] {
        kv.put_bytes(key, format!("value of {key}")).await?;
    }
    kv.put_bytes("empty", "").await?;
    let keys = ["c", "nobody", "a", "empty", "c", "A", "b", "nobody"];
    let expected = keys.map(|key| match key {
        "nobody" | "A" => None,
        "empty" => Some(Bytes::new()),
        key => Some(Bytes::from(format!("value of {key}"))),
    });
    check_eq!(kv.get_many_bytes(&keys).await?, expected, "of {keys:?}");
    check_eq!(kv.get_many_bytes(&["nobody"]).await?, [None], "one missing");
    Ok(())
}

async fn a_batch_of_one_key_reads_and_writes_that_key(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "ab", "x"]).await?;
    for key in ["plain", "*", "a*", "!x", "$1", "(a)"] {
        kv.put_many_bytes(vec![pair(key, format!("value of {key}"))])
            .await?;
        let expected = Bytes::from(format!("value of {key}"));
        check_eq!(
            kv.get_bytes(key).await?,
            Some(expected.clone()),
            "{key:?} alone"
        );
        let found = kv.get_many_bytes(&[key]).await?;
        check_eq!(found, [Some(expected.clone())], "a batch of {key:?}");
        let found = kv.get_many_bytes(&[key, key]).await?;
        check_eq!(
            found,
            [Some(expected.clone()), Some(expected)],
            "{key:?} twice"
        );
        kv.delete_many(&[key]).await?;
        check_eq!(
            kv.get_many_bytes(&[key]).await?,
            [None],
            "{key:?} afterwards"
        );
    }
    check_keys!(list(&kv, "").await?, ["a", "ab", "x"], "the other keys");
    Ok(())
}

async fn a_thousand_values_are_read_at_once(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys: Vec<_> = (0..1000).map(|n| format!("{n:04}")).collect();
    let pairs = keys.iter().map(|key| pair(key, key.clone()));
    kv.put_many_bytes(pairs.collect()).await?;
    // Each of them twice, and as many that are missing.
    let mut asked: Vec<_> = keys.iter().chain(&keys).cloned().collect();
    asked.reverse();
    asked.extend(keys.iter().map(|key| format!("-{key}")));
    let found = kv.get_many_bytes(&asked).await?;
    check_eq!(found.len(), asked.len(), "the number of answers");
    for (key, value) in asked.iter().zip(found) {
        let expected = (!key.starts_with('-')).then(|| Bytes::from(key.clone()));
        check_eq!(value, expected, "the value of {key}");
    }
    Ok(())
}

async fn values_of_any_bytes_and_lengths_come_back_from_a_batch(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    let pairs = vec![
        pair("nul", Bytes::from_static(b"\0a\0")),
        pair("not utf-8", Bytes::from_static(b"\xff\xfe")),
        pair("long", pattern(1, 1_000_003)),
        pair("ключ 🔑", ""),
        pair("a'b%_", "sql"),
    ];
    kv.put_many_bytes(pairs.clone()).await?;
    let (keys, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let found = kv.get_many_bytes(&keys).await?;
    for ((key, found), value) in keys.iter().zip(found).zip(values) {
        check!(
            found == Some(value),
            "the value of {key:?} came back changed"
        );
    }
    Ok(())
}

async fn typed_values_are_read_and_the_one_that_does_not_fit_is_named(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_many(&[("one", 1), ("two", 2)]).await?;
    check_eq!(kv.get::<u8>("two").await?, Some(2), "one of the batch");
    let found: Vec<Option<u8>> = kv.get_many(&["two", "three", "one"]).await?;
    check_eq!(found, [Some(2), None, Some(1)], "the batch");
    kv.put("text", "hunter2").await?;
    let found = kv.get_many::<u8>(&["one", "text"]).await;
    let error = check_err!(found, KvError::Serialization { .. }, "a text as a number");
    let text = format!("{error} {error:?}");
    check!(text.contains("\"text\""), "the key is not in: {text}");
    check!(!shows(&error, b"hunter2"), "the value is in the error");
    Ok(())
}

async fn a_batch_is_stored_whole_and_replaces_what_was_there(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("b", "a longer value from before").await?;
    kv.put_bytes("other", "stays").await?;
    kv.put_many_bytes(vec![pair("a", "1"), pair("b", "2"), pair("c", "")])
        .await?;
    check_keys!(list(&kv, "").await?, ["a", "b", "c", "other"], "the keys");
    let values = ["1", "2", "", "stays"].map(|value| Some(Bytes::from(value)));
    let keys = ["a", "b", "c", "other"];
    check_eq!(kv.get_many_bytes(&keys).await?, values, "the values");
    for (key, value) in keys.into_iter().zip(values) {
        check_eq!(kv.get_bytes(key).await?, value, "{key} by itself");
    }
    Ok(())
}

async fn the_last_of_two_equal_keys_wins(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for round in 0..8 {
        let last = format!("last {round}");
        let batch = vec![
            pair("key", "first"),
            pair("other", "x"),
            pair("key", "second"),
            pair("key", last.clone()),
        ];
        kv.put_many_bytes(batch).await?;
        check_eq!(kv.get_bytes("key").await?, Some(last.into()), "the value");
    }
    check_keys!(list(&kv, "").await?, ["key", "other"], "the keys");
    Ok(())
}

async fn thousands_of_pairs_are_written_at_once(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys: Vec<_> = (0..2000).map(|n| format!("{n:04}")).collect();
    let pairs = keys.iter().map(|key| pair(key, key.clone()));
    kv.put_many_bytes(pairs.collect()).await?;
    check_keys!(list(&kv, "12").await?, keys[1200..1300], "under 12");
    kv.delete_many(&keys[..1990]).await?;
    check_keys!(list(&kv, "").await?, keys[1990..], "after the deletes");
    Ok(())
}

async fn a_typed_batch_with_a_value_that_json_cannot_hold_is_not_written(
    fixture: &DynFixture,
) -> CaseResult {
    use std::collections::BTreeMap;

    let kv = open(fixture).await?;
    let good = BTreeMap::new();
    let keyed_by_lists = BTreeMap::from([(vec![1], 2)]);
    let put = kv
        .put_many(&[("good", good), ("bad", keyed_by_lists)])
        .await;
    check_err!(put, KvError::Serialization { .. }, "keys that are lists");
    check_keys!(list(&kv, "").await?, [""; 0], "the keys");
    Ok(())
}

/// With transactions; ends the case elsewhere.
async fn open_with_transactions(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    let kv = open(fixture).await?;
    needs(kv.check_capabilities().await?.transactions, "transactions")?;
    Ok(kv)
}

async fn a_batch_is_seen_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    const ROUNDS: usize = 40;
    let kv = open_with_transactions(fixture).await?;
    // It is the store's batch, not the handle's.
    let reader = open(fixture).await?;
    let keys: Vec<_> = (0..50).map(|n| format!("{n:02}")).collect();
    let write = async {
        for round in 0..ROUNDS {
            let value = Bytes::from(round.to_string());
            let pairs = keys.iter().map(|key| pair(key, value.clone()));
            kv.put_many_bytes(pairs.collect()).await?;
            others().await;
            if round % 4 == 3 {
                kv.delete_many(&keys).await?;
                others().await;
            }
        }
        Ok::<_, KvError>(())
    };
    let read = async {
        let mut seen = Vec::new();
        for _ in 0..ROUNDS * 2 {
            seen.push(kv.get_many_bytes(&keys).await?);
            others().await;
            seen.push(reader.get_many_bytes(&keys).await?);
            others().await;
        }
        Ok(seen)
    };
    let ((), seen) = try_join(write, read).await?;
    for values in seen {
        check!(
            values.iter().all(|value| *value == values[0]),
            "a part of a batch was seen"
        );
    }
    Ok(())
}

/// The keys of the largest batch, and some of them from its start to its end.
pub(super) fn largest() -> (Vec<String>, Vec<String>) {
    let keys: Vec<_> = (0..MAX_BATCH_KEYS).map(|n| format!("{n:05}")).collect();
    // Not all in the same part, whatever the size of the parts is.
    let mut sample: Vec<_> = (0..7)
        .map(|n| keys[n * (MAX_BATCH_KEYS - 1) / 6].clone())
        .collect();
    sample.push(keys[1].clone());
    (keys, sample)
}

pub(super) fn pairs_of(keys: &[String], value: &str) -> Vec<(String, Bytes)> {
    let value = Bytes::copy_from_slice(value.as_bytes());
    let pairs = keys.iter().map(|key| (key.clone(), value.clone()));
    pairs.collect()
}

/// Reads the sample again and again until the write has ended.
async fn watch(
    kv: &KvHandle,
    sample: &[String],
    write: impl Future<Output = Result<(), KvError>>,
) -> Result<(), BoxError> {
    let ended = AtomicBool::new(false);
    let write = async {
        write.await?;
        ended.store(true, Ordering::Relaxed);
        Ok::<_, BoxError>(())
    };
    let read = async {
        loop {
            let last = ended.load(Ordering::Relaxed);
            let seen = kv.get_many_bytes(sample).await?;
            let is_same = |value: &&Option<Bytes>| **value == seen[0];
            let same = seen.iter().filter(is_same).count();
            check!(
                same == seen.len(),
                "a part of a batch was seen: of {} keys, {same} were like {:?}, and {:?} was not",
                seen.len(),
                sample[0],
                sample[seen.iter().position(|v| *v != seen[0]).unwrap_or(0)]
            );
            if last {
                return Ok(());
            }
            others().await;
        }
    };
    try_join(write, read).await.map(drop)
}

async fn the_largest_put_many_is_seen_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_transactions(fixture).await?;
    let reader = open(fixture).await?;
    let (keys, sample) = largest();
    let write = kv.put_many_bytes(pairs_of(&keys, "one"));
    Ok(watch(&reader, &sample, write).await?)
}

async fn the_largest_delete_many_is_seen_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_transactions(fixture).await?;
    let reader = open(fixture).await?;
    let (keys, sample) = largest();
    kv.put_many_bytes(pairs_of(&keys, "one")).await?;
    watch(&reader, &sample, kv.delete_many(&keys)).await?;
    check_keys!(list(&kv, "").await?, [""; 0], "the keys after the delete");
    Ok(())
}

async fn the_largest_get_many_sees_one_state_of_the_store(fixture: &DynFixture) -> CaseResult {
    const READS: usize = 2;
    let kv = open_with_transactions(fixture).await?;
    let writer = open(fixture).await?;
    let (keys, sample) = largest();
    // What is missing is read as well: so the store need not be filled.
    kv.put_many_bytes(pairs_of(&sample, "0")).await?;
    let ended = AtomicBool::new(false);
    let read = async {
        let mut seen = Vec::new();
        for _ in 0..READS {
            let values = kv.get_many_bytes(&keys).await?;
            let values = values.into_iter().flatten();
            seen.push(values.collect::<Vec<Bytes>>());
        }
        ended.store(true, Ordering::Relaxed);
        Ok::<_, KvError>(seen)
    };
    let write = async {
        let mut number = 0;
        while !ended.load(Ordering::Relaxed) {
            number += 1;
            let value = number.to_string();
            writer.put_many_bytes(pairs_of(&sample, &value)).await?;
            others().await;
        }
        Ok(())
    };
    let (seen, ()) = try_join(read, write).await?;
    for values in seen {
        check_eq!(values.len(), sample.len(), "the number of values");
        check!(
            values.iter().all(|value| *value == values[0]),
            "a get_many of {} keys saw a part of a batch of {}",
            keys.len(),
            sample.len()
        );
    }
    Ok(())
}

async fn a_batch_of_many_megabytes_is_seen_whole_or_not_at_all(fixture: &DynFixture) -> CaseResult {
    const LENGTH: usize = 250_000;
    let kv = open_with_transactions(fixture).await?;
    let reader = open(fixture).await?;
    let keys: Vec<_> = (0..40).map(|n| format!("{n:02}")).collect();
    let ends = [keys[0].clone(), keys[20].clone(), keys[39].clone()];
    let pairs = keys.iter().map(|key| (key.clone(), pattern(1, LENGTH)));
    Ok(watch(&reader, &ends, kv.put_many_bytes(pairs.collect())).await?)
}

async fn a_batch_of_10000_keys_works_and_a_larger_one_is_refused(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    let (mut keys, sample) = largest();
    kv.put_many_bytes(pairs_of(&keys, "x")).await?;
    let found = kv.get_many_bytes(&keys).await?;
    let there = found.iter().flatten().count();
    check_eq!(there, MAX_BATCH_KEYS, "the values read of {MAX_BATCH_KEYS}");
    kv.delete_many(&keys).await?;
    let found = kv.get_many_bytes(&sample).await?;
    check_eq!(
        found,
        vec![None; sample.len()],
        "some keys after the delete"
    );
    kv.put_bytes(&keys[0], "stays").await?;
    keys.push("one-more".to_owned());
    let put = kv.put_many_bytes(pairs_of(&keys, "x")).await;
    let error = check_err!(put, KvError::Validation { .. }, "put_many of 10,001");
    let text = error.to_string();
    check!(text.contains("10001"), "it does not say how many: {text}");
    let delete = kv.delete_many(&keys).await;
    check_err!(delete, KvError::Validation { .. }, "delete_many of 10,001");
    let get = kv.get_many_bytes(&keys).await;
    check_err!(get, KvError::Validation { .. }, "get_many of 10,001");
    check_keys!(list(&kv, "").await?, [&keys[0]], "the keys afterwards");
    let found = kv.get_bytes(&keys[0]).await?;
    check_eq!(found, Some("stays".into()), "the value");
    Ok(())
}

async fn a_batch_over_64_mib_is_refused(fixture: &DynFixture) -> CaseResult {
    use edgezero_store_traits::kv::limits::{MAX_BATCH_BYTES, MAX_VALUE_BYTES};

    let kv = open(fixture).await?;
    // One value, many times: it is in memory once.
    let value = Bytes::from(vec![b'x'; MAX_VALUE_BYTES]);
    let rest = MAX_BATCH_BYTES - 2 * MAX_VALUE_BYTES - "abc".len();
    let pairs = vec![
        pair("a", value.clone()),
        pair("b", value.clone()),
        pair("c", value.slice(..rest + 1)),
    ];
    let put = kv.put_many_bytes(pairs).await;
    let error = check_err!(put, KvError::Validation { .. }, "64 MiB and a byte");
    let text = error.to_string();
    check!(
        text.contains("67108865"),
        "it does not say how many: {text}"
    );
    check_keys!(list(&kv, "").await?, [""; 0], "the keys");
    Ok(())
}

async fn a_batch_of_deletes_removes_its_keys_and_no_other(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "b", "c", "A", "ab", "%"]).await?;
    kv.delete_many(&["b", "nobody", "a", "b"]).await?;
    check_keys!(list(&kv, "").await?, ["%", "A", "ab", "c"], "what is left");
    check_eq!(
        kv.get_many_bytes(&["a", "b"]).await?,
        [None, None],
        "what was removed"
    );
    kv.delete_many(&["a", "nobody"]).await?;
    Ok(())
}

async fn a_batch_of_nothing_succeeds(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a"]).await?;
    check_eq!(kv.get_many_bytes(&[""; 0]).await?, [], "no keys");
    kv.put_many_bytes(Vec::new()).await?;
    kv.delete_many(&[""; 0]).await?;
    check_keys!(list(&kv, "").await?, ["a"], "the keys");
    Ok(())
}

async fn a_batch_with_one_bad_key_or_value_does_nothing(fixture: &DynFixture) -> CaseResult {
    use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;

    let kv = open(fixture).await?;
    fill(&kv, ["old"]).await?;
    let long = "k".repeat(513);
    for bad in ["", ".", "a\nb", &long] {
        let put = kv.put_many_bytes(vec![pair("new", "x"), pair(bad, "x")]);
        check_err!(put.await, KvError::Validation { .. }, "put_many of {bad:?}");
        let delete = kv.delete_many(&["old", bad]).await;
        check_err!(delete, KvError::Validation { .. }, "delete_many of {bad:?}");
        let get = kv.get_many_bytes(&["old", bad]).await;
        check_err!(get, KvError::Validation { .. }, "get_many of {bad:?}");
    }
    let large = vec![0; MAX_VALUE_BYTES + 1];
    let put = kv.put_many_bytes(vec![pair("new", "x"), pair("large", large)]);
    let error = check_err!(put.await, KvError::Validation { .. }, "a value over 25 MiB");
    check!(error.to_string().contains("large"), "it says: {error}");
    check_keys!(list(&kv, "").await?, ["old"], "the keys");
    Ok(())
}
