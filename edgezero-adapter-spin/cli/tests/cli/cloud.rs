//! Pushes to Fermyon Cloud, by a program `spin` that records its arguments.

use crate::app::App;

fn app(fail_at: usize, says: &str) -> App {
    let app = App::new();
    app.fake_spin("3.1.0", fail_at, says);
    let deploy = "\n[adapters.spin.commands]\ndeploy = \"spin cloud deploy\"\n";
    let manifest = app.read("edgezero.toml") + deploy;
    app.write("edgezero.toml", &manifest);
    app
}

pub(crate) fn pairs_are_handed_over_as_they_are_in_calls_of_96_kib() {
    let app = app(0, "");
    let odd = "$(touch x); `y` 'z' \"q\" a=b\\n";
    let mut text = format!("odd = {}\nempty = \"\"\n", toml_string(odd));
    for n in 0..30 {
        text += &format!("k{n:02} = \"{}\"\n", "v".repeat(10_000));
    }
    app.write("shop.toml", &text);
    app.run(&["config", "push"]).done();
    let calls = app.calls();
    assert_eq!(calls.len(), 4);
    let mut pairs = Vec::new();
    for call in &calls {
        assert_eq!(call[5..7], ["--label", "app_config"]);
        let size: usize = call[7..].iter().map(|pair| pair.len() + 1).sum();
        assert!(size <= 96 * 1024, "{size}");
        pairs.extend_from_slice(&call[7..]);
    }
    assert_eq!(pairs.len(), 32);
    assert_eq!(pairs[0], format!("odd={odd}"));
    assert_eq!(pairs[1], "empty=");
    assert!(!app.path("x").exists());
}

fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

pub(crate) fn what_no_call_can_carry_is_refused_before_any() {
    let app = app(0, "");
    let huge = format!("a = \"1\"\nhuge = \"{}\"\n", "v".repeat(96 * 1024));
    for (text, part) in [
        ("a = \"1\"\n\"b=c\" = \"2\"\n", "\"b=c\""),
        ("a = \"1\"\n-b = \"2\"\n", "\"-b\""),
        ("a = \"1\"\nb = \"x\\u0000y\"\n", "NUL"),
        (&huge, "huge"),
    ] {
        app.write("shop.toml", text);
        app.run(&["config", "push"])
            .refused(&["shop.toml: line 2", part]);
    }
    app.write("shop.toml", "a = \"1\"\n");
    app.run(&["config", "push", "--prune"])
        .refused(&["--prune"]);
    app.edit("spin/spin.toml", "name = \"cloud-shop\"", "");
    app.run(&["config", "push"])
        .refused(&["[application] name"]);
    assert!(app.calls().is_empty());
}

pub(crate) fn a_failure_half_way_names_what_was_set_what_failed_and_what_was_not_tried() {
    let filler = "v".repeat(90 * 1024);
    let says = format!("Error adding key value pair 'c=planted{filler}' to store 's'");
    let app = app(2, &says);
    app.write(
        "shop.toml",
        &format!(
            "a = \"{filler}\"\nb = \"x\"\nc = \"planted{filler}\"\nd = \"{filler}\"\ne = \
             \"{filler}\"\n"
        ),
    );
    let said = app.run(&["config", "push"]).refused(&[
        "committed: a, b\n",
        "failed (some of them may be set): c\n",
        "not tried: d, e\n",
        "pair 'c=…' to store",
    ]);
    assert!(!said.stderr.contains("planted"), "{}", said.stderr);
    assert!(!said.stdout.contains("Pushed"), "{}", said.stdout);
    assert_eq!(app.calls().len(), 2);
}

pub(crate) fn a_missing_login_a_missing_link_and_a_missing_spin_are_answered_with_the_command() {
    for (says, command) in [
        ("Error: you are not logged in\n", "edgezero auth login"),
        (
            "Error: No key value store found with label \"app_config\" for app \"cloud-shop\"\n",
            "spin cloud link key-value --app cloud-shop --store <store> app_config",
        ),
        (
            "error: unrecognized subcommand 'cloud'\n",
            "spin plugins install cloud",
        ),
        ("disk on fire\n", "disk on fire"),
    ] {
        app(1, says)
            .run(&["config", "push"])
            .refused(&[command, "committed: none"]);
    }
    let app = app(0, "");
    std::fs::remove_file(app.path("bin/spin")).unwrap();
    app.run(&["config", "push"])
        .refused(&["not installed", "install.sh"]);
}

