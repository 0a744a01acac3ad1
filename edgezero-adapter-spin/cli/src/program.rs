//! Other programs: the user's own command lines, cargo, and spin.

#[cfg_attr(unix, path = "program/unix.rs")]
#[cfg_attr(not(unix), path = "program/other.rs")]
mod replace;

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{anyhow, bail};

use super::project::Project;
use super::say;
use super::shell;

/// The program `spin`, or the one that `EDGEZERO_SPIN_BIN` names.
pub(super) fn spin() -> Command {
    Command::new(std::env::var_os("EDGEZERO_SPIN_BIN").unwrap_or_else(|| "spin".into()))
}

pub(super) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `name`, a command line of the manifest, in the user's shell and the manifest's folder.
pub(super) fn line(
    project: &Project,
    name: &str,
    line: &str,
    arguments: &[OsString],
) -> anyhow::Result<Command> {
    // After a line break, "$@" would be a command of its own, whose end is taken for the
    // line's.
    let whole = if arguments.is_empty() {
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        shell::with_arguments(line).map_err(|reason| {
            let adapter = project.adapter.name();
            anyhow!(
                "{}: line {}: `{name}` of [adapters.{adapter}.commands] takes no arguments: it \
                 {reason}. Write \"$@\" into it, where they belong",
                project.document.path().display(),
                project
                    .document
                    .line_of(&["adapters", adapter, "commands", name])
            )
        })?
    };
    let mut command = Command::new("sh");
    command
        .current_dir(project.folder())
        .arg("-c")
        // The arguments are handed over as they are, not as part of the line.
        .arg(whole)
        .arg("sh")
        .args(arguments);
    Ok(command)
}

/// Runs a program to its end; its exit code becomes ours.
pub(super) fn run(project: &Project, mut command: Command) -> anyhow::Result<ExitCode> {
    project.note(|| format!("running {command:?}"));
    let status = command.status().map_err(|error| missing(&command, error))?;
    Ok(code(status))
}

/// Has a program take our place, where the system can: signals reach it.
pub(super) fn become_it(project: &Project, mut command: Command) -> anyhow::Result<ExitCode> {
    project.note(|| format!("running {command:?}"));
    let error = match replace::run(&mut command) {
        Ok(status) => return Ok(code(status)),
        Err(error) => error,
    };
    Err(missing(&command, error))
}

/// Says how a program that is missing is installed.
pub(super) fn missing(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = command.get_program();
    let folder_is_missing = command.get_current_dir().filter(|folder| !folder.is_dir());
    if let Some(folder) = folder_is_missing {
        return anyhow!(
            "cannot run {}: there is no folder {}; `crate` of the adapter in edgezero.toml names it",
            program.display(),
            folder.display()
        );
    }
    if error.kind() != ErrorKind::NotFound {
        return anyhow::Error::new(error).context(format!("cannot run {}", program.display()));
    }
    let name = Path::new(program).file_stem().and_then(OsStr::to_str);
    match name {
        Some("spin") => anyhow!(
            "cannot run {}: it is not installed. Install it with:\n\n  curl -fsSL \
             https://spinframework.dev/downloads/install.sh | bash\n\nand put it into the PATH, or \
             name it with EDGEZERO_SPIN_BIN",
            program.display()
        ),
        Some("cargo") => anyhow!(
            "cannot run {}: Rust is not installed; https://rustup.rs has it",
            program.display()
        ),
        _ => anyhow!("cannot run {}: it is not installed", program.display()),
    }
}

pub(super) fn code(status: ExitStatus) -> ExitCode {
    match status.code().map(u8::try_from) {
        Some(Ok(code)) => ExitCode::from(code),
        _ => ExitCode::FAILURE,
    }
}

/// The majors of Spin whose files and commands these are.
const VERIFIED: [u32; 2] = [3, 4];

