//! Builds a component with what this machine has: rustup's `wasm32-wasip2` target,
//! or Debian's packages.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const TARGET: &str = "wasm32-wasip2";

/// Where Debian's packages put what a component is built with.
mod debian {
    pub(super) const CARGO: &str = "/usr/bin/cargo";
    pub(super) const RUSTC: &str = "/usr/bin/rustc";
    pub(super) const LINKER: &str = "/usr/bin/wasm-ld";
    /// Has a folder for each target; the host's has the linker of components.
    pub(super) const RUSTLIB: &str = "/usr/lib/rustlib";
    pub(super) const COMPONENT_LINKER: &str = "bin/wasm-component-ld";
    pub(super) const LIBC: &str = "/usr/lib/wasm32-wasi";
    pub(super) const REACTOR: &str = "/usr/lib/wasm32-wasi/crt1-reactor.o";
    pub(super) const STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std";
}

/// Settings for the build of the tests, which must not leak into a build for
/// another target, or, for the last, by another compiler.
const FOREIGN: &[&str] = &[
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "CARGO_TARGET_WASM32_WASIP2_LINKER",
    "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "LD_LIBRARY_PATH",
];

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
    let mut command = toolchain(workspace).ok_or(BuildError::NoTarget)?;
    command
        .current_dir(workspace)
        .args(["--locked", "--profile", "component", "--target", TARGET])
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

/// `cargo build` with the first toolchain that can build for the target.
fn toolchain(workspace: &Path) -> Option<Command> {
    if has_rustup_target(workspace) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Some(cargo_build(cargo))
    } else if has_debian_packages() {
        let mut command = cargo_build(debian::CARGO);
        // Debian ships the standard library's source, not its build for this
        // target: cargo builds it, which only RUSTC_BOOTSTRAP unlocks.
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", debian::RUSTC)
            .env(
                "RUSTFLAGS",
                format!(
                    "-C link-self-contained=no -L native={} -C link-arg={}",
                    debian::LIBC,
                    debian::REACTOR
                ),
            )
            .args(["-Z", "build-std=std,panic_abort"]);
        Some(command)
    } else {
        None
    }
}

fn cargo_build(cargo: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(cargo);
    command.arg("build");
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
}

fn has_rustup_target(workspace: &Path) -> bool {
    let output = Command::new("rustc")
        .current_dir(workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .stderr(Stdio::null())
        .output();
    output.is_ok_and(|output| {
        output.status.success()
            && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

fn has_debian_packages() -> bool {
    let component_linker = std::fs::read_dir(debian::RUSTLIB).is_ok_and(|folders| {
        folders
            .filter_map(Result::ok)
            .any(|folder| folder.path().join(debian::COMPONENT_LINKER).exists())
    });
    let files = [
        debian::CARGO,
        debian::RUSTC,
        debian::LINKER,
        debian::REACTOR,
        debian::STD_SOURCE,
    ];
    component_linker && files.iter().all(|path| Path::new(path).exists())
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
