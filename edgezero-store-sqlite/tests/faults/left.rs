//! What a process that was killed, or goes on, leaves beside a file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::{KvError, KvStore};
use libtest_mimic::{Completion, Failed};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::block_on;
use crate::support::{Process, assert_unavailable, assert_whole, prepare};

const KEYS: usize = 300;

/// Writes some keys, and then has the file open until it is ended, and writes each
/// key that it is told: as Spin does, which does not look where the file is.
pub(crate) fn holder(path: &str, journal: &str) {
    let path = Path::new(path);
    prepare(path, journal);
    block_on(async {
        let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
        for n in 1..KEYS {
            store.put_bytes(&format!("{n}"), "x".into()).await.unwrap();
        }
        let spin = Connection::open(path).unwrap();
        let insert = "INSERT INTO spin_key_value VALUES ('default', ?1, x'')";
        let mut insert = spin.prepare(insert).unwrap();
        insert.execute(["spin's"]).unwrap();
        if journal == "delete" {
            leave_a_journal(path);
        }
        println!("written");
        for key in std::io::stdin().lines() {
            insert.execute([key.unwrap()]).unwrap();
            println!("written");
        }
    });
}

/// Some of a transaction that does not end, with a small cache so that it is in the
/// file already.
fn leave_a_journal(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA cache_size = 2; BEGIN; UPDATE spin_key_value SET value = x'00'")
        .unwrap();
    std::mem::forget(connection);
}

fn start_holder(journal: &str) -> (TempDir, PathBuf, Process) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let mut holder = Process::start_self(&["--as-holder", path.to_str().unwrap(), journal]);
    assert_eq!(holder.line(), "written");
    (folder, path, holder)
}

/// Makes the holder write this key.
fn put_by_holder(holder: &mut Process, key: &str) {
    holder.tell(key);
    assert_eq!(holder.line(), "written");
}

/// A store in the holder's file, with the key "ours".
fn open_beside_holder(path: &Path) -> SqliteKvStore {
    let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
    put(&store, "ours").unwrap();
    store
}

fn put(store: &SqliteKvStore, key: &str) -> Result<(), KvError> {
    block_on(store.put_bytes(key, "x".into()))
}

/// The write finds out that the file is gone, and the next that the holder uses it.
fn assert_held(store: &SqliteKvStore, path: &Path) {
    let refused = put(store, "refused").unwrap_err();
    assert_unavailable(&refused, path, "moved, deleted or replaced");
    let refused = put(store, "refused").unwrap_err();
    assert_unavailable(&refused, path, "stop or restart that process");
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    path.with_extension(format!("db-{suffix}"))
}

