//! Calls that are dropped before they have returned.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::{KvError, KvHandle, KvStore};
use fastrand::Rng;
use rusqlite::Connection;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{JOURNALS, assert_whole, is_full_run, prepare, seed};

const TASKS: usize = 8;
const BATCH: usize = 20;
/// More keys than are read on the task's own thread.
const KEYS: usize = 3_000;
const WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_dropped_anywhere_leave_no_lock_no_half_write_and_nobody_waiting() {
    let calls = if is_full_run() { 10_000 } else { 2_000 };
    for (journal, calls) in JOURNALS.into_iter().zip([calls, calls / 10]) {
        let seed = seed();
        println!("{journal}: EDGEZERO_SEED={seed}");
        drop_calls(journal, calls, &mut Rng::with_seed(seed)).await;
    }
}

async fn drop_calls(journal: &str, calls: usize, random: &mut Rng) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    prepare(&path, journal);
    let file = SqliteFile::open(&path).unwrap();
    let store = file.kv_with_max_list_keys("default", 0).unwrap();
    let pairs = (0..KEYS).map(|n| (format!("many/{n}"), Bytes::from("x")));
    store.put_many(pairs.collect()).await.unwrap();

    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (store, mut random) = (store.clone(), random.fork());
        tasks.spawn(async move {
            let mut tally = Tally::default();
            for _ in 0..calls {
                call_and_drop(&store, task, &mut random, &mut tally).await;
            }
            (task, tally)
        });
    }
    // Someone else has the lock now and then, so that calls are dropped that wait.
    let other = tokio::task::spawn_blocking({
        let (path, mut random) = (path.clone(), random.fork());
        move || {
            let other = connect(&path);
            for _ in 0..20 {
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                std::thread::sleep(Duration::from_millis(random.u64(..20)));
                other.execute_batch("COMMIT").unwrap();
                std::thread::sleep(Duration::from_millis(random.u64(..20)));
            }
        }
    });
    // In the order in which they end.
    let tallies = tasks.join_all().await;
    other.await.unwrap();

    check_that_all_works(&store).await;
    check_that_nobody_has_a_lock(&path);
    assert_whole(&path);
    let dropped: u64 = tallies.iter().map(|(_, tally)| tally.dropped).sum();
    let returned: u64 = tallies.iter().map(|(_, tally)| tally.returned).sum();
    println!("{journal}: {dropped} calls dropped, {returned} returned before");
    assert!(dropped > returned / 20 && returned > 0);
    for (task, tally) in tallies {
        let count = store.increment(&format!("{task}/count"), 0).await.unwrap();
        let possible = tally.counted..=tally.counted_at_most;
        assert!(possible.contains(&count), "{count} not in {possible:?}");
    }
}

#[derive(Debug, Default)]
struct Tally {
    returned: u64,
    dropped: u64,
    /// Increments that returned.
    counted: i64,
    /// Those, and the ones that were dropped.
    counted_at_most: i64,
}

/// One call of some kind, dropped after a moment unless it returned before.
async fn call_and_drop(store: &SqliteKvStore, task: usize, random: &mut Rng, tally: &mut Tally) {
    let kind = random.usize(..7);
    let text = random.u64(..).to_string();
    let (key, owned) = (format!("{task}/put"), store.clone());
    let call = async move {
        let store = owned;
        match kind {
            0 => store.put_bytes(&key, text.into()).await,
            1 => {
                let pair = |n| (format!("{task}/batch/{n}"), text.clone().into());
                store.put_many((0..BATCH).map(pair).collect()).await
            }
            2 => store.increment(&format!("{task}/count"), 1).await.map(drop),
            3 => store.delete(&key).await,
            4 => store.get_bytes(&key).await.map(drop),
            5 => store.get_many(&vec!["many/1"; KEYS]).await.map(drop),
            _ => KvHandle::new(Arc::new(store))
                .update(&format!("{task}/update"), |n| Some(n.unwrap_or(0) + 1))
                .await
                .map(drop),
        }
    };
    let returned = drop_somewhere(call, random).await;
    tally.returned += u64::from(returned);
    tally.dropped += u64::from(!returned);
    if kind == 2 {
        tally.counted += i64::from(returned);
        tally.counted_at_most += 1;
    }
    // At any time, also while what was dropped goes on.
    let keys: Vec<_> = (0..BATCH).map(|n| format!("{task}/batch/{n}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let batch = store.get_many(&keys).await.unwrap();
    assert!(batch.iter().all(|value| *value == batch[0]), "{batch:?}");
}

/// Whether the call returned before it was dropped, in one way or another.
async fn drop_somewhere(
    call: impl Future<Output = Result<(), KvError>> + Send + 'static,
    random: &mut Rng,
) -> bool {
    let longest = [100, 1_000, 10_000][random.usize(..3)];
    let moment = Duration::from_micros(random.u64(..longest));
    match random.usize(..3) {
        0 => timeout(moment, call).await.is_ok_and(|done| {
            done.unwrap();
            true
        }),
        1 => {
            let turns = random.usize(..4);
            let some_turns = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                done = call => { done.unwrap(); true }
                () = some_turns => false,
            }
        }
        _ => {
            let call = tokio::spawn(call);
            // Not by tokio's timer, which counts in whole milliseconds.
            std::thread::sleep(moment);
            call.abort();
            match call.await {
                Ok(done) => {
                    done.unwrap();
                    true
                }
                Err(error) => {
                    assert!(error.is_cancelled(), "{error}");
                    false
                }
            }
        }
    }
}

/// More calls at once than the queue has places, and as many of what is read
/// elsewhere as there are connections, and more.
async fn check_that_all_works(store: &SqliteKvStore) {
    let mut calls = JoinSet::new();
    for n in 0..1_000 {
        let store = store.clone();
        calls.spawn(async move {
            let key = format!("afterwards/{n}");
            store.put_bytes(&key, "x".into()).await?;
            if n % 50 == 0 {
                store.get_many(&vec!["many/1"; KEYS]).await?;
            }
            store.get_bytes(&key).await
        });
    }
    let done = timeout(WITHIN, calls.join_all()).await;
    for found in done.expect("a call waits for ever") {
        assert_eq!(found.unwrap().unwrap(), "x");
    }
}

/// No write lock, and no reader that holds up the log.
fn check_that_nobody_has_a_lock(path: &Path) {
    let other = connect(path);
    other
        .execute_batch("BEGIN EXCLUSIVE; COMMIT")
        .expect("someone has a lock");
    let busy: bool = other
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert!(!busy, "someone still reads");
}

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(WITHIN).unwrap();
    connection
}
