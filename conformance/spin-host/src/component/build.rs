//! Builds a component with what this machine has: rustup's `wasm32-wasip2` target,
//! or Debian's packages.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use edgezero_spin_toolchain::TARGET;
use serde_json::Value;

/// Which of a package's features a component is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// Those that are on by default.
    Default,
    /// None.
    None,
}

/// Builds the `cdylib` of `package`, a member of the workspace in the folder
/// `workspace`, into a component, and returns its file.
///
/// It uses the profile `component`, the workspace's Cargo.lock as it is, and a
/// target folder of its own (`guest` in the workspace's). When nothing changed it
/// takes a moment; two callers wait for each other, in other processes too.
///
/// # Errors
/// [`BuildError::NoTarget`] where neither rustup's target nor Debian's packages
/// are installed; [`BuildError::Cargo`] when the build fails.
pub fn build(workspace: &Path, package: &str, features: Features) -> Result<PathBuf, BuildError> {
    let (arguments, suffix): (&[_], _) = match features {
        Features::Default => (&["--package", package, "--lib"], ""),
        Features::None => (
            &["--package", package, "--lib", "--no-default-features"],
            "-no-default-features",
        ),
    };
    let folder = target_folder(workspace).join("components");
    let kept = folder.join(format!("{package}{suffix}.wasm"));
    let keep = |cause| BuildError::Keep {
        path: kept.clone(),
        cause,
    };
    // Cargo gives both features' components one name: each is copied before the
    // other may be built.
    std::fs::create_dir_all(&folder).map_err(keep)?;
    let lock = File::create(folder.join(".lock")).map_err(keep)?;
    lock.lock().map_err(keep)?;
    let built = build_in_place(workspace, package, arguments)?;
    let new = std::fs::read(built).map_err(keep)?;
    if std::fs::read(&kept).ok().as_ref() != Some(&new) {
        // Whole, for a process that is reading the one before.
        let whole = kept.with_extension("new");
        std::fs::write(&whole, new).map_err(keep)?;
        std::fs::rename(whole, &kept).map_err(keep)?;
    }
    Ok(kept)
}

fn build_in_place(
    workspace: &Path,
    package: &str,
    arguments: &[&str],
) -> Result<PathBuf, BuildError> {
    let messages = cargo(workspace, arguments)?;
    let artifact = messages.iter().rev().find_map(|message| {
        let files = message.get("filenames")?.as_array()?;
        files
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(".wasm"))
    });
    artifact
        .map(PathBuf::from)
        .ok_or_else(|| BuildError::NoComponent {
            package: package.to_owned(),
        })
}

/// Builds an example of `package` for the component's target, to see that it
/// compiles.
///
/// # Errors
/// As [`build`].
pub fn build_example(workspace: &Path, package: &str, example: &str) -> Result<(), BuildError> {
    cargo(workspace, &["--package", package, "--example", example]).map(drop)
}

fn cargo(workspace: &Path, selection: &[&str]) -> Result<Vec<Value>, BuildError> {
    let mut command =
        edgezero_spin_toolchain::cargo_build(workspace).ok_or(BuildError::NoTarget)?;
    command
        .env_remove("CARGO_TARGET_DIR")
        .args(["--locked", "--profile", "component"])
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--target-dir")
        .arg(target_folder(workspace))
        .args(selection)
        .stdin(Stdio::null());
    let output = command.output().map_err(|cause| BuildError::Start {
        program: command.get_program().into(),
        cause,
    })?;
    if !output.status.success() {
        return Err(BuildError::Cargo {
            selection: selection.join(" "),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

fn target_folder(workspace: &Path) -> PathBuf {
    let host = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    workspace.join(host).join("guest")
}

/// Why a component was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nothing on this machine builds for the target.
    #[error(
        "cannot build a component: Rust's target {TARGET} is not installed, nor are Debian's \
         packages that stand in for it. Run `conformance/setup`, which installs one or the other"
    )]
    NoTarget,

    /// The build tool did not start.
    #[error("cannot start {}: {cause}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why it did not start.
        cause: std::io::Error,
    },

    /// The build failed.
    #[error("cannot build {selection} for {TARGET}:\n{output}")]
    Cargo {
        /// What was to be built, as arguments of cargo.
        selection: String,
        /// What cargo wrote to stderr.
        output: String,
    },

    /// The component could not be put in its place.
    #[error("cannot write the component {}: {cause}", path.display())]
    Keep {
        /// The component's file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },

    /// The package has no `cdylib`.
    #[error("the package {package} built, but made no component: its lib is no cdylib")]
    NoComponent {
        /// The package.
        package: String,
    },
}
