//! A real `spin up`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use edgezero_spin_host::SpinProcess;
use serde_json::Value;
use tempfile::TempDir;

use crate::Answers;

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "same-as-spin"

[[trigger.http]]
route = "/..."
component = "guest"

[component.guest]
source = "guest.wasm"
key_value_stores = ["sqlite", "poisoned", "redis"]
"#;

/// Spin on the guest; it is stopped when this is dropped.
pub(crate) struct SpinUp {
    process: SpinProcess,
    _folder: TempDir,
}

impl SpinUp {
    pub(crate) fn start(program: &Path, guest: &Path, redis: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
        fs::copy(guest, folder.path().join("guest.wasm")).unwrap();
        let config = folder.path().join("runtime-config.toml");
        let sqlite =
            |label| format!("[key_value_store.{label}]\ntype = \"spin\"\npath = \"{label}.db\"\n");
        let redis = format!("[key_value_store.redis]\ntype = \"redis\"\nurl = \"{redis}\"\n");
        fs::write(&config, sqlite("sqlite") + &sqlite("poisoned") + &redis).unwrap();
        let mut command = Command::new(program);
        command
            .args(["up", "--quiet", "--listen", "127.0.0.1:0", "--from"])
            .arg(folder.path())
            .arg("--runtime-config-file")
            .arg(&config)
            .stderr(Stdio::null());
        Self {
            process: SpinProcess::start(&mut command).unwrap(),
            _folder: folder,
        }
    }

    pub(crate) fn run(&self, steps: &Value) -> Answers {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let answer = agent
            .post(format!("{}/bare", self.process.url()))
            .send(steps.to_string());
        let text = answer.and_then(|mut answer| answer.body_mut().read_to_string());
        serde_json::from_str(&text.ok()?).ok()
    }
}
