//! One file, with someone else writing to it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use edgezero_store_sqlite::{SqliteFile, SqliteFileOptions};
use edgezero_store_traits::{KvError, KvStore};
use rusqlite::{Connection, params};
use tempfile::{TempDir, tempdir};

const MINUTE: Duration = Duration::from_secs(60);

/// A file, and a connection that writes as Spin does.
fn shared(options: SqliteFileOptions) -> (TempDir, SqliteFile, Connection) {
    let folder = tempdir().unwrap();
    let path: PathBuf = folder.path().join("shared.db");
    let file = options.open(&path).unwrap();
    let spin = Connection::open(&path).unwrap();
    (folder, file, spin)
}

fn spin_put(spin: &Connection, key: &str, value: &[u8]) {
    spin.execute(
        "INSERT INTO spin_key_value (store, key, value) VALUES ($1, $2, $3)
         ON CONFLICT(store, key) DO UPDATE SET value=$3",
        params!["default", key, value],
    )
    .unwrap();
}

fn spin_get(spin: &Connection, key: &str) -> Option<Vec<u8>> {
    let mut get = spin
        .prepare("SELECT value FROM spin_key_value WHERE store = 'default' AND key = ?1")
        .unwrap();
    let mut rows = get.query([key]).unwrap();
    rows.next().unwrap().map(|row| row.get(0).unwrap())
}

#[tokio::test]
async fn what_one_writes_the_other_reads() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    let kv = file.kv("default").unwrap();
    kv.put_bytes("ours", Bytes::from_static(b"\0\xff"))
        .await
        .unwrap();
    assert_eq!(spin_get(&spin, "ours"), Some(b"\0\xff".to_vec()));
    spin_put(&spin, "theirs", b"a\0b");
    assert_eq!(
        kv.get_bytes("theirs").await.unwrap(),
        Some(Bytes::from_static(b"a\0b"))
    );
    spin_put(&spin, "ours", b"changed");
    assert_eq!(
        kv.get_bytes("ours").await.unwrap(),
        Some(Bytes::from_static(b"changed"))
    );
    kv.delete("theirs").await.unwrap();
    assert_eq!(spin_get(&spin, "theirs"), None);
}

#[tokio::test]
async fn a_value_that_spin_could_not_read_is_an_error_that_says_how_to_write_it() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    for value in ["'hunter2'", "42", "4.2"] {
        spin.execute_batch(&format!(
            "INSERT OR REPLACE INTO spin_key_value VALUES ('default', 'by-hand', {value})"
        ))
        .unwrap();
        let kv = file.kv("default").unwrap();
        let error = kv.get_bytes("by-hand").await.unwrap_err();
        assert!(matches!(error, KvError::Internal { .. }), "{error:?}");
        let text = format!("{error} {error:?}");
        assert!(text.contains("by-hand") && text.contains("CAST"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        let error = file.config("default").unwrap();
        let error = edgezero_store_traits::ConfigStore::get(&error, "by-hand")
            .await
            .unwrap_err();
        assert_eq!(error.status(), 500);
    }
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    let kv = file.kv("default").unwrap();
    let pair = |key: &str| (key.to_owned(), Bytes::from("x"));
    kv.put_many(vec![
        pair("a"),
        pair("b"),
        ("a".to_owned(), Bytes::from("last")),
    ])
    .await
    .unwrap();
    assert_eq!(spin_get(&spin, "a"), Some(b"last".to_vec()));

    spin.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON spin_key_value WHEN new.key = 'bad'
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .unwrap();
    let error = kv
        .put_many(vec![pair("c"), pair("bad"), pair("d")])
        .await
        .unwrap_err();
    assert_eq!(error.status(), 500);
    assert_eq!(spin_get(&spin, "c"), None, "a part of a failed batch");
    kv.put_many(Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_lock_that_another_process_holds_is_waited_for() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    let kv = file.kv("default").unwrap();
    spin.execute_batch("BEGIN IMMEDIATE").unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        spin.execute_batch("COMMIT").unwrap();
    });
    kv.put_bytes("key", Bytes::from("x")).await.unwrap();
    holder.join().unwrap();
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_the_store_usable() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    let kv = Arc::new(file.kv("default").unwrap());
    // While the lock is held, writes wait, one at SQLite and one in the queue.
    spin.execute_batch("BEGIN IMMEDIATE").unwrap();
    for key in ["one", "two"] {
        let put = kv.put_bytes(key, Bytes::from("x"));
        assert!(
            tokio::time::timeout(Duration::from_millis(50), put)
                .await
                .is_err()
        );
    }
    spin.execute_batch("COMMIT").unwrap();
    kv.put_bytes("three", Bytes::from("x")).await.unwrap();
    assert_eq!(kv.get_bytes("three").await.unwrap(), Some(Bytes::from("x")));
}

/// Options with TTL, and the clock's seconds.
fn with_ttl() -> (SqliteFileOptions, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = seconds.clone();
    let options = SqliteFile::options()
        .ttl(true)
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)));
    (options, seconds)
}

