//! SQLite, as one caller sees it.

use edgezero_spin_host::backend::{Backend, Sqlite, Swapped};
use rusqlite::Connection;

use crate::{LABEL, assert_holds, keys, open, other, pairs, panicked, read, sorted};

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_kept_under_its_label_in_spins_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/kv.db");
    let backend = Sqlite::file(&path);
    let store = open(&backend).await;
    store.set("k", b"v").await.unwrap();
    let file = Connection::open(&path).unwrap();
    let row: (String, String, Vec<u8>) = file
        .query_row("SELECT store, key, value FROM spin_key_value", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(row, (LABEL.to_owned(), "k".to_owned(), b"v".to_vec()));
    let another = backend.open("another", 1000).await.unwrap();
    assert_eq!(another.get("k").await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn get_set_delete_exists_and_batches_do_what_they_say() {
    let store = open(&Sqlite::in_memory()).await;
    store
        .set_many(pairs([("a", "1"), ("b", "2"), ("c", "3")]))
        .await
        .unwrap();
    store.set("a", b"new").await.unwrap();
    let found = store.get_many(keys(["a", "c", "x", "a"])).await.unwrap();
    let expected = [("a", "new"), ("c", "3")];
    let expected = expected.map(|(key, value)| (key.to_owned(), Some(value.into())));
    assert_eq!(sorted(found), expected);
    store.delete_many(keys(["a", "x"])).await.unwrap();
    store.delete("b").await.unwrap();
    store.delete("b").await.unwrap();
    assert_eq!(store.exists("b").await, Ok(false));
    assert_eq!(store.exists("c").await, Ok(true));
    assert_eq!(store.list_keys().await, Ok(keys(["c"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_keeps_eight_bytes_and_wraps() {
    let store = open(&Sqlite::in_memory()).await;
    assert_eq!(store.increment("n", 5).await, Ok(5));
    assert_eq!(store.get("n").await, Ok(Some(5_i64.to_le_bytes().to_vec())));
    assert_eq!(store.increment("n", i64::MAX).await, Ok(i64::MIN + 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_of_another_value_panics_and_poisons_the_label_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let backend = Sqlite::file(&path);
    let (store, another) = (open(&backend).await, open(&backend).await);
    store.set("n", b"5").await.unwrap();
    assert_holds(
        &panicked(store.increment("n", 1).await),
        &["\"n\"", "8 bytes"],
    );

    for store in [&store, &another, &open(&backend).await] {
        assert_holds(&panicked(store.get("n").await), &["PoisonError"]);
        panicked(store.set("x", b"").await);
        panicked(store.list_keys().await);
        let swap = store.compare_and_swap("n").await.unwrap();
        panicked(swap.current().await);
        let (listed, end) = read(store.key_stream().await).await;
        assert!(listed.is_empty());
        panicked(end);
    }
    // Another label on the same file has a connection of its own, and a new host too.
    let rebuilt = open(&Sqlite::file(&path)).await;
    assert_eq!(rebuilt.get("n").await, Ok(Some(b"5".to_vec())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_where_there_was_a_value_compares_it() {
    let store = open(&Sqlite::in_memory()).await;
    store.set("k", b"a").await.unwrap();
    let swap = store.compare_and_swap("k").await.unwrap();
    assert_eq!(swap.current().await, Ok(Some(b"a".to_vec())));
    store.set("k", b"b").await.unwrap();
    assert_eq!(swap.swap(b"c".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(store.get("k").await, Ok(Some(b"b".to_vec())));

    store.set("k", b"a").await.unwrap();
    assert_eq!(swap.swap(b"c".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(store.get("k").await, Ok(Some(b"c".to_vec())));

    store.delete("k").await.unwrap();
    assert_eq!(swap.swap(b"d".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(store.get("k").await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_where_there_was_none_overwrites_what_came_in_between() {
    let store = open(&Sqlite::in_memory()).await;
    let swap = store.compare_and_swap("k").await.unwrap();
    assert_eq!(swap.current().await, Ok(None));
    store.set("k", b"someone else's").await.unwrap();
    assert_eq!(swap.swap(b"mine".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(store.get("k").await, Ok(Some(b"mine".to_vec())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_over_the_limit_is_refused() {
    let backend = Sqlite::in_memory();
    let store = backend.open(LABEL, 124).await.unwrap();
    let refusal = "query result exceeds limit of 124 bytes";
    store.set("a", &[b'x'; 100]).await.unwrap();
    assert!(
        store.get("a").await.unwrap().is_some(),
        "24 bytes beside the value"
    );
    store.set("a", &[b'x'; 101]).await.unwrap();
    assert_eq!(other(store.get("a").await), refusal);
    let swap = store.compare_and_swap("a").await.unwrap();
    assert_eq!(other(swap.current().await), refusal);
    assert_eq!(store.exists("a").await, Ok(true), "is not limited");
    let nested = format!("Error::Other({refusal:?})");
    assert_eq!(other(store.get_many(keys(["a"])).await), nested);

    // Each key takes 24 bytes beside its own, and the list 24.
    store.delete("a").await.unwrap();
    store
        .set_many(pairs([("1", ""), ("2", ""), ("3", ""), ("4", "")]))
        .await
        .unwrap();
    assert_eq!(store.list_keys().await.unwrap().len(), 4);
    store.set("5", b"").await.unwrap();
    assert_eq!(other(store.list_keys().await), refusal);
    let (listed, end) = read(store.key_stream().await).await;
    assert_eq!(
        (listed.len(), end),
        (5, Ok(())),
        "a stream is not limited as a whole"
    );
    store.set(&"k".repeat(125), b"").await.unwrap();
    let (_, end) = read(store.key_stream().await).await;
    assert_eq!(other(end), refusal);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_come_in_no_order() {
    let store = open(&Sqlite::in_memory()).await;
    let pairs = (0..100).map(|n| (format!("{n:03}"), Vec::new()));
    store.set_many(pairs.collect()).await.unwrap();
    let listed = store.list_keys().await.unwrap();
    assert_ne!(listed, sorted(listed.clone()));
    let (streamed, _) = read(store.key_stream().await).await;
    assert_eq!(streamed, sorted(listed));
}
