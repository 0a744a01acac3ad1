//! Very many calls that wait at once.
//!
//! In a process of its own, for it measures what the process uses.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::KvStore;
use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// As many calls wait at once.
const TASKS: usize = 10_000;
/// How many each task makes, one after the other.
const ROUNDS: usize = 3;
const VALUE: usize = 100;

/// Much of it is the task itself and its future: measured at about half of it.
const BYTES_A_TASK: usize = 8 * 1024;

/// Threads of this process, besides tokio's workers: the writer, the readers, a
/// checkpoint, the tests' own.
const THREADS: usize = 16;

/// Connections have three files each.
const FILES: usize = 48;

/// What is measured is the whole process's.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A number of `/proc/self/status`.
fn status(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_waiting_calls_use_memory_in_proportion_and_all_have_their_turn() {
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
    // Opens all connections, and fills the caches.
    at_once(&store, 200, 1, &Arc::default()).await;

    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (before, completed) = (status("VmRSS:"), Arc::new(AtomicUsize::new(0)));
    let calls = tokio::spawn({
        let (store, completed) = (store.clone(), completed.clone());
        async move { at_once(&store, TASKS, ROUNDS, &completed).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(completed.load(Ordering::Relaxed), 0, "nobody waited");
    let a_task = (status("VmRSS:").saturating_sub(before)) * 1024 / TASKS;
    let (threads, files) = (status("Threads:"), open_files());
    other.execute_batch("COMMIT").unwrap();
    let longest = calls.await.unwrap();

    println!(
        "{TASKS} waiting calls: {a_task} bytes each, {threads} threads, {files} open files; \
         {} calls in all, of which the longest waited while {longest} others were done",
        TASKS * ROUNDS
    );
    assert!(a_task < BYTES_A_TASK);
    assert!(threads < THREADS, "{threads} threads");
    assert!(files < FILES, "{files} open files");
    // All others may be before it once; and those that share its transaction.
    assert!(
        longest < TASKS + TASKS / 5,
        "one waited for {longest} others"
    );
}

/// Has so many tasks write and read at once, so many times; how many calls of others
/// were done at most while one waited.
async fn at_once(
    store: &SqliteKvStore,
    tasks: usize,
    rounds: usize,
    completed: &Arc<AtomicUsize>,
) -> usize {
    let mut calls = JoinSet::new();
    for n in 0..tasks {
        let (store, completed) = (store.clone(), completed.clone());
        calls.spawn(async move {
            let (key, mut longest) = (format!("{n}"), 0);
            for _ in 0..rounds {
                let before = completed.load(Ordering::Relaxed);
                let value = vec![b'x'; VALUE];
                store.put_bytes(&key, value.into()).await.unwrap();
                let after = completed.fetch_add(1, Ordering::Relaxed);
                longest = longest.max(after - before);
                assert_eq!(store.get_bytes(&key).await.unwrap().unwrap().len(), VALUE);
            }
            longest
        });
    }
    calls.join_all().await.into_iter().max().unwrap_or(0)
}

/// What is read elsewhere waits for a connection, not for a thread each.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_long_reads_at_once_take_turns_at_a_few_connections() {
    const READS: usize = 500;
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let file = SqliteFile::open(&path).unwrap();
    let store = file.kv_with_max_list_keys("default", 0).unwrap();
    let pairs = (0..3_000).map(|n| (format!("{n}"), "x".into()));
    store.put_many(pairs.collect()).await.unwrap();
    let keys: Arc<Vec<String>> = Arc::new((0..3_000).map(|n| format!("{n}")).collect());

    let completed = Arc::new(AtomicUsize::new(0));
    let mut reads = JoinSet::new();
    for _ in 0..READS {
        let (store, keys, completed) = (store.clone(), keys.clone(), completed.clone());
        reads.spawn(async move {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let mut longest = 0;
            for _ in 0..2 {
                let before = completed.load(Ordering::Relaxed);
                let found = store.get_many(&keys).await.unwrap();
                assert!(found.iter().all(Option::is_some));
                let after = completed.fetch_add(1, Ordering::Relaxed);
                longest = longest.max(after - before);
            }
            (longest, status("Threads:"))
        });
    }
    let done = reads.join_all().await;
    let longest = done.iter().map(|(longest, _)| *longest).max().unwrap();
    let threads = done.iter().map(|(_, threads)| *threads).max().unwrap();
    println!("{READS} long reads: {threads} threads, the longest waited for {longest} others");
    assert!(threads < 2 * THREADS, "{threads} threads");
    assert!(
        longest < READS + READS / 5,
        "one waited for {longest} others"
    );
}
