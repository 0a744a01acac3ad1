//! A file that is moved, deleted or replaced while it is open.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::KvStore;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::{JOURNALS, assert_unavailable, assert_whole, prepare};

const GONE: &str = "moved, deleted or replaced";

/// A store with the key "old" in a file with this journal.
async fn open(journal: &str) -> (TempDir, PathBuf, SqliteKvStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inside/kv.db");
    fs::create_dir(path.parent().unwrap()).unwrap();
    prepare(&path, journal);
    let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
    put(&store, "old").await;
    (folder, path, store)
}

async fn put(store: &SqliteKvStore, key: &str) {
    store.put_bytes(key, key.to_owned().into()).await.unwrap();
}

/// A write is refused, and says why; the next one is not.
async fn put_after_refusal(store: &SqliteKvStore, path: &Path) {
    let refused = store.put_bytes("refused", "x".into()).await.unwrap_err();
    assert_unavailable(&refused, path, GONE);
    put(store, "new").await;
}

/// Closes the file, which a thread that wrote may do a moment later.
async fn close(store: SqliteKvStore, path: &Path) {
    drop(store);
    for _ in 0..1_000 {
        if !log(path).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the log is left");
}

fn log(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// A copy of the file, and then 20 keys that only the file has, in its log.
async fn copy_and_go_on(store: &SqliteKvStore, path: &Path, copy: &Path) {
    Connection::open(path)
        .unwrap()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    for n in 0..20 {
        put(store, &format!("after the copy {n}")).await;
    }
}

/// The keys that another process finds in the file.
fn keys(path: &Path) -> Vec<String> {
    assert_whole(path);
    let connection = Connection::open(path).unwrap();
    let mut keys = connection
        .prepare("SELECT key FROM spin_key_value ORDER BY key")
        .unwrap();
    let keys = keys.query_map([], |row| row.get(0)).unwrap();
    keys.map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_write_to_a_deleted_file_is_refused_and_the_next_makes_a_new_one() {
    for journal in JOURNALS {
        let (_folder, path, store) = open(journal).await;
        fs::remove_file(&path).unwrap();
        put_after_refusal(&store, &path).await;
        assert_eq!(keys(&path), ["new"], "{journal}");
        put(&store, "newer").await;
        assert_eq!(keys(&path), ["new", "newer"], "{journal}");
    }
}

#[tokio::test]
async fn a_folder_that_is_deleted_with_the_file_is_made_anew() {
    for journal in JOURNALS {
        let (_folder, path, store) = open(journal).await;
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        put_after_refusal(&store, &path).await;
        assert_eq!(keys(&path), ["new"], "{journal}");
    }
}

#[tokio::test]
async fn a_write_to_a_replaced_file_is_refused_and_the_next_goes_to_the_other() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let copy = folder.path().join("copy.db");
        copy_and_go_on(&store, &path, &copy).await;
        fs::rename(&copy, &path).unwrap();
        put_after_refusal(&store, &path).await;
        assert_eq!(keys(&path), ["new", "old"], "{journal}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_file_that_was_moved() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let elsewhere = folder.path().join("elsewhere.db");
        fs::rename(&path, &elsewhere).unwrap();
        put_after_refusal(&store, &path).await;
        assert_eq!(keys(&elsewhere), ["old"], "{journal}");
        assert_eq!(keys(&path), ["new"], "{journal}");
    }
}

#[tokio::test]
async fn a_log_does_not_get_into_a_file_that_replaces_its_own_before_it_is_closed() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let copy = folder.path().join("copy.db");
        copy_and_go_on(&store, &path, &copy).await;
        fs::rename(&copy, &path).unwrap();
        close(store, &path).await;
        let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
        put(&store, "new").await;
        assert_eq!(keys(&path), ["new", "old"], "{journal}");
    }
}

