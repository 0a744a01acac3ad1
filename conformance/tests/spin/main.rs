//! The Spin adapter beyond the suite: shared files, host failures, limits.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod atomic;
mod costs;
mod creation;
mod errors;
mod interop;
mod leaks;
mod listing;
mod platforms;
mod same_suite;
#[path = "../support/mod.rs"]
mod support;
