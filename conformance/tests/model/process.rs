//! The mirror in another process, which opens the file for every piece of work.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use conformance::operations::{Answer, Session, Work};
use edgezero_store_traits::BoxError;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use crate::mirror::MirrorStores;
use crate::world::Subject;

/// The argument that makes this program the other process.
pub(crate) const MARKER: &str = "--as-other-process";

/// A line on the other process's stdin; a line of answers comes back.
#[derive(Serialize, Deserialize)]
struct Order {
    path: PathBuf,
    ttl: bool,
    now: u64,
    work: Work,
}

/// Is the other process, until its stdin ends.
pub(crate) fn serve() -> Result<(), BoxError> {
    let runtime = Runtime::new()?;
    for line in io::stdin().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let stores = MirrorStores::open(&order.path, order.ttl, order.now)?;
        let answers = runtime.block_on(Session::new(stores).run(order.work));
        println!("{}", serde_json::to_string(&answers)?);
    }
    Ok(())
}

/// The other process, as it is seen from this one.
pub(crate) struct Other {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Other {
    pub(crate) fn start() -> Result<Self, BoxError> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(MARKER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        Ok(Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(stdout),
            child,
        })
    }

    fn ask(&mut self, order: &Order) -> Result<Vec<Answer>, BoxError> {
        let mut line = serde_json::to_string(order)?;
        line.push('\n');
        let stdin = self.stdin.as_mut().ok_or("no stdin")?;
        stdin.write_all(line.as_bytes())?;
        let mut answers = String::new();
        self.stdout.read_line(&mut answers)?;
        Ok(serde_json::from_str(&answers)?)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Its end of file.
        self.stdin = None;
        let _ = self.child.wait();
    }
}

/// The other process as an actor on one file.
pub(crate) struct Process {
    other: Arc<Mutex<Other>>,
    path: PathBuf,
    ttl: bool,
}

impl Process {
    pub(crate) fn new(other: &Arc<Mutex<Other>>, path: &Path, ttl: bool) -> Self {
        Self {
            other: other.clone(),
            path: path.to_owned(),
            ttl,
        }
    }
}

#[async_trait]
impl Subject for Process {
    async fn run(&mut self, work: Work, now: u64) -> Result<Vec<Answer>, BoxError> {
        let order = Order {
            path: self.path.clone(),
            ttl: self.ttl,
            now,
            work,
        };
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        other.ask(&order)
    }

    async fn reopen(&mut self) -> Result<(), BoxError> {
        // It does so for all its work.
        Ok(())
    }

    fn keeps_swap(&self) -> bool {
        false
    }
}