#[tokio::test]
async fn a_path_that_is_opened_again_at_once_has_no_part_of_the_file_that_was_replaced() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let copy = folder.path().join("copy.db");
        copy_and_go_on(&store, &path, &copy).await;
        let (written, mut began) = mpsc::unbounded_channel();
        let writer = store.clone();
        let dropped = tokio::spawn(async move {
            let pairs = (0..20_000).map(|n| (format!("late {n}"), "x".into()));
            let written = move || {
                let _ = written.send(());
            };
            writer
                .write_batch(pairs.collect(), Vec::new(), written)
                .await
        });
        began.recv().await.unwrap();
        fs::rename(&copy, &path).unwrap();
        // The thread that writes has the other file until it is done.
        dropped.abort();
        assert!(dropped.await.unwrap_err().is_cancelled());
        drop(store);
        let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
        put(&store, "new").await;
        drop(store);
        assert_eq!(keys(&path), ["new", "old"], "{journal}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_a_file_that_was_moved_before_it_was_closed() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let elsewhere = folder.path().join("elsewhere.db");
        fs::rename(&path, &elsewhere).unwrap();
        close(store, &path).await;
        assert_eq!(keys(&elsewhere), ["old"], "{journal}");
    }
}

/// Its log does not go with it any more, and is kept, for what only it has.
#[tokio::test]
async fn a_file_that_was_damaged_in_place_can_be_replaced_again_and_again() {
    let (folder, path, store) = open("wal").await;
    let copy = folder.path().join("copy.db");
    let long = vec![b'x'; 1_000_000];
    store.put_bytes("long", long.into()).await.unwrap();
    for round in 1..=2 {
        // Then the log alone does not make the file whole again.
        let other = Connection::open(&path).unwrap();
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        other.query_row(checkpoint, [], |_| Ok(())).unwrap();
        drop(other);
        copy_and_go_on(&store, &path, &copy).await;
        let other = Connection::open(&copy).unwrap();
        let journal = "PRAGMA journal_mode = WAL";
        other.query_row(journal, [], |_| Ok(())).unwrap();
        drop(other);
        fs::File::create(&path).unwrap();
        fs::rename(&copy, &path).unwrap();
        // Of the damage, or that it was replaced.
        store.put_bytes("refused", "x".into()).await.unwrap_err();
        store.put_bytes("new", "x".into()).await.unwrap();
        let kept = path.with_extension(format!("db-wal.left-{round}"));
        assert!(fs::metadata(kept).unwrap().len() > 0, "{round}");
        assert!(!keys(&path).contains(&"refused".to_owned()), "{round}");
    }
    put(&store, "newer").await;
    assert!(keys(&path).contains(&"newer".to_owned()));
}

/// Whoever reads holds the only connection that could bring the log into the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_read_of_the_file_that_was_moved_ends_before_another_is_opened() {
    let (folder, path, store) = open("wal").await;
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.get_many(&vec!["old"; 200_000]).await }
    });
    wait_for_reader(&path).await;
    let elsewhere = folder.path().join("elsewhere.db");
    fs::rename(&path, &elsewhere).unwrap();
    put_after_refusal(&store, &path).await;
    let found = reading.await.unwrap().unwrap();
    assert!(found.iter().all(|value| value.as_deref() == Some(b"old")));
    assert_eq!(keys(&elsewhere), ["in the log", "old"]);
    assert_eq!(keys(&path), ["new"]);
}

