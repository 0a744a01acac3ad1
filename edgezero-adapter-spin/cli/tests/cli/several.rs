//! An app with two configuration stores.

use edgezero_store_traits::AppConfig;

use crate::app::{App, STANZA};

/// The configuration of the store `flags`.
#[derive(AppConfig)]
#[app_config(store = "flags")]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its description is used")]
pub(crate) struct Flags {
    new_checkout: bool,
    share: Option<f32>,
}

/// A second one for the default store.
#[derive(AppConfig)]
#[app_config(store = "app_config")]
#[allow(dead_code, reason = "only its description is used")]
pub(crate) struct Twin {
    greeting: String,
}

const FILE: &str = "spin/.spin/kv.db";
const FLAGS: &[&str] = &["config", "push", "--local", "--store", "flags"];
const VALIDATE: &[&str] = &["config", "validate", "--strict"];

fn app() -> App {
    let app = App::new().typed_as("two");
    app.edit(
        "edgezero.toml",
        "ids = [\"app_config\"]",
        "ids = [\"app_config\", \"flags\"]\ndefault = \"app_config\"",
    );
    app.edit(
        "spin/spin.toml",
        "\"app_config\"]",
        "\"app_config\", \"flags\"]",
    );
    let config = app.read("spin/runtime-config.toml");
    let stanza = STANZA.replace("app_config", "flags");
    app.write("spin/runtime-config.toml", &format!("{config}\n{stanza}"));
    app.write("shop.flags.toml", "new_checkout = true\n");
    app
}

pub(crate) fn each_store_has_its_own_file_and_type() {
    let app = app();
    app.run_typed(FLAGS).done();
    let flags = app.stored(FILE, "flags");
    assert_eq!(flags.len(), 1);
    assert_eq!(flags["new_checkout"], "true");
    assert!(app.stored(FILE, "app_config").is_empty());
    app.run_typed(&["config", "push", "--local"]).done();
    assert_eq!(app.stored(FILE, "app_config")["greeting"], "Hello");
    assert_eq!(app.stored(FILE, "flags").len(), 1);
    app.write("shop.flags.toml", "new_checkout = false\n");
    let diff = ["config", "diff", "--local", "--store", "flags"];
    let said = app.run_typed(&diff).done();
    assert_eq!(said.stdout, "~ new_checkout = true -> false\n");
    app.write("shop.flags.toml", "new_checkout = 5\n");
    app.run_typed(FLAGS)
        .refused(&["shop.flags.toml:1: new_checkout: not true or false"]);
    app.run_typed(&["config", "push", "--store", "flgs"])
        .refused(&["[stores.config] has no id \"flgs\""]);
}

pub(crate) fn a_file_goes_into_another_store_only_where_it_is_named() {
    let app = app();
    std::fs::remove_file(app.path("shop.flags.toml")).unwrap();
    for program in [App::run, App::run_typed] {
        program(&app, FLAGS).refused(&["there is no ", "shop.flags.toml", "--app-config"]);
        assert!(app.databases().is_empty());
    }
    app.write("other.toml", "new_checkout = true\n");
    let named = [FLAGS, &["--app-config", "other.toml"]].concat();
    app.run_typed(&named).done();
    assert_eq!(app.stored(FILE, "flags").len(), 1);
    // The type is that of the store, whatever file it is.
    let named = [FLAGS, &["--app-config", "shop.toml"]].concat();
    app.run_typed(&named).refused(&[
        "shop.toml:1: greeting: not a key of the app's configuration",
        "shop.toml:1: new_checkout: missing",
    ]);
}

pub(crate) fn validate_checks_each_store_by_its_type() {
    let app = app();
    app.run_typed(VALIDATE).done();
    app.write("shop.flags.toml", "new_checkot = true\n");
    app.edit("shop.toml", "greeting", "greting");
    let flags = [
        "shop.flags.toml:1: new_checkot: not a key of the app's configuration; did you mean \
         new_checkout?",
        "shop.flags.toml:1: new_checkout: missing",
    ];
    let default = "shop.toml:1: greeting: missing";
    app.run_typed(VALIDATE).refused(&flags).says(&[default]);
    let only = [VALIDATE, &["--store", "flags"]].concat();
    let said = app.run_typed(&only).refused(&flags);
    assert!(!said.stdout.contains("greeting"), "{}", said.stdout);
    let only = [VALIDATE, &["--store", "app_config"]].concat();
    let said = app.run_typed(&only).refused(&[default]);
    assert!(!said.stdout.contains("checkout"), "{}", said.stdout);
    // A file that is named is that of the default store.
    app.write("other.toml", "greeting = \"Hi\"\n");
    let named = [VALIDATE, &["--app-config", "other.toml"]].concat();
    let said = app.run_typed(&named).refused(&flags);
    assert!(!said.stdout.contains("greeting"), "{}", said.stdout);
    std::fs::remove_file(app.path("shop.flags.toml")).unwrap();
    app.run_typed(VALIDATE)
        .refused(&["there is no ", "shop.flags.toml"]);
}

pub(crate) fn a_stores_variables_have_its_id() {
    let app = app()
        .with_variable("SHOP__FLAGS__SHARE", "0.5")
        .with_variable("SHOP__FLAGS__NEW_CHECKOUT", "0")
        .with_variable("SHOP__GREETING", "Ciao");
    app.run_typed(VALIDATE).done();
    for push in [FLAGS, &["config", "push", "--local"]] {
        let said = app.run_typed(push).done();
        assert!(!said.stderr.contains("match"), "{}", said.stderr);
    }
    let flags = app.stored(FILE, "flags");
    assert_eq!(
        (&*flags["share"], &*flags["new_checkout"]),
        ("0.5", "false")
    );
    assert_eq!(app.stored(FILE, "app_config")["greeting"], "Ciao");
    let app = app.with_variable("SHOP__FLAGS__SHAR", "1");
    app.run_typed(VALIDATE).refused(&[
        "shop.flags.toml:1: the variable SHOP__FLAGS__SHAR does not match any key here; did you \
         mean SHOP__FLAGS__SHARE?",
    ]);
}

pub(crate) fn a_type_for_no_store_or_for_the_same_one_is_an_error() {
    let app = app();
    app.edit("edgezero.toml", "\"flags\"", "\"flag\"");
    let missing = "a type of the app has #[app_config(store = \"flags\")], which [stores.config] \
                   does not have; its ids are: app_config, flag";
    app.run_typed(VALIDATE)
        .refused(&["edgezero.toml:8: ", missing]);
    app.run_typed(&["config", "push", "--local"])
        .refused(&[missing]);
    assert!(app.databases().is_empty());
    App::new()
        .typed_as("twins")
        .run_typed(VALIDATE)
        .refused(&["two types of the app are for the configuration store app_config"]);
}

pub(crate) fn a_store_without_a_type_is_said() {
    let app = app().typed_as("settings");
    let note = "the values of the store flags were not checked by type: no type of the app has \
                #[app_config(store = \"flags\")]";
    for command in [FLAGS, VALIDATE] {
        app.run_typed(command).done().says(&[note]);
    }
    // It may be filled in another way.
    std::fs::remove_file(app.path("shop.flags.toml")).unwrap();
    let said = app.run_typed(VALIDATE).done();
    assert!(!said.stderr.contains("flags"), "{}", said.stderr);
}
