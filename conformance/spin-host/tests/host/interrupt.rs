//! Ends and failures at any call.

use std::sync::Arc;

use edgezero_spin_host::backend::DynamoTable;
use edgezero_spin_host::{Call, SpinHost, When};
use serde_json::{Value, json};

use crate::{builder, calls, last, lock, run, value};

fn host() -> SpinHost {
    builder().key_value_in_memory("default").build().unwrap()
}

fn two_writes(value: &str) -> Value {
    json!([
        {"do": "open", "label": "default"},
        {"do": "set", "key": "a", "value": value},
        {"do": "set", "key": "b", "value": value}
    ])
}

#[tokio::test]
async fn calls_are_counted_and_listed_in_their_order() {
    let host = host();
    run(&host, two_writes("1")).await.unwrap();
    assert_eq!(host.calls().total(), 3);
    assert_eq!(host.calls().order(), []);
    host.calls().list_order();
    run(&host, two_writes("2")).await.unwrap();
    assert_eq!(host.calls().order(), [Call::Open, Call::Set, Call::Set]);
    assert_eq!(host.calls().total(), 6);
    host.calls().list_order();
    assert_eq!(host.calls().order(), []);
}

#[tokio::test]
async fn an_instance_can_be_ended_before_each_call_and_after_it() {
    let old = "\"old\"";
    let new = "\"new\"";
    for (nth, when, a, b) in [
        (1, When::Before, old, old),
        (1, When::After, old, old),
        (2, When::Before, old, old),
        (2, When::After, new, old),
        (3, When::Before, new, old),
        (3, When::After, new, new),
    ] {
        let host = host();
        run(&host, two_writes("old")).await.unwrap();
        host.calls().kill_at(nth, when);
        let error = run(&host, two_writes("new")).await.unwrap_err().to_string();
        assert!(
            error.contains(&format!("killed at call {}", nth + 3)),
            "{error}"
        );
        let found = (value(&host, "a").await, value(&host, "b").await);
        assert_eq!(found, (a.to_owned(), b.to_owned()), "{nth} {when:?}");
        assert!(host.instances() >= 2);
    }
}

#[tokio::test]
async fn other_instances_live_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let host = builder()
        .key_value("default", &path)
        .key_value_in_memory("other");
    let host = host.concurrent_requests_per_instance(1);
    let host = Arc::new(host.build().unwrap());
    run(&host, two_writes("old")).await.unwrap();
    let locked = lock(&path);
    let waiting = {
        let host = host.clone();
        tokio::spawn(async move { run(&host, two_writes("new")).await })
    };
    calls(&host, 5).await;
    host.calls().kill_at(1, When::After);
    let open = json!([{"do": "open", "label": "other"}]);
    run(&host, open.clone()).await.unwrap_err();
    drop(locked);
    assert_eq!(waiting.await.unwrap().unwrap(), ["1", "done", "done"]);
    run(&host, open).await.unwrap();
}

#[tokio::test]
async fn a_call_can_fail_before_it_acts_and_after() {
    for (when, expected) in [(When::Before, "nothing"), (When::After, "\"1\"")] {
        let host = host();
        host.calls().fail_at(2, when, "disk on fire");
        let answers = run(&host, two_writes("1")).await.unwrap();
        let failure = "Error::Other(\"disk on fire\")";
        assert_eq!(answers, ["1", failure, "done"]);
        assert_eq!(value(&host, "a").await, expected);
    }
}

#[tokio::test]
async fn each_kind_of_call_can_fail_after_it_acted() {
    let table = DynamoTable::new().consistent_read(true);
    let host = builder().dynamo("default", &table).build().unwrap();
    let steps = json!([
        {"do": "open", "label": "default"},
        {"do": "open-bucket", "label": "default"},
        {"do": "set-many", "pairs": [["a", "1"]]},
        {"do": "increment", "key": "a", "delta": 1},
        {"do": "new-swap", "key": "a"},
        {"do": "current"},
        {"do": "swap", "value": "5"},
        {"do": "delete-many", "keys": ["x"]},
        {"do": "get-many", "keys": ["x"]},
        {"do": "list-keys", "cursor": null},
        {"do": "get-keys"},
        {"do": "get", "key": "a"},
        {"do": "exists", "key": "a"}
    ]);
    // Without the two that open, without which nothing follows.
    let count = steps.as_array().unwrap().len();
    for nth in (3..=count).filter(|nth| *nth != 5) {
        host.calls()
            .fail_at(nth as u64, When::After, "disk on fire");
        let answers = run(&host, steps.clone()).await.unwrap();
        assert!(
            answers[nth - 1].contains("disk on fire"),
            "{nth}: {answers:?}"
        );
        assert_eq!(table.item("a").unwrap().value, Some(b"5".to_vec()), "{nth}");
        last(&host, json!([{"do": "served"}])).await;
    }
}
