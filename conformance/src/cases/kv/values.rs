//! Reading, writing and deleting values.

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvHandle};

use super::{list, open, pattern};
use crate::case::{CaseResult, cases, check, check_eq, check_keys};
use crate::fixture::DynFixture;

cases! {
    "KV-GET-1" => a_missing_key_gives_none;
    "KV-GET-2" => a_value_of_any_bytes_comes_back_bit_for_bit;
    "KV-GET-2" => an_empty_value_is_a_value;
    "KV-GET-2" => a_value_over_64_kib_comes_back_whole;
    "KV-PUT-1" => a_put_replaces_the_value;
    "KV-PUT-1" => a_shorter_value_leaves_nothing_of_a_longer_one;
    "KV-PUT-2" => a_put_is_seen_by_a_handle_opened_before_and_one_opened_after;
    "KV-PUT-2", "KV-DELETE-2" => every_way_to_read_sees_what_another_handle_wrote;
    "KV-DELETE-1" => deleting_a_missing_key_succeeds;
    "KV-DELETE-2" => a_deleted_key_is_gone_from_get_exists_and_list;
    "KV-DELETE-2" => a_delete_touches_no_other_key;
    "KV-DELETE-2" => a_deleted_key_can_be_written_again;
    "KV-EXISTS-1" => exists_is_true_for_a_value_and_false_without;
}

async fn a_missing_key_gives_none(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    check_eq!(kv.get_bytes("nobody").await?, None, "in an empty store");
    kv.put_bytes("somebody", "x").await?;
    check_eq!(kv.get_bytes("some").await?, None, "a part of a key");
    check_eq!(kv.get_bytes("somebody2").await?, None, "more than a key");
    Ok(())
}

async fn a_value_of_any_bytes_comes_back_bit_for_bit(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for value in [
        &every_byte[..],
        b"\0",
        b"a\0b",
        b"\0\0\0",
        b"text\0",
        b"\xff\xfe\x80",
        b"\xc3\x28",
        b" \r\n\t ",
        b"null",
        b"007",
        b"1.50",
        b"1e3",
        b"'; DROP TABLE spin_key_value; --",
    ] {
        kv.put_bytes("key", value.to_vec()).await?;
        check_eq!(
            kv.get_bytes("key").await?,
            Some(Bytes::copy_from_slice(value)),
            "the value read back"
        );
    }
    Ok(())
}

async fn an_empty_value_is_a_value(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("empty", "").await?;
    check_eq!(kv.get_bytes("empty").await?, Some(Bytes::new()), "get");
    check!(kv.exists("empty").await?, "exists is false");
    check_keys!(list(&kv, "").await?, ["empty"], "list");
    Ok(())
}

async fn a_value_over_64_kib_comes_back_whole(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for length in [65_535, 65_536, 65_537, 1_000_003] {
        let value = pattern(7, length);
        kv.put_bytes("large", value.clone()).await?;
        let found = kv.get_bytes("large").await?;
        check_eq!(found.as_ref().map(Bytes::len), Some(length), "the length");
        check!(
            found == Some(value),
            "a value of {length} bytes came back changed"
        );
    }
    Ok(())
}

async fn a_put_replaces_the_value(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for value in ["first", "second", "second", "third"] {
        kv.put_bytes("key", value).await?;
        check_eq!(kv.get_bytes("key").await?, Some(Bytes::from(value)), "get");
    }
    check_keys!(list(&kv, "").await?, ["key"], "the key is there once");
    Ok(())
}

async fn a_shorter_value_leaves_nothing_of_a_longer_one(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("key", pattern(1, 10_000)).await?;
    kv.put_bytes("key", "short").await?;
    check_eq!(
        kv.get_bytes("key").await?,
        Some(Bytes::from("short")),
        "get"
    );
    kv.put_bytes("key", "").await?;
    check_eq!(kv.get_bytes("key").await?, Some(Bytes::new()), "get");
    Ok(())
}

