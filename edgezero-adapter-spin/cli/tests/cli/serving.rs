//! What `serve` runs, and where.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::app::{App, Said};
use crate::building;

pub(crate) fn spin_runs_in_the_folder_of_spin_toml() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let script = app
        .read("bin/spin")
        .replace("cd '", "pwd > ../where 2>/dev/null || true\ncd '");
    let script = script.replace(
        "pwd > ../where",
        &format!("pwd > '{}'", app.path("where").display()),
    );
    app.write("bin/spin", &script);
    app.run(&["serve", "--no-build"]).done();
    let folder = app.path("spin").canonicalize().unwrap();
    assert_eq!(app.read("where").trim(), folder.to_str().unwrap());
    let calls = app.calls();
    assert_eq!(calls[0][..2], ["up", "--from"]);
    assert_eq!(calls[0][2], app.path("spin/spin.toml").to_str().unwrap());
}

pub(crate) fn options_that_name_files_may_follow_the_dashes() {
    for arguments in [
        &[
            "serve",
            "--no-build",
            "--",
            "--runtime-config-file",
            "x.toml",
            "--quiet",
        ][..],
        &[
            "serve",
            "--no-build",
            "--",
            "--quiet",
            "--runtime-config-file=x.toml",
        ],
        &[
            "serve",
            "--no-build",
            "--runtime-config",
            "x.toml",
            "--",
            "--quiet",
        ],
    ] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        app.write("x.toml", "");
        app.run(arguments).done();
        let (call, path) = (&app.calls()[0], app.path("x.toml"));
        let named = call
            .iter()
            .filter(|argument| argument.starts_with("--runtime-config"));
        assert_eq!(named.count(), 1, "{call:?}");
        assert!(call.contains(&path.display().to_string()), "{call:?}");
        assert!(call.contains(&"--quiet".to_owned()), "{call:?}");
    }
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    for arguments in [
        &["serve", "--no-build", "--", "--state-dir", "data"][..],
        &["serve", "--no-build", "--", "--state-dir=data"],
        &["serve", "--no-build", "--state-dir", "data"],
    ] {
        app.run(arguments).done();
    }
    for call in app.calls() {
        let at = call.iter().position(|argument| argument == "--state-dir");
        assert_eq!(call[at.unwrap() + 1], app.path("data").to_str().unwrap());
    }
}

pub(crate) fn an_option_that_spin_would_get_twice_is_refused() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    for (arguments, part) in [
        (
            &["--runtime-config", "x", "--", "--runtime-config-file", "y"][..],
            "--runtime-config-file",
        ),
        (
            &["--state-dir", "x", "--", "--state-dir=y"],
            "--state-dir is given twice",
        ),
        (&["--", "--from", "other"], "--from"),
        (&["--", "-f", "other"], "-f"),
        (&["--", "--runtime-config-file"], "needs a value"),
    ] {
        app.run(&[&["serve"], arguments].concat()).refused(&[part]);
    }
    assert!(app.calls().is_empty());
}

pub(crate) fn a_line_that_runs_spin_is_handed_the_names_of_stores() {
    let name = "EDGEZERO__STORES__KV__VISITS__NAME";
    for (line, handed) in [
        ("spin up --from spin", true),
        ("cd spin && exec spin up", true),
        ("spin up --from spin \\\"$@\\\"; echo ended", true),
        ("spin watch", true),
        ("echo spin up", false),
        ("sh start.sh", false),
    ] {
        let app = App::new().with_variable(name, "moved");
        app.fake_spin("4.0.0", 0, "");
        app.write("start.sh", "");
        let path = format!("{}:/usr/bin:/bin", app.path("bin").display());
        let app = app.with_variable("PATH", &path);
        let line = format!("\n[adapters.spin.commands]\nserve = \"{line}\"\n");
        app.write("edgezero.toml", &(app.read("edgezero.toml") + &line));
        let said = app.run(&["serve", "--", "--quiet"]).done();
        let option = format!("{name}=moved");
        let calls = app.calls();
        if handed {
            let call = &calls[0];
            let at = call.iter().position(|argument| *argument == option);
            assert_eq!(call[at.unwrap() - 1], "--env", "{call:?}");
            assert!(call.contains(&"--quiet".to_owned()), "{call:?}");
        } else {
            assert!(calls.is_empty());
            said.says(&["warning", "serve", name]);
        }
    }
}

pub(crate) fn a_line_of_its_own_finds_the_runtime_config_in_the_environment() {
    let app = App::new();
    let line = "\n[adapters.spin.commands]\nserve = \"echo $RUNTIME_CONFIG_FILE; true\"\n";
    app.write("edgezero.toml", &(app.read("edgezero.toml") + line));
    let said = app.run(&["serve"]).done();
    let config = app.path("spin/runtime-config.toml");
    assert_eq!(said.stdout.trim(), config.to_str().unwrap());
    let said = app.run(&["serve", "--runtime-config", "x.toml"]).done();
    assert_eq!(said.stdout.trim(), app.path("x.toml").to_str().unwrap());
    app.run(&["serve", "--state-dir", "data"])
        .refused(&["--state-dir", "edgezero.toml"]);
}

pub(crate) fn the_app_is_built_before_it_is_served() {
    let app = building::app(building::SOURCE);
    app.fake_spin("4.0.0", 0, "");
    app.run(&["serve"]).done();
    assert!(app.path("target/wasm32-wasip2/release/shop.wasm").is_file());
    assert_eq!(app.calls().len(), 1);
    app.write(
        "bin/cargo",
        "#!/bin/sh\necho 'error: no such crate' >&2\nexit 101\n",
    );
    let said = app.run(&["serve"]);
    assert_eq!(said.code, Some(101), "{}", said.stderr);
    said.says(&["no such crate"]);
    assert_eq!(app.calls().len(), 1, "it was served");
    app.run(&["serve", "--no-build"]).done();
    assert_eq!(app.calls().len(), 2);
}

