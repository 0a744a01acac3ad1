//! `edgezero serve`: `spin up`, or the app's program on this machine.

mod watch;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::bail;
use edgezero_spin_app::RUNTIME_CONFIG_VARIABLE;
use edgezero_store_traits::store_label::PREFIX;

use super::arguments::{Adapter, Files, Run, Serve};
use super::commands;
use super::program;
use super::project::Project;
use super::say;
use super::shell;

/// The variables of the host server (`HOST_VARIABLE` and `PORT_VARIABLE` of
/// edgezero-store-sqlite).
const HOST_VARIABLE: &str = "EDGEZERO__ADAPTER__HOST";
const PORT_VARIABLE: &str = "EDGEZERO__ADAPTER__PORT";

pub(super) fn run(project: &Project, arguments: Serve) -> anyhow::Result<ExitCode> {
    let address = arguments.address();
    let Serve {
        mut files,
        run,
        no_build,
        watch,
        ..
    } = arguments;
    let rest = match (project.adapter, &project.section().commands.serve) {
        (Adapter::Spin, None) => take_files(&mut files, run.arguments)?,
        _ => run.arguments,
    };
    if let (Some(address), Adapter::Spin) = (address, project.adapter)
        && rest.iter().any(is_listen)
    {
        bail!("--listen is given twice, as {address} and after --: give one of them");
    }
    let runtime_config = project.runtime_config(&files)?;
    let state_dir = files.state_dir()?;
    let own = project.section().commands.serve.as_deref();
    if let (Some(_), true) = (
        &state_dir,
        own.is_some() || project.adapter == Adapter::Host,
    ) {
        bail!(
            "--state-dir is an option of `spin up`, which this command does not run here: {}",
            match own {
                Some(_) => "write it into the line of `serve` in edgezero.toml",
                None => "name the folder with `state_dir` in the runtime config",
            }
        );
    }
    if watch && own.is_some() {
        bail!(
            "--watch is for the built-in `serve`: write a line that watches, as `spin watch`, into \
             `serve` in edgezero.toml"
        );
    }
    // A line of its own may build, and `spin watch` does. This machine's program is built
    // where it is started.
    if own.is_none() && project.adapter == Adapter::Spin && !no_build && !watch {
        let built = commands::build(
            project,
            &Run {
                adapter: Adapter::Spin,
                arguments: Vec::new(),
            },
        )?;
        if built != ExitCode::SUCCESS {
            return Ok(built);
        }
    }
    say_what_would_fail(project, &files)?;
    // Also for a line of the manifest.
    let for_the_program = |command: &mut Command| {
        if let Some(path) = &runtime_config {
            command.env(RUNTIME_CONFIG_VARIABLE, path);
        }
        if project.adapter == Adapter::Host {
            command.envs(listen_variables(address));
        }
    };
    let mut command = match (own, project.adapter) {
        (Some(line), adapter) => {
            let mut all = match adapter {
                Adapter::Spin => for_the_component(project, line)?,
                Adapter::Host => Vec::new(),
            };
            if adapter == Adapter::Spin {
                all.extend(listen(address));
            }
            all.extend(rest);
            program::line(project, "serve", line, &all)?
        }
        (None, Adapter::Spin) => {
            let spin_toml = project.spin_toml_path();
            let mut command = program::spin();
            command.args([if watch { "watch" } else { "up" }, "--from"]);
            command.arg(&spin_toml);
            if watch {
                // What follows is for `spin up`.
                command.arg("--");
            }
            if let Some(path) = &runtime_config {
                command.arg("--runtime-config-file").arg(path);
            }
            if let Some(folder) = state_dir {
                command.arg("--state-dir").arg(folder);
            }
            // Spin reads `.env` in its working folder.
            if let Some(folder) = spin_toml.parent() {
                command.current_dir(folder);
            }
            command.args(store_variables());
            command.args(listen(address)).args(rest);
            command
        }
        (None, Adapter::Host) => {
            let start = |program: PathBuf| {
                let mut command = Command::new(program);
                command.current_dir(project.crate_folder(Adapter::Host));
                command.args(&rest);
                for_the_program(&mut command);
                command
            };
            if watch {
                return watch::run(project, start);
            }
            let folder = project.crate_folder(Adapter::Host);
            start(if no_build {
                program::already_built(project, &folder)?
            } else {
                program::built(project, &folder)?
            })
        }
    };
    for_the_program(&mut command);
    program::become_it(project, command)
}

