//! Counters, swaps and batches in the component: what they cost and what they meet.

use std::path::Path;

use bytes::Bytes;
use edgezero_spin_host::{Call, Fault, SpinHost};
use serde_json::{Value, json};

use crate::support::embedded::DAMAGED;
use crate::support::{self, call, failed, new_host};

const DEFAULT: (&str, &str) = ("label", "default");

async fn ok(host: &SpinHost, path: &str, query: &[(&str, &str)], body: Value) -> Value {
    let body = if body.is_null() {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    let response = call(host, path, query, body).await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

async fn update(host: &SpinHost) {
    let query = [DEFAULT, ("key", "n")];
    ok(host, "/kv/update", &query, Value::Null).await;
}

/// Has the instance find out what it has to know of the platform, and creates `n`.
async fn warm(host: &SpinHost) {
    update(host).await;
    let query = [DEFAULT, ("key", "counter")];
    ok(host, "/kv/increment", &query, Value::Null).await;
}

#[tokio::test]
async fn an_update_that_the_host_refuses_without_a_reason_is_tried_again() {
    let (_folder, host) = new_host();
    warm(&host).await;
    let swaps = host.calls().count(Call::Swap);
    for _ in 0..3 {
        host.calls().inject(Fault::Conflict);
    }
    update(&host).await;
    assert_eq!(host.calls().count(Call::Swap) - swaps, 4);
    let query = [DEFAULT, ("key", "n")];
    assert_eq!(ok(&host, "/kv/get", &query, Value::Null).await, 2);

    for _ in 0..1000 {
        host.calls().inject(Fault::Conflict);
    }
    let error = failed(&call(&host, "/kv/update", &query, "").await);
    assert_eq!((error.status, error.kind.as_str()), (503, "unavailable"));
    assert!(
        error.message.contains("did not change"),
        "{}",
        error.message
    );
    assert_eq!(ok(&host, "/kv/get", &query, Value::Null).await, 2);
}

#[tokio::test]
async fn a_fault_of_the_host_in_a_swap_is_an_error_and_not_tried_again() {
    let (_folder, host) = new_host();
    warm(&host).await;
    let swaps = host.calls().count(Call::Swap);
    let query = [DEFAULT, ("key", "n")];
    for failing in [Call::Cas, Call::Swap] {
        let fault = Fault::Other(failing, DAMAGED.into());
        host.calls().inject(fault);
        let error = failed(&call(&host, "/kv/update", &query, "").await);
        assert_eq!((error.status, error.kind.as_str()), (500, "internal"));
        for part in ["\"n\"", "default", "DatabaseCorrupt"] {
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
    assert_eq!(host.calls().count(Call::Swap) - swaps, 1);
}

/// Spin's host panics on such a value and wraps at the end of the range; the
/// embedded host does too, and would trap.
#[tokio::test]
async fn what_spins_host_panics_or_wraps_on_is_never_handed_to_it() {
    let (_folder, host) = new_host();
    warm(&host).await;
    let increments = host.calls().count(Call::Increment);
    let max = i64::MAX.to_le_bytes();
    for (value, kind) in [
        (&b"5"[..], "not_a_counter"),
        (b"", "not_a_counter"),
        (&max, "counter_overflow"),
    ] {
        let query = [DEFAULT, ("key", "n")];
        call(&host, "/kv/put", &query, value.to_vec()).await;
        let error = failed(&call(&host, "/kv/increment", &query, "").await);
        assert_eq!((error.status, error.kind.as_str()), (500, kind));
    }
    assert_eq!(host.calls().count(Call::Increment), increments);
}

#[tokio::test]
async fn a_batch_is_one_call_of_the_host_to_sqlite_and_reads_are_one_for_100_keys() {
    let (_folder, host) = new_host();
    warm(&host).await;
    let before = |call| host.calls().count(call);
    let kinds = [
        Call::SetMany,
        Call::GetMany,
        Call::DeleteMany,
        Call::Get,
        Call::Set,
        Call::Delete,
        Call::Bucket,
    ];
    let before = kinds.map(before);
    let pairs: serde_json::Map<_, _> = (0..1000).map(|n| (n.to_string(), json!("x"))).collect();
    ok(&host, "/kv/put-many", &[DEFAULT], json!(pairs)).await;
    // Each of them twice.
    let keys: Vec<_> = (0..1500).chain(0..1500).map(|n| n.to_string()).collect();
    let values = ok(&host, "/kv/get-many", &[DEFAULT], json!(keys)).await;
    let found = values.as_array().unwrap().iter();
    assert_eq!(found.filter(|value| value.is_string()).count(), 2000);
    ok(&host, "/kv/delete-many", &[DEFAULT], json!(keys)).await;
    let values = ok(&host, "/config/many", &[DEFAULT], json!(["0", "1"])).await;
    assert_eq!(values, json!([null, null]));
    let after = kinds.map(|call| host.calls().count(call));
    let made: Vec<_> = before.iter().zip(after).map(|(b, a)| a - b).collect();
    assert_eq!(
        made,
        [1, 15 + 1, 1, 0, 0, 0, 0],
        "the last is of a configuration"
    );
}

#[tokio::test]
async fn a_fault_of_the_host_in_a_batch_is_an_error_that_counts_the_keys() {
    let (_folder, host) = new_host();
    for (operation, failing, body, action) in [
        (
            "put-many",
            Call::SetMany,
            json!({"a": "planted", "b": ""}),
            "write 2 keys",
        ),
        (
            "delete-many",
            Call::DeleteMany,
            json!(["a", "b", "c"]),
            "delete 3 keys",
        ),
    ] {
        host.calls().inject(Fault::Other(failing, DAMAGED.into()));
        let path = format!("/kv/{operation}");
        let error = failed(&call(&host, &path, &[DEFAULT], body.to_string()).await);
        assert_eq!((error.status, error.kind.as_str()), (500, "internal"));
        for part in [action, "default", "DatabaseCorrupt"] {
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert!(!error.message.contains("planted"), "{}", error.message);
    }
    host.calls().inject(Fault::NoSuchStore(Call::GetMany));
    let error = failed(&call(&host, "/kv/get-many", &[DEFAULT], r#"["a","b"]"#).await);
    assert_eq!(error.status, 503);
    assert!(error.message.contains("read 2 keys"), "{}", error.message);
}

#[tokio::test]
async fn a_batch_too_large_for_one_reply_is_read_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let host = support::host(&folder.path().join("kv.db")).unwrap();
    let host = host.max_reply(1000).build().unwrap();
    let value = "x".repeat(600);
    let pairs = json!({ "a": value, "b": value });
    ok(&host, "/kv/put-many", &[DEFAULT], pairs).await;
    let found = ok(&host, "/kv/get-many", &[DEFAULT], json!(["b", "c", "a"])).await;
    assert_eq!(found, json!([value, null, value]));
    assert_eq!(host.calls().count(Call::GetMany), 1);
    assert_eq!(host.calls().count(Call::Get), 3);
}

#[tokio::test]
async fn a_key_list_too_large_for_one_reply_is_streamed() {
    let folder = tempfile::tempdir().unwrap();
    let host = support::host(&folder.path().join("kv.db")).unwrap();
    let host = host.max_reply(5000).build().unwrap();
    // A key of 10 bytes takes 34 in a reply.
    let pairs = |range: std::ops::Range<u32>| {
        let pairs = range.map(|n| (format!("{n:010}"), json!("")));
        json!(pairs.collect::<serde_json::Map<_, _>>())
    };
    let query = [DEFAULT, ("limit", "2"), ("prefix", "00000000")];
    let first = json!(["0000000000", "0000000001"]);

    ok(&host, "/kv/put-many", &[DEFAULT], pairs(0..100)).await;
    assert_eq!(
        ok(&host, "/kv/page", &query, Value::Null).await["keys"],
        first
    );
    assert_eq!(host.calls().count(Call::GetKeys), 0, "100 keys fit");

    ok(&host, "/kv/put-many", &[DEFAULT], pairs(100..200)).await;
    assert_eq!(
        ok(&host, "/kv/page", &query, Value::Null).await["keys"],
        first
    );
    assert_eq!(host.calls().count(Call::ListKeys), 2);
    assert_eq!(host.calls().count(Call::GetKeys), 1, "200 keys do not");

    // The cap holds on both ways.
    let query = [DEFAULT, ("max_list_keys", "150"), ("limit", "2")];
    let error = failed(&call(&host, "/kv/page", &query, "").await);
    assert_eq!((error.status, error.kind.as_str()), (503, "limit_exceeded"));
}

#[tokio::test]
async fn a_listing_is_one_call_of_the_host_and_keeps_the_cap() {
    let (_folder, host) = new_host();
    let pairs = (0..30).map(|n| (format!("{n:02}"), json!("")));
    let pairs = json!(pairs.collect::<serde_json::Map<_, _>>());
    ok(&host, "/kv/put-many", &[DEFAULT], pairs).await;
    let query = [DEFAULT, ("limit", "3"), ("max_list_keys", "30")];
    let page = ok(&host, "/kv/page", &query, Value::Null).await;
    assert_eq!(page["keys"], json!(["00", "01", "02"]));
    let query = [DEFAULT, ("limit", "3"), ("max_list_keys", "29")];
    let error = failed(&call(&host, "/kv/page", &query, "").await);
    assert_eq!((error.status, error.kind.as_str()), (503, "limit_exceeded"));
    assert_eq!(host.calls().count(Call::ListKeys), 2);
    assert_eq!(host.calls().count(Call::GetKeys), 0);
}

#[test]
fn without_the_feature_a_component_does_not_import_wasi_keyvalue() {
    let imports = |component: &Path| -> bool {
        let names = edgezero_spin_host::component::imports(component).unwrap();
        assert!(names.iter().any(|name| name.starts_with("spin:key-value/")));
        names.iter().any(|name| name.starts_with("wasi:keyvalue/"))
    };
    assert!(imports(support::component().unwrap()));
    assert!(!imports(support::stream_component().unwrap()));
}
