//! `edgezero config validate`.

use crate::app::App;

pub(crate) const VALIDATE: &[&str] = &["config", "validate", "--strict"];

/// With a secret that is declared and bound.
pub(crate) fn sound() -> App {
    let app = App::new().with_variable("SPIN_VARIABLE_API_KEY", "x");
    let app = app.with_variable("SPIN_VARIABLE_OTHER", "x");
    app.write("shop.toml", "greeting = \"Hi\"\napi_key = \"API_KEY\"\n");
    let text = app.read("spin/spin.toml")
        + "[component.shop.variables]\napi_key = \"{{ api_key }}\"\n\n[variables]\napi_key = { \
           required = true, secret = true }\n";
    app.write("spin/spin.toml", &text);
    app
}

pub(crate) fn a_sound_app_has_no_findings() {
    let said = sound().run_typed(VALIDATE).done();
    assert_eq!(said.stdout, "");
    let said = sound()
        .run_typed(&["config", "validate", "--format", "json"])
        .done();
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(json["findings"], serde_json::json!([]));
    App::new()
        .run_typed(&["config", "validate", "--adapter", "host"])
        .done();
}

pub(crate) fn all_findings_are_told_in_one_run_with_file_and_line() {
    let app = App::new();
    app.write(
        "edgezero.toml",
        "[app]\nname = \"shop\"\n[stores.kv]\nids = [\"visits\", \"app_config\", \"notes\"]\ndefault \
         = \"visits\"\n[stores.config]\nids = [\"app_config\"]\n[stores.secrets]\nids = [\"a\", \
         \"b\"]\ndefault = \"a\"\n[adapters.spin.adapter]\ncrate = \"spin\"\n",
    );
    app.write(
        "shop.toml",
        "unread = 1\n[service]\ntimeout_ms = -1\napi_key = \"x\"\n",
    );
    app.edit("spin/spin.toml", "\"visits\", ", "");
    app.write(
        "spin/runtime-config.toml",
        "[key_value_store.visits]\ntype = \"spin\"\n\n[key_value_store.app_config]\ntype = \
         \"spin\"\n",
    );
    let errors = [
        "spin.toml:8: the component shop may not open the label \"visits\"",
        "spin.toml:8: the component shop may not open the label \"notes\"",
        "runtime-config.toml:1: no file says where the label `notes` is kept",
        "runtime-config.toml:4: [key_value_store.app_config] has no path",
        "shop.toml:1: greeting: missing",
        "shop.toml:3: service.timeout_ms: -1 is out of range for u32",
    ];
    let warnings = [
        "edgezero.toml:9: [stores.secrets] has several ids",
        "edgezero.toml:7: [stores.config] app_config and [stores.kv] app_config",
        "runtime-config.toml:1: [key_value_store.visits] has no path",
        "runtime-config.toml:4: [key_value_store.app_config] has no path",
        "shop.toml:1: unread: not a key of the app's configuration",
        "shop.toml:4: service.api_key: not a key of the app's configuration",
    ];
    let said = app
        .run_typed(&["config", "validate"])
        .refused(&errors)
        .says(&warnings);
    for line in said.stdout.lines() {
        let is = |known: &[&str], kind| {
            known.iter().any(|part| line.contains(part)) && line.starts_with(kind)
        };
        assert!(
            is(&errors, "error: ") || is(&warnings, "warning: "),
            "{line}"
        );
    }
    let said = app.run_typed(&["config", "validate", "--strict", "--format", "json"]);
    assert_eq!(said.code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .all(|finding| finding["severity"] == "error")
    );
    assert!(findings.iter().any(|finding| finding["line"] == 9));

    app.write("edgezero.toml", "[app]\nnam = \"shop\"\n");
    app.run_typed(VALIDATE)
        .refused(&["edgezero.toml", "line 2"]);
    let said = app.run_typed(&["config", "validate", "--format", "json"]);
    assert_eq!(said.code, Some(1));
    assert!(serde_json::from_str::<serde_json::Value>(&said.stdout).is_ok());
}

