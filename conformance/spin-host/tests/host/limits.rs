//! What the host refuses, whatever the backend.

use edgezero_spin_host::SpinHost;
use edgezero_spin_host::backend::{CosmosContainer, DynamoTable};
use serde_json::{Value, json};

use crate::{builder, last, run};

fn host(max_open: u32) -> SpinHost {
    let host = builder().key_value_in_memory("default").max_open(max_open);
    host.build().unwrap()
}

fn open(times: u32) -> Value {
    json!({"do": "open", "label": "default", "times": times})
}

fn bucket(times: u32) -> Value {
    json!({"do": "open-bucket", "label": "default", "times": times})
}

#[tokio::test]
async fn stores_of_both_interfaces_share_one_table() {
    let host = host(256);
    assert_eq!(
        run(&host, json!([open(256), bucket(1)])).await.unwrap(),
        ["256", "0, then Error::Other(\"store table full\")"]
    );
    // What the request had open is closed again.
    assert_eq!(
        run(&host, json!([bucket(200), open(57)])).await.unwrap(),
        ["200", "56, then Error::StoreTableFull"]
    );
}

#[tokio::test]
async fn a_swap_that_was_made_stays_in_the_table() {
    let host = host(256);
    let full = "Error::Other(\"too many compare_and_swaps opened\")";
    let new = json!({"do": "new-swap", "key": "k", "times": 257});
    assert_eq!(
        last(&host, json!([bucket(1), new])).await,
        format!("256, then {full}")
    );
    // Those that were dropped are gone, those that were made are not.
    let often = json!({"do": "swap-often", "key": "k", "value": "v", "times": 100});
    assert_eq!(
        run(&host, json!([bucket(1), often, often, often]))
            .await
            .unwrap(),
        ["1", "100", "100", &format!("56, then {full}")]
    );
}

#[tokio::test]
async fn without_a_limit_there_is_none() {
    let host = builder().key_value_in_memory("default").build().unwrap();
    let often = json!({"do": "swap-often", "key": "k", "value": "v", "times": 300});
    let new = json!({"do": "new-swap", "key": "k", "times": 300});
    assert_eq!(
        run(&host, json!([open(300), bucket(300), often, new]))
            .await
            .unwrap(),
        ["300", "300", "300", "300"]
    );
}

#[tokio::test]
async fn a_listing_with_a_cursor_is_refused() {
    let host = host(256);
    let list = json!({"do": "list-keys", "cursor": "x"});
    assert_eq!(
        last(&host, json!([bucket(1), list])).await,
        "Error::Other(\"list_keys: cursor not supported\")"
    );
}

#[tokio::test]
async fn too_many_requests_meet_what_reaches_a_backend() {
    let host = host(256);
    host.calls().too_many_requests(true);
    let free = json!([
        open(1),
        bucket(1),
        {"do": "set-many", "pairs": []},
        {"do": "new-swap", "key": "k"}
    ]);
    assert_eq!(run(&host, free).await.unwrap(), ["1", "1", "done", "1"]);
    for step in [
        json!({"do": "get", "key": "k"}),
        json!({"do": "set", "key": "k", "value": ""}),
        json!({"do": "delete", "key": "k"}),
        json!({"do": "exists", "key": "k"}),
        json!({"do": "list-keys", "cursor": null}),
        json!({"do": "get-many", "keys": ["k"]}),
        json!({"do": "set-many", "pairs": [["k", ""]]}),
        json!({"do": "delete-many", "keys": ["k"]}),
        json!({"do": "increment", "key": "k", "delta": 1}),
        json!({"do": "current"}),
        json!({"do": "swap", "value": ""}),
    ] {
        let new = json!({"do": "new-swap", "key": "k"});
        let answer = last(&host, json!([open(1), bucket(1), new, step])).await;
        assert!(answer.contains("too many requests"), "{step}: {answer}");
    }
    // It has no error to answer.
    let error = run(&host, json!([open(1), {"do": "get-keys"}]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("too many requests"), "{error}");
    host.calls().too_many_requests(false);
    assert_eq!(last(&host, json!([open(1), {"do": "get-keys"}])).await, "");
}

#[tokio::test]
async fn a_label_that_the_component_does_not_list_is_denied() {
    let host = host(256);
    let denied = json!([
        {"do": "open", "label": "secret"},
        {"do": "open-bucket", "label": "secret"}
    ]);
    let denied = run(&host, denied).await.unwrap();
    assert_eq!(
        denied,
        ["0, then Error::AccessDenied", "0, then Error::AccessDenied"]
    );
}

#[tokio::test]
async fn two_hosts_share_what_is_in_memory_by_its_handle() {
    let (table, container) = (DynamoTable::new(), CosmosContainer::new());
    let table = table.consistent_read(true);
    let host = || {
        let host = builder()
            .dynamo("dynamo", &table)
            .cosmos("cosmos", &container);
        host.build().unwrap()
    };
    let (one, other) = (host(), host());
    for label in ["dynamo", "cosmos"] {
        let open = json!({"do": "open", "label": label});
        let set = json!([open, {"do": "set", "key": "k", "value": label}]);
        assert_eq!(last(&one, set).await, "done");
        let get = json!([open, {"do": "get", "key": "k"}]);
        assert_eq!(last(&other, get).await, format!("{label:?}"));
    }
}
