//! A real `spin up`, on one of the small apps.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::table::Run;

/// How long Spin may take to stop when it is asked to.
const STOP: Duration = Duration::from_secs(20);

/// A running Spin; it is stopped when this is dropped.
pub(crate) struct Spin {
    process: Child,
    url: String,
    log: PathBuf,
    _logs: TempDir,
}

impl Spin {
    /// Spin on the app in `folder`, or what it says on stderr when it does not start.
    pub(crate) fn start(program: &Path, folder: &Path, run: &Run) -> Result<Self, String> {
        // Apart from the app: it is not one of its files.
        let logs = tempfile::tempdir().unwrap();
        let log = logs.path().join("stderr");
        let mut command = Command::new(program);
        command
            .args(["up", "--quiet", "--listen", "127.0.0.1:0"])
            .current_dir(folder.join(&run.folder))
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "HOME" || name == "PATH"))
            .envs(run.environment.iter().cloned());
        for (option, value) in &run.options {
            command.args([option, value]);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let url = line.trim().strip_prefix("Serving ")?;
            Some(url.trim_end_matches('/').to_owned())
        });
        // Spin must not block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let spin = Self {
            process,
            url: url.clone().unwrap_or_default(),
            log,
            _logs: logs,
        };
        match url {
            Some(_) => Ok(spin),
            None => Err(spin.stderr()),
        }
    }

    /// The status and the text with which the component answers.
    pub(crate) fn ask(&self, path: &str, body: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .into();
        let mut answer = agent
            .post(format!("{}{path}", self.url))
            .send(body)
            .unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.stderr()));
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Spin {
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
