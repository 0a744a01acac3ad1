//! `cargo +nightly fuzz run store_names`, or `cargo run --bin store_names -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(store_names);
