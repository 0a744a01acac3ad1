//! Spin's runtime config: it says where a label is kept, or why Spin refuses it, and no
//! message shows a password.

use std::fs;

use edgezero_spin_app::{Backend, Options, SpinApp};

use crate::input;

const SPIN_TOML: &str = "spin_manifest_version = 2\napplication.name = \"shop\"\n";

/// Takes a label, two parts of a login, and the text of a runtime config in which
/// `@url@` stands for a URL with a password.
pub fn target(data: &[u8]) {
    let Some([label, user, host, text]) = input::texts(data) else {
        return;
    };
    let url = format!("redis://{user}:{PASSWORD}@{host}");
    let quoted = toml_edit::Value::from(url.as_str()).to_string();
    let text = text.replace("@url@", &quoted);
    // Where the input itself shows what a password looks like, nothing is told from it.
    let tells = !label.contains(PASSWORD)
        && !user.contains(PASSWORD)
        && !host.contains(PASSWORD)
        && !text.replace(&quoted, "").contains(PASSWORD);
    let Ok(folder) = tempfile::tempdir() else {
        return;
    };
    let path = folder.path().join("runtime-config.toml");
    if fs::write(&path, &text).is_err() {
        return;
    }
    let options = Options::new("spin.toml", folder.path()).with_runtime_config(&path);
    let app = SpinApp::with_manifest(&options, SPIN_TOML.to_owned());
    let lines = text.matches('\n').count() + 1;
    for finding in app.findings() {
        assert!(
            !(tells && finding.to_string().contains(PASSWORD)),
            "{finding}"
        );
        if let (Some(file), Some(line)) = (finding.file(), finding.line())
            && file == path
        {
            assert!((1..=lines).contains(&line), "{finding}");
        }
    }
    match app.store(label) {
        Ok(store) => {
            // A region or an account may be any text, also a URL. It is not a secret.
            let is_url = matches!(store.backend(), Backend::Redis(_));
            let kept = store.backend().to_string();
            assert!(!(is_url && tells && kept.contains(PASSWORD)), "{kept}");
            if let Backend::Sqlite(file) = store.backend() {
                assert!(file.is_absolute(), "{}", file.display());
                assert_ne!(file, folder.path());
            }
        }
        Err(finding) => {
            assert!(
                !(tells && finding.to_string().contains(PASSWORD)),
                "{finding}"
            );
        }
    }
}

const PASSWORD: &str = "planted_5ecret";
