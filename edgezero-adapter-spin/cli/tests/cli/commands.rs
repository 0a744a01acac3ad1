//! The command itself, and the manifest's own command lines.

use crate::app::App;

pub(crate) fn help_and_completions_are_for_a_person() {
    let app = App::new();
    app.run(&["--help"])
        .done()
        .says(&["provision", "EDGEZERO_MANIFEST", "Makes a new app"]);
    app.run(&["config", "push", "--help"])
        .done()
        .says(&["--dry-run", "--prune", "--no-env"]);
    for shell in ["bash", "zsh", "fish"] {
        app.run(&["completions", shell])
            .done()
            .says(&["edgezero", "provision"]);
    }
    assert_eq!(app.run(&["confg"]).code, Some(2));
}

pub(crate) fn a_command_line_of_the_manifest_takes_the_built_in_ones_place() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let line = "for a in \\\"$@\\\"; do echo \\\"<$a>\\\"; done; exit 7; #";
    let text = format!(
        "{}\n[adapters.spin.commands]\nbuild = \"{line}\"\nserve = \"pwd; echo\"\ndeploy = \"echo \
         deployed\"\nauth-status = \"echo nobody\"\n[adapters.host.commands]\ndeploy = \"echo copied\"\n",
        app.read("edgezero.toml")
    );
    app.write("edgezero.toml", &text);
    let said = app.run(&["build", "--", "a b", "$(touch x)", "'"]);
    assert_eq!(
        (said.code, &*said.stdout),
        (Some(7), "<a b>\n<$(touch x)>\n<'>\n")
    );
    assert!(!app.path("x").exists());
    let folder = app.folder.path().canonicalize().unwrap();
    app.run(&["serve", "--", "y"])
        .done()
        .says(&[folder.to_str().unwrap(), "y\n"]);
    assert_eq!(app.run(&["deploy"]).done().stdout, "deployed\n");
    assert_eq!(
        app.run(&["deploy", "--adapter", "host"]).done().stdout,
        "copied\n"
    );
    assert_eq!(app.run(&["auth", "status"]).done().stdout, "nobody\n");
    assert!(app.calls().is_empty());
    app.run(&["auth", "login"]).done();
    assert_eq!(app.calls(), [["cloud", "login"]]);
    app.run(&["auth", "login", "--adapter", "host"])
        .refused(&["[adapters.host.commands]", "auth-login"]);
}

/// An app whose `build` is `line`, as TOML has it.
fn with_build(line: &str) -> App {
    let app = App::new();
    let manifest = app.read("edgezero.toml");
    let commands = format!("\n[adapters.spin.commands]\nbuild = {line}\n");
    app.write("edgezero.toml", &(manifest + &commands));
    app
}

pub(crate) fn a_command_line_that_fails_says_so_however_it_ends() {
    for line in [
        "\"\"\"\nfalse\n\"\"\"",
        "\"\"\"\r\nfalse\r\n\"\"\"",
        "\"false;\"",
        "\"false ; \"",
        "\"false # or true\"",
        "'''\nfalse\n# the end\n'''",
    ] {
        let said = with_build(line).run(&["build"]);
        assert_eq!(said.code, Some(1), "{line}: {}", said.stderr);
    }
}

pub(crate) fn what_follows_a_command_line_is_never_a_command() {
    let build = &["build", "--", "touch", "made"];
    for line in [
        "\"\"\"\nfalse\n\"\"\"",
        "\"false;\"",
        "\"false & \"",
        "\"true &&\"",
        "\"false ||\"",
        "\"true |\"",
        "\"echo >\"",
        "\"!\"",
        "\"\"",
        "\"true # or false\"",
        "'''\ntrue\n# the end\n'''",
        "\"echo \\\\\"",
        "\"echo '\"",
        "'echo # \"$@\"'",
        "\"\"\"echo '$@' \"\"\"",
        "\"if true; then echo; fi\"",
        "\"{ echo; }\"",
        "\"(echo)\"",
        "\"\"\"cat <<E\necho\nE\n\"\"\"",
    ] {
        let app = with_build(line);
        let said = app.run(build);
        assert_eq!(said.stdout, "", "{line}");
        assert_eq!(said.code, Some(1), "{line}: {}", said.stderr);
        assert!(!app.path("made").exists(), "{line}");
        assert!(!app.path("touch").exists(), "{line}");
    }
    with_build("\"false;\"")
        .run(build)
        .refused(&["line 15", "`build`", "`;`", "\"$@\""]);
    with_build("'echo # \"$@\"'").run(build).refused(&[
        "line 15",
        "`build`",
        "only in a comment",
        "Write \"$@\"",
    ]);
    with_build("\"if true; then echo; fi\"")
        .run(build)
        .refused(&["line 15", "`build`", "`if`", "Write \"$@\""]);
}

pub(crate) fn what_follows_stands_where_the_command_line_has_it_or_at_its_end() {
    for (line, said) in [
        ("'echo \"$@\" !; # said'", "touch made !\n"),
        ("'echo a\\;'", "a; touch made\n"),
        (
            "\"echo '# no comment;' $# a#b\"",
            "# no comment; 2 a#b touch made\n",
        ),
        ("\"\"\"\necho a\necho b\n\"\"\"", "a\nb touch made\n"),
    ] {
        let app = with_build(line);
        let out = app.run(&["build", "--", "touch", "made"]).done().stdout;
        assert_eq!(out, said, "{line}");
    }
}

pub(crate) fn a_variable_that_is_no_text_is_handed_over_as_it_is() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let label = "EDGEZERO__STORES__KV__VISITS__NAME";
    let mut command = app.command(&["serve", "--no-build"]);
    command
        .env("OTHER", OsStr::from_bytes(b"\xff"))
        .env(OsStr::from_bytes(b"EDGE\xff"), "x")
        .env(label, OsStr::from_bytes(b"planted\xff"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("warning"), "{stderr}");
    let call = std::fs::read(app.path("calls/1")).unwrap();
    let mut arguments = call.split(|byte| *byte == 0);
    let handed = [label.as_bytes(), b"=planted\xff"].concat();
    assert!(arguments.any(|argument| argument == handed));
}

pub(crate) fn the_manifest_is_named_by_an_option_or_a_variable() {
    let app = App::new();
    std::fs::create_dir(app.path("elsewhere")).unwrap();
    let named = app.path("edgezero.toml").display().to_string();
    let mut command = app.command(&["provision", "--manifest", &named]);
    let output = command.current_dir(app.path("elsewhere")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut command = app.command(&["config", "push", "--local"]);
    command.current_dir(app.path("elsewhere"));
    let output = command.env("EDGEZERO_MANIFEST", &named).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(app.stored("spin/.spin/kv.db", "app_config").len(), 2);
}
