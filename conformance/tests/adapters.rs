//! The crate on the page for adapter authors compiles outside the workspace, and every
//! case of the suite passes on it or is excluded.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const PAGE: &str = include_str!("../ADAPTERS.md");

/// The files on the page: a name in bold, and the block of code after it.
fn files() -> Vec<(&'static str, &'static str)> {
    let after_names = PAGE.split("\n**`").skip(1);
    let files = after_names.map(|text| {
        let (name, rest) = text.split_once("`**").unwrap();
        let (_, block) = rest.split_once("\n```").unwrap();
        let (_, code) = block.split_once('\n').unwrap();
        (name, code.split_once("\n```").unwrap().0)
    });
    files.collect()
}

/// Writes the crate to a folder outside the workspace, and runs its suite.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ours = ours.canonicalize().unwrap();
    for (name, code) in files() {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let code = code.replace("path/to/edgezero", ours.to_str().unwrap());
        fs::write(path, code + "\n").unwrap();
    }
    // The versions that are tested, and that are on this machine.
    fs::copy(ours.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("adapters");
    Command::new(env!("CARGO"))
        .current_dir(folder)
        .args(["test", "--offline", "--test", "suite", "--target-dir"])
        .arg(target)
        .arg("--")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_crate_on_the_page_compiles_outside_the_workspace_and_passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = files().into_iter().map(|(name, _)| name).collect();
    let all = [
        "Cargo.toml",
        "src/lib.rs",
        "tests/fixture/mod.rs",
        "tests/suite.rs",
    ];
    assert_eq!(names, all);

    let table = run(folder.path(), &["--table"]);
    let text = String::from_utf8_lossy(&table.stdout);
    let errors = String::from_utf8_lossy(&table.stderr);
    assert!(table.status.success(), "{text}\n{errors}");
    let passed = text
        .lines()
        .filter(|line| line.trim_end().ends_with(" pass"));
    assert!(passed.count() > 120, "{text}");
    assert!(
        text.contains("mine::two_clones_share_their_values"),
        "{text}"
    );
    assert!(text.contains(" 0 failed"), "{text}");
    let faults = "kv::faults::an_increment_whose_answer_is_lost_is_not_counted_twice";
    let faults = text.lines().find(|line| line.starts_with(faults)).unwrap();
    assert!(faults.trim_end().ends_with("pass"), "{faults}");

    let of_a_rule = run(folder.path(), &["--rule", "MINE-1"]);
    let text = String::from_utf8_lossy(&of_a_rule.stdout);
    assert!(text.contains("1 passed; 0 failed"), "{text}");
}
