//! What is odd about each of Spin's backends, shown without a component.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod cosmos;
mod cosmos_keys;
mod dynamo;
mod dynamo_limits;
mod dynamo_swap;
mod redis;
mod redis_swap;
mod sqlite;
mod sqlite_locks;

use std::sync::Arc;

use edgezero_spin_host::backend::{Backend, Failure, KeyStream, MAX_REPLY_BYTES, Store};

const LABEL: &str = "default";

async fn open(backend: &dyn Backend) -> Arc<dyn Store> {
    backend.open(LABEL, MAX_REPLY_BYTES).await.unwrap()
}

/// The text of a call that failed with `other`.
#[track_caller]
fn other<T>(done: Result<T, Failure>) -> String {
    match done {
        Ok(_) => panic!("the call succeeded"),
        Err(Failure::Other(text)) => text,
        Err(Failure::Panic(text)) => panic!("the host panicked: {text}"),
    }
}

/// Why the host panicked.
#[track_caller]
fn panicked<T>(done: Result<T, Failure>) -> String {
    match done {
        Ok(_) => panic!("the call succeeded"),
        Err(Failure::Other(text)) => panic!("the call failed: {text}"),
        Err(Failure::Panic(text)) => text,
    }
}

#[track_caller]
fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

/// Keys as a call takes them.
fn keys<const N: usize>(keys: [&str; N]) -> Vec<String> {
    keys.map(str::to_owned).to_vec()
}

/// Pairs as a call takes them.
fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, Vec<u8>)> {
    pairs
        .map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()))
        .to_vec()
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// All keys of a stream, sorted, and its end.
async fn read(mut stream: KeyStream) -> (Vec<String>, Result<(), Failure>) {
    let mut keys = Vec::new();
    while let Some(key) = stream.keys.recv().await {
        keys.push(key);
    }
    (sorted(keys), stream.end.await.unwrap())
}
