//! `edgezero provision`.

use crate::app::App;

/// Without it, a file is not a manifest of Spin.
const VERSION: &str = "spin_manifest_version = 2\n";

pub(crate) fn labels_are_added_once_and_nothing_else_changes() {
    for (list, edited) in [
        ("[\"visits\"]", "[\"visits\", \"app_config\"]"),
        (
            "[ \"visits\" ] # mine",
            "[ \"visits\", \"app_config\" ] # mine",
        ),
        ("[\"visits\",]", "[\"visits\", \"app_config\",]"),
        ("[]", "[\"visits\", \"app_config\"]"),
        (
            "[\n    # counted\n    \"visits\", # per name\n]",
            "[\n    # counted\n    \"visits\", # per name\n    \"app_config\",\n]",
        ),
        (
            "[\r\n\t\"visits\" # per name\r\n]",
            "[\r\n\t\"visits\", # per name\r\n\t\"app_config\"\r\n]",
        ),
        (
            "[ \"visits\"\n  , \"other\"\n  ]",
            "[ \"visits\"\n  , \"other\", \"app_config\"\n  ]",
        ),
    ] {
        let app = App::new();
        let text = |list: &str| {
            format!(
                "# Spin's\nspin_manifest_version = 2\n[component.shop]\r\nkey_value_stores = \
                 {list}\nbuild.a = 1\nsource   =  'x.wasm' # odd\nbuild.b = 2\n\n\
                 [component.shop.variables]\na = \"{{{{ a }}}}\"\n"
            )
        };
        app.write("spin/spin.toml", &text(list));
        app.run(&["provision"]).done();
        let after = app.read("spin/spin.toml");
        assert_eq!(after, text(edited));
        app.run(&["config", "push", "--local"]).done();
        app.run(&["provision"]).done().says(&["is there"]);
        assert_eq!(app.read("spin/spin.toml"), after, "not idempotent");
    }
    let app = App::new();
    app.edit(
        "spin/spin.toml",
        "key_value_stores = [\"visits\", \"app_config\"]\n",
        "",
    );
    let secrets = app.read("edgezero.toml") + "\n[stores.secrets]\nids = [\"default\"]\n";
    app.write("edgezero.toml", &secrets);
    let runtime_config = app.read("spin/runtime-config.toml");
    app.run(&["provision"])
        .done()
        .says(&["secret = true", "[component.shop.variables]"]);
    assert!(
        app.read("spin/spin.toml")
            .contains("key_value_stores = [\"visits\", \"app_config\"]\n")
    );
    assert_eq!(app.read("spin/runtime-config.toml"), runtime_config);
}

pub(crate) fn stanzas_that_are_missing_are_printed_ready_to_paste() {
    let app = App::new();
    app.edit(
        "edgezero.toml",
        "ids = [\"visits\"]",
        "ids = [\"visits\", \"notes\", \"default\"]\ndefault = \"visits\"",
    );
    let said = app.run(&["provision"]).done();
    let (_, printed) = said.stdout.split_once("Add to ").unwrap();
    let (place, stanza) = printed.split_once("\n\n").unwrap();
    let config = app.path("spin/runtime-config.toml");
    assert!(place.starts_with(&*config.to_string_lossy()), "{place}");
    let text = app.read("spin/runtime-config.toml");
    app.write("spin/runtime-config.toml", &format!("{text}\n{stanza}"));
    let validate = ["config", "validate", "--strict"];
    app.run(&validate).done();
    let said = app.run(&["provision"]).done();
    assert!(!said.stdout.contains("key_value_store."), "{}", said.stdout);
    // A stanza that is wrong is not missing.
    app.edit(
        "spin/runtime-config.toml",
        "type = \"spin\"",
        "type = \"Spin\"",
    );
    let said = app.run(&["provision"]).done();
    assert!(!said.stdout.contains("Add to"), "{}", said.stdout);

    let app = App::new();
    std::fs::remove_file(app.path("spin/runtime-config.toml")).unwrap();
    let said = app.run(&["provision", "--dry-run"]).done();
    let (_, printed) = said.stdout.split_once("Write to ").unwrap();
    let (_, stanzas) = printed.split_once("\n\n").unwrap();
    app.write("spin/runtime-config.toml", stanzas);
    app.run(&validate).done();
}

pub(crate) fn labels_that_no_store_has_are_mentioned() {
    let app = App::new();
    app.edit("spin/spin.toml", "[\"visits\", ", "[\"visits\", \"old\", ");
    let said = app.run(&["provision"]).done();
    assert_eq!(said.stdout.matches("has the label").count(), 1);
    said.says(&["no store of edgezero.toml has the label old, which "]);
    let app = app.with_variable("EDGEZERO__STORES__KV__VISITS__NAME", "old");
    let said = app.run(&["provision", "--dry-run"]).done();
    assert!(!said.stdout.contains("has the label"), "{}", said.stdout);
}