pub(crate) fn variables_that_configure_no_store_are_found() {
    let cap = "EDGEZERO__STORES__KV__VISITS__MAX_LIST_KEYS";
    let misspelt = "EDGEZERO__STORES__KV__VISTS__NAME";
    let meant = "did you mean EDGEZERO__STORES__KV__VISITS__NAME?";
    App::new()
        .with_variable(cap, " 0 ")
        .with_variable("EDGEZERO__ADAPTER__PORT", "80")
        .run(VALIDATE)
        .done();
    App::new()
        .with_variable(misspelt, "planted")
        .run(VALIDATE)
        .refused(&["edgezero.toml:4: the variable", misspelt, meant]);
    App::new()
        .with_variable(cap, "many")
        .run(&["config", "validate"])
        .refused(&["edgezero.toml:4: ", cap, "\"many\"", "not a number of keys"]);
    // In spin.toml, each at its line.
    let app = App::new();
    let text = app.read("spin/spin.toml");
    let environment =
        format!("[component.shop.environment]\n{misspelt} = \"visits\"\n{cap} = \"-1\"\n");
    app.write("spin/spin.toml", &(text + &environment));
    app.run(&["config", "validate"]).refused(&[
        "warning: ",
        &format!("spin.toml:14: the variable {misspelt} has no effect"),
        "error: ",
        &format!("spin.toml:15: {cap} is \"-1\""),
    ]);
}

pub(crate) fn a_component_that_is_not_built_is_a_note() {
    let app = sound();
    std::fs::remove_file(app.path("spin/shop.wasm")).unwrap();
    let said = app.run_typed(VALIDATE).done();
    let note = "spin.toml:7: the component's Wasm \"shop.wasm\" is not there: not built yet";
    said.says(&["note: ", note]);
}

pub(crate) fn a_state_folder_without_a_name_is_found_where_it_is_written() {
    let memory = "the state folder is \"\", so Spin keeps the label default in memory";
    let app = App::new();
    app.edit("spin/spin.toml", "\"visits\"", "\"default\"");
    app.edit("edgezero.toml", "ids = [\"visits\"]", "ids = [\"default\"]");
    let config = app.read("spin/runtime-config.toml");
    app.write(
        "spin/runtime-config.toml",
        &format!("\nstate_dir = \"\"\n{config}"),
    );
    app.run(VALIDATE)
        .refused(&[&format!("runtime-config.toml:2: {memory}")]);
    app.write("spin/runtime-config.toml", &config);
    app.run(&[VALIDATE, &["--state-dir", ""]].concat())
        .refused(&["--state-dir is \"\", so Spin keeps the label default in memory"]);
}

pub(crate) fn a_component_in_its_trigger_is_changed_by_hand() {
    let app = App::new();
    app.write(
        "spin/spin.toml",
        "spin_manifest_version = 2\napplication.name = \"shop\"\n[[trigger.http]]\nroute = \
         \"/...\"\n[trigger.http.component]\nsource = \"shop.wasm\"\n\
         key_value_stores = [\"other\"]\n\
         environment.EDGEZERO__STORES__KV__VISTS__NAME = \"x\"\n",
    );
    app.run(VALIDATE).refused(&[
        "spin.toml:7: the component",
        "write there key_value_stores = [\"other\", \"visits\", \"app_config\"]",
        "spin.toml:8: the variable EDGEZERO__STORES__KV__VISTS__NAME",
    ]);
}

pub(crate) fn a_file_that_is_a_folder_is_named() {
    for file in ["spin/.env", "spin/runtime-config.toml"] {
        let app = App::new();
        let _ = std::fs::remove_file(app.path(file));
        std::fs::create_dir(app.path(file)).unwrap();
        let said = app.run(VALIDATE);
        let place = format!("error: {}:1: ", app.path(file).display());
        said.refused(&[&place, "directory"]);
    }
}

pub(crate) fn without_types_it_says_so() {
    let app = App::new();
    let said = app.run(VALIDATE).done();
    assert!(said.stderr.contains("`cli` of [app]"), "{}", said.stderr);
    app.edit(
        "edgezero.toml",
        "name = \"shop\"",
        "name = \"shop\"\ncli = \"--evil\"",
    );
    app.run(VALIDATE).refused(&["line 3", "no package's name"]);
}

pub(crate) fn a_manifest_that_cannot_be_read_is_a_finding_with_file_and_line() {
    for (text, line, part) in [
        ("[app]\nnam = \"shop\"\n", 2, "nam"),
        (
            "[app]\nname = \"shop\"\n\n[stores.kv]\nids = []\n",
            5,
            "ids is empty",
        ),
        ("[app\n", 1, ""),
        (
            "[app]\nname = \"shop\"\n[adapters.spin.adapter]\ncrate = \"../x\"\n",
            4,
            "crate",
        ),
    ] {
        let app = App::new();
        app.write("edgezero.toml", text);
        let said = app.run(&["config", "validate", "--format", "json"]);
        assert_eq!(said.code, Some(1));
        let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        let finding = &json["findings"][0];
        assert_eq!(finding["line"], line, "{json}");
        assert_eq!(finding["file"], app.path("edgezero.toml").to_str().unwrap());
        assert!(
            finding["message"].as_str().unwrap().contains(part),
            "{json}"
        );
    }
}

