//! The cursor of a listing: any text, as the caller's own and, sealed, as the
//! backend's. No page has a key outside the prefix, or at or before the position.

mod keys;

use std::sync::Arc;

use bytes::Bytes;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::{KvError, KvHandle, KvPage};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::keys::{KEYS, Keys};
use crate::input;

struct Backends {
    runtime: Runtime,
    stores: [KvHandle; 2],
    _folder: TempDir,
}

thread_local! {
    static BACKENDS: Backends = Backends::new();
}

impl Backends {
    #[allow(clippy::expect_used, reason = "without them there is nothing to list")]
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let file = SqliteFile::open(folder.path().join("kv.db")).expect("a file");
        let sqlite = KvHandle::new(Arc::new(file.kv("default").expect("a store")));
        let pairs = KEYS.iter().map(|key| ((*key).to_owned(), Bytes::new()));
        let written = runtime.block_on(sqlite.put_many_bytes(pairs.collect()));
        written.expect("the keys");
        let selected = KvHandle::new(Arc::new(Keys { position: None }));
        Self {
            runtime,
            stores: [sqlite, selected],
            _folder: folder,
        }
    }
}

/// Takes a prefix, the size of a page and a cursor.
pub fn target(data: &[u8]) {
    let Some([prefix, limit, cursor]) = input::texts(data) else {
        return;
    };
    let limit = limit.parse().unwrap_or(3);
    BACKENDS.with(|backends| {
        for store in &backends.stores {
            let page = |cursor: &str| {
                let page = store.list_keys_page(prefix, Some(cursor), limit);
                backends.runtime.block_on(page)
            };
            check(prefix, None, limit, page(cursor));
            if let Some(sealed) = sealed(&backends.runtime, prefix, cursor) {
                check(prefix, Some(cursor), limit, page(&sealed));
            }
        }
    });
}

/// The cursor that a caller is given for a backend's own; `None` where the prefix is
/// none.
fn sealed(runtime: &Runtime, prefix: &str, position: &str) -> Option<String> {
    let store = Keys {
        position: Some(position.to_owned()),
    };
    let handle = KvHandle::new(Arc::new(store));
    let page = runtime.block_on(handle.list_keys_page(prefix, None, 1));
    page.ok()?.cursor
}

fn check(prefix: &str, position: Option<&str>, limit: usize, page: Result<KvPage, KvError>) {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            assert!(matches!(error, KvError::Validation { .. }), "{error}");
            assert!(
                position.is_none() || !(1..=1000).contains(&limit),
                "{error}"
            );
            return;
        }
    };
    let matching = KEYS.iter().filter(|key| key.starts_with(prefix));
    let Some(position) = position else {
        assert!(page.keys.iter().all(|key| key.starts_with(prefix)));
        return;
    };
    let mut expected: Vec<_> = matching.filter(|key| **key > position).collect();
    expected.sort();
    let more = expected.len() > limit;
    expected.truncate(limit);
    assert!(page.keys.iter().eq(expected), "{:?}", page.keys);
    assert_eq!(page.cursor.is_some(), more);
}
