//! Panics of Spin's host.

use edgezero_spin_host::RedisServer;
use serde_json::json;

use crate::{builder, last, run, value};

#[tokio::test]
async fn a_panic_on_sqlite_ends_the_request_and_every_later_one_on_the_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let builder = builder()
        .key_value("default", &path)
        .key_value_in_memory("other");
    let host = builder.clone().build().unwrap();
    let panics = json!([
        {"do": "open", "label": "default"},
        {"do": "set", "key": "n", "value": "5"},
        {"do": "open-bucket", "label": "default"},
        {"do": "increment", "key": "n", "delta": 1}
    ]);
    let error = run(&host, panics).await.unwrap_err().to_string();
    assert!(error.contains("not 8 bytes"), "{error}");
    for step in [json!({"do": "get", "key": "n"}), json!({"do": "get-keys"})] {
        let steps = json!([{"do": "open", "label": "default"}, step]);
        let error = run(&host, steps).await.unwrap_err().to_string();
        assert!(error.contains("poisoned"), "{error}");
    }
    let other = json!([{"do": "open", "label": "other"}, {"do": "get", "key": "n"}]);
    assert_eq!(last(&host, other).await, "nothing");
    let rebuilt = builder.build().unwrap();
    assert_eq!(value(&rebuilt, "n").await, "\"5\"");
}

#[tokio::test]
async fn a_panic_on_redis_ends_the_request_alone() {
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    let host = builder().redis("default", &server.url(0)).build().unwrap();
    let panics = json!([
        {"do": "open-bucket", "label": "default"},
        {"do": "set-many", "pairs": [["a", "1"], ["b", "2"]]},
        {"do": "get-many", "keys": ["a"]}
    ]);
    let error = run(&host, panics).await.unwrap_err().to_string();
    assert!(error.contains("get-many"), "{error}");
    assert_eq!(value(&host, "a").await, "\"1\"");
}

#[tokio::test]
async fn a_stream_that_is_dropped_early_ends_with_an_error() {
    let host = builder().key_value_in_memory("default").build().unwrap();
    let pairs: Vec<_> = (0..20).map(|n| (n.to_string(), "")).collect();
    let steps = json!([
        {"do": "open-bucket", "label": "default"},
        {"do": "set-many", "pairs": pairs},
        {"do": "open", "label": "default"},
        {"do": "begin-keys"},
        {"do": "drop-keys"},
        {"do": "begin-keys"},
        {"do": "end-keys"}
    ]);
    let answers = run(&host, steps).await.unwrap();
    assert_eq!(answers[4], "Error::Other(\"SendError { .. }\")");
    assert_eq!(answers[6].split(' ').count(), 19);
}
