//! The suite catches handles that do not keep the contract.
//!
//! A handle cannot be wrapped, as a store can. So the contract's crate is copied,
//! with each flaw of the table in its source behind a switch, and the suite is built
//! on the copy, once, with the stores in memory. That takes a minute or two the first
//! time, and so it is for a full run (`EDGEZERO_FULL_RUN`).
#![allow(clippy::unwrap_used, reason = "a test may")]

mod copy;
mod flaws;
#[path = "../support/full_run.rs"]
mod full_run;

use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::flaws::{FLAWS, Flaw};

/// The variable that turns a flaw on.
const SWITCH: &str = "EDGEZERO_BROKEN_HANDLE";

static SUITE: LazyLock<Result<copy::Program, String>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken-handles");
    copy::build(&folder).map_err(|error| error.to_string())
});

fn main() -> ExitCode {
    let flaws = FLAWS
        .iter()
        .map(|flaw| trial(flaw.name, move || is_caught(flaw)));
    let right = trial("a_handle_without_a_flaw_passes_every_case", || {
        passed(&run("", &[])?)
    });
    let places = Trial::test("every_flaw_has_its_place_in_the_source", || {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../edgezero-store-traits/src");
        Ok(copy::broken(&sources).map(drop)?)
    });
    let trials = flaws.chain([right, places]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    let full = full_run::is_full_run();
    Trial::ignorable_test(name, move || {
        if !full {
            let reason = "it builds the suite anew: EDGEZERO_FULL_RUN=1 does";
            return Ok(Completion::ignored_with(reason));
        }
        test().map(|()| Completion::Completed)
    })
}

fn is_caught(flaw: &Flaw) -> Result<(), Failed> {
    let case = format!("memory::{}", flaw.fails);
    passed(&run("", &["--exact", &case])?)?;
    let output = run(flaw.name, &["--exact", &case])?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() || !text.contains("1 failed") {
        return Err(format!("{} does not catch it:\n{text}", flaw.fails).into());
    }
    Ok(())
}

/// Runs the suite with this flaw.
fn run(flaw: &str, arguments: &[&str]) -> Result<Output, Failed> {
    let program = SUITE.as_ref()?;
    let mut suite = Command::new(program);
    Ok(suite.env(SWITCH, flaw).args(arguments).output()?)
}

fn passed(output: &Output) -> Result<(), Failed> {
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && !text.contains(" 0 passed") {
        return Ok(());
    }
    Err(format!("without a flaw:\n{text}").into())
}
