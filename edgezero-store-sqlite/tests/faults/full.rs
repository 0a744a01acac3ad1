//! No room for what is written.

use std::fs;
use std::path::Path;
use std::process::Command;

use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::{KvError, KvStore};
use futures_util::future::join_all;
use libtest_mimic::{Completion, Failed};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::tempdir;

use super::block_on;
use crate::support::{Process, assert_unavailable, assert_whole, prepare};

/// The room that there is, in bytes.
const ROOM: u64 = 3 * 1024 * 1024;
/// What takes much of it away, until it is deleted.
const FILLER: u64 = 1024 * 1024;
const VALUE: usize = 40_000;

/// No file of the process may grow beyond a limit: as a quota does, and on any
/// machine.
pub(crate) fn limit(journal: &str) -> Result<Completion, Failed> {
    let folder = tempdir()?;
    let path = folder.path().join("kv.db");
    // Else the signal that comes with the error ends the process.
    let ignoring = "trap '' XFSZ; exec \"$0\" \"$@\"";
    Process::start(
        Command::new("sh")
            .args(["-c", ignoring])
            .arg(std::env::current_exe()?)
            .args(["--as-limited", path.to_str().unwrap(), journal]),
    )
    .wait();
    // As another process finds it.
    assert_whole(&path);
    Ok(Completion::Completed)
}

pub(crate) fn limited(path: &str, journal: &str) {
    let path = Path::new(path);
    prepare(path, journal);
    block_on(async {
        let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
        let unlimited = getrlimit(Resource::Fsize);
        let limit = Rlimit {
            current: Some(ROOM),
            ..unlimited
        };
        setrlimit(Resource::Fsize, limit).unwrap();
        let acknowledged = fill(&store, path, "the disk").await;
        setrlimit(Resource::Fsize, unlimited).unwrap();
        works_again(&store, acknowledged).await;
    });
}

/// A disk of its own, in memory.
pub(crate) fn disk(journal: &str) -> Result<Completion, Failed> {
    let mount = |size: u64| format!("mount -t tmpfs -o size={size} none \"$1\"");
    let folder = tempdir()?;
    let may_mount = Command::new("unshare")
        .args(["--mount", "sh", "-c", &mount(ROOM), "sh"])
        .arg(folder.path())
        .output();
    match may_mount {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let reason = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(Completion::ignored_with(format!(
                "no mount in a namespace of its own: {}",
                reason.trim()
            )));
        }
        Err(error) => {
            return Ok(Completion::ignored_with(format!(
                "the program unshare does not run: {error}"
            )));
        }
    }
    let script = format!(
        "{} && exec \"$0\" --as-on-small-disk \"$1/kv.db\" \"$2\"",
        mount(ROOM)
    );
    Process::start(
        Command::new("unshare")
            .args(["--mount", "sh", "-c", &script])
            .arg(std::env::current_exe()?)
            .arg(folder.path())
            .arg(journal),
    )
    .wait();
    Ok(Completion::Completed)
}

pub(crate) fn on_small_disk(path: &str, journal: &str) {
    let path = Path::new(path);
    let filler = path.with_file_name("filler");
    fs::write(&filler, vec![b'x'; FILLER as usize]).unwrap();
    prepare(path, journal);
    block_on(async {
        let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
        let acknowledged = fill(&store, path, "the disk is full").await;
        // A new file finds no room either, and nothing of it stays.
        let other = path.with_file_name("other.db");
        let refused = SqliteFile::open(&other).unwrap_err();
        assert_unavailable(&refused.into(), &other, "cannot open");
        assert!(!other.exists());
        fs::remove_file(filler).unwrap();
        works_again(&store, acknowledged).await;
        SqliteFile::open(&other).unwrap();
    });
    assert_whole(path);
}

/// Puts, one by one and in batches and many at once, until nothing more goes; the
/// keys that were acknowledged.
async fn fill(store: &SqliteKvStore, path: &Path, what: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let error = loop {
        let n = acknowledged.len();
        let key = format!("single/{n}");
        match store.put_bytes(&key, vec![b'x'; VALUE].into()).await {
            Ok(()) => acknowledged.push(key),
            Err(error) => break error,
        }
    };
    assert_unavailable(&error, path, what);
    assert!(acknowledged.len() > 5);

    let pairs = (0..100).map(|n| (format!("batch/{n}"), vec![b'x'; VALUE].into()));
    let error = store.put_many(pairs.collect()).await.unwrap_err();
    assert_unavailable(&error, path, what);

    // In one transaction: what has no room does not take the others with it.
    let puts = (0..40).map(|n| async move {
        let key = format!("at once/{n}");
        let done = store.put_bytes(&key, vec![b'x'; VALUE].into()).await;
        (key, done)
    });
    for (key, done) in join_all(puts).await {
        match done {
            Ok(()) => acknowledged.push(key),
            Err(error) => assert_unavailable(&error, path, what),
        }
    }
    // Reads go on.
    there(store, &acknowledged).await;
    acknowledged
}

async fn works_again(store: &SqliteKvStore, mut acknowledged: Vec<String>) {
    store.put_bytes("again", "x".into()).await.unwrap();
    let again = store.put_bytes("again/long", vec![b'x'; VALUE].into());
    again.await.unwrap();
    acknowledged.extend(["again".to_owned(), "again/long".to_owned()]);
    there(store, &acknowledged).await;
}

/// The acknowledged keys are there, and no other.
async fn there(store: &SqliteKvStore, acknowledged: &[String]) {
    let page = store.list_keys_page("", None, 1000).await.unwrap();
    let mut expected = acknowledged.to_vec();
    expected.sort();
    assert_eq!(page.keys, expected);
    for key in acknowledged {
        let found: Result<_, KvError> = store.get_bytes(key).await;
        assert!(found.unwrap().is_some(), "{key}");
    }
}
