//! The component under a real `spin up`.
//!
//! Written against Spin's documented interface: a version 2 manifest, a runtime
//! config file, the HTTP trigger on a port that the system chooses.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use conformance::{Outcome, fixture};
use edgezero_spin_host::SpinProcess;
use tempfile::TempDir;
use toml::Value;

use super::LABELS;
use super::platform::Platform;

/// How long a case may take.
const CASE: Duration = Duration::from_secs(400);

/// A running `spin up`; it is stopped when this is dropped.
pub(crate) struct SpinUp {
    process: SpinProcess,
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
        let log = File::create(folder.path().join("stderr")).map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .arg("up")
            .arg("--from")
            .arg(folder.path())
            .args(["--listen", "127.0.0.1:0", "--runtime-config-file"])
            .arg(folder.path().join("runtime-config.toml"))
            .envs(platform.environment())
            .stderr(log);
        let process = SpinProcess::start(&mut command)
            .map_err(|error| with_logs(folder.path(), &error.to_string()))?;
        Ok(Self {
            process,
            folder,
            platform,
            agent: ureq::Agent::config_builder()
                .timeout_global(Some(CASE))
                .http_status_as_error(false)
                .build()
                .into(),
        })
    }

    /// Has the component run one case.
    pub(crate) fn run(&self, case: &str) -> Outcome {
        let url = format!("{}/suite/run?case={case}", self.url());
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
        self.process.url()
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

    fn failed(&self, what: &str) -> String {
        with_logs(self.folder.path(), what)
    }
}

/// What happened, with what Spin and the component wrote to stderr.
fn with_logs(folder: &Path, what: &str) -> String {
    let mut text = format!("spin up: {what}");
    for log in ["stderr", ".spin/logs/guest_stderr.txt"] {
        if let Ok(written) = fs::read_to_string(folder.join(log)) {
            let _ = write!(text, "\n{log}: {written}");
        }
    }
    text
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
