//! A load on a real Spin, over HTTP, that counts what is lost: `conformance/run load`.
//!
//! 16 connections add 1 to the same keys, as fast as Spin answers. Every addition that
//! Spin answered with 200 must be in the count afterwards, and no other. On SQLite a
//! process of the host writes the same file beside them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

#[path = "load/client.rs"]
mod client;
#[path = "load/runs.rs"]
mod runs;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "load/writer.rs"]
mod writer;

use std::path::PathBuf;
use std::process::ExitCode;

use edgezero_spin_host::RedisServer;

use crate::support::platform::Platform;
use crate::support::spin_up::SpinUp;

const PROGRAM: &str = "EDGEZERO_SPIN_BIN";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, file, keys] = &arguments[..]
        && command == writer::COMMAND
    {
        writer::write(file.as_ref(), keys);
        return ExitCode::SUCCESS;
    }
    let Some(program) = std::env::var_os(PROGRAM).map(PathBuf::from) else {
        eprintln!("set {PROGRAM} to the program of a real Spin, 4.0 or later");
        return ExitCode::from(2);
    };
    let component = support::component().unwrap();
    let start = |platform| SpinUp::start(&program, component, platform).unwrap();

    println!("{}", runs::HEADER);
    let sqlite = runs::on_sqlite(&start(Platform::Sqlite));
    let redis = RedisServer::start().unwrap();
    let redis = runs::on_redis(&start(Platform::Redis(redis)));
    if sqlite && redis {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