pub(crate) fn secrets_that_are_declared_need_no_advice() {
    let app = App::new();
    let secrets = app.read("edgezero.toml") + "\n[stores.secrets]\nids = [\"default\"]\n";
    app.write("edgezero.toml", &secrets);
    let text = app.read("spin/spin.toml")
        + "[variables]\nplain = { default = \"planted\" }\nkey = { default = \"planted\", secret = \
           true }\n";
    app.write("spin/spin.toml", &text);
    let said = app.run(&["provision"]).done();
    assert!(
        said.stdout.contains("spin.toml declares key\n"),
        "{}",
        said.stdout
    );
    assert!(!said.stdout.contains("by hand"), "{}", said.stdout);
    assert!(!said.stdout.contains("planted"), "{}", said.stdout);
}

pub(crate) fn a_list_that_is_missing_is_written_as_its_table_is() {
    const LIST: &str = "key_value_stores = [\"visits\", \"app_config\"]";
    for (text, edited) in [
        ("[component.shop]", "[component.shop]\n@"),
        ("[component.shop] # c\r\n", "[component.shop] # c\r\n@\r\n"),
        (
            "[component.shop]\n  source = \"\"\"\n\"\"\" # c\n\n[x]\n",
            "[component.shop]\n  source = \"\"\"\n\"\"\" # c\n  @\n\n[x]\n",
        ),
        (
            "component.shop.a = 1\nb = 2\n\"component\".shop.c = 3\n",
            "component.shop.a = 1\nb = 2\n\"component\".shop.c = 3\ncomponent.shop.@\n",
        ),
        (
            "[component]\nshop.a = 1\nb = 2\n",
            "[component]\nshop.a = 1\nshop.@\nb = 2\n",
        ),
        (
            "component = { shop = { a = 1 } }",
            "component = { shop = { a = 1, @ } }",
        ),
        ("component = { shop = {} }", "component = { shop = { @ } }"),
        (
            "component = { shop.a = 1 }",
            "component = { shop.a = 1, shop.@ }",
        ),
        (
            "[component.shop.build]\na = 1",
            "[component.shop.build]\na = 1\n\n[component.shop]\n@\n",
        ),
    ] {
        let app = App::new();
        app.write("spin/spin.toml", &format!("{VERSION}{text}"));
        app.run(&["provision"]).done();
        let edited = format!("{VERSION}{}", edited.replace('@', LIST));
        assert_eq!(app.read("spin/spin.toml"), edited);
    }
    let app = App::new();
    let text = format!("{VERSION}[component.shop]\nkey_value_stores = 1\n");
    app.write("spin/spin.toml", &text);
    app.run(&["provision"]).refused(&["line 3", "not an array"]);
}

pub(crate) fn a_dry_run_and_a_read_only_file_change_nothing() {
    let app = App::new();
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    let before = app.read("spin/spin.toml");
    let files = app.path("spin").read_dir().unwrap().count();
    app.run(&["provision", "--dry-run"])
        .done()
        .says(&["app_config would be added"]);
    assert_eq!(app.read("spin/spin.toml"), before);
    let path = app.path("spin/spin.toml");
    let mut permissions = path.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    app.run(&["provision"]).refused(&["spin.toml", "read-only"]);
    assert_eq!(app.read("spin/spin.toml"), before);
    assert_eq!(
        app.path("spin").read_dir().unwrap().count(),
        files,
        "a file was left behind"
    );
    app.run(&["provision", "--adapter", "host"]).done();
}

pub(crate) fn what_could_not_be_written_is_not_said_to_be_done() {
    let app = App::new();
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    let path = app.path("spin/spin.toml");
    let mut permissions = path.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let said = app.run(&["provision"]).refused(&["read-only"]);
    assert!(!said.stdout.contains("added"), "{}", said.stdout);
}

pub(crate) fn the_component_is_found_or_the_error_lists_the_ids() {
    let app = App::new();
    let named = |id: &str| {
        let from = "manifest = \"spin/spin.toml\"\n";
        app.edit(
            "edgezero.toml",
            from,
            &format!("{from}component = \"{id}\"\n"),
        );
    };
    app.write(
        "spin/spin.toml",
        &format!("{VERSION}application.name = \"a\"\n"),
    );
    app.run(&["provision"])
        .refused(&["spin.toml", "this manifest has no"]);
    app.write(
        "spin/spin.toml",
        &format!("{VERSION}[component.a]\nsource = \"a\"\n[component.b]\nsource = \"b\"\n"),
    );
    app.run(&["provision"])
        .refused(&["2 components: a, b", "component = \"a\""]);
    named("c");
    app.run(&["provision"]).refused(&["\"c\"", "a, b"]);
    app.edit("edgezero.toml", "component = \"c\"\n", "");
    named("b");
    app.run(&["provision"]).done().says(&["the component b"]);
    let text = app.read("spin/spin.toml");
    assert!(
        text.ends_with("key_value_stores = [\"visits\", \"app_config\"]\n"),
        "{text}"
    );
    app.write("spin/spin.toml", "[component\n");
    app.run(&["provision"]).refused(&["spin.toml: line 1"]);
    std::fs::remove_file(app.path("spin/spin.toml")).unwrap();
    app.run(&["provision"])
        .refused(&["there is no", "spin.toml"]);
    std::fs::remove_file(app.path("edgezero.toml")).unwrap();
    app.run(&["provision"])
        .refused(&["edgezero.toml", "EDGEZERO_MANIFEST"]);
}
