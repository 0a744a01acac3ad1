//! Files that are opened for reading only.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use edgezero_store_sqlite::{OpenError, SqliteFile, Stored};
use edgezero_store_traits::KvStore;
use rusqlite::Connection;
use tempfile::tempdir;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

async fn write(path: &Path, value: &'static str) {
    let store = SqliteFile::open(path).unwrap().kv("default").unwrap();
    store.put_bytes("key", value.into()).await.unwrap();
}

async fn read(path: &Path) -> String {
    let store = SqliteFile::open_read_only(path)
        .unwrap()
        .kv("default")
        .unwrap();
    let value = store.get_bytes("key").await.unwrap().unwrap();
    assert_eq!(
        store.list_keys_page("", None, 10).await.unwrap().keys,
        ["key"]
    );
    String::from_utf8(value.to_vec()).unwrap()
}

#[tokio::test]
async fn a_file_is_read_where_nothing_may_be_written() {
    for journal in ["wal", "delete"] {
        let folder = tempdir().unwrap();
        // A name that means something in a URI.
        let path = folder.path().join("a #1?%20.db");
        write(&path, "1").await;
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_update(None, "journal_mode", journal)
            .unwrap();
        connection.close().unwrap();
        let before = (fs::read(&path).unwrap(), names(folder.path()));
        for (file, of_folder) in [
            (0o444, 0o755),
            (0o644, 0o555),
            (0o444, 0o555),
            (0o644, 0o755),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(file)).unwrap();
            fs::set_permissions(folder.path(), Permissions::from_mode(of_folder)).unwrap();
            assert_eq!(read(&path).await, "1", "{journal}");
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            assert_eq!(
                (fs::read(&path).unwrap(), names(folder.path())),
                before,
                "{journal}"
            );
        }
    }
}

#[tokio::test]
async fn what_another_store_writes_is_read() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let writer = SqliteFile::open(&path).unwrap().kv("default").unwrap();
    for value in ["1", "2"] {
        // In the log, which has not been brought into the file.
        writer.put_bytes("key", value.into()).await.unwrap();
        assert_eq!(read(&path).await, value);
        fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        assert_eq!(read(&path).await, value);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    }
}

#[tokio::test]
async fn a_write_is_refused_and_changes_nothing() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kv.db");
    write(&path, "1").await;
    let store = SqliteFile::open_read_only(&path)
        .unwrap()
        .kv("default")
        .unwrap();
    let error = store.put_bytes("key", "2".into()).await.unwrap_err();
    assert!(error.to_string().contains("kv.db"), "{error}");
    store.delete("key").await.unwrap_err();
    store
        .write_batch(vec![("key".to_owned(), "2".into())], Vec::new(), || ())
        .await
        .unwrap_err();
    drop(store);
    assert_eq!(read(&path).await, "1");
}

#[tokio::test]
async fn a_missing_file_is_not_made_and_an_empty_one_stays_empty() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let error = SqliteFile::open_read_only(&path).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
    assert_eq!(names(folder.path()), [] as [&str; 0]);
    fs::write(&path, "").unwrap();
    let store = SqliteFile::open_read_only(&path)
        .unwrap()
        .kv("default")
        .unwrap();
    assert_eq!(store.get_bytes("key").await.unwrap(), None);
    drop(store);
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[tokio::test]
async fn a_look_takes_any_key_and_any_value() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kv.db");
    write(&path, "1").await;
    let connection = Connection::open(&path).unwrap();
    connection
        .execute(
            "INSERT INTO spin_key_value VALUES ('default', '', x'ff'), ('default', 'text', 'a')",
            [],
        )
        .unwrap();
    let store = SqliteFile::open_read_only(&path)
        .unwrap()
        .kv("default")
        .unwrap();
    assert_eq!(
        store.look(&["text", "", "none", "key"]).await.unwrap(),
        [
            Stored::NotABlob,
            Stored::Value(b"\xff".as_slice().into()),
            Stored::Missing,
            Stored::Value("1".into()),
        ]
    );
}
