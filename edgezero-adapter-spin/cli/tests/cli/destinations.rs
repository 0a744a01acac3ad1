//! Where a push goes: the table of all cases.

use crate::app::{App, STANZA};

const DEPLOY: &str = "\n[adapters.spin.commands]\ndeploy = \"spin  deploy --from spin\"\n";

const STANZAS: [(&str, &str); 6] = [
    ("with path", "type = \"spin\"\npath = \"data/kv.db\"\n"),
    ("without path", "type = \"spin\"\n"),
    ("none", ""),
    (
        "redis",
        "type = \"redis\"\nurl = \"redis://user:planted@localhost:6379\"\n",
    ),
    ("unknown", "type = \"mongo\"\n"),
    ("malformed", "type = \n"),
];

enum Expected {
    File(&'static str),
    Cloud,
    Refused(Vec<String>),
}

fn expected(label: &str, stanza: &str, local: bool, cloud: bool) -> Expected {
    let refused = |parts: &[&str]| {
        let parts = parts.iter().map(|part| (*part).to_owned());
        Expected::Refused(parts.collect())
    };
    let path = "path = \".spin/sqlite_key_value.db\"";
    if cloud && !local {
        return Expected::Cloud;
    }
    match (stanza, label, local) {
        ("with path", ..) => Expected::File("spin/data/kv.db"),
        ("without path", ..) => refused(&["runtime-config.toml: line 1", "in memory", path]),
        ("none", "default", _) => Expected::File("spin/.spin/sqlite_key_value.db"),
        ("none", ..) => refused(&[&format!(
            "[key_value_store.{label}]\ntype = \"spin\"\n{path}\n"
        )]),
        ("redis", ..) => refused(&[
            "runtime-config.toml: line 1",
            "redis-cli -u redis://localhost:6379/0 SET <key> <value>",
        ]),
        ("unknown", ..) => refused(&["runtime-config.toml: line", "`type`"]),
        ("malformed", ..) => refused(&["runtime-config.toml: line 2"]),
        _ => unreachable!("no such stanza"),
    }
}

pub(crate) fn every_push_arrives_where_the_app_reads_it_or_is_refused_with_the_line_to_add() {
    for label in ["default", "app_config"] {
        for (stanza, text) in STANZAS {
            for (local, cloud) in [(false, false), (false, true), (true, false), (true, true)] {
                cell(label, stanza, text, local, cloud);
            }
        }
    }
}

fn cell(label: &str, stanza: &str, text: &str, local: bool, cloud: bool) {
    let cell = format!("{label}, {stanza}, local: {local}, cloud: {cloud}");
    let app = App::new();
    app.fake_spin("4.0.1", 0, "");
    app.edit("edgezero.toml", "\"app_config\"", &format!("{label:?}"));
    app.edit("spin/spin.toml", "\"app_config\"", &format!("{label:?}"));
    if cloud {
        let manifest = app.read("edgezero.toml") + DEPLOY;
        app.write("edgezero.toml", &manifest);
    }
    let config = match text {
        "" => String::new(),
        text => format!("[key_value_store.{label}]\n{text}"),
    };
    app.write("spin/runtime-config.toml", &config);
    let mut arguments = vec!["config", "push"];
    arguments.extend(local.then_some("--local"));
    let said = app.run(&arguments);
    assert!(!said.stderr.contains("planted"), "{cell}: {}", said.stderr);
    match expected(label, stanza, local, cloud) {
        Expected::File(file) => {
            assert_eq!(said.code, Some(0), "{cell}: {}", said.stderr);
            assert_eq!(app.databases(), [app.path(file)], "{cell}");
            let stored = app.stored(file, label);
            assert_eq!(stored["greeting"], "Hello", "{cell}");
            assert_eq!(stored["service.timeout_ms"], "1500", "{cell}");
            assert!(app.calls().is_empty(), "{cell}");
        }
        Expected::Cloud => {
            assert_eq!(said.code, Some(0), "{cell}: {}", said.stderr);
            let calls = app.calls();
            let [call] = calls.as_slice() else {
                panic!("{cell}: {calls:?}");
            };
            let start = [
                "cloud",
                "key-value",
                "set",
                "--app",
                "cloud-shop",
                "--label",
            ];
            assert_eq!(call[..6], start, "{cell}");
            assert_eq!(
                call[6..],
                [label, "greeting=Hello", "service.timeout_ms=1500"],
                "{cell}"
            );
            assert!(app.databases().is_empty(), "{cell}");
        }
        Expected::Refused(parts) => {
            assert_eq!(said.code, Some(1), "{cell}: {}", said.stdout);
            for part in parts {
                assert!(
                    said.stderr.contains(&part),
                    "{cell}: no {part} in {}",
                    said.stderr
                );
            }
            assert!(app.databases().is_empty(), "{cell}");
            assert!(app.calls().is_empty(), "{cell}");
        }
    }
}

pub(crate) fn a_label_that_is_not_on_this_machine_is_refused_by_every_command() {
    for (stanza, parts) in [
        (
            "type = \"redis\"\nurl = \"redis://user:planted@h:1\"\n",
            ["Redis at h:1/0", "redis-cli -u redis://h:1/0"],
        ),
        (
            "type = \"aws_dynamo\"\nregion = \"r\"\ntable = \"t\"\n",
            ["table t", "aws dynamodb put-item --table-name t"],
        ),
        (
            "type = \"azure_cosmos\"\naccount = \"a\"\ndatabase = \"d\"\ncontainer = \"c\"\nkey = \
             \"cGxhbnRlZA==\"\n",
            ["Cosmos", "Azure's own tools"],
        ),
    ] {
        let app = App::new();
        let stanzas = ["visits", "app_config"]
            .map(|label| format!("[key_value_store.{label}]\n{stanza}"))
            .concat();
        app.write("spin/runtime-config.toml", &stanzas);
        for arguments in [
            &["config", "push", "--local"][..],
            &["config", "push", "--local", "--dry-run"],
            &["config", "push", "--adapter", "host"],
            &["config", "diff", "--local"],
            &["kv", "set", "a", "1"],
            &["kv", "set", "--adapter", "host", "a", "1"],
            &["kv", "get", "a"],
            &["kv", "list"],
            &["kv", "delete", "a"],
        ] {
            let said = app.run(arguments).refused(&[
                "runtime-config.toml: line",
                "type = \"spin\"",
                parts[0],
                parts[1],
            ]);
            assert!(!said.stderr.contains("planted"), "{}", said.stderr);
            assert!(!said.stderr.contains("cGxh"), "{}", said.stderr);
        }
        assert!(app.databases().is_empty());
    }
}

pub(crate) fn a_link_whose_target_is_missing_is_followed_within_the_app() {
    let elsewhere = tempfile::tempdir().unwrap();
    let app = App::new();
    let stanza = STANZA.replace(".spin/kv.db", "lnk.db");
    let both = format!("{stanza}{}", stanza.replace("app_config", "visits"));
    app.write("spin/runtime-config.toml", &both);
    let link = app.path("spin/lnk.db");
    let to = |target: &std::path::Path| {
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(target, &link).unwrap();
    };

    to("data/real.db".as_ref());
    for arguments in [&["config", "push"][..], &["kv", "set", "a", "1"]] {
        let said = app
            .run(arguments)
            .refused(&["data/real.db", "make the folder"]);
        assert!(!said.stderr.contains("allow-outside"), "{}", said.stderr);
    }
    std::fs::create_dir(app.path("spin/data")).unwrap();
    app.run(&["kv", "get", "a"]).refused(&["lnk.db yet"]);
    app.run(&["config", "push"]).done();
    app.run(&["kv", "set", "a", "1"]).done();
    assert_eq!(app.run(&["kv", "get", "a"]).done().stdout, "1");
    let stored = app.stored("spin/data/real.db", "app_config");
    assert_eq!(stored["greeting"], "Hello");
    assert!(link.is_symlink());

    let outside = elsewhere.path().join("real.db");
    to(&outside);
    app.run(&["config", "push"])
        .refused(&["real.db is not in the app's folder", "--allow-outside"]);
    assert!(!outside.exists());
    app.run(&["config", "push", "--allow-outside"]).done();
    assert!(outside.is_file());

    to("lnk.db".as_ref());
    for arguments in [&["config", "push"][..], &["kv", "set", "a", "1"]] {
        let said = app.run(arguments).refused(&["lnk.db", "links"]);
        assert!(!said.stderr.contains("allow-outside"), "{}", said.stderr);
    }
}

pub(crate) fn a_path_that_leads_back_from_a_missing_folder_is_the_one_that_spin_makes() {
    let app = App::new();
    let stanza = STANZA.replace(".spin/kv.db", "nope/../x.db");
    app.write("spin/runtime-config.toml", &stanza);
    app.run(&["config", "push"]).done();
    assert_eq!(app.stored("spin/x.db", "app_config")["greeting"], "Hello");
}

pub(crate) fn a_path_out_of_the_apps_folder_is_not_written_to() {
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("kv.db").display().to_string();
    let app = App::new();
    std::os::unix::fs::symlink(elsewhere.path(), app.path("spin/link")).unwrap();
    for path in [
        &outside,
        "../../kv.db",
        "link/kv.db",
        "missing/../../../kv.db",
    ] {
        app.write(
            "spin/runtime-config.toml",
            &format!("[key_value_store.app_config]\ntype = \"spin\"\npath = \"{path}\"\n"),
        );
        for local in [&["config", "push"][..], &["config", "push", "--local"]] {
            app.run(local).refused(&["kv.db", "--allow-outside"]);
        }
        app.run(&["kv", "list", "--store", "app_config"])
            .refused(&["kv.db", "--allow-outside"]);
        assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0, "{path}");
        assert!(app.databases().is_empty(), "{path}");
    }
}

