//! SQLite beside others: a writing process, another label, a reader of keys.

use std::path::Path;
use std::time::{Duration, Instant};

use edgezero_spin_host::backend::Sqlite;
use rusqlite::Connection;

use crate::{assert_holds, keys, open, other, pairs, read};

/// Holds the file's write lock until it is dropped.
fn writer(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// Less than SQLite waits for a lock, which is 5 s.
const AT_ONCE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_with_a_write_waits_for_another_writer() {
    for write in ["set", "set-many", "delete-many", "swap"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kv.db");
        let store = open(&Sqlite::file(&path)).await;
        let swap = store.compare_and_swap("a").await.unwrap();
        assert_eq!(swap.current().await, Ok(None));
        let lock = writer(&path);
        let writes = tokio::spawn(async move {
            match write {
                "set" => store.set("a", b"").await,
                "set-many" => store.set_many(pairs([("a", ""), ("b", "")])).await,
                "delete-many" => store.delete_many(keys(["a", "b"])).await,
                _ => swap.swap(Vec::new()).await.map(drop),
            }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!writes.is_finished(), "{write}");
        drop(lock);
        assert_eq!(writes.await.unwrap(), Ok(()), "{write}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_gives_up_after_sqlites_patience() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let store = open(&Sqlite::file(&path)).await;
    let _lock = writer(&path);
    let text = other(store.set("a", b"planted").await);
    assert_holds(
        &text,
        &["SqliteFailure(", "DatabaseBusy", "database is locked"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_that_has_read_does_not_wait_for_a_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let store = open(&Sqlite::file(&path)).await;
    let lock = writer(&path);
    let started = Instant::now();
    let text = other(store.increment("n", 1).await);
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    assert_holds(&text, &["database is locked"]);
    drop(lock);
    assert_eq!(store.get("n").await, Ok(None), "nothing was written");
    assert_eq!(store.increment("n", 1).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_labels_on_one_file_have_a_connection_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let (first, second) = (Sqlite::file(&path), Sqlite::file(&path));
    let (first, second) = (open(&first).await, open(&second).await);
    first.set("n", b"5").await.unwrap();
    assert!(first.increment("n", 1).await.is_err(), "poisons the first");
    assert_eq!(second.get("n").await, Ok(Some(b"5".to_vec())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_keys_holds_the_store_until_its_last_key_is_taken() {
    let backend = Sqlite::in_memory();
    let (store, another) = (open(&backend).await, open(&backend).await);
    let twelve = (0..12).map(|n| (n.to_string(), Vec::new()));
    store.set_many(twelve.collect()).await.unwrap();
    let stream = store.key_stream().await;
    // Until it has the lock.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let get = tokio::spawn(async move { another.get("1").await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!get.is_finished());
    let (listed, end) = read(stream).await;
    assert_eq!((listed.len(), end), (12, Ok(())));
    assert_eq!(get.await.unwrap(), Ok(Some(Vec::new())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_dropped_early_ends_with_an_error_and_frees_the_store() {
    let store = open(&Sqlite::in_memory()).await;
    let twelve = (0..12).map(|n| (n.to_string(), Vec::new()));
    store.set_many(twelve.collect()).await.unwrap();
    let mut stream = store.key_stream().await;
    stream.keys.recv().await.unwrap();
    drop(stream.keys);
    assert_eq!(other(stream.end.await.unwrap()), "SendError { .. }");
    assert_eq!(store.exists("1").await, Ok(true));
}
