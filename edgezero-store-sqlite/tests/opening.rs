//! Opening files: what is made, what is kept, and what is refused unchanged.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_sqlite::{OpenError, SqliteFile};
use edgezero_store_traits::{KvError, KvStore};
use rusqlite::Connection;
use tempfile::tempdir;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Opening must fail; the message names the file; nothing in its folder changes.
fn refused(path: &Path) -> OpenError {
    let folder = path.parent().unwrap();
    let content = |name: &String| fs::read(folder.join(name)).ok();
    let before: Vec<_> = names(folder).iter().map(content).collect();
    let names_before = names(folder);
    let error = SqliteFile::open(path).unwrap_err();
    let message = error.to_string();
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    assert_eq!(names(folder), names_before, "{message}");
    let after: Vec<_> = names(folder).iter().map(content).collect();
    assert!(before == after, "opening changed a file: {message}");
    error
}

#[tokio::test]
async fn a_missing_file_is_made_with_its_folders_for_its_owner_only() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("app/.spin/sqlite_key_value.db");
    let file = SqliteFile::open(&path).unwrap();
    let kv = file.kv("default").unwrap();
    kv.put_bytes("key", Bytes::from("x")).await.unwrap();
    for name in names(path.parent().unwrap()) {
        assert_eq!(mode(&path.with_file_name(&name)), 0o600, "{name}");
    }
    assert_eq!(file.path(), path);
    drop((file, kv));
    // The last connection takes the write-ahead log away: that of the thread that
    // wrote, which may be at its end only after its answer.
    for _ in 0..1_000 {
        if names(path.parent().unwrap()).len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(names(path.parent().unwrap()), ["sqlite_key_value.db"]);
}

