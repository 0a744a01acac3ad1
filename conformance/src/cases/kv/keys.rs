//! Keys, values and their limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;
use edgezero_store_traits::{BoxError, KvError, KvHandle, KvStore};

use super::{list, open, pattern};
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::{DynFixture, LABEL};
use crate::wrapper::{Wrapped, Wrapper};

cases! {
    "KV-KEY-1" => keys_of_any_script_are_kept_apart;
    "KV-KEY-1" => keys_are_case_sensitive;
    "KV-KEY-1" => keys_are_not_trimmed;
    "KV-KEY-1" => keys_are_not_normalised;
    "KV-KEY-1" => keys_with_the_signs_of_sql_and_paths_are_plain_keys;
    "KV-KEY-1" => keys_that_look_like_numbers_are_plain_keys;
    "KV-KEY-2" => a_key_of_512_bytes_works;
    "KV-KEY-2" => a_key_of_513_bytes_is_refused;
    "KV-KEY-2" => the_limit_on_keys_counts_bytes;
    "KV-KEY-2" => the_empty_key_is_refused;
    "KV-KEY-3" => one_and_two_dots_are_refused_and_three_are_a_key;
    "KV-KEY-3" => keys_with_control_characters_are_refused;
    "KV-VALUE-1" => a_value_of_25_mib_works;
    "KV-VALUE-1" => a_value_of_25_mib_and_one_byte_is_refused;
    "KV-CHECK-1" => a_refused_put_changes_nothing;
    "KV-CHECK-1" => input_out_of_range_never_reaches_the_backend;
}

/// Stores each key under its own text, then expects each of them back.
async fn each_key_is_its_own(fixture: &DynFixture, keys: &[&str]) -> Result<(), BoxError> {
    let kv = open(fixture).await?;
    for key in keys {
        kv.put_bytes(key, key.as_bytes().to_vec()).await?;
    }
    for key in keys {
        let found = kv.get_bytes(key).await?;
        let own = Bytes::copy_from_slice(key.as_bytes());
        check_eq!(found, Some(own), "the value under {key:?}");
        check!(kv.exists(key).await?, "{key:?} does not exist");
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    check_keys!(list(&kv, "").await?, sorted, "the keys listed");
    Ok(())
}

async fn keys_of_any_script_are_kept_apart(fixture: &DynFixture) -> CaseResult {
    let keys = [
        "ключ",
        "鍵",
        "clé",
        "🔑",
        "مفتاح",
        "\u{feff}",
        "\u{fffd}",
        "\u{10ffff}",
        "a",
    ];
    Ok(each_key_is_its_own(fixture, &keys).await?)
}

async fn keys_are_case_sensitive(fixture: &DynFixture) -> CaseResult {
    Ok(each_key_is_its_own(
        fixture,
        &["key", "Key", "KEY", "straße", "STRASSE", "é", "É"],
    )
    .await?)
}

async fn keys_are_not_trimmed(fixture: &DynFixture) -> CaseResult {
    Ok(each_key_is_its_own(
        fixture,
        &["a", " a", "a ", " ", "  ", "\u{a0}a", "\u{3000}"],
    )
    .await?)
}

async fn keys_are_not_normalised(fixture: &DynFixture) -> CaseResult {
    // One letter and its two parts; the ångström sign and the letter.
    Ok(each_key_is_its_own(
        fixture,
        &["\u{e9}", "e\u{301}", "\u{212b}", "\u{c5}", "A\u{30a}"],
    )
    .await?)
}

async fn keys_with_the_signs_of_sql_and_paths_are_plain_keys(fixture: &DynFixture) -> CaseResult {
    let keys = [
        "a'b", "a\"b", "a;b", "--", "%", "_", "*", "?", "\\", "../x", "/", "//", "a/./b", "C:\\x",
        "$1", ":now", "{}", "a=b", "a&b", "a+b", "%00", "~",
    ];
    Ok(each_key_is_its_own(fixture, &keys).await?)
}

async fn keys_that_look_like_numbers_are_plain_keys(fixture: &DynFixture) -> CaseResult {
    let keys = [
        "1",
        "01",
        "1.0",
        "1.",
        "1e0",
        "+1",
        "0",
        "-0",
        "0x1",
        "1_000",
        "1000",
        "NaN",
        "nan",
        "inf",
        "null",
        "true",
        "9007199254740992",
        "9007199254740993",
    ];
    Ok(each_key_is_its_own(fixture, &keys).await?)
}

async fn a_key_of_512_bytes_works(fixture: &DynFixture) -> CaseResult {
    Ok(each_key_is_its_own(
        fixture,
        &[&"k".repeat(512), &"k".repeat(511), &"ü".repeat(256)],
    )
    .await?)
}

/// Every call refuses the key, and says so.
async fn refused(kv: &KvHandle, key: &str) -> Result<(), BoxError> {
    let calls: [(&str, Result<(), KvError>); 5] = [
        ("get_bytes", kv.get_bytes(key).await.map(drop)),
        ("put_bytes", kv.put_bytes(key, "x").await),
        (
            "put_bytes_with_ttl",
            kv.put_bytes_with_ttl(key, "x", Duration::from_secs(60))
                .await,
        ),
        ("delete", kv.delete(key).await),
        ("exists", kv.exists(key).await.map(drop)),
    ];
    for (call, result) in calls {
        let error = check_err!(
            result,
            KvError::Validation { .. },
            "{call} of {} bytes",
            key.len()
        );
        check_eq!(error.status(), 400, "the status of {call}");
    }
    check_keys!(list(kv, "").await?, [""; 0], "the keys after refused calls");
    Ok(())
}

async fn a_key_of_513_bytes_is_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    refused(&kv, &"k".repeat(513)).await?;
    Ok(refused(&kv, &"k".repeat(100_000)).await?)
}

