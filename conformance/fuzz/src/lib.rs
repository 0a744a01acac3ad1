//! What EdgeZero reads and others may have written, as fuzz targets.
//!
//! A target is a function that takes any bytes and panics where the code under it
//! breaks a promise. cargo-fuzz looks for such bytes; `cargo test` runs the targets on
//! those that are kept in `corpus/`.
//!
//! | Target | What is read |
//! | --- | --- |
//! | [`manifest`] | edgezero.toml |
//! | [`spin_app`] | an app's files for Spin: spin.toml, the runtime config, `.env` |
//! | [`spin_toml`] | spin.toml, which `edgezero provision` edits |
//! | [`runtime_config`] | Spin's runtime config |
//! | [`app_config`] | the app's configuration, and the variables over it |
//! | [`cursor`] | the cursor of a listing |
//! | [`store_names`] | `EDGEZERO__STORES__…`, by the app and by the command |
//! | [`macros`] | what `app!` and `derive(AppConfig)` are given |

#![forbid(unsafe_code)]

pub mod app_config;
pub mod cursor;
pub mod macros;
pub mod manifest;
pub mod runtime_config;
pub mod spin_app;
pub mod spin_toml;
pub mod store_names;

mod input;
#[cfg(test)]
mod replay;

/// Runs a target on the files that this program is given: a failure found elsewhere,
/// without cargo-fuzz.
///
/// # Errors
/// When a file cannot be read.
pub fn run(target: fn(&[u8])) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        target(&std::fs::read(path)?);
    }
    Ok(())
}

/// The program of a target: libFuzzer's under cargo-fuzz, and else [`run`].
#[macro_export]
macro_rules! program {
    ($target:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$target::target(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::run($crate::$target::target)
        }
    };
}
