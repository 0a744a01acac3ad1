//! A real `spin up`, on one of the small apps.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use edgezero_spin_host::{SpinProcess, SpinProcessError};
use tempfile::TempDir;

use crate::table::Run;

/// A running Spin; it is stopped when this is dropped.
pub(crate) struct Spin {
    process: SpinProcess,
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
        command.stderr(File::create(&log).unwrap());
        match SpinProcess::start(&mut command) {
            Ok(process) => Ok(Self {
                process,
                log,
                _logs: logs,
            }),
            Err(SpinProcessError::Ended) => Err(fs::read_to_string(&log).unwrap_or_default()),
            Err(error) => panic!("{error}"),
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
            .post(format!("{}{path}", self.process.url()))
            .send(body)
            .unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.stderr()));
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}
