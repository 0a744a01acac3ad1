//! How many calls of the host an operation takes, in an instance that has found out what
//! it has to know, and in a new one.

use edgezero_spin_host::SpinHost;
use http::StatusCode;

use crate::support::embedded::{Embedded, Kept};
use crate::support::{self, call};

async fn started(requests_per_instance: usize) -> (SpinHost, Kept) {
    let (host, kept) = Embedded::Sqlite.host().unwrap();
    let host = host.requests_per_instance(requests_per_instance);
    (host.build().unwrap(), kept)
}

/// What a request costs, beside the two calls that open the store.
async fn cost(host: &SpinHost, operation: &str, key: &str) -> u64 {
    let before = host.calls().total();
    let query = [("label", "default"), ("key", key)];
    let response = call(host, &format!("/kv/{operation}"), &query, "7").await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), StatusCode::OK, "{operation}: {text}");
    host.calls().total() - before - 2
}

async fn costs(host: &SpinHost, rows: &[(&str, &str, u64)]) {
    for (operation, key, most) in rows {
        let calls = cost(host, operation, key).await;
        assert!(
            calls <= *most,
            "{operation} of {key}: {calls} calls, and at most {most}"
        );
    }
}

#[tokio::test]
async fn a_warm_instance_makes_few_calls_on_sqlite() {
    let (host, _kept) = started(usize::MAX).await;
    costs(
        &host,
        &[
            ("update", "first", 100),
            ("increment", "first counter", 100),
        ],
    )
    .await;
    costs(
        &host,
        &[
            ("put", "plain", 1),
            ("get", "plain", 1),
            ("exists", "plain", 1),
            ("delete", "plain", 1),
            ("page", "", 1),
            ("increment", "n", 2),
            ("increment", "n", 2),
            ("counter", "n", 1),
            ("update", "first", 3),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_creation_makes_at_most_8_calls_on_sqlite() {
    let (host, _kept) = started(usize::MAX).await;
    // Each ticket is made once for all time.
    for n in 0..1000 {
        cost(&host, "update", &format!("before {n}")).await;
    }
    for n in 0..100 {
        let calls = cost(&host, "update", &format!("new {n}")).await;
        assert!(calls <= 8, "{calls} calls");
    }
}

/// As Spin 4.1 runs a component on spin-sdk 6.0: an instance for each request.
#[tokio::test]
async fn a_new_instance_believes_the_note_of_another() {
    let (host, _kept) = started(1).await;
    costs(&host, &[("increment", "n", 100), ("update", "u", 100)]).await;
    costs(
        &host,
        &[
            ("put", "plain", 1),
            ("get", "plain", 1),
            ("page", "", 1),
            ("increment", "n", 3),
            ("counter", "n", 2),
            ("update", "u", 4),
        ],
    )
    .await;
}

/// The checks that only Cosmos needs cost one read, for keys that it does not hold.
#[tokio::test]
async fn a_key_that_cosmos_does_not_hold_costs_one_read_once_in_an_instance() {
    let (host, _kept) = started(usize::MAX).await;
    costs(
        &host,
        &[
            ("put", "it's", 2),
            ("put", "it's", 1),
            ("get", "it's", 1),
            ("put", "user/7", 1),
            ("put", "ключ", 1),
        ],
    )
    .await;
    let (_folder, stream) = {
        let folder = tempfile::tempdir().unwrap();
        let host = support::stream_host(&folder.path().join("kv.db")).unwrap();
        (folder, host.build().unwrap())
    };
    let query = [("label", "default"), ("key", "it's")];
    for most in [3, 2] {
        let before = stream.calls().total();
        assert_eq!(call(&stream, "/kv/put", &query, "x").await.status(), 200);
        // One of them opens the store.
        assert!(stream.calls().total() - before <= most);
    }
}