pub(crate) fn what_would_fail_is_said_and_the_app_is_served() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    app.edit("spin/spin.toml", "\"visits\", ", "");
    let said = app.run(&["serve", "--no-build"]).done();
    assert!(said.stderr.contains("visits"), "{}", said.stderr);
    assert!(said.stderr.contains("spin.toml"), "{}", said.stderr);
    assert_eq!(said.stdout, "", "it is the server's");
    assert_eq!(app.calls().len(), 1);
}

pub(crate) fn the_app_listens_where_it_is_said() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    for (n, (option, listens)) in [
        (["--port", "0"], "127.0.0.1:0"),
        (["--listen", "0.0.0.0:8080"], "0.0.0.0:8080"),
        (["--listen", "[::1]:80"], "[::1]:80"),
    ]
    .iter()
    .enumerate()
    {
        app.run(&[&["serve", "--no-build"], &option[..]].concat())
            .done();
        let call = &app.calls()[n];
        let at = call.iter().position(|argument| argument == "--listen");
        assert_eq!(call[at.unwrap() + 1], *listens);
    }
    app.run(&[
        "serve",
        "--no-build",
        "--port",
        "1",
        "--",
        "--listen=[::1]:2",
    ])
    .refused(&["--listen", "twice", "127.0.0.1:1"]);
    for wrong in [
        &["serve", "--port", "65536"][..],
        &["serve", "--port", "1", "--listen", "[::1]:2"],
        &["serve", "--listen", "here"],
    ] {
        assert_eq!(app.run(wrong).code, Some(2), "{wrong:?}");
    }
    let line = "\n[adapters.host.commands]\nserve = \"echo $EDGEZERO__ADAPTER__HOST \
                $EDGEZERO__ADAPTER__PORT\"\n";
    app.write("edgezero.toml", &(app.read("edgezero.toml") + line));
    let host = ["serve", "--adapter", "host", "--listen", "[::1]:7"];
    assert_eq!(app.run(&host).done().stdout, "::1 7\n");
}

pub(crate) fn spin_watches_by_itself() {
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    app.run(&["serve", "--watch", "--port", "0"]).done();
    let call = &app.calls()[0];
    let spin_toml = app.path("spin/spin.toml").display().to_string();
    assert_eq!(call[..4], ["watch", "--from", &spin_toml, "--"]);
    assert!(
        call.contains(&"--runtime-config-file".to_owned()),
        "{call:?}"
    );
    assert!(call.contains(&"127.0.0.1:0".to_owned()), "{call:?}");
    let line = "\n[adapters.spin.commands]\nserve = \"spin up\"\n";
    app.write("edgezero.toml", &(app.read("edgezero.toml") + line));
    app.run(&["serve", "--watch"])
        .refused(&["--watch", "spin watch"]);
}

/// The app's program on this machine, which says `word` and waits.
fn program(word: &str) -> String {
    format!("fn main() {{ println!(\"{word}\"); loop {{ std::thread::park(); }} }}")
}

pub(crate) fn a_changed_source_is_built_and_started_again_on_this_machine() {
    let app = App::new();
    let section = "\n[adapters.host.adapter]\ncrate = \"host\"\n";
    app.write("edgezero.toml", &(app.read("edgezero.toml") + section));
    app.write(
        "host/Cargo.toml",
        "[package]\nname = \"host\"\nedition = \"2024\"\n[workspace]\n",
    );
    app.write("host/src/main.rs", &program("one"));
    let serve = |option: &str| {
        let mut command = app.command(&["serve", "--adapter", "host", option]);
        for variable in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        command
    };
    let said: Said = serve("--no-build").output().unwrap().into();
    said.refused(&["is not built", "--no-build"]);
    let mut command = serve("--watch");
    // The app that it starts is of the same group.
    let command = command.process_group(0).stdout(Stdio::piped());
    let mut watching = command.spawn().unwrap();
    let stdout = BufReader::new(watching.stdout.take().unwrap());
    let (sender, said) = mpsc::channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let next = || said.recv_timeout(Duration::from_secs(120)).ok();
    let first = next();
    app.write("host/src/main.rs", "fn main() { nothing }");
    std::thread::sleep(Duration::from_secs(2));
    app.write("host/src/main.rs", &program("two"));
    let second = next();
    let group = format!("-{}", watching.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    watching.wait().unwrap();
    assert_eq!(
        (first.as_deref(), second.as_deref()),
        (Some("one"), Some("two"))
    );
}

pub(crate) fn every_command_finds_the_manifest_in_a_folder_above() {
    let app = App::new();
    app.write("spin/src/deep/x", "");
    let output = app
        .command(&["kv", "set", "ada", "1"])
        .current_dir(app.path("spin/src/deep"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(app.stored("spin/.spin/kv.db", "visits")["ada"], "1");
    // The nearest one is meant.
    app.write("spin/edgezero.toml", "[app]\nname = \"inner\"\n");
    let output = app
        .command(&["kv", "get", "ada"])
        .current_dir(app.path("spin/src"))
        .output()
        .unwrap();
    assert!(!output.status.success(), "{output:?}");
    let elsewhere = tempfile::tempdir().unwrap();
    let output = app
        .command(&["kv", "get", "ada"])
        .current_dir(elsewhere.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("in a folder above"), "{stderr}");
}
