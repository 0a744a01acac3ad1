//! `cargo +nightly fuzz run spin_app`, or `cargo run --bin spin_app -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(spin_app);
