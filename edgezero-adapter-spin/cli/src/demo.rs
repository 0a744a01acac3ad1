//! `edgezero demo`: the example app, with nothing but Rust installed.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 lets the system choose one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // The example is in the checkout that this command was built from.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let host = "edgezero-adapter-spin/examples/visits/host";
    ensure!(
        workspace.join(host).is_dir(),
        "there is no example in {}: run the demo in a checkout of the project",
        workspace.display()
    );
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(&cargo)
        .current_dir(&workspace)
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "visits-host",
            "--",
        ])
        .arg(arguments.port.to_string())
        .status()
        .with_context(|| format!("cannot start {}", cargo.to_string_lossy()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