pub(crate) fn a_path_out_of_the_apps_folder_is_written_to_where_the_user_says_so() {
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("kv.db");
    let app = App::new();
    let config = format!("path = \"{}\"", outside.display());
    app.edit(
        "spin/runtime-config.toml",
        "path = \".spin/kv.db\"",
        &config,
    );
    let outside = outside.to_str().unwrap();
    app.run(&["config", "push", "--allow-outside"])
        .done()
        .says(&[outside]);
    app.run(&["config", "diff", "--exit-code", "--allow-outside"])
        .done();
    app.run(&["kv", "--allow-outside", "set", "ada", "1"])
        .done();
    let said = app.run(&["kv", "get", "ada", "--allow-outside"]).done();
    assert_eq!(said.stdout, "1");
    assert_eq!(app.stored(outside, "app_config")["greeting"], "Hello");
    app.run(&["config", "diff"]).refused(&["--allow-outside"]);
    // A folder of the state out of the app is no different.
    app.write(
        "spin/runtime-config.toml",
        &format!("state_dir = {:?}\n", elsewhere.path()),
    );
    app.edit("edgezero.toml", "\"app_config\"", "\"default\"");
    app.edit("spin/spin.toml", "\"app_config\"", "\"default\"");
    app.run(&["config", "push"])
        .refused(&["label default", "--allow-outside"]);
}

