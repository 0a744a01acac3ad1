//! The scripts. Each begins with an empty store.

use serde_json::{Value, json};

/// Requests of one component to one label.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) requests: Vec<Value>,
}

pub(crate) fn on_sqlite() -> Vec<Script> {
    let mut scripts = on("sqlite");
    scripts.push(Script {
        name: "increment_of_text_panics_and_poisons",
        label: "poisoned",
        requests: vec![
            json!([{"do": "set", "key": "n", "value": "5"}]),
            json!([{"do": "increment", "key": "n", "delta": 1}]),
            json!([{"do": "get", "key": "n"}]),
            json!([{"do": "list-keys", "cursor": null}]),
            json!([{"do": "get-keys"}]),
        ],
    });
    scripts
}

pub(crate) fn on_redis() -> Vec<Script> {
    on("redis")
}

fn on(label: &'static str) -> Vec<Script> {
    let scripts: Vec<(_, Vec<Value>)> = vec![
        (
            "single_keys",
            vec![json!([
                {"do": "set", "key": "a", "value": "1"},
                {"do": "set", "key": "a", "value": "2"},
                {"do": "set", "key": "b", "value": ""},
                {"do": "get", "key": "a"},
                {"do": "get", "key": "b"},
                {"do": "get", "key": "c"},
                {"do": "exists", "key": "a"},
                {"do": "exists", "key": "c"},
                {"do": "get-keys"},
                {"do": "list-keys", "cursor": null},
                {"do": "delete", "key": "a"},
                {"do": "delete", "key": "a"},
                {"do": "get", "key": "a"}
            ])],
        ),
        (
            "keys_of_all_kinds",
            vec![json!([
                {"do": "set", "key": "", "value": "empty"},
                {"do": "set", "key": "grün 木 '\"\\/?#*[", "value": "odd"},
                {"do": "set", "key": "a\nb\u{0}c", "value": "control"},
                {"do": "set", "key": "k".repeat(5000), "value": "long"},
                {"do": "get", "key": ""},
                {"do": "get", "key": "grün 木 '\"\\/?#*["},
                {"do": "get", "key": "a\nb\u{0}c"},
                {"do": "exists", "key": "k".repeat(5000)},
                {"do": "get-keys"},
                {"do": "list-keys", "cursor": null}
            ])],
        ),
        (
            "batches",
            vec![
                json!([
                    {"do": "set-many", "pairs": [["a", "1"], ["b", "2"], ["c", "3"], ["a", "4"]]},
                    {"do": "get", "key": "a"},
                    {"do": "delete-many", "keys": ["b", "x", "b"]},
                    {"do": "list-keys", "cursor": null}
                ]),
                json!([{"do": "get-many", "keys": ["a", "c"]}]),
                json!([{"do": "get-many", "keys": ["a", "x", "a"]}]),
                json!([{"do": "get-many", "keys": ["x"]}]),
                json!([{"do": "get-many", "keys": ["a"]}]),
                json!([{"do": "get", "key": "a"}]),
            ],
        ),
        (
            "get_many_of_a_pattern",
            vec![
                json!([{"do": "set-many", "pairs": [["a1", ""], ["a2", ""], ["a3", ""], ["b1", ""]]}]),
                json!([{"do": "get-many", "keys": ["a*"]}]),
                json!([{"do": "get-many", "keys": ["b?"]}]),
                json!([{"do": "get-many", "keys": ["c*"]}]),
            ],
        ),
        (
            "batches_of_nothing",
            vec![json!([
                {"do": "get-many", "keys": []},
                {"do": "set-many", "pairs": []},
                {"do": "delete-many", "keys": []}
            ])],
        ),
        (
            "increments",
            vec![json!([
                {"do": "increment", "key": "n", "delta": 5},
                {"do": "increment", "key": "n", "delta": -7},
                {"do": "get", "key": "n"},
                {"do": "increment", "key": "n", "delta": i64::MIN},
                {"do": "get", "key": "n"}
            ])],
        ),
        (
            "a_swap_of_a_value",
            vec![json!([
                {"do": "set", "key": "k", "value": "old"},
                {"do": "new-swap", "key": "k"},
                {"do": "current"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"}
            ])],
        ),
        (
            "a_swap_of_a_value_that_changed",
            vec![json!([
                {"do": "set", "key": "k", "value": "old"},
                {"do": "new-swap", "key": "k"},
                {"do": "current"},
                {"do": "set", "key": "k", "value": "changed"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"}
            ])],
        ),
        (
            "a_swap_of_nothing",
            vec![json!([
                {"do": "new-swap", "key": "k"},
                {"do": "current"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"}
            ])],
        ),
        (
            "a_swap_of_nothing_that_came",
            vec![json!([
                {"do": "new-swap", "key": "k"},
                {"do": "current"},
                {"do": "set", "key": "k", "value": "came"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"}
            ])],
        ),
        (
            "a_swap_that_has_not_read",
            vec![json!([
                {"do": "set", "key": "k", "value": "old"},
                {"do": "new-swap", "key": "k"},
                {"do": "swap", "value": "new"},
                {"do": "get", "key": "k"}
            ])],
        ),
        (
            "a_failed_swap_without_its_bucket",
            vec![json!([
                {"do": "set", "key": "k", "value": "old"},
                {"do": "new-swap", "key": "k"},
                {"do": "current"},
                {"do": "set", "key": "k", "value": "changed"},
                {"do": "close-buckets"},
                {"do": "swap", "value": "new"}
            ])],
        ),
        (
            "300_of_everything",
            vec![
                json!([{"do": "open", "label": label, "times": 300}]),
                json!([{"do": "open-bucket", "label": label, "times": 300}]),
                json!([{"do": "new-swap", "key": "k", "times": 300}]),
                json!([{"do": "swap-often", "key": "k", "value": "v", "times": 300}]),
            ],
        ),
        (
            "a_listing_with_a_cursor",
            vec![json!([{"do": "list-keys", "cursor": "x"}])],
        ),
        (
            "a_label_that_is_not_listed",
            vec![json!([
                {"do": "open", "label": "secret"},
                {"do": "open-bucket", "label": "secret"}
            ])],
        ),
        (
            "a_stream_that_is_dropped_early",
            vec![json!([
                {"do": "set-many", "pairs": (0..30).map(|n| (n.to_string(), "")).collect::<Vec<_>>()},
                {"do": "get-keys"},
                {"do": "begin-keys"},
                {"do": "drop-keys"}
            ])],
        ),
        (
            "statics",
            vec![json!([{"do": "served"}]), json!([{"do": "served"}])],
        ),
    ];
    let scripts = scripts.into_iter().map(|(name, mut requests)| {
        requests.insert(0, json!([{"do": "clear"}]));
        Script {
            name,
            label,
            requests,
        }
    });
    scripts.collect()
}
