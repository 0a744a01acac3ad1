//! What drives `spin up`, driven itself: by a program that serves as Spin
//! documents it, since a machine need not have Spin.
//!
//! That program is this one, started again by a small script. Its results are
//! never reported as Spin's.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use conformance::Outcome;
use edgezero_spin_host::SpinHost;
use libtest_mimic::{Arguments, Failed, Trial};
use support::platform::Platform;
use support::spin_up::SpinUp;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const AS_SPIN: &str = "--as-spin";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if arguments.get(1).is_some_and(|argument| argument == AS_SPIN) {
        return serve_as_spin(&arguments[2..]);
    }
    let trials = vec![
        Trial::test("cases_run_through_spin_up", cases_run_through_spin_up),
        Trial::test(
            "the_process_is_stopped_at_the_end",
            the_process_is_stopped_at_the_end,
        ),
        Trial::test("a_program_that_fails_is_reported_with_its_stderr", || {
            a_program_that_fails_is_reported_with_its_stderr();
            Ok(())
        }),
        Trial::test("an_unknown_label_ends_spin_up_with_its_message", || {
            an_unknown_label_ends_spin_up_with_its_message();
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// `spin up --from DIR --listen ADDRESS --runtime-config-file FILE`.
fn serve_as_spin(arguments: &[String]) -> ExitCode {
    let value = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).map(String::as_str)
    };
    assert_eq!(arguments.first().map(String::as_str), Some("up"));
    let manifest = Path::new(value("--from").unwrap()).join("spin.toml");
    let runtime_config = value("--runtime-config-file").map(Path::new);
    let host = SpinHost::from_manifest(&manifest, runtime_config).and_then(|host| host.build());
    let host = match host {
        Ok(host) => host,
        Err(error) => {
            eprintln!("Error: {error}");
            return ExitCode::FAILURE;
        }
    };
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind(value("--listen").unwrap()).await.unwrap();
        println!("\nServing http://{}", listener.local_addr().unwrap());
        println!("Available Routes:\n  guest: http://localhost/ (wildcard)");
        std::io::stdout().flush().unwrap();
        Arc::new(host).serve(listener).await.unwrap();
    });
    ExitCode::SUCCESS
}

/// A program named `spin` that does `script`.
fn program(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

fn stand_in() -> (TempDir, PathBuf) {
    let this = std::env::current_exe().unwrap();
    program(&format!("exec '{}' {AS_SPIN} \"$@\"", this.display()))
}

fn start(program: &Path) -> Result<SpinUp, String> {
    SpinUp::start(program, support::component().unwrap(), Platform::Sqlite)
}

fn cases_run_through_spin_up() -> Result<(), Failed> {
    let (_folder, program) = stand_in();
    let spin = start(&program)?;
    // Each twice: a case finds the labels empty, whatever ran before.
    for case in [
        "kv::listing::page_follows_page_without_a_gap_or_a_repeat",
        "kv::labels::two_labels_share_no_key",
        "config::a_value_comes_back_letter_for_letter",
        "secret::a_secret_comes_back_bit_for_bit",
    ] {
        for _ in 0..2 {
            assert_eq!(spin.run(case), Outcome::Passed, "{case}");
        }
    }
    let excluded = spin.run("kv::ttl::keys_expire_one_by_one");
    assert!(matches!(excluded, Outcome::Excluded(_)), "{excluded:?}");
    let unknown = spin.run("kv::no_such_case");
    assert!(matches!(unknown, Outcome::Failed(_)), "{unknown:?}");
    Ok(())
}

fn the_process_is_stopped_at_the_end() -> Result<(), Failed> {
    let (_folder, program) = stand_in();
    let spin = start(&program)?;
    let id = spin.process_id().to_string();
    let alive = || Path::new("/proc").join(&id).exists();
    assert!(!Path::new("/proc").exists() || alive());
    drop(spin);
    assert!(!alive(), "process {id} is still there");
    let signalled = Command::new("kill").args(["-0", &id]).output()?;
    assert!(!signalled.status.success(), "process {id} takes signals");
    Ok(())
}

fn a_program_that_fails_is_reported_with_its_stderr() {
    let (_folder, failing) = program("echo 'no such trigger' >&2; exit 1");
    let error = start(&failing).err().expect("it failed");
    assert!(error.contains("ended before it listened"), "{error}");
    assert!(error.contains("no such trigger"), "{error}");
    let error = start(Path::new("/nowhere/spin"))
        .err()
        .expect("it is not there");
    assert!(error.contains("cannot start /nowhere/spin"), "{error}");
}

fn an_unknown_label_ends_spin_up_with_its_message() {
    // The same app, without the stanzas of its labels.
    let this = std::env::current_exe().unwrap();
    let (_folder, program) = program(&format!(
        ": > \"$3/runtime-config.toml\"; exec '{}' {AS_SPIN} \"$@\"",
        this.display()
    ));
    let error = start(&program).err().expect("it ended");
    assert!(
        error.contains("no file says where the label `second` is kept"),
        "{error}"
    );
}
