//! One file that several processes and a component write and read at once: no error
//! reaches a caller, no acknowledged write is lost, and no count; and Spin, which is
//! one process with one connection, has its turns.
//!
//! The test starts this program again, as the other processes.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use std::ops::AddAssign;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use edgezero_spin_host::SpinHost;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::{KvError, KvHandle};
use futures_util::future::{join_all, try_join_all};
use libtest_mimic::{Arguments, Failed, Trial};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::support::call;

const WORKER: &str = "--as-worker-process";
const PROCESSES: usize = 4;
/// In each process, and as many requests at once in the component.
const TASKS: usize = 16;

/// How many keys the tasks update, so that one is not only waited for.
const UPDATED: usize = 4;

/// Of how many rounds one at least is the component's. Shared out evenly, each of the
/// five processes would do one in five; it has dearer calls than the others.
const ONE_IN: i64 = 100;

/// How many pairs a batch has.
const BATCH: usize = 4;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, marker, path, worker, seconds] = &arguments[..]
        && marker == WORKER
    {
        let time = Duration::from_secs(seconds.parse().unwrap());
        let done = Runtime::new()
            .unwrap()
            .block_on(work(Path::new(path), worker, time));
        println!(
            "{} {} {} {}",
            done.puts, done.increments, done.updates, done.reads
        );
        return ExitCode::SUCCESS;
    }
    let is_full = support::full_run::is_full_run();
    let seconds = if is_full { 30 } else { 4 };
    // The journal that the mirror gives a new file, and Spin's.
    let trials = ["wal", "delete"].map(|journal| {
        let name = format!("processes_and_a_component_at_once_lose_nothing::{journal}");
        Trial::test(name, move || {
            Runtime::new()?.block_on(contend(journal, seconds))
        })
    });
    // One after the other: each has more tasks than there are cores.
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

/// What was acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    /// Keys of its own that were written.
    puts: i64,
    increments: i64,
    updates: i64,
    reads: i64,
}

impl AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.puts += other.puts;
        self.increments += other.increments;
        self.updates += other.updates;
        self.reads += other.reads;
    }
}

/// One process.
async fn work(path: &Path, worker: &str, time: Duration) -> Done {
    let file = SqliteFile::open(path).unwrap();
    let store = file.kv_with_max_list_keys("default", 0).unwrap();
    let kv = KvHandle::new(Arc::new(store));
    let until = Instant::now() + time;
    let tasks = (0..TASKS).map(|task| {
        let (kv, name) = (kv.clone(), format!("own/{worker}-{task}/"));
        tokio::spawn(async move {
            let mut done = Done::default();
            while Instant::now() < until {
                round(&kv, &name, task, &mut done).await.unwrap();
            }
            done
        })
    });
    total(try_join_all(tasks).await.unwrap())
}

/// Each kind of call once.
async fn round(kv: &KvHandle, name: &str, task: usize, done: &mut Done) -> Result<(), KvError> {
    let key = |n: i64| format!("{name}{n:06}");
    let own = key(done.puts);
    kv.put_bytes(&own, own.clone()).await?;
    done.puts += 1;
    assert_eq!(kv.get_bytes(&own).await?, Some(Bytes::from(own)));

    let batch: Vec<_> = (0..BATCH).map(|n| format!("batch/{n}")).collect();
    let value = Bytes::from(key(done.puts));
    let pairs = batch.iter().map(|key| (key.clone(), value.clone()));
    kv.put_many_bytes(pairs.collect()).await?;
    let found = kv.get_many_bytes(&batch).await?;
    assert!(found.iter().all(|value| *value == found[0]), "{found:?}");

    kv.increment("increment", 1).await?;
    done.increments += 1;
    let one_more = |n: Option<i64>| Some(n.unwrap_or(0) + 1);
    kv.update(&updated(task), one_more).await?;
    done.updates += 1;

    kv.put_bytes("passing", "x").await?;
    kv.delete("passing").await?;
    let page = kv.list_keys_page(name, None, 1000).await?;
    let expected = usize::try_from(done.puts.min(1000)).unwrap_or_default();
    assert_eq!(page.keys.len(), expected, "{name}");
    done.reads += 3;
    Ok(())
}

