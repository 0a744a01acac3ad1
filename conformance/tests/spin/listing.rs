//! What a listing costs in the component.

use std::path::Path;

use edgezero_spin_host::Call;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{self, call, make_table};

const MIB: usize = 1024 * 1024;

/// Stores `count` keys under each prefix, of about 200 bytes.
fn fill(file: &Path, prefixes: &[&str], count: usize) {
    let mut connection = Connection::open(file).unwrap();
    let transaction = connection.transaction().unwrap();
    for prefix in prefixes {
        for n in 0..count {
            let key = format!("{prefix}{n:06}{}", "-".repeat(190));
            transaction
                .execute(
                    "INSERT INTO spin_key_value VALUES ('default', ?1, x'00')",
                    [key],
                )
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}

#[tokio::test]
async fn a_listing_over_the_cap_stops_at_the_first_key_beyond_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = support::stream_host(&file).unwrap().build().unwrap();
    make_table(&host).await;
    fill(&file, &["a"], 5000);
    for (max, read) in [("1000", 1001), ("1", 2), ("63", 64), ("64", 65), ("65", 66)] {
        let before = host.calls().count(Call::Key);
        let query = [("label", "default"), ("max_list_keys", max), ("limit", "1")];
        let page = call(&host, "/kv/page", &query, "").await;
        assert_eq!(page.status(), 503);
        assert!(
            page.body()
                .windows(14)
                .any(|part| part == b"limit_exceeded")
        );
        assert_eq!(
            host.calls().count(Call::Key) - before,
            read,
            "keys read, cap {max}"
        );
    }
}

#[tokio::test]
async fn a_listing_holds_a_page_in_memory_and_not_the_store() {
    const KEYS: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    // The keys alone are 20 MB; an instance that may have 4 lists them.
    let host = support::stream_host(&file).unwrap().max_memory(4 * MIB);
    let host = host.build().unwrap();
    make_table(&host).await;
    fill(&file, &["a", "b"], KEYS / 2);
    let query = [
        ("label", "default"),
        ("prefix", "b"),
        ("max_list_keys", "0"),
        ("limit", "3"),
    ];
    let page = call(&host, "/kv/page", &query, "").await;
    let page: Value = serde_json::from_slice(page.body()).unwrap();
    let keys: Vec<_> = (0..3)
        .map(|n| format!("b{n:06}{}", "-".repeat(190)))
        .collect();
    assert_eq!(page["keys"], json!(keys));
    assert!(page["cursor"].is_string());
    assert_eq!(host.calls().count(Call::Key), KEYS as u64);
}
