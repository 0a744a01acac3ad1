//! What builds a Spin component on this machine: rustup's `wasm32-wasip2` target, or
//! Debian's packages that stand in for it where rustup cannot reach its server.

#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// The target of a Spin component.
pub const TARGET: &str = "wasm32-wasip2";

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

/// Settings for the build of the host, which must not leak into a build for
/// another target, or, for the last, by another compiler.
const FOREIGN: &[&str] = &[
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP2_LINKER",
    "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "LD_LIBRARY_PATH",
];

/// `cargo build --target wasm32-wasip2`, to run in `folder`, by the first toolchain
/// here that can; `None` where there is none.
///
/// The caller adds which package and profile. Settings of the environment for
/// builds of the host are left out; `CARGO_TARGET_DIR` stays.
pub fn cargo_build(folder: &Path) -> Option<Command> {
    let mut command = if has_rustup_target(folder) {
        build(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    } else if has_debian_packages() {
        debian_build()
    } else {
        return None;
    };
    command.current_dir(folder).args(["--target", TARGET]);
    Some(command)
}

/// Debian ships the standard library's source, not its build for this target: cargo
/// builds it, which only `RUSTC_BOOTSTRAP` unlocks.
fn debian_build() -> Command {
    let mut command = build(debian::CARGO);
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
    command
}

fn build(cargo: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(cargo);
    command.arg("build");
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
}

fn has_rustup_target(folder: &Path) -> bool {
    let output = Command::new("rustc")
        .current_dir(folder)
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
