//! Cosmos DB: what its calls do.

use std::sync::Arc;

use edgezero_spin_host::backend::{CosmosContainer, CosmosValue, Store, Swap, Swapped};
use futures_util::future::join;

use crate::{assert_holds, keys, open, other, pairs, read, sorted};

async fn new() -> (CosmosContainer, Arc<dyn Store>) {
    let container = CosmosContainer::new();
    let store = open(&container).await;
    (container, store)
}

async fn begun(store: &dyn Store) -> Arc<dyn Swap> {
    let swap = store.compare_and_swap("k").await.unwrap();
    swap.current().await.unwrap();
    swap
}

fn bytes(value: &str) -> Option<CosmosValue> {
    Some(CosmosValue::Bytes(value.into()))
}

#[tokio::test]
async fn labels_and_hosts_share_a_container_by_its_handle() {
    let (container, store) = new().await;
    store.set("k", b"v").await.unwrap();
    let another = open(&container.clone()).await;
    assert_eq!(another.get("k").await, Ok(Some(b"v".to_vec())));
    assert_eq!(container.document("k"), bytes("v"));
}

#[tokio::test]
async fn get_set_delete_and_batches_do_what_they_say() {
    let (_, store) = new().await;
    store
        .set_many(pairs([("a", "1"), ("b", "2"), ("c", "")]))
        .await
        .unwrap();
    store.set("a", b"new").await.unwrap();
    let found = store.get_many(keys(["a", "c", "x", "a"])).await.unwrap();
    let expected = [("a", "new"), ("c", "")];
    let expected = expected.map(|(key, value)| (key.to_owned(), Some(value.into())));
    assert_eq!(sorted(found), expected);
    store.delete("a").await.unwrap();
    store.delete("a").await.unwrap();
    store.delete_many(keys(["b", "x"])).await.unwrap();
    assert_eq!(store.exists("a").await, Ok(false));
    assert_eq!(store.exists("c").await, Ok(true));
    assert_eq!(store.list_keys().await, Ok(keys(["c"])));
    assert_eq!(read(store.key_stream().await).await, (keys(["c"]), Ok(())));
}

#[tokio::test]
async fn a_counter_is_a_number_that_get_cannot_read() {
    let (container, store) = new().await;
    assert_eq!(store.increment("n", 5).await, Ok(5));
    assert_eq!(store.increment("n", -7).await, Ok(-2));
    assert_eq!(container.document("n"), Some(CosmosValue::Number(-2)));
    let text = other(store.get("n").await);
    let parts = [
        "DataConversion",
        "invalid type: integer `-2`, expected a sequence",
    ];
    assert_holds(&text, &parts);
    other(store.get_many(keys(["n"])).await);
    other(store.compare_and_swap("n").await.unwrap().current().await);
    assert_eq!(store.exists("n").await, Ok(true));
    store.set("n", b"0").await.unwrap();
    assert_holds(&other(store.increment("n", 1).await), &["BadRequest"]);
    assert_eq!(container.document("n"), bytes("0"));
}

#[tokio::test]
async fn of_two_that_make_a_counter_at_once_each_answers_its_delta() {
    let (container, store) = new().await;
    let answers = join(store.increment("n", 3), store.increment("n", 4)).await;
    assert_eq!(answers, (Ok(3), Ok(4)));
    assert_eq!(container.document("n"), Some(CosmosValue::Number(7)));
}

#[tokio::test]
async fn of_two_increments_at_once_both_can_answer_the_same() {
    let (_, store) = new().await;
    store.increment("n", 0).await.unwrap();
    let answers = join(store.increment("n", 1), store.increment("n", 1)).await;
    assert_eq!(
        answers,
        (Ok(2), Ok(2)),
        "each reads after both have written"
    );
}

#[tokio::test]
async fn a_swap_goes_by_the_etag_or_makes_the_document() {
    let (container, store) = new().await;
    let (first, second) = (begun(&*store).await, begun(&*store).await);
    assert_eq!(first.swap(b"1".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(second.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
    let (first, second) = (begun(&*store).await, begun(&*store).await);
    // Also where the value is the same again.
    store.set("k", b"1").await.unwrap();
    assert_eq!(first.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
    store.delete("k").await.unwrap();
    assert_eq!(second.swap(b"2".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(container.ids(), [""; 0]);
}

#[tokio::test]
async fn a_value_of_more_than_two_megabytes_as_json_is_refused() {
    let (container, store) = new().await;
    // Three digits and a comma a byte.
    let large = vec![255; 525_000];
    let text = other(store.set("k", &large).await);
    assert_holds(&text, &["RequestEntityTooLarge", "413"]);
    store.set("k", &vec![255; 524_000]).await.unwrap();
    store.set("k", &vec![0; 1_040_000]).await.unwrap();
    let swap = begun(&*store).await;
    assert_eq!(swap.swap(large.clone()).await, Ok(Swapped::CasFailed));
    let swap = store.compare_and_swap("new").await.unwrap();
    assert_eq!(swap.swap(large).await, Ok(Swapped::CasFailed));
    assert_eq!(container.ids(), ["k"]);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_the_earlier_ones_written() {
    let (container, store) = new().await;
    let batch = pairs([("a", "1"), ("b/c", "2"), ("d", "3")]);
    assert_holds(&other(store.set_many(batch).await), &["illegal character"]);
    assert_eq!(container.ids(), ["a"]);
    store.set("d", b"").await.unwrap();
    other(store.delete_many(keys(["a", "users", "d"])).await);
    assert_eq!(container.ids(), ["d"]);
}

#[tokio::test]
async fn an_error_has_the_form_of_azures() {
    let (_, store) = new().await;
    let text = other(store.delete("users").await);
    let parts = [
        "Error { context: Full(Custom { kind: HttpResponse { status: Unauthorized, error_code: \
         Some(\"Unauthorized\") }, error: HttpError { status: Unauthorized, details: ErrorDetails",
        "will not be retried: 401\") }",
    ];
    assert_holds(&text, &parts);
}
