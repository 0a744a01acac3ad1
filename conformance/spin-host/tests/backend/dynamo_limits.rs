//! DynamoDB: what it refuses.

use edgezero_spin_host::backend::{DynamoTable, Store};

use crate::{assert_holds, keys, open, other, pairs};

async fn store() -> (DynamoTable, std::sync::Arc<dyn Store>) {
    let table = DynamoTable::new().consistent_read(true);
    let store = open(&table).await;
    (table, store)
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("key{n}")).collect()
}

fn with_value(keys: Vec<String>, value: &str) -> Vec<(String, Vec<u8>)> {
    let pairs = keys.into_iter().map(|key| (key, value.as_bytes().to_vec()));
    pairs.collect()
}

#[tokio::test]
async fn an_item_has_at_most_400_kilobytes_with_its_key_and_names() {
    let (table, store) = store().await;
    // "PK", the key, "VAL".
    let most = 409_600 - 2 - 3 - 3;
    store.set("key", &vec![b'x'; most]).await.unwrap();
    let text = other(store.set("key", &vec![b'y'; most + 1]).await);
    assert_holds(
        &text,
        &[
            "ServiceError(ServiceError { source: Unhandled(Unhandled { source: ErrorMetadata { \
             code: Some(\"ValidationException\"), message: Some(\"Item size has exceeded",
            "raw: Response { status: StatusCode(400), headers: Headers { headers: {",
            "body: SdkBody { inner: Once(Some(b\"{",
            "extensions: Extensions { extensions_02x: Extensions, extensions_1x: {} } } })",
        ],
    );
    assert_eq!(table.item("key").unwrap().value, Some(vec![b'x'; most]));
    let mut batch = pairs([("a", "1")]);
    batch.push(("key".to_owned(), vec![b'y'; most + 1]));
    assert_holds(&other(store.set_many(batch).await), &["Item size"]);
    assert_eq!(table.keys(), ["key"], "checked before the first is written");
}

#[tokio::test]
async fn a_key_has_one_to_2048_bytes() {
    let (_, store) = store().await;
    let longest = "k".repeat(2048);
    store.set(&longest, b"").await.unwrap();
    for key in ["", &"k".repeat(2049)] {
        let key = key.to_owned();
        for text in [
            other(store.get(&key).await),
            other(store.set(&key, b"").await),
            other(store.exists(&key).await),
            other(store.delete(&key).await),
            other(store.increment(&key, 1).await),
            other(store.get_many(vec![key.clone()]).await),
            other(store.delete_many(vec![key.clone()]).await),
        ] {
            assert_holds(&text, &["ValidationException"]);
        }
    }
}

#[tokio::test]
async fn a_batch_reads_100_keys_and_writes_25() {
    let (table, store) = store().await;
    store.get_many(many(100)).await.unwrap();
    assert_holds(&other(store.get_many(many(101)).await), &["Too many items"]);
    store.set_many(with_value(many(25), "v")).await.unwrap();
    store.delete_many(many(25)).await.unwrap();
    for text in [
        other(store.set_many(with_value(many(26), "v")).await),
        other(store.delete_many(many(26)).await),
    ] {
        assert_holds(&text, &["less than or equal to 25"]);
    }
    assert_eq!(table.keys(), [""; 0]);
}

#[tokio::test]
async fn a_batch_that_is_too_long_is_quoted_with_its_values() {
    let (_, store) = store().await;
    let text = other(store.set_many(with_value(many(26), "planted")).await);
    assert_holds(&text, &["cGxhbnRlZA=="]);
}

#[tokio::test]
async fn a_batch_takes_no_key_twice() {
    let (table, store) = store().await;
    for text in [
        other(store.get_many(keys(["a", "b", "a"])).await),
        other(store.set_many(pairs([("a", "1"), ("a", "2")])).await),
        other(store.delete_many(keys(["a", "a"])).await),
    ] {
        assert_holds(&text, &["contains duplicates"]);
    }
    assert_eq!(table.keys(), [""; 0]);
}

#[tokio::test]
async fn a_reply_over_the_limit_is_refused() {
    use edgezero_spin_host::backend::Backend;
    let table = DynamoTable::new().consistent_read(true);
    let store = table.open("default", 124).await.unwrap();
    store.set("a", &[b'x'; 101]).await.unwrap();
    let refusal = "query result exceeds limit of 124 bytes";
    assert_eq!(other(store.get("a").await), refusal);
    assert_eq!(other(store.get_many(keys(["a"])).await), refusal);
    store.set(&"k".repeat(125), b"").await.unwrap();
    assert_eq!(other(store.list_keys().await), refusal);
    let (_, end) = crate::read(store.key_stream().await).await;
    assert_eq!(other(end), "key exceeds limit of 124 bytes");
}
