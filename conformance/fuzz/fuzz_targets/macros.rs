//! `cargo +nightly fuzz run macros`, or `cargo run --bin macros -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(macros);
