//! What `serve` runs, and where.

use crate::app::App;

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
    app.run(&["serve"]).done();
    let folder = app.path("spin").canonicalize().unwrap();
    assert_eq!(app.read("where").trim(), folder.to_str().unwrap());
    let calls = app.calls();
    assert_eq!(calls[0][..2], ["up", "--from"]);
    assert_eq!(calls[0][2], app.path("spin/spin.toml").to_str().unwrap());
}

pub(crate) fn options_that_name_files_may_follow_the_dashes() {
    for arguments in [
        &["serve", "--", "--runtime-config-file", "x.toml", "--quiet"][..],
        &["serve", "--", "--quiet", "--runtime-config-file=x.toml"],
        &["serve", "--runtime-config", "x.toml", "--", "--quiet"],
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
        &["serve", "--", "--state-dir", "data"][..],
        &["serve", "--", "--state-dir=data"],
        &["serve", "--state-dir", "data"],
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
        (&["--state-dir", "x", "--", "--state-dir=y"], "--state-dir"),
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
