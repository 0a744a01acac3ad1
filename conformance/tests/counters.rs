//! One file, counted on by a component and by another process at once.
//!
//! The test starts this program again, as the other process.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use edgezero_spin_host::SpinHost;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvHandle;
use futures_util::future::try_join_all;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::support::call;

const WORKER: &str = "--as-worker-process";
const TASKS: usize = 16;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, marker, path, each] = &arguments[..]
        && marker == WORKER
    {
        let work = work(Path::new(path), each.parse().unwrap());
        Runtime::new().unwrap().block_on(work);
        return ExitCode::SUCCESS;
    }
    // In the journal that the mirror gives a new file; and, less often because each
    // write takes long, in Spin's.
    let trials = [("wal", 500), ("delete", 25)].map(|(journal, each)| {
        let name = format!("a_process_and_a_component_count_without_a_loss::{journal}");
        Trial::test(name, move || Runtime::new()?.block_on(count(journal, each)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn open(path: &Path) -> KvHandle {
    KvHandle::new(Arc::new(
        SqliteFile::open(path).unwrap().kv("default").unwrap(),
    ))
}

/// The other process.
async fn work(path: &Path, each: usize) {
    let kv = open(path);
    let tasks = (0..TASKS).map(|_| {
        let kv = kv.clone();
        tokio::spawn(async move {
            for _ in 0..each {
                kv.increment("increment", 1).await.unwrap();
                let one_more = |n: Option<usize>| Some(n.unwrap_or(0) + 1);
                kv.update("update", one_more).await.unwrap();
            }
        })
    });
    try_join_all(tasks).await.unwrap();
}

async fn count(journal: &str, each: usize) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("kv.db");
    let file = rusqlite::Connection::open(&path)?;
    file.pragma_update(None, "journal_mode", journal)?;
    let host = support::host(&path)?.build()?;
    support::make_table(&host).await;

    let mut worker = Command::new(std::env::current_exe()?)
        .args([WORKER, path.to_str().unwrap(), &each.to_string()])
        .spawn()?;
    tokio::join!(
        in_component(&host, "increment", each),
        in_component(&host, "update", each)
    );
    let end = worker.wait()?;
    if !end.success() {
        return Err(format!("the other process failed: {end}").into());
    }

    let kv = open(&path);
    let increments = kv.counter("increment").await?;
    let updates: Option<i64> = kv.get("update").await?;
    let all = i64::try_from(2 * TASKS * each)?;
    if (increments, updates) != (all, Some(all)) {
        return Err(format!("{increments} and {updates:?} were counted of {all}").into());
    }
    Ok(())
}

/// As many requests at once as the other process has tasks.
async fn in_component(host: &SpinHost, operation: &str, each: usize) {
    let times = each.to_string();
    let query = [("label", "default"), ("key", operation), ("times", &times)];
    let path = format!("/kv/{operation}");
    let requests = (0..TASKS).map(|_| async {
        let answer = call(host, &path, &query, "").await;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), 200, "{operation}: {text}");
    });
    futures_util::future::join_all(requests).await;
}
