//! Writes that share a transaction.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use bytes::Bytes;
use edgezero_store_sqlite::{SqliteFile, SqliteKvStore, Synchronous};
use edgezero_store_traits::{KvError, KvStore};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A store in a file that refuses the keys that start with "bad", by `refusal`.
fn refusing(refusal: &str) -> (TempDir, Arc<SqliteKvStore>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(&format!(
            "CREATE TRIGGER refusal BEFORE INSERT ON spin_key_value
             WHEN new.key LIKE 'bad%' BEGIN SELECT RAISE({refusal}, 'refused'); END"
        ))
        .unwrap();
    (folder, Arc::new(store))
}

/// Puts 200 keys at once, of which every tenth is bad.
async fn put_at_once(store: &Arc<SqliteKvStore>) -> Vec<(String, Result<(), KvError>)> {
    let mut puts = JoinSet::new();
    for n in 0..200 {
        let store = store.clone();
        let kind = if n % 10 == 3 { "bad" } else { "good" };
        puts.spawn(async move {
            let key = format!("{kind}{n}");
            let done = store.put_bytes(&key, key.clone().into()).await;
            (key, done)
        });
    }
    puts.join_all().await
}

async fn only_the_bad_fail(refusal: &str) {
    let (_folder, store) = refusing(refusal);
    for (key, done) in put_at_once(&store).await {
        let stored = store.get_bytes(&key).await.unwrap();
        if key.starts_with("bad") {
            assert!(matches!(done, Err(KvError::Internal { .. })), "{done:?}");
            assert_eq!(stored, None, "{key}");
        } else {
            done.unwrap();
            assert_eq!(stored.unwrap(), key);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_that_fails_leaves_the_others_of_its_transaction() {
    only_the_bad_fail("ABORT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_that_ends_the_transaction_does_not_take_the_others_with_it() {
    only_the_bad_fail("ROLLBACK").await;
}

#[tokio::test]
async fn increments_at_once_in_one_transaction_are_each_counted() {
    let (_folder, store) = refusing("ROLLBACK");
    let mut calls = JoinSet::new();
    for n in 0..200_i64 {
        let store = store.clone();
        calls.spawn(async move {
            if n % 10 == 3 {
                store.put_bytes("bad", "x".into()).await.unwrap_err();
                None
            } else {
                Some(store.increment("counter", 1).await.unwrap())
            }
        });
    }
    let mut counts: Vec<i64> = calls.join_all().await.into_iter().flatten().collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=180).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_put_that_is_dropped_before_its_turn_writes_nothing() {
    let (folder, store) = refusing("ABORT");
    let holder = Connection::open(folder.path().join("kv.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let dropped = tokio::spawn({
        let store = store.clone();
        async move { store.put_bytes("dropped", "x".into()).await }
    });
    let kept = tokio::spawn({
        let store = store.clone();
        async move { store.put_bytes("kept", "x".into()).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    holder.execute_batch("COMMIT").unwrap();
    kept.await.unwrap().unwrap();
    assert!(!store.exists("dropped").await.unwrap());
    assert!(store.exists("kept").await.unwrap());
}

/// Pages of the log and of the file after writes of 25,000 pages, some at once.
async fn pages_after_writes(at_once: usize) -> [u64; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let file = SqliteFile::options()
        .synchronous(Synchronous::Normal)
        .open(&path)
        .unwrap();
    let store = Arc::new(file.kv("default").unwrap());
    let value = Bytes::from(vec![b'x'; 64 * 1024]);
    // 17 pages each.
    let mut puts = JoinSet::new();
    for n in 0..1_500 {
        let (store, value) = (store.clone(), value.clone());
        puts.spawn(async move { store.put_bytes(&format!("key{n}"), value).await });
        if puts.len() == at_once {
            puts.join_next().await.unwrap().unwrap().unwrap();
        }
    }
    for put in puts.join_all().await {
        put.unwrap();
    }
    [path.with_extension("db-wal"), path].map(|file| file.metadata().unwrap().len() / 4096)
}

#[tokio::test]
async fn a_long_log_is_brought_back_into_the_file_beside_the_writes() {
    for at_once in [1, 64] {
        let [log, file] = pages_after_writes(at_once).await;
        // 16,000, and the few transactions in which the thread that brings it back keeps
        // the writer from beginning it anew.
        assert!(log < 22_000, "the log of {at_once} at once has {log} pages");
        assert!(file > 8_000, "{file} pages are in the file");
    }
}
