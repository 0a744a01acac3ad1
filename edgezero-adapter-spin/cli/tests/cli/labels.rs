//! The labels that edgezero.toml gives its stores.

use crate::app::App;

const VARIABLE: &str = "EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME";

/// An app whose configuration is under the label `shop-config`.
fn labelled() -> App {
    let app = App::new();
    app.edit(
        "edgezero.toml",
        "ids = [\"app_config\"]",
        "ids = [\"app_config\"]\nlabel = { app_config = \"shop-config\" }",
    );
    app
}

pub(crate) fn every_command_uses_the_label_of_the_manifest() {
    let app = labelled();
    app.run(&["provision"]).done().says(&["shop-config"]);
    app.edit(
        "spin/runtime-config.toml",
        "[key_value_store.app_config]",
        "[key_value_store.shop-config]",
    );
    app.run(&["config", "push", "--local"]).done();
    let stored = app.stored("spin/.spin/kv.db", "shop-config");
    assert_eq!(stored["greeting"], "Hello");
    let greeting = ["kv", "get", "--store", "app_config", "greeting"];
    assert_eq!(app.run(&greeting).done().stdout, "Hello");
}

pub(crate) fn a_variable_wins_over_the_label_of_the_manifest() {
    let app = labelled().with_variable(VARIABLE, "app_config");
    app.run(&["config", "push", "--local"]).done();
    let stored = app.stored("spin/.spin/kv.db", "app_config");
    assert_eq!(stored["greeting"], "Hello");
}

pub(crate) fn a_label_of_the_manifest_that_spin_refuses_is_named() {
    let app = labelled();
    app.edit("edgezero.toml", "shop-config", "shop config");
    app.run(&["config", "push", "--local"])
        .refused(&["`label.app_config` of [stores.config]", "\"shop config\""]);
}

pub(crate) fn a_variable_that_is_no_text_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let app = App::new();
    for (kind, arguments) in [
        ("KV__VISITS", &["kv", "set", "a", "1"][..]),
        ("KV__VISITS", &["kv", "list"]),
        ("KV__VISITS", &["provision"]),
        ("CONFIG__APP_CONFIG", &["config", "push"]),
        ("CONFIG__APP_CONFIG", &["config", "diff"]),
    ] {
        let variable = format!("EDGEZERO__STORES__{kind}__NAME");
        let (code, stderr) = app.run_with(arguments, |command| {
            command.env(&variable, OsStr::from_bytes(b"planted\xff"));
        });
        assert_eq!(code, Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.contains(&variable), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("planted"), "{stderr}");
    }
    assert!(app.databases().is_empty());
}
