//! Many keys in one call.

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvHandle};
use futures_util::future::try_join;

use super::{fill, list, open, others, pattern};
use crate::case::{CaseResult, Stop, cases, check, check_eq, check_err};
use crate::fixture::Fixture;
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
    "KV-BATCH-4" => a_batch_of_deletes_removes_its_keys_and_no_other;
    "KV-BATCH-5" => a_batch_of_nothing_succeeds;
    "KV-BATCH-5", "KV-CHECK-1" => a_batch_with_one_bad_key_or_value_does_nothing;
}

fn pair(key: &str, value: impl Into<Bytes>) -> (String, Bytes) {
    (key.to_owned(), value.into())
}

async fn values_are_in_the_order_of_the_keys_asked(fixture: &dyn Fixture) -> CaseResult {
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

async fn a_batch_of_one_key_reads_and_writes_that_key(fixture: &dyn Fixture) -> CaseResult {
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
    check_eq!(list(&kv, "").await?, ["a", "ab", "x"], "the other keys");
    Ok(())
}

async fn a_thousand_values_are_read_at_once(fixture: &dyn Fixture) -> CaseResult {
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
    fixture: &dyn Fixture,
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
    fixture: &dyn Fixture,
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

async fn a_batch_is_stored_whole_and_replaces_what_was_there(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("b", "a longer value from before").await?;
    kv.put_bytes("other", "stays").await?;
    kv.put_many_bytes(vec![pair("a", "1"), pair("b", "2"), pair("c", "")])
        .await?;
    check_eq!(list(&kv, "").await?, ["a", "b", "c", "other"], "the keys");
    let values = ["1", "2", "", "stays"].map(|value| Some(Bytes::from(value)));
    let keys = ["a", "b", "c", "other"];
    check_eq!(kv.get_many_bytes(&keys).await?, values, "the values");
    for (key, value) in keys.into_iter().zip(values) {
        check_eq!(kv.get_bytes(key).await?, value, "{key} by itself");
    }
    Ok(())
}

async fn the_last_of_two_equal_keys_wins(fixture: &dyn Fixture) -> CaseResult {
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
    check_eq!(list(&kv, "").await?, ["key", "other"], "the keys");
    Ok(())
}

async fn thousands_of_pairs_are_written_at_once(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys: Vec<_> = (0..2000).map(|n| format!("{n:04}")).collect();
    let pairs = keys.iter().map(|key| pair(key, key.clone()));
    kv.put_many_bytes(pairs.collect()).await?;
    check_eq!(list(&kv, "12").await?, keys[1200..1300], "under 12");
    kv.delete_many(&keys[..1990]).await?;
    check_eq!(list(&kv, "").await?, keys[1990..], "after the deletes");
    Ok(())
}

async fn a_typed_batch_with_a_value_that_json_cannot_hold_is_not_written(
    fixture: &dyn Fixture,
) -> CaseResult {
    use std::collections::BTreeMap;

    let kv = open(fixture).await?;
    let good = BTreeMap::new();
    let keyed_by_lists = BTreeMap::from([(vec![1], 2)]);
    let put = kv
        .put_many(&[("good", good), ("bad", keyed_by_lists)])
        .await;
    check_err!(put, KvError::Serialization { .. }, "keys that are lists");
    check_eq!(list(&kv, "").await?, [""; 0], "the keys");
    Ok(())
}

/// With transactions; ends the case elsewhere.
async fn open_with_transactions(fixture: &dyn Fixture) -> Result<KvHandle, Stop> {
    let kv = open(fixture).await?;
    if kv.check_capabilities().await?.transactions {
        Ok(kv)
    } else {
        Err(Stop::Excluded("the backend has no transactions".to_owned()))
    }
}

async fn a_batch_is_seen_whole_or_not_at_all(fixture: &dyn Fixture) -> CaseResult {
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

async fn a_batch_of_deletes_removes_its_keys_and_no_other(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "b", "c", "A", "ab", "%"]).await?;
    kv.delete_many(&["b", "nobody", "a", "b"]).await?;
    check_eq!(list(&kv, "").await?, ["%", "A", "ab", "c"], "what is left");
    check_eq!(
        kv.get_many_bytes(&["a", "b"]).await?,
        [None, None],
        "what was removed"
    );
    kv.delete_many(&["a", "nobody"]).await?;
    Ok(())
}

async fn a_batch_of_nothing_succeeds(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a"]).await?;
    check_eq!(kv.get_many_bytes(&[""; 0]).await?, [], "no keys");
    kv.put_many_bytes(Vec::new()).await?;
    kv.delete_many(&[""; 0]).await?;
    check_eq!(list(&kv, "").await?, ["a"], "the keys");
    Ok(())
}

async fn a_batch_with_one_bad_key_or_value_does_nothing(fixture: &dyn Fixture) -> CaseResult {
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
    check_eq!(list(&kv, "").await?, ["old"], "the keys");
    Ok(())
}
