//! What the tests share: files in both journals, and this program as another process.
#![allow(dead_code, reason = "each test target uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use edgezero_store_traits::KvError;
use rusqlite::Connection;

/// The journal that the mirror gives a new file, and Spin's.
pub(crate) const JOURNALS: [&str; 2] = ["wal", "delete"];

/// Whether what takes long is wanted too.
pub(crate) fn is_full_run() -> bool {
    std::env::var_os("EDGEZERO_FULL_RUN").is_some_and(|wanted| !wanted.is_empty())
}

/// What random choices start from: another one each time, or the one that a failed
/// test told.
pub(crate) fn seed() -> u64 {
    std::env::var("EDGEZERO_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap())
}

/// Prepares a file that the mirror will then make its table in, with this journal.
pub(crate) fn prepare(path: &Path, journal: &str) {
    if journal == "delete" {
        // One that is there keeps its journal.
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("CREATE TABLE mine (a)").unwrap();
    }
}

pub(crate) fn assert_whole(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    let report: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(report, "ok", "{}", path.display());
}

/// The error is one that passes, names the file and says `what`.
pub(crate) fn assert_unavailable(error: &KvError, path: &Path, what: &str) {
    assert!(matches!(error, KvError::Unavailable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    assert!(text.contains(what), "{text}");
}

/// This program as another process, which ends with the test, however that ends.
pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Starts this very program.
    pub(crate) fn start_self(arguments: &[&str]) -> Self {
        Self::start(Command::new(std::env::current_exe().unwrap()).args(arguments))
    }

    /// The next line that it writes.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Writes a line to it.
    pub(crate) fn tell(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
    }

    /// Ends it with SIGKILL; what it had written by then.
    pub(crate) fn kill(&mut self) -> String {
        self.child.kill().unwrap();
        let mut written = String::new();
        self.stdout.read_to_string(&mut written).unwrap();
        written
    }

    /// Waits until it has ended by itself; what it wrote.
    pub(crate) fn wait(&mut self) -> String {
        drop(self.child.stdin.take());
        let mut written = String::new();
        self.stdout.read_to_string(&mut written).unwrap();
        let end = self.child.wait().unwrap();
        assert!(end.success(), "the other process failed: {end}");
        written
    }

    /// How it ended after [`Process::kill`]: with that, or with an error before.
    pub(crate) fn was_killed(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        self.child.wait().unwrap().signal() == Some(9)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
