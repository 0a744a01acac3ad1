//! `cargo +nightly fuzz run app_config`, or `cargo run --bin app_config -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(app_config);