/// Warns where the installed spin may do otherwise; none at all is no matter here.
pub(super) fn warn_of_other_spin(project: &Project) -> anyhow::Result<()> {
    let output = spin()
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else {
        project.note(|| "there is no spin in the PATH".to_owned());
        return Ok(());
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    if !major.parse().is_ok_and(|major| VERIFIED.contains(&major)) {
        say::err(format_args!(
            "warning: the installed spin says it is {version:?}; this command was made for Spin 3 \
             and 4"
        ))?;
    }
    Ok(())
}

/// Builds the program of the crate in `folder`, and says where it is: `cargo run` would
/// stand between it and the signals that are meant for it.
pub(super) fn built(project: &Project, folder: &Path) -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command.arg("build").current_dir(folder);
    let place = format!("the crate in {}", folder.display());
    executable(project, command, &place)
}

/// Where the program of the crate in `folder` is, which was built before.
pub(super) fn already_built(project: &Project, folder: &Path) -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(folder)
        .stderr(Stdio::inherit());
    project.note(|| format!("running {command:?}"));
    let output = command.output().map_err(|error| missing(&command, error))?;
    let place = folder.display();
    let found: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    let Some(metadata) = found.filter(|_| output.status.success()) else {
        bail!("cargo cannot say where the program of the crate in {place} is");
    };
    let name = program_name(&metadata, &folder.join("Cargo.toml"));
    let (Some(name), Some(target)) = (name, metadata["target_directory"].as_str()) else {
        bail!("the crate in {place} does not have one program: leave out --no-build");
    };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program = Path::new(target).join("debug").join(name);
    if !program.is_file() {
        bail!(
            "the program of the crate in {place} is not built: there is no {}; leave out --no-build",
            program.display()
        );
    }
    Ok(program)
}

/// The name of the one program of the package with this manifest.
fn program_name<'a>(metadata: &'a serde_json::Value, manifest: &Path) -> Option<&'a str> {
    let manifest = manifest.canonicalize().ok()?;
    let mut packages = metadata["packages"].as_array()?.iter();
    let package = packages.find(|package| {
        let path = package["manifest_path"].as_str().map(Path::new);
        path.and_then(|path| path.canonicalize().ok()).as_ref() == Some(&manifest)
    })?;
    let is_program = |target: &&serde_json::Value| {
        let kinds = target["kind"].as_array();
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
    };
    let mut programs = package["targets"].as_array()?.iter().filter(is_program);
    match (programs.next(), programs.next()) {
        (Some(program), None) => program["name"].as_str(),
        _ => None,
    }
}

/// Runs cargo's `build`, which `command` is, and says where the program is.
fn executable(project: &Project, mut command: Command, place: &str) -> anyhow::Result<PathBuf> {
    command
        .arg("--bins")
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    project.note(|| format!("running {command:?}"));
    let output = command.output().map_err(|error| missing(&command, error))?;
    if !output.status.success() {
        bail!("cargo could not build the program of {place}");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut programs = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    match (programs.next(), programs.next()) {
        (Some(program), None) => Ok(program),
        (None, _) => bail!("{place} has no program"),
        (Some(_), Some(_)) => bail!(
            "{place} has several programs; name a command line that runs one:\n\n\
             [adapters.host.commands]\nserve = \"cargo run -p <package> --bin <name> --\"\n"
        ),
    }
}

/// The program of a package of the app's workspace, which cargo builds first: what cargo
/// itself ends with is not the program's answer.
pub(super) fn of_package(project: &Project, package: &str) -> anyhow::Result<Command> {
    let workspace = project.folder().join("Cargo.toml");
    if !workspace.is_file() {
        bail!(
            "cannot run the package {package}: there is no {}",
            workspace.display()
        );
    }
    let mut command = cargo();
    command
        .args(["build", "--manifest-path"])
        .arg(workspace)
        .args(["--package", package]);
    let place = format!("the package {package}, which `cli` of [app] in edgezero.toml names,");
    Ok(Command::new(executable(project, command, &place)?))
}
