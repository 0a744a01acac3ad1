//! `cargo +nightly fuzz run runtime_config`, or `cargo run --bin runtime_config -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(runtime_config);
