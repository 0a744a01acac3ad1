//! Cosmos DB: what becomes of a key in a query and in a URL.

use std::sync::Arc;

use edgezero_spin_host::backend::{CosmosContainer, CosmosValue, Store, Swapped};

use crate::{assert_holds, keys, open, other, pairs, panicked};

async fn store_of(container: &CosmosContainer) -> Arc<dyn Store> {
    let store = open(container).await;
    store
        .set_many(pairs([("a", "1"), ("b", "2")]))
        .await
        .unwrap();
    store
}

async fn new() -> (CosmosContainer, Arc<dyn Store>) {
    let container = CosmosContainer::new();
    let store = store_of(&container).await;
    (container, store)
}

#[tokio::test]
async fn set_refuses_what_a_url_would_be_cut_at() {
    let (container, store) = new().await;
    for key in ["x/y", "x\\y", "x?y", "x#y"] {
        let text = other(store.set(key, b"").await);
        assert_eq!(
            text,
            "Key contains an illegal character. Keys must not include any of: /\\?#"
        );
    }
    assert_eq!(container.ids(), ["a", "b"]);
}

#[tokio::test]
async fn a_quote_in_a_key_ends_the_literal() {
    let (_, store) = new().await;
    store.set("it's", b"kept").await.unwrap();
    for text in [
        other(store.get("it's").await),
        other(store.exists("it's").await),
        other(store.get_many(keys(["a", "it's"])).await),
        other(
            store
                .compare_and_swap("it's")
                .await
                .unwrap()
                .current()
                .await,
        ),
    ] {
        assert_holds(&text, &["BadRequest", "Syntax error"]);
    }
}

#[tokio::test]
async fn a_key_that_is_a_condition_reads_another_document() {
    let (_, store) = new().await;
    let key = "x' OR 'a'='a";
    assert_eq!(store.get(key).await, Ok(Some(b"1".to_vec())));
    assert_eq!(store.exists(key).await, Ok(true));
    assert_eq!(store.exists("x' OR 'a'='b").await, Ok(false));
    assert_eq!(store.get("x' OR c.id='b").await, Ok(Some(b"2".to_vec())));
    assert_eq!(store.get("a' AND NOT 'a'='a").await, Ok(None));
    let found = store.get_many(keys(["x') OR (true) OR c.id IN ('x"])).await;
    assert_eq!(found.unwrap().len(), 2);
    // A swap goes by what it read, and by a URL with the whole key.
    let swap = store.compare_and_swap(key).await.unwrap();
    assert_eq!(swap.current().await, Ok(Some(b"1".to_vec())));
    assert_eq!(swap.swap(b"!".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(store.get("a").await, Ok(Some(b"1".to_vec())));
}

#[tokio::test]
async fn a_backslash_in_a_key_escapes_what_follows() {
    let (_, store) = new().await;
    assert_eq!(store.get("\\u0061").await, Ok(Some(b"1".to_vec())));
    assert_eq!(store.get("x\\n").await, Ok(None));
    for key in ["x\\", "x\\y", "\\u00"] {
        assert_holds(&other(store.get(key).await), &["Syntax error"]);
    }
}

#[tokio::test]
async fn a_key_that_a_url_changes_can_be_set_and_never_deleted() {
    let (container, store) = new().await;
    for key in [
        "with space",
        "grün",
        "a<b",
        "a>b",
        "a\"b",
        "a`b",
        "{a}",
        "%41",
        "users",
        "docs",
        "triggers",
    ] {
        store.set(key, b"kept").await.unwrap();
        assert_eq!(store.get(key).await, Ok(Some(b"kept".to_vec())), "{key}");
        assert_holds(&other(store.delete(key).await), &["Unauthorized"]);
        assert_holds(&other(store.increment(key, 1).await), &["Unauthorized"]);
        let swap = store.compare_and_swap(key).await.unwrap();
        assert!(swap.current().await.unwrap().is_some());
        assert_eq!(
            swap.swap(b"new".to_vec()).await,
            Ok(Swapped::CasFailed),
            "{key}"
        );
        assert!(container.document(key).is_some(), "{key}");
    }
    for key in [
        "a-b_c.d~e",
        "a:b",
        "a@b",
        "a+b",
        "a&b=c",
        "a;b,c",
        "(a)",
        "a*!$",
        "100%",
    ] {
        store.set(key, b"").await.unwrap();
        store.delete(key).await.unwrap();
        assert!(container.document(key).is_none(), "{key}");
    }
}

#[tokio::test]
async fn without_a_signature_the_service_decodes_the_key() {
    let container = CosmosContainer::new().unsigned();
    let store = store_of(&container).await;
    for key in ["with space", "grün", "users"] {
        store.set(key, b"").await.unwrap();
        store.delete(key).await.unwrap();
        assert!(container.document(key).is_none(), "{key}");
    }
    // The URL names `a`, and the request's partition is another.
    store.set("%61", b"").await.unwrap();
    store.delete("%61").await.unwrap();
    assert_eq!(container.ids(), ["%61", "a", "b"]);
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_refused() {
    for container in [CosmosContainer::new(), CosmosContainer::new().unsigned()] {
        let store = store_of(&container).await;
        for key in [
            "",
            ".",
            "..",
            "../docs",
            "x/y",
            "x\\y",
            "../../other/docs/a",
        ] {
            assert_holds(&other(store.delete(key).await), &["Unauthorized"]);
        }
        assert_eq!(container.ids(), ["a", "b"]);
    }
}

#[tokio::test]
async fn a_question_mark_is_not_signed_for() {
    let (container, store) = new().await;
    assert_holds(&other(store.delete("a?x").await), &["Unauthorized"]);
    open(&container.clone().unsigned())
        .await
        .delete("a?x")
        .await
        .unwrap();
    assert_eq!(container.ids(), ["a", "b"]);
}

#[tokio::test]
async fn a_hash_cuts_the_key() {
    let (container, store) = new().await;
    store.delete("a#x").await.unwrap();
    assert_eq!(
        container.ids(),
        ["a", "b"],
        "deleted nothing, and answered success"
    );
    assert_eq!(store.increment("n#x", 1).await, Ok(1));
    assert_eq!(container.document("n#x"), Some(CosmosValue::Number(1)));
    assert_holds(&panicked(store.increment("n#x", 1).await), &["for ever"]);
}

#[tokio::test]
async fn the_service_refuses_an_id_with_a_slash_or_without_end() {
    let (container, store) = new().await;
    for key in ["x/y", "x\\y"] {
        let swap = store.compare_and_swap(key).await.unwrap();
        assert_eq!(swap.swap(Vec::new()).await, Ok(Swapped::CasFailed));
    }
    store.set(&"k".repeat(1023), b"").await.unwrap();
    for key in [String::new(), "k".repeat(1024)] {
        assert_holds(&other(store.set(&key, b"").await), &["BadRequest"]);
    }
    assert_holds(
        &other(store.set("\u{7f}", b"").await),
        &["InvalidHeaderValue"],
    );
    assert_eq!(container.ids().len(), 3);
}

#[tokio::test]
async fn a_query_has_at_most_512_kibibytes() {
    let (_, store) = new().await;
    let many = |count| (0..count).map(|n| format!("{n:0100}")).collect();
    assert_eq!(store.get_many(many(5000)).await, Ok(Vec::new()));
    assert_holds(
        &other(store.get_many(many(5100)).await),
        &["longer than allowed"],
    );
}
