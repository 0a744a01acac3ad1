//! `cargo +nightly fuzz run manifest`, or `cargo run --bin manifest -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(manifest);
