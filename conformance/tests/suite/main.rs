//! The suite on every backend of this project, and on a real Spin where
//! `EDGEZERO_SPIN_BIN` names its program.
//!
//! `cargo test -p conformance --test suite -- --table` prints a table instead.

mod spin;
mod spin_cli;
mod sqlite;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use conformance::harness;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => Arc::new(runtime),
        Err(error) => {
            eprintln!("cannot start the tokio runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut backends = vec![
        sqlite::backend("sqlite", false, runtime.clone()),
        sqlite::backend("sqlite-ttl", true, runtime.clone()),
        spin::backend(runtime),
    ];
    backends.extend(spin_cli::backend());
    harness::main(&backends)
}
