//! build, deploy and auth: the platform's own commands, or the manifest's.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{anyhow, bail};
use edgezero_spin_toolchain::TARGET;

use super::arguments::{Adapter, Auth, AuthAction, Files, Run};
use super::inside;
use super::program;
use super::project::Project;
use super::say;
use super::spin::Spin;

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
                TARGET
            )
        })?,
        Adapter::Host => {
            let mut command = program::cargo();
            command.arg("build").current_dir(&folder);
            command
        }
    };
    command.arg("--release");
    let source = match project.adapter {
        Adapter::Spin => Source::find(project),
        Adapter::Host => None,
    };
    if let Some(target) = source.as_ref().and_then(|source| source.target(project))
        && !arguments
            .arguments
            .iter()
            .any(|argument| argument.as_encoded_bytes().starts_with(b"--target-dir"))
    {
        command.arg("--target-dir").arg(target);
    }
    command.args(&arguments.arguments);
    let code = program::run(project, command)?;
    if let Some(source) = source
        && code == ExitCode::SUCCESS
    {
        source.check()?;
    }
    Ok(code)
}

/// The file that spin.toml names as the component's source.
struct Source {
    place: String,
    file: PathBuf,
}

impl Source {
    /// `None` where spin.toml cannot be read, or names a URL: that is for `serve` to say.
    fn find(project: &Project) -> Option<Self> {
        let spin = Spin::read(project, &Files::default()).ok()?;
        let place = (spin.app.manifest_path(), spin.line_of(&["source"]));
        Some(Self {
            file: spin.component().source()?.to_owned(),
            place: format!("{}: line {}", place.0.display(), place.1),
        })
    }

    /// The target folder that it is in, where it is cargo's: `CARGO_TARGET_DIR` and
    /// `build.target-dir` name others, where Spin does not look.
    fn target(&self, project: &Project) -> Option<PathBuf> {
        let file = std::path::absolute(&self.file).ok()?;
        let release = file.parent()?;
        let triple = release.parent()?;
        let is_cargos = release.ends_with("release") && triple.ends_with(TARGET);
        let target = triple.parent().filter(|_| is_cargos)?;
        // spin.toml came with the app: it does not say where else to write.
        inside::check(target, &[project.folder()]).ok()?;
        Some(target.to_owned())
    }

    /// Says so where the build made it elsewhere.
    fn check(&self) -> anyhow::Result<()> {
        if !self.file.is_file() {
            bail!(
                "the component is built, but not to where Spin looks for it: {}: `source` names \
                 {}. Name the file that cargo made there, or unset CARGO_TARGET_DIR and \
                 `build.target-dir`",
                self.place,
                say::part(self.file.display())
            );
        }
        Ok(())
    }
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
