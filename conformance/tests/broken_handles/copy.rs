//! A copy of the contract's crate with flaws in it, and the suite on that copy.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::SWITCH;
use crate::flaws::FLAWS;

/// The suite's executable.
pub(crate) type Program = PathBuf;

/// What the suite on the copy needs beside the suite.
const RUNNER: &str = r#"
#[path = "memory.rs"]
mod memory;

fn main() -> std::process::ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    conformance::harness::main(&[memory::backend(runtime.into())])
}
"#;

/// Builds the suite in `folder`, which is kept: the next time it is quick.
pub(crate) fn build(folder: &Path) -> Result<Program, Box<dyn Error>> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    copy(
        &ours.join("edgezero-store-traits"),
        &folder.join("edgezero-store-traits"),
    )?;
    copy(
        &ours.join("conformance/src"),
        &folder.join("conformance/src"),
    )?;
    let support = ours.join("conformance/tests/support/memory.rs");
    copy(&support, &folder.join("conformance/tests/memory.rs"))?;
    write(&folder.join("conformance/tests/run.rs"), RUNNER.as_bytes())?;
    copy(&ours.join("Cargo.lock"), &folder.join("Cargo.lock"))?;
    manifests(&ours, folder)?;
    break_handles(&folder.join("edgezero-store-traits/src"))?;

    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .args([
            "test",
            "--offline",
            "--no-run",
            "-p",
            "conformance",
            "--test",
            "run",
        ])
        .args(["--message-format", "json", "--target-dir", "target"]);
    let output = cargo.output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut messages = messages
        .lines()
        .map(serde_json::from_str::<serde_json::Value>);
    let program = messages.find_map(|message| {
        let message = message.ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    program.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into())
}

/// The workspace's manifest with the crates that are copied, and the suite's without
/// what the tests beside it need.
fn manifests(ours: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut workspace: Table = fs::read_to_string(ours.join("Cargo.toml"))?.parse()?;
    let members = ["conformance", "edgezero-store-traits"];
    let members = members.map(Value::from).to_vec();
    workspace["workspace"]["members"] = Value::Array(members);
    write(&folder.join("Cargo.toml"), workspace.to_string().as_bytes())?;

    let manifest = ours.join("conformance/Cargo.toml");
    let mut suite: Table = fs::read_to_string(manifest)?.parse()?;
    for part in ["bench", "test", "dev-dependencies"] {
        suite.remove(part);
    }
    let needs = "[[test]]\nname = \"run\"\nharness = false\n\n\
                 [dev-dependencies.tokio]\nworkspace = true\nfeatures = [\"rt-multi-thread\"]";
    suite.extend(needs.parse::<Table>()?);
    write(
        &folder.join("conformance/Cargo.toml"),
        suite.to_string().as_bytes(),
    )?;
    Ok(())
}

/// Puts every flaw into the sources, behind the switch.
fn break_handles(sources: &Path) -> Result<(), Box<dyn Error>> {
    for (path, text) in broken(sources)? {
        fs::write(path, text)?;
    }
    Ok(())
}

/// The sources with every flaw in them; an error where one has no place any more.
pub(crate) fn broken(sources: &Path) -> Result<BTreeMap<PathBuf, String>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    for flaw in FLAWS {
        for (file, right, wrong) in flaw.edits {
            let path = sources.join(file);
            if !files.contains_key(&path) {
                files.insert(path.clone(), fs::read_to_string(&path)?);
            }
            let text = files.get_mut(&path).ok_or("no such file")?;
            if text.matches(right).count() != 1 {
                return Err(format!("{}: {right:?} is not in {file} once", flaw.name).into());
            }
            let wrong = wrong.replace("FLAW", &format!("crate::is_broken({:?})", flaw.name));
            *text = text.replace(right, &wrong);
        }
    }
    let root = sources.join("lib.rs");
    let mut text = fs::read_to_string(&root)?;
    text.push_str(&format!(
        "\npub(crate) fn is_broken(flaw: &str) -> bool {{\n    \
         std::env::var_os({SWITCH:?}).is_some_and(|switch| switch == flaw)\n}}\n"
    ));
    files.insert(root, text);
    Ok(files)
}

/// A file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    write(to, &fs::read(from)?)
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, contents)
}