/// Runs `config validate`, as the app's own program where it has one, and goes on whatever it
/// finds: the app may work for all that is asked of it.
fn say_what_would_fail(project: &Project, files: &Files) -> anyhow::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("--manifest")
        .arg(project.document.path())
        .args(["config", "validate", "--adapter", project.adapter.name()]);
    if let Some(path) = &files.runtime_config {
        command.arg("--runtime-config").arg(path);
    }
    if let Some(folder) = &files.state_dir {
        command.arg("--state-dir").arg(folder);
    }
    // The standard output is the server's.
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    program::run(project, command)?;
    Ok(())
}

/// An option of `spin up`.
fn listen(address: Option<SocketAddr>) -> Vec<OsString> {
    let option = |address: SocketAddr| ["--listen".into(), address.to_string().into()];
    address.map(option).into_iter().flatten().collect()
}

fn is_listen(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    text == "--listen" || text.starts_with("--listen=")
}

/// What the host server reads.
fn listen_variables(address: Option<SocketAddr>) -> Vec<(&'static str, String)> {
    let variables = |address: SocketAddr| {
        [
            (HOST_VARIABLE, address.ip().to_string()),
            (PORT_VARIABLE, address.port().to_string()),
        ]
    };
    address.map(variables).into_iter().flatten().collect()
}

/// Takes the options that name Spin's files from what follows `--`: given to Spin twice, it
/// would refuse them.
fn take_files(files: &mut Files, arguments: Vec<OsString>) -> anyhow::Result<Vec<OsString>> {
    let mut rest = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let Some(text) = argument.to_str() else {
            rest.push(argument);
            continue;
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (text, None),
        };
        let (file, ours) = match name {
            "--runtime-config-file" => (&mut files.runtime_config, "--runtime-config"),
            "--state-dir" => (&mut files.state_dir, "--state-dir"),
            "-f" | "--from" | "--from-file" | "--file" | "--from-registry" => bail!(
                "{name} is given to Spin by this command itself: name spin.toml in edgezero.toml, \
                 with `manifest` of [adapters.spin.adapter]"
            ),
            _ => {
                rest.push(argument);
                continue;
            }
        };
        if file.is_some() {
            if ours == name {
                bail!("{name} is given twice: give it once");
            }
            bail!("{ours} and {name} name the same file: give one of them, once");
        }
        let Some(value) = value.or_else(|| arguments.next()) else {
            bail!("{name} needs a value");
        };
        *file = Some(PathBuf::from(value));
    }
    Ok(rest)
}

/// Options of `spin up`: what names labels here has to name them in the component.
fn store_variables() -> Vec<OsString> {
    let mut options = Vec::new();
    for (mut variable, value) in std::env::vars_os() {
        if variable.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            variable.push("=");
            variable.push(value);
            options.extend([OsString::from("--env"), variable]);
        }
    }
    options
}

/// What `line` is given for the component, where it runs Spin.
fn for_the_component(project: &Project, line: &str) -> anyhow::Result<Vec<OsString>> {
    let variables = store_variables();
    let Some(first) = variables.get(1) else {
        return Ok(variables);
    };
    let runs_spin = |command: &Vec<String>| {
        shell::runs(command, "spin", &["up"]) || shell::runs(command, "spin", &["watch"])
    };
    let commands = shell::commands(line);
    // Arguments are for the last command of the line, or for the one that has "$@".
    let reached = commands.last().is_some_and(runs_spin)
        || line.contains("$@") && commands.iter().any(runs_spin);
    if reached {
        return Ok(variables);
    }
    say::err(format_args!(
        "warning: {}: line {}: `serve` does not end in `spin up`, so the component may not see \
         {}: add --env to the command that runs Spin",
        project.document.path().display(),
        project
            .document
            .line_of(&["adapters", "spin", "commands", "serve"]),
        first
            .to_string_lossy()
            .split('=')
            .next()
            .unwrap_or_default()
    ))?;
    Ok(Vec::new())
}
