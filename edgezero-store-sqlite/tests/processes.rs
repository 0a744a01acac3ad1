//! Many processes, each with many tasks, on one file at once.
//!
//! The test starts this program again, as the worker processes.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::sync::Arc;

use bytes::Bytes;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvStore;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

const WORKER: &str = "--as-worker-process";
const PROCESSES: usize = 4;
const TASKS: usize = 8;
const WRITES: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, marker, path, worker] = &arguments[..]
        && marker == WORKER
    {
        Runtime::new()
            .unwrap()
            .block_on(work(Path::new(path), worker));
        return ExitCode::SUCCESS;
    }
    let trials = vec![Trial::test(
        "processes_and_tasks_share_a_file_without_an_error",
        || Runtime::new()?.block_on(processes_and_tasks_share_a_file()),
    )];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// One process: tasks that write, read back and list, and accept no error.
async fn work(path: &Path, worker: &str) {
    let file = SqliteFile::open(path).unwrap();
    let kv = Arc::new(file.kv_with_max_list_keys("default", 0).unwrap());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (kv, worker) = (kv.clone(), worker.to_owned());
            tokio::spawn(async move {
                for n in 0..WRITES {
                    let key = format!("{worker}/{task}/{n}");
                    kv.put_bytes(&key, Bytes::from(key.clone())).await.unwrap();
                    let found = kv.get_bytes(&key).await.unwrap();
                    assert_eq!(found, Some(Bytes::from(key.clone())));
                    kv.put_bytes("shared", Bytes::from(vec![b'x'; 10_000]))
                        .await
                        .unwrap();
                    kv.list_keys_page(&worker, None, 100).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn processes_and_tasks_share_a_file() -> Result<(), Failed> {
    // Twice: a file that the workers make themselves, all at once, and one in
    // Spin's journal mode.
    for journal in ["wal", "delete"] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("shared.db");
        if journal == "delete" {
            let file = rusqlite::Connection::open(&path)?;
            file.execute_batch("CREATE TABLE mine (a)")?;
        }
        let workers: Vec<Child> = (0..PROCESSES)
            .map(|worker| {
                Command::new(std::env::current_exe()?)
                    .args([WORKER, path.to_str().unwrap(), &worker.to_string()])
                    .spawn()
            })
            .collect::<Result<_, _>>()?;
        // All of them first: a failed test leaves no process behind.
        let ends: Vec<_> = workers
            .into_iter()
            .map(|mut worker| worker.wait())
            .collect();
        for end in ends {
            let status = end?;
            if !status.success() {
                return Err(format!("a worker failed in journal mode {journal}: {status}").into());
            }
        }
        let kv = SqliteFile::open(&path)?.kv_with_max_list_keys("default", 0)?;
        for worker in 0..PROCESSES {
            let prefix = format!("{worker}/");
            let page = kv.list_keys_page(&prefix, None, 1000).await?;
            if page.keys.len() != TASKS * WRITES {
                return Err(format!("{} keys of worker {worker}", page.keys.len()).into());
            }
        }
        let file = rusqlite::Connection::open(&path)?;
        let mode: String = file.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        if mode != journal {
            return Err(format!("the journal mode became {mode}").into());
        }
    }
    Ok(())
}
