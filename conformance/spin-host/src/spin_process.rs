//! A real Spin for a test.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long Spin may take to compile the component and listen.
const START: Duration = Duration::from_secs(120);
/// How long Spin may take to stop when it is asked to.
const STOP: Duration = Duration::from_secs(20);

/// A running `spin up`, or a command that runs one and passes on what it prints; it is
/// stopped when this is dropped.
#[derive(Debug)]
pub struct SpinProcess {
    process: Child,
    url: String,
}

impl SpinProcess {
    /// Starts the command, and waits until it prints `Serving http://…` on its stdout.
    /// The caller says where its stderr goes, and gives it `--listen 127.0.0.1:0`.
    ///
    /// # Errors
    /// [`SpinProcessError`] where the program does not start, ends before it listens, or
    /// does not listen within two minutes. It is stopped then.
    pub fn start(command: &mut Command) -> Result<Self, SpinProcessError> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.map_err(|error| SpinProcessError::Program {
            program: command.get_program().display().to_string(),
            error,
        })?;
        let stdout = process.stdout.take();
        // From here on, a drop stops the process.
        let mut spin = Self {
            process,
            url: String::new(),
        };
        spin.url = stdout.map_or(Err(SpinProcessError::Ended), wait_for_url)?;
        Ok(spin)
    }

    /// Where it serves: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of the process that was started.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for SpinProcess {
    fn drop(&mut self) {
        // Spin passes a SIGTERM on to the process that serves, and not a SIGKILL.
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let asked = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) {
            if asked.elapsed() > STOP {
                let _ = self.process.kill();
                let _ = self.process.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn wait_for_url(stdout: ChildStdout) -> Result<String, SpinProcessError> {
    let (sender, receiver) = mpsc::channel();
    // It reads to the end: Spin ends where it cannot print.
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(url) = line.trim().strip_prefix("Serving ") {
                let _ = sender.send(url.trim_end_matches('/').to_owned());
            }
        }
    });
    receiver.recv_timeout(START).map_err(|error| match error {
        RecvTimeoutError::Disconnected => SpinProcessError::Ended,
        RecvTimeoutError::Timeout => SpinProcessError::Timeout,
    })
}

/// Why there is no Spin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpinProcessError {
    /// The program did not start.
    #[error("cannot start {program}: {error}")]
    Program {
        /// The program, as the command names it.
        program: String,
        /// Why not.
        error: io::Error,
    },

    /// The program ended, or closed its stdout, before it listened.
    #[error("Spin ended before it listened")]
    Ended,

    /// The program runs and does not listen.
    #[error("Spin did not listen within two minutes")]
    Timeout,
}