async fn a_put_is_seen_by_a_handle_opened_before_and_one_opened_after(
    fixture: &DynFixture,
) -> CaseResult {
    let before = open(fixture).await?;
    let writer = open(fixture).await?;
    check_eq!(before.get_bytes("key").await?, None, "before the put");
    for value in ["one", "two"] {
        writer.put_bytes("key", value).await?;
        let after = open(fixture).await?;
        for (kv, which) in [(&before, "before"), (&after, "after")] {
            check_eq!(
                kv.get_bytes("key").await?,
                Some(Bytes::from(value)),
                "through the handle opened {which}"
            );
        }
    }
    writer.delete("key").await?;
    check_eq!(
        before.get_bytes("key").await?,
        None,
        "after a delete elsewhere"
    );
    Ok(())
}

/// Under `key`, by each way to read it.
async fn read(
    kv: &KvHandle,
    key: &str,
    value: Option<&str>,
    written: &str,
) -> Result<(), BoxError> {
    let value = value.map(|value| Bytes::from(value.to_owned()));
    check_eq!(kv.get_bytes(key).await?, value, "get after {written}");
    let exists = kv.exists(key).await?;
    check_eq!(exists, value.is_some(), "exists after {written}");
    let many = kv.get_many_bytes(&[key]).await?;
    check_eq!(
        many,
        std::slice::from_ref(&value),
        "get_many after {written}"
    );
    let listed = list(kv, key).await?;
    check_eq!(listed.len(), value.iter().len(), "keys after {written}");
    if kv.check_capabilities().await?.compare_and_swap {
        let swap = kv.compare_and_swap(key).await?;
        check_eq!(swap.current(), value.as_ref(), "a swap after {written}");
    }
    Ok(())
}

async fn every_way_to_read_sees_what_another_handle_wrote(fixture: &DynFixture) -> CaseResult {
    let reader = open(fixture).await?;
    let writer = open(fixture).await?;
    read(&reader, "key", None, "nothing").await?;
    for round in 0..2 {
        writer.put_bytes("key", "a put").await?;
        read(&reader, "key", Some("a put"), "a put").await?;
        let pair = ("key".to_owned(), Bytes::from("a batch"));
        writer.put_many_bytes(vec![pair]).await?;
        read(&reader, "key", Some("a batch"), "a batch").await?;
        if writer.check_capabilities().await?.compare_and_swap {
            let swap = writer.compare_and_swap("key").await?;
            swap.swap("a swap").await?;
            read(&reader, "key", Some("a swap"), "a swap").await?;
        }
        match round {
            0 => writer.delete("key").await?,
            _ => writer.delete_many(&["key"]).await?,
        }
        read(&reader, "key", None, "a delete").await?;
    }
    Ok(())
}

async fn deleting_a_missing_key_succeeds(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.delete("nobody").await?;
    kv.put_bytes("key", "x").await?;
    kv.delete("key").await?;
    kv.delete("key").await?;
    Ok(())
}

async fn a_deleted_key_is_gone_from_get_exists_and_list(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("gone", "x").await?;
    kv.delete("gone").await?;
    check_eq!(kv.get_bytes("gone").await?, None, "get");
    check!(!kv.exists("gone").await?, "exists is true after the delete");
    check_keys!(list(&kv, "").await?, [""; 0], "list");
    Ok(())
}

async fn a_delete_touches_no_other_key(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let others = ["K", "k ", "k/1", "kk", "k%", "j"];
    for key in others {
        kv.put_bytes(key, key).await?;
    }
    kv.put_bytes("k", "x").await?;
    kv.delete("k").await?;
    for key in others {
        check_eq!(
            kv.get_bytes(key).await?,
            Some(Bytes::from(key)),
            "the key {key:?}"
        );
    }
    Ok(())
}

async fn a_deleted_key_can_be_written_again(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for value in ["one", "two"] {
        kv.put_bytes("key", value).await?;
        check_eq!(kv.get_bytes("key").await?, Some(Bytes::from(value)), "get");
        kv.delete("key").await?;
    }
    Ok(())
}

async fn exists_is_true_for_a_value_and_false_without(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    check!(!kv.exists("key").await?, "true before the put");
    kv.put_bytes("key", "x").await?;
    check!(kv.exists("key").await?, "false after the put");
    check!(!kv.exists("ke").await?, "true for a part of a key");
    check!(!kv.exists("KEY").await?, "true for a key in other case");
    Ok(())
}
