//! What `edgezero config validate` knows by the app's types: secrets, their stores, and keys.

use crate::app::App;
use crate::validate::{VALIDATE, sound};

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
            &["shop.toml:2: api_key: not the name of a secret"],
        );
    }
    // A variable of another name is as good.
    let app = sound();
    app.edit(spin, "{{ api_key }}", "{{ other }}");
    app.edit(spin, "[variables]\napi_key", "[variables]\nother");
    app.run_typed(VALIDATE).done();
}

pub(crate) fn two_keys_may_name_one_secret() {
    let app = sound();
    app.write(
        "shop.toml",
        "greeting = \"Hi\"\napi_key = \"API_KEY\"\nother_key = \"api_key\"\n",
    );
    app.run_typed(VALIDATE).done();
}

pub(crate) fn secrets_in_an_array_are_checked_each_at_its_line() {
    let app = sound();
    let config = "greeting = \"Hi\"\napi_key = \"api_key\"\n[[webhooks]]\nurl = \"a\"\ntoken = \
                  \"api_key\"\n[[webhooks]]\nurl = \"b\"\ntoken = \"planted_hook\"\n";
    app.write("shop.toml", config);
    let said = app.run_typed(VALIDATE).refused(&[
        "spin.toml:",
        "webhooks[1].token names is declared nowhere: line 8 of",
    ]);
    assert_eq!(said.stdout.lines().count(), 1, "{}", said.stdout);
    assert!(!said.stdout.contains("planted"), "{}", said.stdout);

    app.edit("shop.toml", "planted_hook", "planted hook");
    let said = app
        .run_typed(&["config", "validate"])
        .refused(&["shop.toml:8: webhooks[1].token: not the name of a secret"]);
    assert!(!said.stdout.contains("planted"), "{}", said.stdout);

    app.edit(
        "shop.toml",
        "token = \"planted hook\"",
        "tokn = \"api_key\"",
    );
    app.run_typed(VALIDATE).refused(&[
        "shop.toml:8: webhooks[1].tokn: not a key of the app's configuration; did you mean \
         webhooks[1].token?",
    ]);
    app.edit("shop.toml", "tokn = \"api_key\"", "");
    app.run_typed(VALIDATE).done();
}

pub(crate) fn a_secret_store_that_is_not_declared_is_an_error() {
    let app = sound();
    let config = app.read("shop.toml");
    app.write("shop.toml", &format!("{config}vault = \"sefe\"\n"));
    app.run_typed(&["config", "validate"]).refused(&[
        "shop.toml:3: vault names a secret store that",
        "declares none",
    ]);
    let manifest = app.read("edgezero.toml");
    let safe = "\n[stores.secrets]\nids = [\"safe\"]\n";
    app.write("edgezero.toml", &format!("{manifest}{safe}"));
    app.run_typed(&["config", "validate"])
        .refused(&["shop.toml:3: vault names", "did you mean \"safe\"?"]);
    app.edit("shop.toml", "\"sefe\"", "\"planted\"");
    let said = app
        .run_typed(&["config", "validate"])
        .refused(&["shop.toml:3: vault names", "its ids are safe"]);
    assert!(!said.stdout.contains("planted"), "{}", said.stdout);
    app.edit("shop.toml", "\"planted\"", "\"safe\"");
    app.run_typed(VALIDATE).done();
}

pub(crate) fn a_text_that_looks_like_a_secret_is_a_warning_without_the_text() {
    let key = "ghp_x6C7e42F292c6912E7710c838347";
    let app = sound();
    app.edit("shop.toml", "API_KEY", key);
    let warning = "shop.toml:2: api_key: the text looks like a secret";
    for command in [&["config", "validate"][..], &["config", "push", "--local"]] {
        let said = app.run_typed(command).done().says(&[warning]);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.contains(key), "{all}");
    }
    app.run_typed(VALIDATE).refused(&[warning]);
}

pub(crate) fn a_key_that_no_field_reads_is_a_warning_or_an_error_with_a_hint() {
    let app = sound();
    let config = app.read("shop.toml");
    app.write("shop.toml", &format!("{config}greting = \"x\"\n"));
    let warning = "warning: ";
    let message = "shop.toml:3: greting: not a key of the app's configuration; did you mean \
                   greeting?";
    let said = app.run_typed(&["config", "validate"]).done();
    assert!(said.stdout.starts_with(warning), "{}", said.stdout);
    said.says(&[message]);
    // `limits` denies what it does not have.
    app.write(
        "shop.toml",
        &format!("{config}[limits]\npage_size = 5\npage_sise = 6\n"),
    );
    for command in [&["config", "validate"][..], &["config", "push", "--local"]] {
        app.run_typed(command).refused(&[
            "error: ",
            "shop.toml:5: limits.page_sise: not a key of the app's configuration; did you mean \
             limits.page_size?",
        ]);
    }
    assert!(app.databases().is_empty());
}