#[test]
fn a_new_files_table_is_spins() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("new.db");
    SqliteFile::options().ttl(true).open(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let columns: Vec<(String, String, bool, Option<String>, i64)> = connection
        .prepare("PRAGMA table_info(spin_key_value)")
        .unwrap()
        .query_map([], |row| {
            Ok((
                row.get("name")?,
                row.get("type")?,
                row.get("notnull")?,
                row.get("dflt_value")?,
                row.get("pk")?,
            ))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let column = |name: &str, kind: &str, key| (name.to_owned(), kind.to_owned(), true, None, key);
    assert_eq!(
        columns,
        [
            column("store", "TEXT", 1),
            column("key", "TEXT", 2),
            column("value", "BLOB", 0)
        ]
    );
}

#[tokio::test]
async fn a_file_that_spin_made_keeps_its_journal_its_mode_and_its_other_tables() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("spin.db");
    let spin = Connection::open(&path).unwrap();
    spin.execute_batch(
        "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL,
             value BLOB NOT NULL, PRIMARY KEY (store, key));
         INSERT INTO spin_key_value VALUES ('default', 'old', x'6f6c64');
         CREATE TABLE mine (a);
         INSERT INTO mine VALUES (7);",
    )
    .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();

    let kv = SqliteFile::open(&path).unwrap().kv("default").unwrap();
    assert_eq!(kv.get_bytes("old").await.unwrap(), Some(Bytes::from("old")));
    kv.put_bytes("new", Bytes::from("new")).await.unwrap();

    let journal: String = spin
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(journal, "delete");
    assert_eq!(mode(&path), 0o640);
    let (mine, new): (i64, Vec<u8>) = spin
        .query_row(
            "SELECT a, value FROM mine, spin_key_value WHERE key = 'new'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((mine, new), (7, b"new".to_vec()));
}

#[test]
fn an_empty_file_becomes_a_key_value_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("empty.db");
    fs::write(&path, "").unwrap();
    SqliteFile::open(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    assert!(connection.table_exists(None, "spin_key_value").unwrap());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempdir().unwrap();
    for (name, content) in [
        ("text", b"spin_manifest_version = 2\n".repeat(100)),
        ("short", b"x".to_vec()),
        ("zeros", vec![0; 8192]),
        ("header-only", b"SQLite format 3\0".to_vec()),
        (
            "noise",
            (0..20_000_u32).map(|n| ((n * n) >> 3) as u8).collect(),
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let error = refused(&path);
        assert!(
            matches!(error, OpenError::NotADatabase { .. }),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn a_read_only_file_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("read-only.db");
    SqliteFile::open(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let error = refused(&path);
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let error = KvError::from(error);
    assert_eq!(error.status(), 503);
    assert!(error.to_string().contains("read-only.db"), "{error}");
}

#[test]
fn a_file_in_a_read_only_folder_is_refused_and_the_folder_named() {
    let folder = tempdir().unwrap();
    let inside = folder.path().join("inside");
    let path = inside.join("kv.db");
    SqliteFile::open(&path).unwrap();
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o555)).unwrap();
    let error = refused(&path);
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let named = format!("{} is read-only", inside.display());
    assert!(error.to_string().contains(&named), "{error}");
}

/// SQLite keeps its log and its journal beside the file, wherever links to it are.
#[test]
fn a_link_is_opened_where_the_folder_of_its_file_may_be_written() {
    let folder = tempdir().unwrap();
    let [files, links] = ["files", "links"].map(|name| folder.path().join(name));
    let path = files.join("kv.db");
    SqliteFile::open(&path).unwrap();
    fs::create_dir(&links).unwrap();
    let link = links.join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let set_mode = |folder, mode| {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };

    set_mode(&links, 0o555);
    let opened = SqliteFile::open(&link).map(drop);
    set_mode(&links, 0o755);
    opened.unwrap();

    set_mode(&files, 0o555);
    let error = refused(&link);
    set_mode(&files, 0o755);
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let files = files.canonicalize().unwrap();
    let named = format!("{} is read-only", files.display());
    assert!(error.to_string().contains(&named), "{error}");
}

#[tokio::test]
async fn the_target_of_a_link_is_made_where_it_is_missing() {
    use std::os::unix::fs::symlink;
    let folder = tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("data")).unwrap();
    fs::create_dir(at("links")).unwrap();
    symlink("data/real.db", at("first.db")).unwrap();
    symlink("../first.db", at("links/second.db")).unwrap();
    let file = SqliteFile::open(at("links/second.db")).unwrap();
    let store = file.kv("label").unwrap();
    store.put_bytes("a", "1".into()).await.unwrap();
    assert!(at("first.db").is_symlink());
    assert!(fs::metadata(at("data/real.db")).unwrap().is_file());
    let again = SqliteFile::open(at("data/real.db")).unwrap();
    let read = again.kv("label").unwrap().get_bytes("a").await.unwrap();
    assert_eq!(read.as_deref(), Some(&b"1"[..]));
    drop((file, store, again));
    let left = fs::read_dir(at("data")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["real.db"]);
}

#[test]
fn a_link_into_a_missing_folder_is_refused_and_its_target_named() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("link.db");
    std::os::unix::fs::symlink("gone/real.db", &path).unwrap();
    let error = refused(&path);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("gone/real.db"), "{cause}");
    assert!(!folder.path().join("gone").exists());
}

#[test]
fn a_table_of_that_name_that_is_not_spins_is_refused_and_shown() {
    for (statement, shown) in [
        (
            "CREATE TABLE spin_key_value (id INTEGER PRIMARY KEY, data TEXT)",
            "data TEXT",
        ),
        (
            "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL)",
            "value BLOB NOT NULL",
        ),
        (
            "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (store, key))",
            "value TEXT",
        ),
        (
            "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, more INT, PRIMARY KEY (store, key))",
            "more INT",
        ),
        (
            "CREATE TABLE spin_key_value (key TEXT NOT NULL, store TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key, store))",
            "key TEXT NOT NULL (primary key), store",
        ),
        (
            "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL COLLATE NOCASE, value BLOB NOT NULL, PRIMARY KEY (store, key))",
            "key TEXT NOT NULL COLLATE NOCASE (primary key)",
        ),
        (
            "CREATE TABLE Spin_Key_Value (id INTEGER PRIMARY KEY, data TEXT)",
            "data TEXT",
        ),
        (
            "CREATE VIEW spin_key_value AS SELECT 1 AS store, 2 AS key, 3 AS value",
            "of type view",
        ),
        (
            "CREATE TABLE t (a); CREATE INDEX spin_key_value ON t (a)",
            "of type index",
        ),
    ] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("foreign.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch(statement)
            .unwrap();
        let error = refused(&path);
        assert!(matches!(error, OpenError::ForeignTable { .. }), "{error:?}");
        assert!(error.to_string().contains(shown), "{error}");
    }
}