/// Writes, until a reader keeps the log from being emptied.
async fn wait_for_reader(path: &Path) {
    let other = Connection::open(path).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    for _ in 0..1_000 {
        other
            .execute_batch(
                "INSERT OR REPLACE INTO spin_key_value VALUES ('default', 'in the log', x'')",
            )
            .unwrap();
        let is_read: bool = other
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .unwrap();
        if is_read {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("nobody reads");
}

#[tokio::test]
async fn a_file_that_is_back_is_gone_on_with() {
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let elsewhere = folder.path().join("elsewhere.db");
        fs::rename(&path, &elsewhere).unwrap();
        let refused = store.put_bytes("refused", "x".into()).await.unwrap_err();
        assert_unavailable(&refused, &path, GONE);
        fs::rename(&elsewhere, &path).unwrap();
        put(&store, "new").await;
        assert_eq!(keys(&path), ["new", "old"], "{journal}");
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_anew_is_unavailable_until_it_can() {
    for journal in JOURNALS {
        let (_folder, path, store) = open(journal).await;
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let refused = store.put_bytes("refused", "x".into()).await.unwrap_err();
        assert_unavailable(&refused, &path, GONE);
        for _ in 0..2 {
            let refused = store.put_bytes("refused", "x".into()).await.unwrap_err();
            assert_unavailable(&refused, &path, "cannot open");
            let refused = store.get_bytes("old").await.unwrap_err();
            assert_unavailable(&refused, &path, "cannot open");
        }
        fs::remove_dir(&path).unwrap();
        put(&store, "new").await;
        assert_eq!(keys(&path), ["new"], "{journal}");
    }
}

#[tokio::test]
async fn reads_find_out_within_a_moment() {
    for journal in JOURNALS {
        let (_folder, path, store) = open(journal).await;
        let old = store.get_bytes("old").await.unwrap();
        assert_eq!(old.unwrap(), "old");
        fs::remove_file(&path).unwrap();
        // Documented as 100 ms.
        tokio::time::sleep(Duration::from_millis(150)).await;
        let refused = store.get_bytes("old").await.unwrap_err();
        assert_unavailable(&refused, &path, GONE);
        assert_eq!(store.get_bytes("old").await.unwrap(), None);
        assert_eq!(keys(&path), [""; 0]);
    }
}

/// Every write that was acknowledged, while the file is moved away again and again,
/// is in one of the files.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_acknowledged_write_is_lost_while_files_are_moved_away() {
    const MOVES: usize = 20;
    const TASKS: usize = 8;
    for journal in JOURNALS {
        let (folder, path, store) = open(journal).await;
        let (store, stop) = (Arc::new(store), Arc::new(AtomicBool::new(false)));
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (store, stop) = (store.clone(), stop.clone());
            let path = path.clone();
            tasks.spawn(async move {
                let (mut acknowledged, mut refused) = (Vec::new(), 0);
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("{task}/{n}");
                    match store.put_bytes(&key, "x".into()).await {
                        Ok(()) => acknowledged.push(key),
                        Err(error) => {
                            assert_unavailable(&error, &path, "");
                            refused += 1;
                        }
                    }
                }
                (acknowledged, refused)
            });
        }
        let mut files = vec![path.clone()];
        for n in 0..MOVES {
            // Until it is made again, and for some writes more.
            tokio::time::timeout(Duration::from_secs(60), made_again(&path))
                .await
                .expect("no file is made again");
            tokio::time::sleep(Duration::from_millis(20)).await;
            let elsewhere = folder.path().join(format!("{n}.db"));
            fs::rename(&path, &elsewhere).unwrap();
            files.push(elsewhere);
        }
        stop.store(true, Ordering::Relaxed);
        let results = tasks.join_all().await;
        // Opens what is there, when the last move came after the last write.
        while store.put_bytes("last", "x".into()).await.is_err() {}
        let found: std::collections::HashSet<_> =
            files.iter().flat_map(|file| keys(file)).collect();
        let refused: usize = results.iter().map(|(_, refused)| refused).sum();
        let acknowledged: Vec<_> = results.into_iter().flat_map(|(keys, _)| keys).collect();
        println!(
            "{journal}: {MOVES} moves, {} writes acknowledged, {refused} refused",
            acknowledged.len()
        );
        assert!(refused >= MOVES, "{refused}");
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|key| !found.contains(*key))
            .collect();
        assert!(lost.is_empty(), "{journal}: lost {lost:?}");
    }
}

async fn made_again(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