fn updated(task: usize) -> String {
    format!("update/{}", task % UPDATED)
}

/// The component, as many requests at once.
async fn in_component(host: &SpinHost, time: Duration) -> Done {
    let until = Instant::now() + time;
    let requests = (0..TASKS).map(|task| async move {
        let mut done = Done::default();
        while Instant::now() < until {
            let key = format!("own/component-{task}/{:06}", done.puts);
            ask(host, "put", &key, &key).await;
            done.puts += 1;
            assert_eq!(ask(host, "get", &key, "").await, key);
            ask(host, "increment", "increment", "").await;
            done.increments += 1;
            ask(host, "update", &updated(task), "").await;
            done.updates += 1;
            done.reads += 1;
        }
        done
    });
    total(join_all(requests).await)
}

async fn ask(host: &SpinHost, operation: &str, key: &str, body: &str) -> String {
    let query = [("label", "default"), ("key", key)];
    let path = format!("/kv/{operation}");
    let answer = call(host, &path, &query, body.to_owned()).await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(answer.status(), 200, "{operation}: {text}");
    text
}

fn total(all: Vec<Done>) -> Done {
    let mut total = Done::default();
    all.into_iter().for_each(|done| total += done);
    total
}

async fn contend(journal: &str, seconds: u64) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("kv.db");
    let file = Connection::open(&path)?;
    file.pragma_update(None, "journal_mode", journal)?;
    let host = support::host(&path)?.build()?;
    support::make_table(&host).await;

    let began = Instant::now();
    let mut workers = Workers::default();
    for worker in 0..PROCESSES {
        workers.start(&path, worker, seconds)?;
    }
    let in_component = in_component(&host, Duration::from_secs(seconds)).await;
    println!("{journal}: the component: {in_component:?}");
    let mut done = in_component;
    for of_worker in workers.wait()? {
        done += of_worker;
    }
    println!("{journal}: all: {done:?} in {:?}", began.elapsed());
    if done.puts > ONE_IN * in_component.puts {
        return Err("the component hardly came to write".into());
    }

    let kv = KvHandle::new(Arc::new(SqliteFile::open(&path)?.kv("default")?));
    let increments = kv.counter("increment").await?;
    let mut updates = 0;
    for task in 0..UPDATED {
        updates += kv.get::<i64>(&updated(task)).await?.unwrap_or_default();
    }
    if (increments, updates) != (done.increments, done.updates) {
        return Err(format!("{increments} and {updates} were counted of {done:?}").into());
    }
    let puts: i64 = file.query_row(
        "SELECT count(*) FROM spin_key_value WHERE key GLOB 'own/*' AND key = CAST(value AS TEXT)",
        [],
        |row| row.get(0),
    )?;
    if puts != done.puts {
        return Err(format!("{puts} keys are there of {}", done.puts).into());
    }
    let report: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if report != "ok" {
        return Err(report.into());
    }
    Ok(())
}

/// The other processes, which end with the test, however that ends.
#[derive(Default)]
struct Workers(Vec<Child>);

impl Workers {
    fn start(&mut self, path: &Path, worker: usize, seconds: u64) -> Result<(), Failed> {
        let worker = Command::new(std::env::current_exe()?)
            .args([WORKER, path.to_str().unwrap_or_default()])
            .args([worker.to_string(), seconds.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        self.0.push(worker);
        Ok(())
    }

    fn wait(&mut self) -> Result<Vec<Done>, Failed> {
        let ends = self.0.drain(..).map(Child::wait_with_output);
        // All of them first: a failed test leaves no process behind.
        let ends: Vec<_> = ends.collect();
        let done = ends.into_iter().map(|end| {
            let end = end?;
            if !end.status.success() {
                return Err(format!("a worker failed: {}", end.status).into());
            }
            let text = String::from_utf8(end.stdout)?;
            let numbers: Result<Vec<i64>, _> = text.split_whitespace().map(str::parse).collect();
            match numbers?[..] {
                [puts, increments, updates, reads] => Ok(Done {
                    puts,
                    increments,
                    updates,
                    reads,
                }),
                _ => Err(format!("a worker said {text:?}").into()),
            }
        });
        done.collect()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}
