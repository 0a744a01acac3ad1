//! What a process that was killed, or goes on, leaves beside a file.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvStore;
use libtest_mimic::{Completion, Failed};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::block_on;
use crate::support::{Process, assert_unavailable, assert_whole, prepare};

const KEYS: usize = 300;

/// Writes some keys, and then has the file open until it is ended.
pub(crate) fn holder(path: &str, journal: &str) {
    let path = Path::new(path);
    prepare(path, journal);
    block_on(async {
        let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
        for n in 0..KEYS {
            store.put_bytes(&format!("{n}"), "x".into()).await.unwrap();
        }
        if journal == "delete" {
            leave_a_journal(path);
        }
        println!("written");
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
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
    let store = SqliteFile::open(&path)?.kv("default")?;
    block_on(store.put_bytes("ours", "x".into()))?;
    fs::remove_file(&path)?;
    let put = || block_on(store.put_bytes("new", "x".into()));
    assert_unavailable(&put().unwrap_err(), &path, "moved, deleted or replaced");
    // The two would share the log that is there.
    for _ in 0..2 {
        assert_unavailable(&put().unwrap_err(), &path, "stop or restart that process");
        let error = SqliteFile::open(&path).unwrap_err();
        assert_unavailable(&error.into(), &path, "stop or restart that process");
    }
    holder.kill();
    put()?;
    assert_eq!(keys(&path), ["new"]);
    assert_whole(&path);
    Ok(Completion::Completed)
}