pub(crate) fn a_state_folder_is_where_spin_has_it() {
    for (config, arguments, file) in [
        ("", &[][..], "spin/.spin"),
        // Below Spin's working folder, where `edgezero serve` runs it.
        ("state_dir = \"data\"\n", &[], "spin/data"),
        ("state_dir = \"../data\"\n", &[], "data"),
        ("state_dir = \"data\"\n", &["--state-dir", "other"], "other"),
        ("", &["--state-dir", "spin/other"], "spin/other"),
    ] {
        let app = App::new();
        app.edit("edgezero.toml", "\"app_config\"", "\"default\"");
        app.edit("spin/spin.toml", "\"app_config\"", "\"default\"");
        let stanza = STANZA.replace("app_config", "visits");
        app.write("spin/runtime-config.toml", &format!("{config}{stanza}"));
        let file = format!("{file}/sqlite_key_value.db");
        app.run(&[&["config", "push"], arguments].concat()).done();
        assert_eq!(app.databases(), [app.path(&file)], "{config}{arguments:?}");
        assert_eq!(app.stored(&file, "default")["greeting"], "Hello");
        let diff = [&["config", "diff", "--exit-code"], arguments].concat();
        app.run(&diff).done();
        let set = ["kv", "set", "--store", "default", "ada", "1"];
        app.run(&[&set, arguments].concat()).done();
        assert_eq!(app.stored(&file, "default")["ada"], "1");
    }
    let app = App::new();
    app.edit("edgezero.toml", "\"app_config\"", "\"default\"");
    app.edit("spin/spin.toml", "\"app_config\"", "\"default\"");
    app.write("spin/runtime-config.toml", "state_dir = \"\"\n");
    for command in [&["config", "push"][..], &["config", "diff"]] {
        app.run(command).refused(&["label default", "in memory"]);
    }
    assert!(app.databases().is_empty());
}

