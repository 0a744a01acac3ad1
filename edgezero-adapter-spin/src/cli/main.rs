//! The `edgezero` command.

mod demo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// EdgeZero's apps: one set of handlers, in Fermyon Spin and on your machine.
#[derive(Parser)]
#[command(name = "edgezero", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the example app on this machine, until Ctrl-C.
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