#[test]
fn a_database_in_utf16_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("utf16.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA encoding = 'UTF-16'; CREATE TABLE mine (a)")
        .unwrap();
    drop(connection);
    let error = refused(&path);
    assert!(matches!(error, OpenError::Encoding { .. }), "{error:?}");
}

#[test]
fn a_folder_and_a_path_through_a_file_are_refused() {
    let folder = tempdir().unwrap();
    let inside = folder.path().join("folder");
    fs::create_dir(&inside).unwrap();
    refused(&inside);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = SqliteFile::open(file.join("below.db")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("below.db"), "{error}");
    assert!(SqliteFile::open("").is_err());
}

#[test]
fn a_path_with_signs_that_sqlite_reads_as_a_uri_is_a_plain_path() {
    let folder = tempdir().unwrap();
    for name in ["file:x?mode=memory", ":memory:", "a?b#c%20d", "ключ 🔑.db"] {
        let path = folder.path().join(name);
        SqliteFile::open(&path).unwrap();
        assert!(path.is_file(), "{name}");
    }
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn a_foreign_table_of_ttls_is_refused_with_ttl_only() {
    for statement in [
        "CREATE TABLE edgezero_expiry (key TEXT, at INTEGER)",
        "CREATE TABLE t (a); CREATE TRIGGER edgezero_expiry_ends_on_insert
         AFTER INSERT ON t BEGIN SELECT 1; END",
    ] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("foreign.db");
        let file = Connection::open(&path).unwrap();
        file.execute_batch(statement).unwrap();
        drop(file);
        let with_ttl = || SqliteFile::options().ttl(true).open(&path);
        let before = fs::read(&path).unwrap();
        let error = with_ttl().unwrap_err();
        assert!(
            matches!(error, OpenError::ForeignExpiry { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("edgezero_expiry"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
        SqliteFile::open(&path).unwrap();
    }
}

/// All at once: a file that is missing, and one that is empty.
#[test]
fn many_threads_may_make_one_file_at_once() {
    const THREADS: usize = 16;
    for round in 0..40 {
        let folder = tempdir().unwrap();
        let path = folder.path().join("new/shared.db");
        if round % 2 == 1 {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
        }
        let start = Barrier::new(THREADS);
        let open = |n| {
            start.wait();
            SqliteFile::options().ttl(n % 2 == 0).open(&path)
        };
        std::thread::scope(|scope| {
            let openers: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || open(n))).collect();
            for opener in openers {
                opener.join().unwrap().unwrap();
            }
        });
        let left: Vec<_> = names(path.parent().unwrap());
        assert_eq!(left, ["shared.db"]);
    }
}

#[test]
fn a_bad_label_is_refused_before_the_file_is_asked() {
    let folder = tempdir().unwrap();
    let file = SqliteFile::open(folder.path().join("labels.db")).unwrap();
    for label in ["", "a b", "a'--", "camelCase", "../x", "-a"] {
        let error = file.kv(label).unwrap_err();
        assert!(error.to_string().contains(&format!("{label:?}")), "{error}");
        assert!(file.config(label).is_err());
        assert_eq!(KvError::from(error).status(), 400);
    }
}