pub(crate) fn a_dry_run_calls_nothing_and_an_unverified_spin_is_told() {
    let app = app(0, "");
    let said = app.run(&["config", "push", "--dry-run"]).done();
    said.says(&[
        "Would push to the label app_config of the app cloud-shop",
        "greeting",
    ]);
    assert!(app.calls().is_empty());
    for version in ["2.9.0", "5.0.0"] {
        app.fake_spin(version, 0, "");
        let said = app.run(&["config", "push", "--local"]).done();
        said.says(&["warning: the installed spin", version]);
    }
}

pub(crate) fn the_manifest_says_where_a_push_goes() {
    for (commands, cloud) in [
        ("push = \"cloud\"", true),
        ("push = \"local\"\ndeploy = \"spin deploy\"", false),
        ("push = \"cloud\"\ndeploy = \"make\"", true),
        ("deploy = \"spin deploy\"", true),
        (
            "deploy = \"cargo test && /opt/bin/spin --quiet cloud  deploy\"",
            true,
        ),
        (
            "deploy = \"SPIN_X='a b' exec spin deploy # to production\"",
            true,
        ),
        ("deploy = \"# use spin deploy later\"", false),
        ("deploy = \"echo spin deploy\"", false),
        ("deploy = \"rsync -a . host: # not spin deploy\"", false),
        ("deploy = \"echo 'run; spin cloud deploy'\"", false),
        ("deploy = \"my-spin deploy\"", false),
    ] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        let commands = format!("\n[adapters.spin.commands]\n{commands}\n");
        app.write("edgezero.toml", &(app.read("edgezero.toml") + &commands));
        app.run(&["config", "push"]).done();
        assert_eq!(!app.calls().is_empty(), cloud, "{commands}");
        assert_eq!(app.databases().is_empty(), cloud, "{commands}");
        // These stay on this machine.
        app.run(&["config", "push", "--local"]).done();
        app.run(&["config", "push", "--adapter", "host"]).done();
        assert_eq!(app.calls().len(), usize::from(cloud), "{commands}");
    }
    let app = App::new();
    let commands = "\n[adapters.spin.commands]\npush = \"spin deploy\"\n";
    app.write("edgezero.toml", &(app.read("edgezero.toml") + commands));
    app.run(&["config", "push"])
        .refused(&["line 15", "cloud", "local"]);
}

pub(crate) fn a_label_that_only_this_environment_names_is_refused() {
    let variable = "EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME";
    let app = app(0, "").with_variable(variable, "prod-config");
    app.edit(
        "spin/spin.toml",
        "[\"visits\"",
        "[\"prod-config\", \"visits\"",
    );
    app.run(&["config", "push"]).refused(&[
        "[component.shop.environment]",
        variable,
        "\"prod-config\"",
    ]);
    assert!(app.calls().is_empty());
    // `edgezero serve` hands the variable over: that push arrives.
    let stanza = crate::app::STANZA.replace("app_config", "prod-config");
    app.write("spin/runtime-config.toml", &stanza);
    app.run(&["config", "push", "--local"])
        .done()
        .says(&["warning", variable]);
    assert_eq!(
        app.stored("spin/.spin/kv.db", "prod-config")["greeting"],
        "Hello"
    );
    app.run(&["serve", "--no-build"]).done();
    let calls = app.calls();
    let handed = format!("{variable}=prod-config");
    assert!(calls[0].contains(&handed), "{calls:?}");
    // Said in spin.toml, it arrives in the cloud too.
    let environment = format!("\n[component.shop.environment]\n{variable} = \"prod-config\"\n");
    let text = app.read("spin/spin.toml") + &environment;
    app.write("spin/spin.toml", &text);
    app.run(&["config", "push"]).done();
    assert!(app.calls()[1].contains(&"prod-config".to_owned()));
}
