//! The example app, in Spin and on the host.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod in_spin;
mod on_host;
mod same;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod target;
