//! `edgezero config validate`.

use crate::app::App;

const VALIDATE: &[&str] = &["config", "validate", "--strict"];

/// With a secret that is declared and bound.
fn sound() -> App {
    let app = App::new();
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
        "runtime-config.toml:1: no stanza for the label \"notes\"",
        "runtime-config.toml:4: [key_value_store.app_config] has no path",
        "shop.toml:1: greeting is missing",
        "shop.toml:3: service.timeout_ms is no u32",
    ];
    let warnings = [
        "edgezero.toml:9: [stores.secrets] has several ids",
        "edgezero.toml:7: [stores.config] app_config and [stores.kv] app_config",
        "runtime-config.toml:1: [key_value_store.visits] has no path",
        "runtime-config.toml:4: [key_value_store.app_config] has no path",
        "shop.toml:1: unread is no field",
        "shop.toml:4: service.api_key is no field",
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

pub(crate) fn secrets_that_spin_would_not_hand_over_are_found() {
    let found = |edit: &dyn Fn(&App), parts: &[&str]| {
        let app = sound();
        edit(&app);
        app.run_typed(VALIDATE).refused(parts);
    };
    let spin = "spin/spin.toml";
    found(
        &|app| {
            app.edit(
                spin,
                "[component.shop.variables]\napi_key = \"{{ api_key }}\"\n",
                "",
            )
        },
        &[
            "spin.toml:",
            "api_key = \"{{ api_key }}\"",
            "[component.shop.variables]",
        ],
    );
    found(
        &|app| app.edit(spin, ", secret = true", ""),
        &["spin.toml:", "secret = true"],
    );
    found(
        &|app| {
            app.edit(
                spin,
                "[variables]\napi_key = { required = true, secret = true }\n",
                "",
            )
        },
        &["spin.toml:", "[variables]"],
    );
    found(
        &|app| app.edit("shop.toml", "API_KEY", "undeclared_planted"),
        &["spin.toml:", "line 2 of", "[variables]"],
    );
    for name in ["", "1a", "a__b", "a_", "a-b", "ä"] {
        found(
            &|app| app.edit("shop.toml", "\"API_KEY\"", &format!("\"{name}\"")),
            &["shop.toml:2: api_key does not hold the name of a secret"],
        );
    }
    // A variable of another name is as good.
    let app = sound();
    app.edit(spin, "{{ api_key }}", "{{ other }}");
    app.edit(spin, "[variables]\napi_key", "[variables]\nother");
    app.run_typed(VALIDATE).done();
}

pub(crate) fn two_fields_that_name_one_secret_are_both_named() {
    let app = sound();
    app.write(
        "shop.toml",
        "greeting = \"Hi\"\napi_key = \"API_KEY\"\nother_key = \"api_key\"\n",
    );
    app.run_typed(&["config", "validate"])
        .refused(&["shop.toml:3: other_key and api_key name one secret"]);
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
