//! Where a push goes: the table of all cases.

use crate::app::App;

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
        ("redis" | "unknown", _, true) => Expected::File("spin/.spin/sqlite_key_value.db"),
        ("redis", ..) => refused(&[
            "runtime-config.toml: line 1",
            "redis-cli -u 'redis://user:***@localhost:6379' SET <key> <value>",
        ]),
        ("unknown", ..) => refused(&["runtime-config.toml: line 1", "\"mongo\""]),
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
            let warned = said.stderr.contains("reads that backend");
            assert_eq!(warned, matches!(stanza, "redis" | "unknown"), "{cell}");
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
            app.run(local).refused(&["kv.db"]);
        }
        assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0, "{path}");
        assert!(app.databases().is_empty(), "{path}");
    }
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