pub(crate) fn the_runtime_config_is_the_same_in_every_command() {
    let other = STANZA.replace("kv.db", "other.db");
    let other = format!("{other}{}", other.replace("app_config", "visits"));
    for (variable, option, file) in [
        (None, None, "spin/.spin/kv.db"),
        (Some("other/named.toml"), None, "other/.spin/other.db"),
        (None, Some("other/named.toml"), "other/.spin/other.db"),
        (
            Some("missing.toml"),
            Some("other/named.toml"),
            "other/.spin/other.db",
        ),
    ] {
        let mut app = App::new();
        app.fake_spin("4.0.0", 0, "");
        app.write("other/named.toml", &other);
        if let Some(variable) = variable {
            app = app.with_variable("RUNTIME_CONFIG_FILE", variable);
        }
        let mut option: Vec<&str> = option.into_iter().collect();
        if !option.is_empty() {
            option.insert(0, "--runtime-config");
        }
        let with = |arguments: &[&'static str]| [arguments, &option].concat();
        app.run(&with(&["config", "push"])).done();
        assert_eq!(app.databases(), [app.path(file)]);
        app.run(&with(&["config", "diff", "--exit-code"])).done();
        app.run(&with(&["config", "validate", "--strict"])).done();
        app.run(&with(&["kv", "set", "ada", "1"])).done();
        assert_eq!(app.stored(file, "visits")["ada"], "1");
        app.run(&with(&["serve", "--no-build"])).done();
        let config = match file {
            "spin/.spin/kv.db" => app.path("spin/runtime-config.toml"),
            _ => app.path("other/named.toml"),
        };
        let calls = app.calls();
        let at = calls[0]
            .iter()
            .position(|argument| argument == "--runtime-config-file");
        assert_eq!(calls[0][at.unwrap() + 1], config.to_str().unwrap());
    }
    let app = App::new().with_variable("RUNTIME_CONFIG_FILE", "missing.toml");
    for command in [
        &["config", "push"][..],
        &["config", "diff"],
        &["kv", "set", "a", "1"],
    ] {
        app.run(command).refused(&["missing.toml"]);
    }
    assert!(app.databases().is_empty());
}

pub(crate) fn a_component_that_may_not_open_the_label_refuses_the_push() {
    let app = App::new();
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    app.run(&["config", "push", "--local"]).refused(&[
        "spin.toml: line 8",
        "edgezero provision",
        "[\"app_config\"]",
    ]);
    assert!(app.databases().is_empty());
}
