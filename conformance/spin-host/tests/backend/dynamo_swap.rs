//! DynamoDB: swaps, and transactions that are not there.

use std::sync::Arc;

use edgezero_spin_host::backend::{DynamoItem, DynamoTable, Store, Swap, Swapped};

use crate::{assert_holds, open, other, pairs};

async fn new() -> (DynamoTable, Arc<dyn Store>) {
    let table = DynamoTable::new().consistent_read(true);
    let store = open(&table).await;
    (table, store)
}

/// A swap that has read.
async fn begun(store: &dyn Store) -> Arc<dyn Swap> {
    let swap = store.compare_and_swap("k").await.unwrap();
    swap.current().await.unwrap();
    swap
}

fn item(value: &str, version: Option<u64>) -> Option<DynamoItem> {
    Some(DynamoItem {
        value: Some(value.into()),
        version,
    })
}

#[tokio::test]
async fn a_swap_makes_a_value_that_is_still_not_there() {
    let (table, store) = new().await;
    let (first, second) = (begun(&*store).await, begun(&*store).await);
    assert_eq!(first.swap(b"1".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(table.item("k"), item("1", Some(1)));
    assert_eq!(second.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(table.item("k"), item("1", Some(1)));
}

#[tokio::test]
async fn a_swap_goes_by_the_value_where_there_is_no_version() {
    let (table, store) = new().await;
    store.set("k", b"old").await.unwrap();
    let (first, second) = (begun(&*store).await, begun(&*store).await);
    assert_eq!(first.swap(b"1".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(second.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(table.item("k"), item("1", Some(1)));
}

#[tokio::test]
async fn a_swap_goes_by_the_version_where_there_is_one() {
    let (table, store) = new().await;
    begun(&*store).await.swap(b"1".to_vec()).await.unwrap();
    let (first, second) = (begun(&*store).await, begun(&*store).await);
    assert_eq!(first.swap(b"2".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(second.swap(b"3".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(table.item("k"), item("2", Some(2)));
}

#[tokio::test]
async fn a_set_drops_the_version_and_foils_a_swap() {
    let (table, store) = new().await;
    begun(&*store).await.swap(b"1".to_vec()).await.unwrap();
    for way in [true, false] {
        let swap = begun(&*store).await;
        match way {
            true => store.set("k", b"set").await.unwrap(),
            false => store.set_many(pairs([("k", "set")])).await.unwrap(),
        }
        assert_eq!(table.item("k"), item("set", None));
        assert_eq!(swap.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
        begun(&*store).await.swap(b"1".to_vec()).await.unwrap();
    }
}

#[tokio::test]
async fn a_version_that_comes_again_hides_what_was_written() {
    let (table, store) = new().await;
    begun(&*store).await.swap(b"1".to_vec()).await.unwrap();
    let swap = begun(&*store).await;
    store.set("k", b"set").await.unwrap();
    begun(&*store)
        .await
        .swap(b"someone else's".to_vec())
        .await
        .unwrap();
    assert_eq!(table.item("k"), item("someone else's", Some(1)));
    assert_eq!(swap.swap(b"mine".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(table.item("k"), item("mine", Some(2)));
}

#[tokio::test]
async fn a_swap_does_not_notice_an_increment_where_there_is_a_version() {
    let (table, store) = new().await;
    begun(&*store).await.swap(b"1".to_vec()).await.unwrap();
    let swap = begun(&*store).await;
    assert_eq!(store.increment("k", 10).await, Ok(11));
    assert_eq!(
        swap.swap(b"2".to_vec()).await,
        Ok(Swapped::Done),
        "the ten are lost"
    );
    assert_eq!(table.item("k"), item("2", Some(2)));
}

#[tokio::test]
async fn a_swap_that_has_not_read_writes_over_anything() {
    let (table, store) = new().await;
    store.set("k", b"old").await.unwrap();
    let swap = store.compare_and_swap("k").await.unwrap();
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(table.item("k"), item("new", Some(1)));
}

#[tokio::test]
async fn every_failure_of_a_swap_is_cas_failed() {
    let (table, store) = new().await;
    let swap = begun(&*store).await;
    let large = vec![b'x'; 409_600];
    assert_eq!(swap.swap(large).await, Ok(Swapped::CasFailed));
    let no_key = store.compare_and_swap("").await.unwrap();
    other(no_key.current().await);
    assert_eq!(no_key.swap(Vec::new()).await, Ok(Swapped::CasFailed));
    assert_eq!(table.keys(), [""; 0]);
}

#[tokio::test]
async fn without_transactions_increments_fail_and_swaps_are_cas_failed() {
    let table = DynamoTable::new()
        .consistent_read(true)
        .without_transactions();
    let store = open(&table).await;
    let text = other(store.increment("n", 1).await);
    assert_holds(&text, &["UnknownOperationException"]);
    let swap = begun(&*store).await;
    assert_eq!(swap.swap(b"1".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(table.keys(), [""; 0]);
    store.set("k", b"v").await.unwrap();
    assert_eq!(store.get("k").await, Ok(Some(b"v".to_vec())));
}
