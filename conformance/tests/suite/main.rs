//! The suite on every backend of this project, and on a real Spin where
//! `EDGEZERO_SPIN_BIN` names its program.
//!
//! `cargo test -p conformance --test suite -- --table` prints a table instead.

mod spin;
mod spin_cli;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use conformance::harness::{self, Backend};
use libtest_mimic::{Failed, Trial};
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
        support::memory::backend(runtime.clone()),
        support::sqlite::backend("sqlite", false, runtime.clone()),
        support::sqlite::backend("sqlite-ttl", true, runtime.clone()),
    ];
    backends.extend(spin::backends(&runtime));
    backends.extend(spin_cli::backends());
    let named = backends.clone();
    let same_names = Trial::test("every_backend_runs_the_same_cases", move || {
        same_names(&named)
    });
    harness::main_with(&backends, vec![same_names])
}

/// Of the tests as they stand in this run, and no name twice.
fn same_names(backends: &[Backend]) -> Result<(), Failed> {
    let names = |backend: &Backend| -> Result<Vec<String>, Failed> {
        let trials = harness::trials(backend);
        let names = trials.iter().map(|trial| {
            let name = trial.name().strip_prefix(backend.name());
            let case = name.and_then(|name| name.strip_prefix("::"));
            case.map(str::to_owned)
                .ok_or_else(|| format!("{} is no name of a case", trial.name()).into())
        });
        let mut names = names.collect::<Result<Vec<_>, Failed>>()?;
        names.sort();
        Ok(names)
    };
    let first = names(&backends[0])?;
    if first.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("a name stands twice".into());
    }
    for backend in backends {
        if names(backend)? != first {
            return Err(format!("{} runs other cases", backend.name()).into());
        }
    }
    Ok(())
}
