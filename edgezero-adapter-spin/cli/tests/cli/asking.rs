//! A push at a terminal: it shows the difference, and asks.

use crate::app::App;

const FILE: &str = "spin/.spin/kv.db";
const PUSH: &[&str] = &["config", "push", "--local"];

/// With a configuration in the store that differs from the file.
fn changed() -> App {
    let app = App::new();
    app.run(PUSH).done();
    app.edit("shop.toml", "Hello", "Salut");
    app
}

fn greeting(app: &App) -> String {
    app.stored(FILE, "app_config")["greeting"].clone()
}

pub(crate) fn a_push_at_a_terminal_shows_the_difference_and_asks() {
    for answer in ["y\n", "YES\n"] {
        let app = changed();
        let said = app.on_terminal(PUSH, answer).done();
        let file = app.path(FILE);
        let question = format!(
            "~ greeting = (5 bytes) -> (5 bytes)\nPush to the label app_config in {}? [y/N] ",
            file.display()
        );
        said.says(&[&question, "Pushed 2 key(s) to the label app_config"]);
        assert_eq!(greeting(&app), "Salut");
    }
    for answer in ["n\n", "\n", "yep\n"] {
        let app = changed();
        app.on_terminal(PUSH, answer)
            .refused(&["[y/N]", "nothing was written"]);
        assert_eq!(greeting(&app), "Hello");
    }
    // Nothing to ask about.
    let app = App::new();
    app.run(PUSH).done();
    let said = app.on_terminal(PUSH, "").done();
    assert!(!said.stdout.contains("[y/N]"), "{}", said.stdout);
}

pub(crate) fn a_push_may_be_told_not_to_ask_or_not_to_show() {
    let yes = ["config", "push", "--local", "--yes"];
    for push in [&yes[..], &[PUSH, &["-y", "--no-diff"]].concat()] {
        let app = changed();
        let said = app.on_terminal(push, "").done();
        assert!(!said.stdout.contains("[y/N]"), "{}", said.stdout);
        assert_eq!(greeting(&app), "Salut");
    }
    let no_diff = [PUSH, &["--no-diff"]].concat();
    let app = changed();
    let said = app.on_terminal(&no_diff, "y\n").done();
    assert!(!said.stdout.contains("bytes)"), "{}", said.stdout);
    assert_eq!(greeting(&app), "Salut");
    // Without a terminal nothing is asked.
    let app = changed();
    let said = app.run(&no_diff).done();
    assert!(
        said.stdout.starts_with("Pushed 2 key(s)"),
        "{}",
        said.stdout
    );
    assert_eq!(greeting(&app), "Salut");
}

pub(crate) fn a_push_to_the_cloud_asks_without_a_difference() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let deploy = "\n[adapters.spin.commands]\npush = \"cloud\"\n";
    let manifest = app.read("edgezero.toml") + deploy;
    app.write("edgezero.toml", &manifest);
    let push = ["config", "push"];
    app.on_terminal(&push, "n\n").refused(&[
        "does not show what is there",
        "greeting",
        "of the app cloud-shop on Fermyon Cloud? [y/N]",
        "nothing was written",
    ]);
    assert!(app.calls().is_empty());
    app.on_terminal(&push, "y\n").done();
    assert_eq!(app.calls().len(), 1);
    app.on_terminal(&["config", "push", "-y"], "").done();
    assert_eq!(app.calls().len(), 2);
}

pub(crate) fn a_store_that_changes_while_the_question_waits_is_not_written() {
    let app = changed();
    let said = app.on_terminal_when(PUSH, "[y/N]", "y\n", || {
        app.run(&["kv", "set", "--store", "app_config", "greeting", "Ciao"])
            .done();
    });
    said.refused(&[
        "has changed since the difference was read",
        "nothing was written",
    ]);
    assert_eq!(greeting(&app), "Ciao");
}

pub(crate) fn a_configuration_in_edgezeros_own_form_is_recognised() {
    let envelope = "{\"data\": {\"greeting\": \"planted\"}, \"generated_at\": \
                    \"2026-01-02T03:04:05Z\", \"sha256\": \"00\", \"version\": 1}";
    let app = App::new();
    let key = "app_config";
    app.run(&["kv", "set", "--store", key, key, envelope])
        .done();
    let note = "note: the key app_config holds a configuration in EdgeZero's own form";
    for command in [&["config", "diff", "--local"][..], PUSH] {
        let said = app.run(command).done().says(&[note]);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.contains("planted"), "{all}");
    }
    assert_eq!(app.stored(FILE, key).len(), 3);
    app.run(&[PUSH, &["--prune"]].concat()).done().says(&[note]);
    assert_eq!(app.stored(FILE, key).len(), 2);
    let said = app.run(PUSH).done();
    assert!(!said.stderr.contains("own form"), "{}", said.stderr);
}
