//! The model of what Spin does with an app's files.

use std::path::Path;
use std::sync::LazyLock;

use edgezero_spin_app::{Environment, Finding, Options, SpinApp};
use tempfile::TempDir;

use crate::input;

/// Takes the text of a spin.toml, of a runtime config and of a `.env` in which `@secret@`
/// stands for a secret, and a label.
///
/// Each finding names a line of its file, none shows the secret, and the same files have
/// the same answer.
pub fn target(data: &[u8]) {
    let Some([manifest, config, dot_env, label]) = input::texts(data) else {
        return;
    };
    let dot_env = dot_env.replace("@secret@", SECRET);
    let folder = FOLDER.path();
    for (name, text) in [
        ("spin.toml", manifest),
        ("runtime-config.toml", config),
        (".env", &dot_env),
    ] {
        write(&folder.join(name), text);
    }
    let environment = [("SPIN_VARIABLE_PLANTED", SECRET)].into_iter();
    let options = Options::new(folder, folder)
        .with_runtime_config("runtime-config.toml")
        .with_environment(environment.collect::<Environment>());
    let app = SpinApp::read(&options);
    let mut shown = format!("{app:?}");
    for finding in app.findings() {
        check_line(finding, &[manifest, config, &dot_env]);
        shown += &format!("{finding} {finding:?}");
    }
    let listed = app
        .components()
        .iter()
        .flat_map(|component| component.labels());
    for label in listed.chain([label]) {
        match app.store(label) {
            Ok(store) => {
                assert!(store.shares_keys_with(&store));
                if let Some(file) = store.file() {
                    assert!(file.is_absolute(), "{}", file.display());
                }
                shown += &format!("{store:?} {}", store.backend());
            }
            Err(finding) => shown += &finding.to_string(),
        }
    }
    // A name in a manifest may be the secret itself, and names are shown.
    if !manifest.contains(SECRET) && !config.contains(SECRET) && !label.contains(SECRET) {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    assert_eq!(app.findings(), SpinApp::read(&options).findings());
}

fn check_line(finding: &Finding, texts: &[&str]) {
    let Some(line) = finding.line() else { return };
    let lines = texts.iter().map(|text| text.matches('\n').count() + 1);
    let most = lines.max().unwrap_or_default();
    assert!((1..=most).contains(&line), "{finding}");
    assert!(finding.file().is_some(), "{finding}");
}

fn write(path: &Path, text: &str) {
    let written = std::fs::write(path, text);
    written.unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}

/// One folder for all inputs: nothing is left in it that the next one does not replace.
static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| TempDir::new().unwrap_or_else(|error| panic!("no folder: {error}")));

const SECRET: &str = "planted_5ecret";
