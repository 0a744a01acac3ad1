//! `edgezero config`: push, diff and validate.

mod changes;
mod cloud;
mod destination;
mod diff;
mod difference;
mod envelope;
pub(super) mod finding;
mod push;
mod shared;
mod validate;
pub(super) mod values;

use std::path::Path;
use std::process::ExitCode;

use super::arguments::{Adapter, Config, ConfigCommand};
use super::program;
use super::project::Project;
use super::say;
use super::typed::{AppTypes, Types};

/// Says to an app's own program that it was handed the command.
const HANDED_OVER: &str = "EDGEZERO_CONFIG_HANDED_OVER";

pub(super) fn run(
    manifest: &Path,
    project: impl Fn(Adapter) -> anyhow::Result<Project>,
    arguments: Config,
    types: Option<&AppTypes>,
) -> anyhow::Result<ExitCode> {
    let by_code = matches!(&arguments.command, ConfigCommand::Diff(diff) if diff.exit_code);
    match run_command(manifest, project, arguments, types) {
        // As of `diff`: 1 is for a difference.
        Err(error) if by_code => Ok(crate::failed(&error, ExitCode::from(2))),
        done => done,
    }
}

fn run_command(
    manifest: &Path,
    project: impl Fn(Adapter) -> anyhow::Result<Project>,
    arguments: Config,
    types: Option<&AppTypes>,
) -> anyhow::Result<ExitCode> {
    let adapter = match &arguments.command {
        ConfigCommand::Push(push) => push.source.adapter,
        ConfigCommand::Diff(diff) => diff.source.adapter,
        ConfigCommand::Validate(validate) => validate.adapter,
    };
    if let ConfigCommand::Validate(arguments) = &arguments.command
        && let Err(error) = project(adapter)
    {
        // The one thing to find, and no program to hand it to.
        return validate::unreadable(manifest, &error, arguments.format);
    }
    let project = project(adapter)?;
    if let (None, Some(package)) = (types, &project.manifest.cli) {
        if std::env::var_os(HANDED_OVER).is_some() {
            anyhow::bail!(
                "the package {package}, which `cli` of [app] names, does not call \
                 edgezero_cli::main with the app's configuration"
            );
        }
        let mut command = program::of_package(&project, package)?;
        command
            .env(HANDED_OVER, "1")
            .args(std::env::args_os().skip(1));
        return program::become_it(&project, command);
    }
    match arguments.command {
        ConfigCommand::Push(arguments) => push::run(&project, &arguments, types),
        ConfigCommand::Diff(arguments) => diff::run(&project, &arguments, types),
        ConfigCommand::Validate(arguments) => validate::run(&project, &arguments, types),
    }
}

/// As [`types_of`], where each type has a store of its own.
fn fitting_types<'a>(
    project: &Project,
    all: Option<&'a AppTypes>,
    id: &str,
) -> anyhow::Result<Option<&'a Types>> {
    let problems = all.map_or_else(Vec::new, |all| all.problems(project));
    if let Some(problem) = problems.first() {
        anyhow::bail!("{}: {problem}", project.document.path().display());
    }
    types_of(project, all, id)
}

/// The type of the configuration store `id`. Where there is none it says so.
fn types_of<'a>(
    project: &Project,
    all: Option<&'a AppTypes>,
    id: &str,
) -> anyhow::Result<Option<&'a Types>> {
    let found = all.and_then(|all| all.of_store(project, id));
    if all.is_none() {
        say::err(format_args!(
            "note: the values were not checked by type: `cli` of [app] in edgezero.toml does not \
             name a program that knows the types"
        ))?;
    } else if found.is_none() {
        say::err(format_args!(
            "note: the values of the store {id} were not checked by type: no type of the app has \
             #[app_config(store = {id:?})]"
        ))?;
    }
    Ok(found)
}