pub(crate) fn what_keeps_spin_from_starting_is_found() {
    type Edit = (&'static str, &'static str, &'static str);
    let cases: [(Edit, &str); 8] = [
        // TOML 1.1 has it, and Spin reads TOML 1.0.
        (
            (
                "spin/spin.toml",
                "[[trigger.http]]",
                "[variables]\na = {\n default = \"\" }\n[[trigger.http]]",
            ),
            "spin.toml:",
        ),
        (
            (
                "spin/spin.toml",
                "[[trigger.http]]",
                "[variables]\na = {}\n[[trigger.http]]",
            ),
            "spin.toml:",
        ),
        (
            (
                "spin/spin.toml",
                "[[trigger.http]]",
                "[variables]\na = { default = 1 }\n[[trigger.http]]",
            ),
            "spin.toml:",
        ),
        (
            (
                "spin/spin.toml",
                "[[trigger.http]]",
                "[component.shop.variables]\na = \"{{ b\"\n[[trigger.http]]",
            ),
            "spin.toml:",
        ),
        (
            (
                "spin/spin.toml",
                "component = \"shop\"",
                "component = \"nope\"",
            ),
            "spin.toml:",
        ),
        (
            (
                "spin/runtime-config.toml",
                "type = \"spin\"",
                "type = \"Spin\"",
            ),
            "runtime-config.toml:",
        ),
        (
            (
                "spin/runtime-config.toml",
                "[key_value_store.app_config]",
                "unused = 1\n[key_value_store.app_config]",
            ),
            "runtime-config.toml:",
        ),
        (
            (
                "spin/runtime-config.toml",
                "path = \".spin/kv.db\"",
                "path = \"\"",
            ),
            "path",
        ),
    ];
    for ((file, from, to), part) in cases {
        let app = App::new();
        app.run(VALIDATE).done();
        app.edit(file, from, to);
        app.run(VALIDATE).refused(&["error: ", part]);
    }
}

pub(crate) fn the_advice_for_a_manifest_of_another_form_works() {
    // Version 1, and a component in its trigger: neither is told to add a component.
    for text in [
        "spin_manifest_version = \"1\"\nname = \"a\"\nversion = \"1.0.0\"\ntrigger = { type = \
         \"http\", base = \"/\" }\n[[component]]\nid = \"shop\"\nsource = \"shop.wasm\"\n",
        "spin_manifest_version = 2\napplication.name = \"a\"\n[[trigger.http]]\nroute = \
         \"/...\"\ncomponent = { source = \"shop.wasm\" }\n",
    ] {
        let app = App::new();
        app.write("spin/spin.toml", text);
        for command in [&["provision"][..], &["config", "push"]] {
            let said = app.run(command).refused(&["spin.toml"]);
            assert!(!said.stderr.contains("add one"), "{}", said.stderr);
        }
        assert_eq!(app.read("spin/spin.toml"), text);
    }
}

pub(crate) fn stores_that_share_their_keys_and_late_reads_are_found() {
    let redis = |visits: &str, config: &str| {
        format!(
            "[key_value_store.visits]\ntype = \"redis\"\nurl = \"{visits}\"\n\n\
             [key_value_store.app_config]\ntype = \"redis\"\nurl = \"{config}\"\n"
        )
    };
    for (visits, config, same) in [
        ("redis://localhost", "redis://localhost:6379/0", true),
        ("redis://u:planted@localhost", "redis://localhost", true),
        ("redis://localhost/0", "redis://localhost/1", false),
        ("redis://localhost", "redis://localhost:6380", false),
    ] {
        let app = App::new();
        app.write("spin/runtime-config.toml", &redis(visits, config));
        let said = app.run(&["config", "validate"]);
        assert!(!said.stdout.contains("planted"), "{}", said.stdout);
        assert_eq!(
            said.stdout.contains("share their keys"),
            same,
            "{}",
            said.stdout
        );
        let said = app.run(&["config", "push"]).refused(&["redis-cli"]);
        assert_eq!(
            said.stderr.contains("share their keys"),
            same,
            "{}",
            said.stderr
        );
    }
    let app = App::new();
    let dynamo = "[key_value_store.visits]\ntype = \"aws_dynamo\"\nregion = \"r\"\ntable = \"t\"\n";
    let stanza = crate::app::STANZA;
    app.write("spin/runtime-config.toml", &format!("{stanza}\n{dynamo}"));
    app.run(VALIDATE)
        .refused(&["runtime-config.toml:5:", "add consistent_read = true"]);
    let sound = format!("{stanza}\n{dynamo}consistent_read = true\n");
    app.write("spin/runtime-config.toml", &sound);
    app.run(VALIDATE).done();
}