#[tokio::test]
async fn a_value_that_spin_writes_outlives_the_ttl_that_its_key_had() {
    let (options, seconds) = with_ttl();
    let (_folder, file, spin) = shared(options);
    let kv = file.kv("default").unwrap();
    for key in ["rewritten", "deleted", "left"] {
        kv.put_bytes_with_ttl(key, Bytes::from("x"), MINUTE)
            .await
            .unwrap();
    }
    spin_put(&spin, "rewritten", b"x");
    spin.execute("DELETE FROM spin_key_value WHERE key = 'deleted'", [])
        .unwrap();
    spin_put(&spin, "deleted", b"x");
    seconds.fetch_add(120, Ordering::Relaxed);
    let page = kv.list_keys_page("", None, 10).await.unwrap();
    assert_eq!(page.keys, ["deleted", "rewritten"]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_loses_no_value_and_keeps_ttls_in_order() {
    let (options, seconds) = with_ttl();
    let (_folder, file, _spin) = shared(options);
    let kv = file.kv("default").unwrap();
    let put = async |key| kv.put_bytes_with_ttl(key, Bytes::from("x"), MINUTE).await;
    let keys = async || kv.list_keys_page("", None, 10).await.unwrap().keys;
    let set = |time| seconds.store(time, Ordering::Relaxed);
    let now = seconds.load(Ordering::Relaxed);

    put("before").await.unwrap();
    for time in [now - 3_600, 0] {
        set(time);
        kv.put_bytes("without", Bytes::from("x")).await.unwrap();
        put("back").await.unwrap();
        assert_eq!(keys().await, ["back", "before", "without"]);
    }
    // Each ends by the clock that it began by.
    set(61);
    assert_eq!(keys().await, ["before", "without"]);
    set(now + 59);
    assert_eq!(keys().await, ["before", "without"]);
    set(now + 61);
    assert_eq!(keys().await, ["without"]);
    // An hour ahead by mistake, and then right again.
    set(now + 3_600);
    put("ahead").await.unwrap();
    set(now);
    put("right").await.unwrap();
    assert_eq!(keys().await, ["ahead", "right", "without"]);
}

#[tokio::test]
async fn ttl_leaves_spins_table_as_spin_made_it() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("spin.db");
    let schema = |connection: &Connection| -> String {
        connection
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = 'spin_key_value'",
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    drop(SqliteFile::open(&path).unwrap());
    let spin = Connection::open(&path).unwrap();
    let before = schema(&spin);
    let (options, _) = with_ttl();
    let kv = options.open(&path).unwrap().kv("default").unwrap();
    kv.put_bytes_with_ttl("key", Bytes::from("x"), MINUTE)
        .await
        .unwrap();
    assert_eq!(schema(&spin), before);
    assert_eq!(spin_get(&spin, "key"), Some(b"x".to_vec()));
}

#[tokio::test]
async fn expired_values_are_removed_by_later_writes() {
    let (options, seconds) = with_ttl();
    let (_folder, file, spin) = shared(options);
    let kv = file.kv("default").unwrap();
    for n in 0..150 {
        kv.put_bytes_with_ttl(&format!("{n}"), Bytes::from("x"), MINUTE)
            .await
            .unwrap();
    }
    seconds.fetch_add(120, Ordering::Relaxed);
    for key in ["a", "b"] {
        kv.put_bytes_with_ttl(key, Bytes::from("x"), MINUTE)
            .await
            .unwrap();
    }
    let rows = |table: &str| -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        spin.query_row(&count, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows("spin_key_value"), 2);
    assert_eq!(rows("edgezero_expiry"), 2);
}

#[tokio::test]
async fn a_file_opened_without_ttl_again_is_as_spin_sees_it() {
    let (options, seconds) = with_ttl();
    let (_folder, file, _spin) = shared(options);
    let kv = file.kv("default").unwrap();
    kv.put_bytes_with_ttl("key", Bytes::from("x"), MINUTE)
        .await
        .unwrap();
    seconds.fetch_add(120, Ordering::Relaxed);
    let plain = SqliteFile::open(file.path())
        .unwrap()
        .kv("default")
        .unwrap();
    assert!(plain.exists("key").await.unwrap());
    let error = plain
        .put_bytes_with_ttl("key", Bytes::from("y"), MINUTE)
        .await
        .unwrap_err();
    assert_eq!(error.status(), 501);
    plain.put_bytes("key", Bytes::from("z")).await.unwrap();
    assert_eq!(kv.get_bytes("key").await.unwrap(), Some(Bytes::from("z")));
}

#[tokio::test]
async fn a_batch_writes_and_deletes_at_once_or_not_at_all() {
    let (_folder, file, spin) = shared(SqliteFile::options());
    let kv = file.kv("default").unwrap();
    spin_put(&spin, "gone", b"x");
    let pair = |key: &str| (key.to_owned(), Bytes::from("new"));
    let bad = kv.write_batch(vec![pair("a"), pair("")], vec!["gone".to_owned()], || ());
    assert!(matches!(bad.await, Err(KvError::Validation { .. })));
    assert_eq!(spin_get(&spin, "a"), None);
    assert!(spin_get(&spin, "gone").is_some());

    let count = Arc::new(AtomicU64::new(0));
    let counter = count.clone();
    let written = move || {
        counter.fetch_add(1, Ordering::Relaxed);
    };
    kv.write_batch(vec![pair("a"), pair("b")], vec!["gone".to_owned()], written)
        .await
        .unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
    assert_eq!(spin_get(&spin, "b"), Some(b"new".to_vec()));
    assert_eq!(spin_get(&spin, "gone"), None);
}

#[tokio::test]
async fn a_key_that_is_no_text_is_in_no_listing_and_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let file = SqliteFile::open(&path).unwrap();
    let kv = file.kv_with_max_list_keys("default", 2).unwrap();
    for key in ["a", "\u{10ffff}"] {
        kv.put_bytes(key, Bytes::from("x")).await.unwrap();
    }
    let foreign = Connection::open(&path).unwrap();
    foreign
        .execute_batch("INSERT INTO spin_key_value VALUES ('default', x'61', x'00')")
        .unwrap();
    for (prefix, keys) in [("", &["a", "\u{10ffff}"][..]), ("a", &["a"])] {
        let page = kv.list_keys_page(prefix, None, 1000).await.unwrap();
        assert_eq!(page.keys, keys, "{prefix:?}");
        assert_eq!(page.cursor, None);
    }
}
