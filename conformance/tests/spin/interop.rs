//! One file under the component, the mirror and `sqlite3` at once.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use edgezero_spin_host::SpinHost;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::{ConfigStore, KvStore};
use futures_util::future::{join, join_all};

use crate::support::{self, call};

const LABEL: (&str, &str) = ("label", "default");

fn host(file: &Path) -> SpinHost {
    support::host(file).unwrap().build().unwrap()
}

async fn put(host: &SpinHost, key: &str, value: &'static [u8]) {
    let done = call(host, "/kv/put", &[LABEL, ("key", key)], value).await;
    assert_eq!(done.status(), 200, "{:?}", done.body());
}

async fn get(host: &SpinHost, key: &str) -> Option<Bytes> {
    let found = call(host, "/kv/get", &[LABEL, ("key", key)], "").await;
    (found.status() == 200).then(|| found.into_body())
}

fn sqlite3(file: &Path, sql: &str) -> String {
    let output = Command::new("sqlite3")
        .arg(file)
        .arg(sql)
        .output()
        .expect("sqlite3 starts; `conformance/setup` installs it");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_value_written_by_the_component_is_read_by_sqlite3() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".spin/sqlite_key_value.db");
    let host = host(&file);
    put(&host, "ключ", b"a\0\xffb").await;
    let rows = sqlite3(
        &file,
        "SELECT store, key, typeof(key), hex(value), typeof(value) FROM spin_key_value",
    );
    assert_eq!(rows, "default|ключ|text|6100FF62|blob\n");
}

#[tokio::test]
async fn a_value_written_by_sqlite3_is_read_by_the_component() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = host(&file);
    put(&host, "first", b"x").await;
    sqlite3(
        &file,
        "INSERT INTO spin_key_value VALUES ('default', 'by hand', x'00ff')",
    );
    assert_eq!(
        get(&host, "by hand").await,
        Some(Bytes::from_static(b"\0\xff"))
    );
}

#[tokio::test]
async fn what_the_mirror_writes_the_component_reads_and_the_reverse() {
    let folder = tempfile::tempdir().unwrap();
    // A file that the mirror made, and one that the host made as Spin does.
    for made_by_mirror in [true, false] {
        let file = folder.path().join(format!("{made_by_mirror}.db"));
        let host = host(&file);
        if !made_by_mirror {
            put(&host, "first", b"x").await;
        }
        let mirror = SqliteFile::open(&file).unwrap();
        let kv = mirror.kv("default").unwrap();

        kv.put_bytes("ours", Bytes::from_static(b"a\0\xff"))
            .await
            .unwrap();
        assert_eq!(
            get(&host, "ours").await,
            Some(Bytes::from_static(b"a\0\xff"))
        );
        put(&host, "theirs", b"\xfe\0").await;
        assert_eq!(
            kv.get_bytes("theirs").await.unwrap(),
            Some(Bytes::from_static(b"\xfe\0"))
        );

        put(&host, "ours", b"rewritten").await;
        assert_eq!(
            kv.get_bytes("ours").await.unwrap(),
            Some(Bytes::from("rewritten"))
        );
        kv.delete("theirs").await.unwrap();
        assert_eq!(get(&host, "theirs").await, None);

        let listed = call(&host, "/kv/page", &[LABEL, ("prefix", "o")], "").await;
        assert_eq!(&listed.body()[..], br#"{"cursor":null,"keys":["ours"]}"#);
    }
}

#[tokio::test]
async fn configuration_written_by_the_mirror_is_read_by_the_component() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let mirror = SqliteFile::open(&file).unwrap();
    let pushed = [("service.timeout_ms", "1500"), ("greeting", "Grüße")];
    let pairs = pushed.map(|(key, value)| (key.to_owned(), Bytes::from(value)));
    mirror
        .kv("app-config")
        .unwrap()
        .put_many(pairs.to_vec())
        .await
        .unwrap();
    let host = host(&file);
    for (key, value) in pushed {
        let query = [("label", "app-config"), ("key", key)];
        let found = call(&host, "/config", &query, "").await;
        assert_eq!(found.body(), value);
        let here = mirror.config("app-config").unwrap().get(key).await.unwrap();
        assert_eq!(here.as_deref(), Some(value));
    }
}

#[tokio::test]
async fn labels_in_one_file_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = host(&file);
    put(&host, "key", b"default").await;
    let second = SqliteFile::open(&file).unwrap().kv("second").unwrap();
    assert!(!second.exists("key").await.unwrap());
    second
        .put_bytes("key", Bytes::from("second"))
        .await
        .unwrap();
    assert_eq!(get(&host, "key").await, Some(Bytes::from("default")));
    let found = call(&host, "/kv/get", &[("label", "second"), ("key", "key")], "").await;
    assert_eq!(found.body(), "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn component_and_mirror_write_at_once_and_nothing_is_lost() {
    const EACH: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let mirror = SqliteFile::open(&file).unwrap().kv("default").unwrap();
    let host = host(&file);
    let ours = join_all((0..EACH).map(|n| {
        let mirror = &mirror;
        async move {
            mirror
                .put_bytes(&format!("mirror/{n}"), Bytes::from("x"))
                .await
        }
    }));
    let theirs = join_all((0..EACH).map(|n| {
        let host = &host;
        async move { put(host, &format!("component/{n}"), b"x").await }
    }));
    let (ours, _) = join(ours, theirs).await;
    assert!(ours.iter().all(Result::is_ok), "{ours:?}");
    for prefix in ["mirror/", "component/"] {
        let page = mirror.list_keys_page(prefix, None, 1000).await.unwrap();
        assert_eq!(page.keys.len(), EACH, "{prefix}");
    }
}
