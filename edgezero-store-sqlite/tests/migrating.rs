//! The page MIGRATING.md: its conversion of counters does what the page says.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::{KvError, KvHandle};

include!("migrating/convert.rs");

const PAGE: &str = include_str!("../../edgezero-adapter-spin/MIGRATING.md");

#[tokio::test]
async fn a_counter_in_json_is_converted_once() {
    assert!(PAGE.contains(include_str!("migrating/convert.rs")));
    let folder = tempfile::tempdir().unwrap();
    let file = SqliteFile::open(folder.path().join("kv.db")).unwrap();
    let kv = KvHandle::new(Arc::new(file.kv("visits").unwrap()));
    // The last has eight digits, as a counter has eight bytes.
    for count in [0, 5, -1, i64::MAX - 1, 12_345_678] {
        kv.put("ada", &count).await.unwrap();
        if count != 12_345_678 {
            let refused = kv.increment("ada", 1).await;
            assert!(
                matches!(refused, Err(KvError::NotACounter { .. })),
                "{count}"
            );
            assert_eq!(kv.get("ada").await.unwrap(), Some(count));
        }
        for _ in 0..2 {
            convert(&kv, "ada").await.unwrap();
            assert_eq!(kv.increment("ada", 0).await.unwrap(), count);
        }
        assert_eq!(kv.increment("ada", 1).await.unwrap(), count + 1);
    }
    convert(&kv, "missing").await.unwrap();
    assert!(!kv.exists("missing").await.unwrap());
}