fn len(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

fn keys(path: &Path) -> Vec<String> {
    let file = SqliteFile::open(path).unwrap();
    let store = file.kv_with_max_list_keys("default", 0).unwrap();
    block_on(store.list_keys_page("", None, 1000)).unwrap().keys
}

pub(crate) fn log(journal: &str) -> Result<Completion, Failed> {
    let (_folder, path, mut holder) = start_holder(journal);
    holder.kill();
    assert!(len(&with_suffix(&path, "wal")) > 0);
    assert_eq!(keys(&path).len(), KEYS);
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn log_without_file(journal: &str) -> Result<Completion, Failed> {
    let (_folder, path, mut holder) = start_holder(journal);
    holder.kill();
    assert!(len(&with_suffix(&path, "wal")) > 0);
    fs::remove_file(&path)?;
    assert_eq!(keys(&path), [""; 0]);
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn journal_without_file(journal: &str) -> Result<Completion, Failed> {
    let (_folder, path, mut holder) = start_holder(journal);
    holder.kill();
    assert!(len(&with_suffix(&path, "journal")) > 0);
    fs::remove_file(&path)?;
    assert_eq!(keys(&path), [""; 0]);
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn openers_at_once(journal: &str) -> Result<Completion, Failed> {
    const OPENERS: usize = 16;
    for _ in 0..10 {
        let (_folder, path, mut holder) = start_holder(journal);
        holder.kill();
        fs::remove_file(&path)?;
        let start = Barrier::new(OPENERS);
        let open_and_put = |n: usize| {
            start.wait();
            let store = SqliteFile::open(&path).unwrap().kv("default").unwrap();
            block_on(store.put_bytes(&format!("{n}"), "x".into())).unwrap();
        };
        std::thread::scope(|scope| {
            for n in 0..OPENERS {
                scope.spawn(move || open_and_put(n));
            }
        });
        assert_eq!(keys(&path).len(), OPENERS);
        assert_whole(&path);
    }
    Ok(Completion::Completed)
}

pub(crate) fn held(journal: &str) -> Result<Completion, Failed> {
    let (_folder, path, mut holder) = start_holder(journal);
    let store = open_beside_holder(&path);
    fs::remove_file(&path)?;
    assert_held(&store, &path);
    // The two would share the log that is there.
    for _ in 0..2 {
        let refused = put(&store, "refused").unwrap_err();
        assert_unavailable(&refused, &path, "stop or restart that process");
        let error = SqliteFile::open(&path).unwrap_err();
        assert_unavailable(&error.into(), &path, "stop or restart that process");
    }
    holder.kill();
    put(&store, "new")?;
    assert_eq!(keys(&path), ["new"]);
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn held_and_back(journal: &str) -> Result<Completion, Failed> {
    for is_killed in [false, true] {
        let (folder, path, mut holder) = start_holder(journal);
        let store = open_beside_holder(&path);
        let elsewhere = folder.path().join("elsewhere.db");
        fs::rename(&path, &elsewhere)?;
        assert_held(&store, &path);
        fs::rename(&elsewhere, &path)?;
        // Into the log that stands beside the file again.
        put_by_holder(&mut holder, "holder's");
        if is_killed {
            holder.kill();
        }
        put(&store, "new")?;
        let keys = keys(&path);
        assert_eq!(keys.len(), KEYS + 3);
        assert!(keys.contains(&"holder's".to_owned()));
        assert_whole(&path);
    }
    Ok(Completion::Completed)
}

/// A file system may give the number of the deleted file to the copy.
pub(crate) fn held_and_replaced(journal: &str) -> Result<Completion, Failed> {
    let (folder, path, mut holder) = start_holder(journal);
    let store = open_beside_holder(&path);
    let copy = folder.path().join("copy.db");
    Connection::open(&path)?.execute("VACUUM INTO ?1", [copy.to_str().unwrap()])?;
    fs::remove_file(&path)?;
    assert_held(&store, &path);
    put_by_holder(&mut holder, "holder's");
    holder.kill();
    fs::copy(&copy, &path)?;
    put(&store, "new")?;
    let keys = keys(&path);
    assert_eq!(keys.len(), KEYS + 2);
    assert!(!keys.contains(&"holder's".to_owned()));
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn held_and_closed(journal: &str) -> Result<Completion, Failed> {
    let (folder, path, mut holder) = start_holder(journal);
    let store = open_beside_holder(&path);
    let elsewhere = folder.path().join("elsewhere.db");
    fs::rename(&path, &elsewhere)?;
    // It waits for what still runs on the runtime.
    block_on(async { drop(store) });
    fs::rename(&elsewhere, &path)?;
    put_by_holder(&mut holder, "holder's");
    holder.kill();
    assert_eq!(keys(&path).len(), KEYS + 2);
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn held_behind_a_link(journal: &str) -> Result<Completion, Failed> {
    for is_killed in [false, true] {
        let (folder, path, mut holder) = start_holder(journal);
        let (link, other) = (folder.path().join("link"), folder.path().join("other.db"));
        drop(SqliteFile::open(&other)?);
        symlink(&path, &link)?;
        let store = open_beside_holder(&link);
        fs::remove_file(&link)?;
        symlink(&other, &link)?;
        let refused = put(&store, "refused").unwrap_err();
        assert_unavailable(&refused, &link, "moved, deleted or replaced");
        put_by_holder(&mut holder, "holder's");
        if is_killed {
            holder.kill();
        }
        put(&store, "new")?;
        assert_eq!(keys(&other), ["new"]);
        assert_eq!(keys(&path).len(), KEYS + 2);
        assert_whole(&path);
    }
    Ok(Completion::Completed)
}
