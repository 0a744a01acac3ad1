//! The `edgezero` command: from an empty folder to a running, configured app.
//!
//! [`run`] is the command itself. What only the app's own crate can know, which keys
//! its configuration has and of what type, is brought in by a program of the app:
//!
//! ```no_run
//! use edgezero_store_traits::AppConfig;
//!
//! #[derive(AppConfig)]
//! struct Settings {
//!     greeting: String,
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     edgezero_cli::main::<Settings>()
//! }
//! ```
//!
//! With several configuration stores it is a type for each, which says whose it is by
//! `#[app_config(store = "…")]`: `main::<(Settings, Flags)>()`.
//!
//! `cli = "<its package>"` in `[app]` of edgezero.toml has `edgezero config …` hand
//! over to it.

mod arguments;
mod ask;
mod commands;
mod config;
mod demo;
mod document;
pub mod edit;
pub mod flat;
mod inside;
mod kv;
mod new;
mod program;
mod project;
mod provision;
mod say;
mod serve;
mod shell;
mod spin;
mod store;
mod typed;

use std::process::ExitCode;

use clap::CommandFactory;
use edgezero_store_traits::app_config::ConfigTypes;

use self::arguments::{Adapter, Arguments, Command};
use self::project::Project;
use self::typed::AppTypes;

/// The command `edgezero`, with the arguments of this process.
pub fn run() -> ExitCode {
    ended(start(None))
}

/// The same command in an app's own program, which knows its configuration: the type, or a
/// tuple with one for each configuration store.
pub fn main<C: ConfigTypes>() -> ExitCode {
    ended(start(Some(&AppTypes::of::<C>())))
}

fn ended(done: anyhow::Result<ExitCode>) -> ExitCode {
    done.unwrap_or_else(|error| failed(&error, ExitCode::FAILURE))
}

/// What a shell reports of a program that a closed pipe ended, as `head` ends `cat`.
const UNREAD: u8 = 128 + 13;

/// Prints why the command failed, and gives the code to end with.
fn failed(error: &anyhow::Error, code: ExitCode) -> ExitCode {
    if say::is_unread(error) {
        return ExitCode::from(UNREAD);
    }
    // Where this cannot be printed either, the code says it.
    let text = match error.downcast_ref::<edgezero_spin_app::Finding>() {
        Some(finding) => spin::text(finding),
        None => format!("{error:#}"),
    };
    let _ = say::err(format_args!("error: {text}"));
    code
}

fn start(types: Option<&AppTypes>) -> anyhow::Result<ExitCode> {
    let Arguments {
        manifest,
        verbose,
        command,
    } = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(instead) => return print(&instead),
    };
    let manifest = manifest.unwrap_or_else(project::find);
    let project = |adapter: Adapter| Project::read(&manifest, adapter, verbose);
    match command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => commands::build(&project(arguments.adapter)?, &arguments),
        Command::Serve(arguments) => serve::run(&project(arguments.run.adapter)?, arguments),
        Command::Deploy(arguments) => commands::deploy(&project(arguments.adapter)?, &arguments),
        Command::Auth(arguments) => commands::auth(&project(arguments.adapter)?, &arguments),
        Command::Provision(arguments) => {
            provision::run(&project(arguments.adapter)?, arguments.dry_run)
        }
        Command::Config(arguments) => config::run(
            &manifest,
            |adapter| Project::read(&manifest, adapter, verbose),
            arguments,
            types,
        ),
        Command::Kv(arguments) => kv::run(&project(arguments.adapter)?, arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "edgezero", &mut script);
            say::bytes(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Prints the help or the version that was asked for, or what is wrong with the arguments.
fn print(instead: &clap::Error) -> anyhow::Result<ExitCode> {
    if instead.use_stderr() {
        // The code says it, too.
        let _ = instead.print();
        return Ok(ExitCode::from(2));
    }
    say::printed(instead.print())?;
    Ok(ExitCode::SUCCESS)
}
