//! An app that was written for EdgeZero, with its files as they were.

use edgezero_store_traits::AppConfig;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::app::App;

/// Its configuration, as EdgeZero has it.
#[derive(Debug, Deserialize, Serialize, Validate, AppConfig)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadingRoom {
    #[secret]
    catalog_key: String,
    #[secret(store_ref)]
    vault: String,
    welcome: String,
    #[validate(nested)]
    access: Access,
    #[app_config(nested)]
    #[validate(nested)]
    loans: Loans,
}

#[derive(Debug, Deserialize, Serialize, Validate)]
#[serde(deny_unknown_fields)]
struct Access {
    open_shelves: bool,
}

#[derive(Debug, Deserialize, Serialize, Validate, AppConfig)]
#[serde(deny_unknown_fields)]
struct Loans {
    #[validate(range(min = 1_u32, max = 90_u32))]
    days: u32,
}

const SPIN: &str = "crates/reading-room-adapter-spin";

fn reading_room() -> App {
    let app = App::empty().typed_as("existing");
    app.write("edgezero.toml", include_str!("reading-room/edgezero.toml"));
    app.write(
        "reading-room.toml",
        include_str!("reading-room/reading-room.toml"),
    );
    app.write(
        &format!("{SPIN}/spin.toml"),
        include_str!("reading-room/spin.toml"),
    );
    app.write(
        &format!("{SPIN}/runtime-config.toml"),
        include_str!("reading-room/runtime-config.toml"),
    );
    app
}

pub(crate) fn its_files_pass_with_a_note_for_each_key_without_effect() {
    let app = reading_room();
    let said = app.run_typed(&["config", "validate", "--strict"]).done();
    let manifest = app.path("edgezero.toml");
    let notes = [
        (5, "[app] version has no effect here: "),
        (6, "[app] kind has no effect here: "),
        (7, "[app] entry has no effect here: "),
        (8, "[app] middleware has no effect here: "),
        (10, "[[triggers.http]] has no effect here: the app's router"),
        (37, "[environment] has no effect here: spin.toml declares"),
        (44, "[logging] has no effect here: "),
        (
            47,
            "[adapters.axum] has no effect here: the app on this machine is [adapters.host]",
        ),
        (56, "[adapters.fastly] has no effect here: "),
        (63, "[adapters.spin.build] has no effect here: "),
        (72, "[adapters.spin.logging] has no effect here: "),
    ];
    let (built, lines): (Vec<_>, Vec<_>) = said
        .stdout
        .lines()
        .partition(|line| line.contains("not built yet"));
    assert_eq!(built.len(), 1, "{}", said.stdout);
    assert_eq!(lines.len(), notes.len(), "{}", said.stdout);
    for (line, (number, note)) in lines.into_iter().zip(notes) {
        let start = format!("note: {}:{number}: {note}", manifest.display());
        assert!(line.starts_with(&start), "{line}");
    }
    let said = app
        .run_typed(&["config", "validate", "--format", "json"])
        .done();
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(json["findings"][0]["severity"], "note");

    app.run_typed(&["config", "push", "--local"]).done();
    let stored = app.stored(&format!("{SPIN}/.spin/house-rules.db"), "house_rules");
    let stored: Vec<_> = stored.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(
        stored,
        [
            ("access", "{\"open_shelves\":true}"),
            ("catalog_key", "catalog_key"),
            ("loans.days", "21"),
            ("vault", "desk_drawer"),
            ("welcome", "Quiet, please."),
        ]
    );
}

pub(crate) fn what_has_to_change_is_said_with_its_line() {
    type Edit = (&'static str, &'static str, &'static str);
    let spin_toml = "crates/reading-room-adapter-spin/spin.toml";
    let config = "crates/reading-room-adapter-spin/runtime-config.toml";
    let cases: [(Edit, &str); 7] = [
        (
            (config, "path = \".spin/house-rules.db\"\n", ""),
            "runtime-config.toml:9: [key_value_store.house_rules] has no path",
        ),
        (
            ("reading-room.toml", "\"desk_drawer\"", "\"desk_drawr\""),
            "reading-room.toml:4: vault names a secret store that [stores.secrets] does not have: \
             did you mean \"desk_drawer\"?",
        ),
        (
            ("reading-room.toml", "days = 21", "days = 91"),
            "reading-room.toml:11: loans.days: must be at least 1 and at most 90",
        ),
        (
            ("reading-room.toml", "open_shelves", "open_shelfs"),
            "reading-room.toml:8: access.open_shelfs: not a key of the app's configuration; did \
             you mean \"open_shelves\"?",
        ),
        (
            (spin_toml, "catalog_key = \"{{ catalog_key }}\"\n", ""),
            "the secret that catalog_key names is not bound",
        ),
        (
            ("edgezero.toml", "kind = \"http\"", "knd = \"http\""),
            "unknown field `knd`; did you mean `kind`?",
        ),
        (
            ("edgezero.toml", "[[triggers.http]]", "[[trigers.http]]"),
            "unknown field `trigers`; did you mean `triggers`?",
        ),
    ];
    for ((file, from, to), part) in cases {
        let app = reading_room();
        app.edit(file, from, to);
        app.run_typed(&["config", "validate", "--strict"])
            .refused(&[part]);
    }
}

pub(crate) fn the_adapter_axum_is_the_host() {
    let app = reading_room();
    let said = app
        .run_typed(&["config", "push", "--adapter", "axum"])
        .done();
    // On this machine, though `deploy` is for the cloud.
    said.says(&["house-rules.db"]);
    let host = app
        .run_typed(&["config", "push", "--adapter", "host"])
        .done();
    assert!(!host.stdout.contains("added"), "{}", host.stdout);
    app.run(&["provision", "--adapter", "axum"])
        .done()
        .says(&["Nothing to do: on this machine"]);
    let code = app.run(&["config", "push", "--adapter", "axom"]).code;
    assert_eq!(code, Some(2));
}
