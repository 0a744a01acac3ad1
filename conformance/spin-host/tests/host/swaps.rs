//! What `swap` makes of a backend's answer.

use edgezero_spin_host::RedisServer;
use edgezero_spin_host::backend::RedisSwap;
use serde_json::json;

use crate::{builder, run, value};

#[tokio::test]
async fn a_swap_that_failed_leaves_one_that_has_read() {
    let host = builder().key_value_in_memory("default").build().unwrap();
    let steps = json!([
        {"do": "open-bucket", "label": "default"},
        {"do": "set-many", "pairs": [["k", "old"]]},
        {"do": "new-swap", "key": "k"},
        {"do": "current"},
        {"do": "set-many", "pairs": [["k", "someone else's"]]},
        {"do": "swap", "value": "mine"},
        {"do": "swap", "value": "mine"}
    ]);
    let answers = run(&host, steps).await.unwrap();
    assert_eq!(answers[5..], ["\"cas-failed\"", "done"]);
    assert_eq!(value(&host, "k").await, "\"mine\"");
}

#[tokio::test]
async fn a_swap_that_failed_needs_its_bucket_to_begin_again() {
    let host = builder().key_value_in_memory("default").build().unwrap();
    let steps = json!([
        {"do": "open-bucket", "label": "default"},
        {"do": "set-many", "pairs": [["k", "old"]]},
        {"do": "new-swap", "key": "k"},
        {"do": "current"},
        {"do": "set-many", "pairs": [["k", "someone else's"]]},
        {"do": "close-buckets"},
        {"do": "swap", "value": "mine"}
    ]);
    let answers = run(&host, steps).await.unwrap();
    assert_eq!(answers[6], "\"Error::NoSuchStore\"");
}

#[tokio::test]
async fn on_redis_the_first_swap_writes_and_answers_that_it_failed() {
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    for (database, swap, answer) in [
        (0, RedisSwap::Spin41, "\"cas-failed\""),
        (1, RedisSwap::HalfMended, "done"),
        (2, RedisSwap::Mended, "done"),
    ] {
        let host = builder().redis_swap("default", &server.url(database), swap);
        let host = host.build().unwrap();
        let steps = json!([
            {"do": "open-bucket", "label": "default"},
            {"do": "new-swap", "key": "k"},
            {"do": "current"},
            {"do": "swap", "value": "mine"}
        ]);
        let answers = run(&host, steps).await.unwrap();
        assert_eq!(answers[2..], ["nothing", answer]);
        assert_eq!(value(&host, "k").await, "\"mine\"");
    }
}
