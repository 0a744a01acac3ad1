//! `cargo +nightly fuzz run cursor`, or `cargo run --bin cursor -- FILE` for one input.
#![cfg_attr(fuzzing, no_main)]

conformance_fuzz::program!(cursor);
