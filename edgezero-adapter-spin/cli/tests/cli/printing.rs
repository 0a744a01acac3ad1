//! A standard output that is closed, or cannot be written.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use crate::app::App;

/// An app with a long diff, a long list of keys, and a value.
fn app() -> App {
    let app = App::new();
    let mut text = String::new();
    for n in 0..5_000 {
        text += &format!("a_key_of_some_length_{n} = \"x\"\n");
    }
    app.write("shop.toml", &text);
    app.run(&["config", "push"]).done();
    app.run(&["kv", "set", "ada", "short"]).done();
    app.write("shop.toml", &text.replace("\"x\"", "\"y\""));
    app
}

const PRINTING: [&[&str]; 10] = [
    &["--help"],
    &["--version"],
    &["completions", "bash"],
    &["config", "diff"],
    &["config", "diff", "--format", "json"],
    &["config", "validate", "--format", "json"],
    &["config", "push", "--dry-run"],
    &["kv", "list", "--store", "app_config", "--limit", "1000"],
    &["kv", "get", "ada"],
    &["provision", "--dry-run"],
];

pub(crate) fn a_closed_pipe_ends_a_command_quietly() {
    let app = app();
    for arguments in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (code, stderr) = app.run_with(arguments, |command| {
            command.stdout(Stdio::from(writer));
        });
        assert_eq!(code, Some(141), "{arguments:?}: {stderr}");
        let notes = stderr.lines().filter(|line| !line.starts_with("note: "));
        assert_eq!(notes.count(), 0, "{arguments:?}: {stderr}");
    }
}

pub(crate) fn what_reads_the_first_line_only_gets_it() {
    let app = app();
    let mut command = app.command(&["config", "diff"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 2];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(&first, b"~ ");
    assert!(
        !stderr.contains("panicked") && !stderr.contains("error"),
        "{stderr}"
    );
    assert_ne!(output.status.code(), Some(101));
}

pub(crate) fn a_full_disk_is_an_error() {
    let app = app();
    for arguments in PRINTING {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, stderr) = app.run_with(arguments, |command| {
            command.stdout(full);
        });
        assert_eq!(code, Some(1), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains("error: cannot write to the standard output"),
            "{arguments:?}: {stderr}"
        );
    }
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (code, _) = app.run_with(&["config", "diff", "--exit-code"], |command| {
        command.stdout(full);
    });
    assert_eq!(code, Some(2));
}

pub(crate) fn a_command_that_could_not_say_so_changes_nothing() {
    let app = app();
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    let before = app.read("spin/spin.toml");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let (code, stderr) = app.run_with(&["provision"], |command| {
        command.stdout(full());
    });
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(app.read("spin/spin.toml"), before);

    // A warning that nobody sees.
    let app = App::new().with_variable("SHOP__NOPE", "1");
    let (code, _) = app.run_with(&["config", "push"], |command| {
        command.stderr(full());
    });
    assert_eq!(code, Some(1));
    assert!(app.databases().is_empty());
}

pub(crate) fn a_push_that_cannot_be_reported_says_that_it_is_done() {
    let app = App::new();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (code, stderr) = app.run_with(&["config", "push"], |command| {
        command.stdout(full);
    });
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the push is done"), "{stderr}");
    assert_eq!(
        app.stored("spin/.spin/kv.db", "app_config")["greeting"],
        "Hello"
    );
}

pub(crate) fn a_value_from_a_pipe_is_stored_whole() {
    let app = App::new();
    let mut command = app.command(&["kv", "set", "a", "--input", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"--path=logo.png")
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(app.run(&["kv", "get", "a"]).stdout, "--path=logo.png");
}
