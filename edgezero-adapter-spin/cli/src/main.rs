//! The `edgezero` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    edgezero_cli::run()
}
