//! `cargo +nightly fuzz run spin_toml`, or `cargo run --bin spin_toml -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(spin_toml);