async fn the_limit_on_keys_counts_bytes(fixture: &DynFixture) -> CaseResult {
    // 257 characters, 514 bytes.
    Ok(refused(&open(fixture).await?, &"ü".repeat(257)).await?)
}

async fn the_empty_key_is_refused(fixture: &DynFixture) -> CaseResult {
    Ok(refused(&open(fixture).await?, "").await?)
}

async fn one_and_two_dots_are_refused_and_three_are_a_key(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    refused(&kv, ".").await?;
    refused(&kv, "..").await?;
    Ok(each_key_is_its_own(fixture, &["...", ".a", "a.", "a..b"]).await?)
}

async fn keys_with_control_characters_are_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for key in [
        "\0",
        "a\0b",
        "line\n",
        "\ttab",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{80}",
        "\u{9f}",
    ] {
        refused(&kv, key).await?;
    }
    Ok(())
}

async fn a_value_of_25_mib_works(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let value = pattern(3, MAX_VALUE_BYTES);
    kv.put_bytes("largest", value.clone()).await?;
    let found = kv.get_bytes("largest").await?;
    check_eq!(
        found.as_ref().map(Bytes::len),
        Some(25 * 1024 * 1024),
        "the length"
    );
    check!(found == Some(value), "a value of 25 MiB came back changed");
    Ok(())
}

async fn a_value_of_25_mib_and_one_byte_is_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("key", "before").await?;
    let value = pattern(3, MAX_VALUE_BYTES + 1);
    let result = kv.put_bytes("key", value.clone()).await;
    check_err!(result, KvError::Validation { .. }, "put_bytes");
    let result = kv
        .put_bytes_with_ttl("key", value, Duration::from_secs(60))
        .await;
    check_err!(result, KvError::Validation { .. }, "put_bytes_with_ttl");
    check_eq!(
        kv.get_bytes("key").await?,
        Some(Bytes::from("before")),
        "get"
    );
    Ok(())
}

async fn a_refused_put_changes_nothing(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put_bytes("key", "before").await?;
    let result = kv
        .put_bytes_with_ttl("key", "after", Duration::from_secs(59))
        .await;
    check_err!(result, KvError::Validation { .. }, "a TTL of 59 seconds");
    let result = kv.put_bytes("key\n", "after").await;
    check_err!(
        result,
        KvError::Validation { .. },
        "a key with a line break"
    );
    check_eq!(
        kv.get_bytes("key").await?,
        Some(Bytes::from("before")),
        "get"
    );
    check_keys!(list(&kv, "").await?, ["key"], "list");
    Ok(())
}

async fn input_out_of_range_never_reaches_the_backend(fixture: &DynFixture) -> CaseResult {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Counted {
        store: fixture.kv(LABEL).await?,
        calls: calls.clone(),
    };
    let kv = KvHandle::new(Arc::new(Wrapped(counted)));
    let long = "k".repeat(513);
    for key in ["", ".", "..", "\0", &long] {
        refused_with(kv.get_bytes(key).await)?;
        refused_with(kv.exists(key).await)?;
        refused_with(kv.delete(key).await)?;
        refused_with(kv.put_bytes(key, "x").await)?;
        refused_with(
            kv.put_bytes_with_ttl(key, "x", Duration::from_secs(60))
                .await,
        )?;
    }
    for key in ["", ".", "..", "\0", &long] {
        refused_with(kv.get_many_bytes(&["good", key]).await)?;
        refused_with(kv.delete_many(&["good", key]).await)?;
        let pairs = [("good", "x"), (key, "x")].map(|(key, value)| (key.to_owned(), value.into()));
        refused_with(kv.put_many_bytes(pairs.into()).await)?;
        refused_with(kv.increment(key, 1).await)?;
        refused_with(kv.compare_and_swap(key).await)?;
    }
    for (prefix, cursor, limit) in [
        ("", None, 0),
        ("", None, 1001),
        (&long[..], None, 1),
        ("\n", None, 1),
        ("", Some("?"), 1),
    ] {
        refused_with(kv.list_keys_page(prefix, cursor, limit).await)?;
    }
    for seconds in [0, 59, 365 * 24 * 60 * 60 + 1] {
        let ttl = Duration::from_secs(seconds);
        refused_with(kv.put_bytes_with_ttl("key", "x", ttl).await)?;
    }
    let large = Bytes::from(vec![0; MAX_VALUE_BYTES + 1]);
    refused_with(kv.put_bytes("key", large.clone()).await)?;
    let ttl = Duration::from_secs(60);
    refused_with(kv.put_bytes_with_ttl("key", large, ttl).await)?;
    check_eq!(calls.load(Ordering::Relaxed), 0, "calls of the backend");

    check_eq!(kv.get_bytes("key").await?, None, "a good call");
    check_eq!(calls.load(Ordering::Relaxed), 1, "calls after a good one");
    Ok(())
}

#[track_caller]
fn refused_with<T: std::fmt::Debug>(result: Result<T, KvError>) -> Result<(), BoxError> {
    check_err!(result, KvError::Validation { .. }, "input out of range");
    Ok(())
}

/// The backend, with its calls counted: a call of the wrapper asks for it once.
struct Counted {
    store: Arc<dyn KvStore>,
    calls: Arc<AtomicUsize>,
}

impl Wrapper for Counted {
    fn inner(&self) -> &dyn KvStore {
        self.calls.fetch_add(1, Ordering::Relaxed);
        &*self.store
    }
}
