//! The model's answer for each app of the table, as it is recorded. That a real Spin does
//! what the model says, the embedded host's test `apps_in_spin` looks at.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "table/mod.rs"]
mod table;

use std::collections::HashSet;
use std::fs;

#[test]
fn each_app_is_answered_as_recorded() {
    let record = std::env::var_os("EDGEZERO_RECORD").is_some();
    let mut wrong = Vec::new();
    for app in table::apps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        app.write(&path, b"\0asm");
        let answer = table::answer(&app.model(&path), &path);
        let recorded = app.part("answer").unwrap_or_default();
        if answer == recorded {
            continue;
        }
        if record {
            write_down(&app, &answer);
        } else {
            wrong.push(format!("{}\nrecorded:\n{recorded}now:\n{answer}", app.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Puts the answer behind the app's other parts.
fn write_down(app: &table::App, answer: &str) {
    let text = fs::read_to_string(&app.file).unwrap();
    let start = text.find(&format!("# {}\n", app.name)).unwrap();
    let end = text[start + 1..].find("\n# ");
    let end = end.map_or(text.len(), |end| start + 1 + end);
    let old = &text[start..end];
    let kept = old.split("---- answer\n").next().unwrap().trim_end();
    let new = format!("{kept}\n---- answer\n{answer}");
    fs::write(
        &app.file,
        format!("{}{new}{}", &text[..start], &text[end..]),
    )
    .unwrap();
}

#[test]
fn the_table_has_a_hundred_apps_and_no_name_twice() {
    let apps = table::apps();
    assert!(apps.len() >= 100, "{}", apps.len());
    let names: HashSet<_> = apps.iter().map(|app| &app.name).collect();
    assert_eq!(names.len(), apps.len());
}

#[test]
fn no_debug_and_no_finding_shows_a_value() {
    for app in table::apps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        app.write(&path, b"\0asm");
        let model = app.model(&path);
        let mut texts = format!("{model:?}");
        for finding in model.findings() {
            texts += &format!("{finding} {finding:?}");
        }
        for component in model.components() {
            for label in component.labels() {
                match model.store(label) {
                    Ok(store) => texts += &format!("{store:?} {}", store.backend()),
                    Err(finding) => texts += &finding.to_string(),
                }
            }
        }
        assert!(!texts.contains("s3cret"), "{}: {texts}", app.name);
    }
}
