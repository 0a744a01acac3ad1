//! build, serve, deploy and auth: the platform's own commands, or the manifest's.

use std::process::{Command, ExitCode};

use anyhow::{anyhow, bail};

use super::arguments::{Adapter, Auth, AuthAction, Run};
use super::program;
use super::project::Project;

pub(super) fn build(project: &Project, arguments: &Run) -> anyhow::Result<ExitCode> {
    if let Some(line) = &project.section().commands.build {
        let command = program::line(project, "build", line, &arguments.arguments)?;
        return program::run(project, command);
    }
    let folder = project.crate_folder(project.adapter);
    let mut command = match project.adapter {
        Adapter::Spin => edgezero_spin_toolchain::cargo_build(&folder).ok_or_else(|| {
            anyhow!(
                "cannot build a component: Rust's target {} is not installed. Install it with:\n\n  \
                 rustup target add {0}\n",
                edgezero_spin_toolchain::TARGET
            )
        })?,
        Adapter::Host => {
            let mut command = program::cargo();
            command.arg("build").current_dir(&folder);
            command
        }
    };
    command.arg("--release").args(&arguments.arguments);
    program::run(project, command)
}

pub(super) fn serve(project: &Project, arguments: &Run) -> anyhow::Result<ExitCode> {
    if let Some(line) = &project.section().commands.serve {
        let command = program::line(project, "serve", line, &arguments.arguments)?;
        return program::become_it(project, command);
    }
    let folder = project.crate_folder(project.adapter);
    let mut command = match project.adapter {
        Adapter::Spin => {
            let mut command = program::spin();
            command.args(["up", "--from"]).arg(project.spin_toml_path());
            let runtime_config = project.runtime_config_path(None)?;
            if runtime_config.exists() {
                command.arg("--runtime-config-file").arg(runtime_config);
            }
            // What names labels here has to name them in the component.
            for (mut variable, value) in std::env::vars_os() {
                if variable
                    .as_encoded_bytes()
                    .starts_with(b"EDGEZERO__STORES__")
                {
                    variable.push("=");
                    variable.push(value);
                    command.arg("--env").arg(variable);
                }
            }
            command
        }
        Adapter::Host => {
            let program = program::built(project, &folder)?;
            let mut command = Command::new(program);
            command.current_dir(&folder);
            command
        }
    };
    command.args(&arguments.arguments);
    program::become_it(project, command)
}

pub(super) fn deploy(project: &Project, arguments: &Run) -> anyhow::Result<ExitCode> {
    if let Some(line) = &project.section().commands.deploy {
        let command = program::line(project, "deploy", line, &arguments.arguments)?;
        return program::run(project, command);
    }
    match project.adapter {
        Adapter::Spin => {
            let mut command = program::spin();
            command
                .args(["deploy", "--from"])
                .arg(project.spin_toml_path())
                .args(&arguments.arguments);
            program::run(project, command)
        }
        Adapter::Host => bail!("{}", no_command(project, "deploy")),
    }
}

pub(super) fn auth(project: &Project, arguments: &Auth) -> anyhow::Result<ExitCode> {
    let commands = &project.section().commands;
    let (line, name, spins) = match arguments.action {
        AuthAction::Login => (&commands.auth_login, "auth-login", "login"),
        AuthAction::Logout => (&commands.auth_logout, "auth-logout", "logout"),
        AuthAction::Status => (&commands.auth_status, "auth-status", "info"),
    };
    let command: Command = match (line, project.adapter) {
        (Some(line), _) => program::line(project, name, line, &[])?,
        (None, Adapter::Spin) => {
            let mut command = program::spin();
            command.args(["cloud", spins]);
            command
        }
        (None, Adapter::Host) => bail!("{}", no_command(project, name)),
    };
    program::run(project, command)
}

fn no_command(project: &Project, name: &str) -> String {
    format!(
        "this machine has no `{name}` of its own; {} may name a command line for it:\n\n\
         [adapters.host.commands]\n{name} = \"…\"\n",
        project.document.path().display()
    )
}
