//! DynamoDB: what its calls do.

use edgezero_spin_host::backend::{DynamoItem, DynamoTable};
use futures_util::future::join;

use crate::{assert_holds, keys, open, other, pairs, read, sorted};

fn consistent() -> DynamoTable {
    DynamoTable::new().consistent_read(true)
}

fn item(value: &str) -> Option<DynamoItem> {
    Some(DynamoItem {
        value: Some(value.into()),
        version: None,
    })
}

#[tokio::test]
async fn labels_and_hosts_share_a_table_by_its_handle() {
    let table = consistent();
    open(&table).await.set("k", b"v").await.unwrap();
    let another = open(&table.clone()).await;
    assert_eq!(another.get("k").await, Ok(Some(b"v".to_vec())));
    assert_eq!(table.item("k"), item("v"));
    assert_eq!(open(&consistent()).await.get("k").await, Ok(None));
}

#[tokio::test]
async fn get_set_delete_and_batches_do_what_they_say() {
    let store = open(&consistent()).await;
    store
        .set_many(pairs([("a", "1"), ("b", "2"), ("c", "")]))
        .await
        .unwrap();
    store.set("a", b"new").await.unwrap();
    let found = store.get_many(keys(["a", "c", "x"])).await.unwrap();
    let expected = [("a", "new"), ("c", "")];
    let expected = expected.map(|(key, value)| (key.to_owned(), Some(value.into())));
    assert_eq!(sorted(found), expected);
    store.delete("a").await.unwrap();
    store.delete_many(keys(["b", "x"])).await.unwrap();
    assert_eq!(store.exists("a").await, Ok(false));
    assert_eq!(store.exists("c").await, Ok(true));
    assert_eq!(store.list_keys().await, Ok(keys(["c"])));
    assert_eq!(read(store.key_stream().await).await, (keys(["c"]), Ok(())));
}

#[tokio::test]
async fn by_default_the_first_read_after_a_write_sees_what_was_there_before() {
    let store = open(&DynamoTable::new()).await;
    store.set("k", b"1").await.unwrap();
    assert_eq!(store.get("k").await, Ok(None));
    assert_eq!(store.get("k").await, Ok(Some(b"1".to_vec())));
    store.set("k", b"2").await.unwrap();
    store.set("k", b"3").await.unwrap();
    let found = store.get_many(keys(["k"])).await.unwrap();
    assert_eq!(found, [("k".to_owned(), Some(b"2".to_vec()))]);
    assert_eq!(store.get("k").await, Ok(Some(b"3".to_vec())));
    store.delete("k").await.unwrap();
    assert_eq!(store.exists("k").await, Ok(true));
    assert_eq!(store.exists("k").await, Ok(false));
}

#[tokio::test]
async fn increments_and_swaps_always_read_consistently() {
    let store = open(&DynamoTable::new()).await;
    for sum in 1..4 {
        assert_eq!(store.increment("n", 1).await, Ok(sum));
    }
    let swap = store.compare_and_swap("n").await.unwrap();
    assert_eq!(swap.current().await, Ok(Some(b"3".to_vec())));
    // And they do not make a later read consistent.
    assert_eq!(store.get("n").await, Ok(Some(b"2".to_vec())));
}

#[tokio::test]
async fn a_list_can_be_stale_whatever_the_stanza_says() {
    let table = consistent().stale_lists();
    let store = open(&table).await;
    store.set("k", b"").await.unwrap();
    assert_eq!(store.get("k").await, Ok(Some(Vec::new())));
    assert_eq!(store.list_keys().await, Ok(Vec::new()));
    assert_eq!(store.list_keys().await, Ok(keys(["k"])));
    store.delete("k").await.unwrap();
    assert_eq!(read(store.key_stream().await).await.0, keys(["k"]));
    assert_eq!(read(store.key_stream().await).await.0, keys([]));
}

#[tokio::test]
async fn an_increment_keeps_decimal_text_and_wraps() {
    let table = consistent();
    let store = open(&table).await;
    assert_eq!(store.increment("n", 5).await, Ok(5));
    assert_eq!(table.item("n"), item("5"));
    assert_eq!(store.increment("n", i64::MAX).await, Ok(i64::MIN + 4));
}

#[tokio::test]
async fn an_increment_of_another_value_fails_and_changes_nothing() {
    let table = consistent();
    let store = open(&table).await;
    for (value, reason) in [
        ("five", "ParseIntError { kind: InvalidDigit }"),
        ("", "ParseIntError { kind: Empty }"),
        (
            "99999999999999999999",
            "ParseIntError { kind: PosOverflow }",
        ),
        // Numbers that are written otherwise than they are compared.
        ("+5", "ConditionalCheckFailed"),
        ("007", "ConditionalCheckFailed"),
    ] {
        store.set("n", value.as_bytes()).await.unwrap();
        assert_holds(&other(store.increment("n", 1).await), &[reason]);
        assert_eq!(table.item("n"), item(value));
    }
    store.set("n", &5_i64.to_le_bytes()).await.unwrap();
    let eight = [0xff; 8];
    store.set("n", &eight).await.unwrap();
    assert_holds(&other(store.increment("n", 1).await), &["Utf8Error"]);
}

#[tokio::test]
async fn of_two_increments_at_once_one_fails_and_writes_nothing() {
    let table = consistent();
    let store = open(&table).await;
    for start in [0, 1] {
        let (first, second) = join(store.increment("n", 1), store.increment("n", 1)).await;
        assert_eq!(first, Ok(start + 1));
        let text = other(second);
        let parts = [
            "ServiceError(ServiceError { source: TransactionCanceledException(\
             TransactionCanceledException { message: Some(\"",
            "specific reasons [ConditionalCheckFailed]",
        ];
        assert_holds(&text, &parts);
        assert_eq!(table.item("n"), item(&(start + 1).to_string()));
    }
}

#[tokio::test]
async fn a_batch_is_not_one_step() {
    let table = consistent();
    let store = open(&table).await;
    let looks = async {
        let mut seen = Vec::new();
        while seen.last() != Some(&3) {
            seen.push(table.keys().len());
            tokio::task::yield_now().await;
        }
        seen
    };
    let batch = pairs([("a", "1"), ("b", "2"), ("c", "3")]);
    let (done, seen) = join(store.set_many(batch), looks).await;
    assert_eq!(done, Ok(()));
    assert!(seen.contains(&1) && seen.contains(&2), "{seen:?}");

    // A reader sees a part of another's batch.
    let batch = pairs([("a", "new"), ("b", "new"), ("c", "new")]);
    let (done, found) = join(store.set_many(batch), store.get_many(keys(["a", "b", "c"]))).await;
    assert_eq!(done, Ok(()));
    let mut values: Vec<_> = found
        .unwrap()
        .into_iter()
        .filter_map(|(_, value)| value)
        .collect();
    values.dedup();
    assert_eq!(table.item("c"), item("new"));
    assert!(!values.is_empty());
}
