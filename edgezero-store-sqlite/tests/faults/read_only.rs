//! A folder that becomes read-only.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use edgezero_store_sqlite::{OpenError, SqliteFile};
use edgezero_store_traits::KvStore;
use libtest_mimic::{Completion, Failed};
use tempfile::tempdir;

use super::block_on;
use crate::support::{Process, assert_unavailable, assert_whole, prepare};

/// To root nothing is read-only: as root the test goes on as this user, "nobody".
const NOBODY: u32 = 65_534;

pub(crate) fn folder(journal: &str) -> Result<Completion, Failed> {
    let folder = tempdir()?;
    let inside = folder.path().join("inside");
    fs::create_dir(&inside)?;
    // Where that user may run it.
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe()?, &program)?;
    let mut command = Command::new(program);
    command.args(["--as-user", inside.join("kv.db").to_str().unwrap(), journal]);
    if fs::metadata(&inside)?.uid() == 0 {
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        chown(&inside, Some(NOBODY), Some(NOBODY))?;
        command.uid(NOBODY).gid(NOBODY);
    }
    Process::start(&mut command).wait();
    assert_whole(&inside.join("kv.db"));
    Ok(Completion::Completed)
}

pub(crate) fn as_user(path: &str, journal: &str) {
    let path = Path::new(path);
    let folder = path.parent().unwrap();
    let set_mode = |mode| fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    prepare(path, journal);
    block_on(async {
        let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
        store.put_bytes("before", "x".into()).await.unwrap();
        set_mode(0o555);
        let put = store.put_bytes("meanwhile", "x".into()).await;
        if journal == "wal" {
            // The log is there already, and has no need of the folder.
            put.unwrap();
        } else {
            assert_unavailable(&put.unwrap_err(), path, "its folder may be written");
        }
        assert!(store.exists("before").await.unwrap());
        let error = SqliteFile::open(path).unwrap_err();
        assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");

        // Without the right to look, what is at the path is not known.
        set_mode(0o000);
        let refused = store.put_bytes("refused", "x".into()).await.unwrap_err();
        assert_unavailable(&refused, path, "");

        set_mode(0o755);
        store.put_bytes("after", "x".into()).await.unwrap();
        let found = store.list_keys_page("", None, 10).await.unwrap().keys;
        if journal == "wal" {
            assert_eq!(found, ["after", "before", "meanwhile"]);
        } else {
            assert_eq!(found, ["after", "before"]);
        }
    });
}
