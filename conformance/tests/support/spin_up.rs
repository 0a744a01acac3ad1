//! The component under a real `spin up`.
//!
//! Written against Spin's documented interface: a version 2 manifest, a runtime
//! config file, the HTTP trigger on a port that the system chooses.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use conformance::{Outcome, fixture};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use toml::Value;

use super::LABELS;
use super::platform::Platform;

/// How long Spin may take to compile the component and listen.
const START: Duration = Duration::from_secs(120);
/// How long Spin may take to stop when asked to.
const STOP: Duration = Duration::from_secs(10);
/// How long a case may take.
const CASE: Duration = Duration::from_secs(400);

/// What Spin prints when it listens, before the URL.
const SERVING: &str = "Serving ";

/// A running `spin up`; it is stopped when this is dropped.
pub(crate) struct SpinUp {
    process: Child,
    url: String,
    folder: TempDir,
    agent: ureq::Agent,
    platform: Platform,
}

impl SpinUp {
    /// Starts `program up` on the component, in a temporary folder, with its labels on
    /// this platform.
    pub(crate) fn start(
        program: &Path,
        component: &Path,
        platform: Platform,
    ) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        write_app(folder.path(), component, &platform)?;
        let stderr = folder.path().join("stderr");
        let log = File::create(&stderr).map_err(|error| error.to_string())?;
        let mut process = Command::new(program)
            .arg("up")
            .arg("--from")
            .arg(folder.path())
            .args(["--listen", "127.0.0.1:0", "--runtime-config-file"])
            .arg(folder.path().join("runtime-config.toml"))
            .envs(platform.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let url = process.stdout.take().map_or(Ok(None), wait_for_url);
        let mut spin = Self {
            process,
            url: String::new(),
            folder,
            platform,
            agent: ureq::Agent::config_builder()
                .timeout_global(Some(CASE))
                .http_status_as_error(false)
                .build()
                .into(),
        };
        match url {
            Ok(Some(url)) => spin.url = url,
            Ok(None) => return Err(spin.failed("it ended before it listened")),
            Err(reason) => return Err(spin.failed(reason)),
        }
        Ok(spin)
    }

    /// Has the component run one case.
    pub(crate) fn run(&self, case: &str) -> Outcome {
        let url = format!("{}/suite/run?case={case}", self.url);
        let answer = self.agent.post(&url).send_empty();
        let answer = answer.and_then(|mut response| response.body_mut().read_to_string());
        match answer {
            Ok(text) => serde_json::from_str(&text)
                .unwrap_or_else(|_| Outcome::Failed(self.failed(&format!("it answered: {text}")))),
            Err(error) => Outcome::Failed(self.failed(&error.to_string())),
        }
    }

    /// Where the app is served: `http://127.0.0.1:<port>`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What the labels are kept on.
    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The SQLite file of a label, on [`Platform::Sqlite`].
    pub(crate) fn file(&self, label: &str) -> PathBuf {
        let name = match label {
            "default" => "sqlite_key_value.db".to_owned(),
            label => format!("{label}.db"),
        };
        self.folder.path().join(".spin").join(name)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// What happened, with what Spin and the component wrote to stderr.
    fn failed(&self, what: &str) -> String {
        let mut text = format!("spin up: {what}");
        for log in ["stderr", ".spin/logs/guest_stderr.txt"] {
            if let Ok(written) = fs::read_to_string(self.folder.path().join(log)) {
                let _ = write!(text, "\n{log}: {written}");
            }
        }
        text
    }
}

impl Drop for SpinUp {
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

/// The URL that Spin listens on; `None` when it ends first.
fn wait_for_url(stdout: ChildStdout) -> Result<Option<String>, &'static str> {
    let (sender, receiver) = mpsc::channel();
    // It reads to the end: Spin must not block on a full pipe.
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(url) = line.trim().strip_prefix(SERVING) {
                let _ = sender.send(url.trim_end_matches('/').to_owned());
            }
        }
    });
    match receiver.recv_timeout(START) {
        Ok(url) => Ok(Some(url)),
        Err(mpsc::RecvTimeoutError::Disconnected) => Ok(None),
        Err(mpsc::RecvTimeoutError::Timeout) => Err("it did not listen within two minutes"),
    }
}

/// Writes spin.toml, the runtime config file and the component into `folder`.
fn write_app(folder: &Path, component: &Path, platform: &Platform) -> Result<(), String> {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut variables = String::new();
    let mut bindings = String::new();
    let mut values = Vec::new();
    for (name, value) in fixture::SECRETS {
        let _ = writeln!(variables, "{name} = {{ required = true, secret = true }}");
        let _ = writeln!(bindings, "{name} = \"{{{{ {name} }}}}\"");
        values.push(format!("{name} = {}", quoted(value)));
    }
    let manifest = format!(
        r#"spin_manifest_version = 2

[application]
name = "conformance"
version = "0.1.0"

[variables]
platform = {{ default = "{platform}" }}
{variables}
[[trigger.http]]
route = "/..."
component = "guest"

[component.guest]
source = "guest.wasm"
key_value_stores = {labels}

[component.guest.variables]
platform = "{{{{ platform }}}}"
{bindings}"#,
        platform = platform.name(),
        labels = Value::from(LABELS.to_vec()),
    );
    let stanzas: String = LABELS.iter().map(|label| platform.stanza(label)).collect();
    let runtime_config = format!(
        "{stanzas}[[variables_provider]]\ntype = \"static\"\nvalues = {{ {} }}\n",
        values.join(", ")
    );
    let written = fs::create_dir(folder.join(".spin"))
        .and_then(|()| fs::write(folder.join("spin.toml"), manifest))
        .and_then(|()| fs::write(folder.join("runtime-config.toml"), runtime_config))
        .and_then(|()| fs::copy(component, folder.join("guest.wasm")));
    written
        .map(drop)
        .map_err(|error| format!("cannot write the app for Spin: {error}"))
}
