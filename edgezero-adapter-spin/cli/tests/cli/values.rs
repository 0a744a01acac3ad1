//! What is pushed: the file, and the environment over it.

use crate::app::App;

const FILE: &str = "spin/.spin/kv.db";
const PUSH: &[&str] = &["config", "push", "--local"];

pub(crate) fn tables_are_flattened_and_arrays_are_json() {
    let app = App::new();
    app.write(
        "shop.toml",
        "greeting = 'Grüß \"Gott\"'\nat = 2026-11-24T01:02:03Z\ninline = { a.b = 1, c = [] }\n\
         [service]\ntimeout_ms = 1_500\nratio = 1.0\nlive = true\nhosts = [\"a\", \"b\"]\n\
         [service.\"deep.er\"]\nhex = 0xff\n[[list]]\nx = 1\n[[list]]\nx = { y = 1.5 }\n[empty]\n",
    );
    app.run(PUSH).done();
    let stored = app.stored(FILE, "app_config");
    let stored: Vec<_> = stored.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(
        stored,
        [
            ("at", "2026-11-24T01:02:03Z"),
            ("greeting", "Grüß \"Gott\""),
            ("inline.a.b", "1"),
            ("inline.c", "[]"),
            ("list", "[{\"x\":1},{\"x\":{\"y\":1.5}}]"),
            ("service.deep.er.hex", "255"),
            ("service.hosts", "[\"a\",\"b\"]"),
            ("service.live", "true"),
            ("service.ratio", "1.0"),
            ("service.timeout_ms", "1500"),
        ]
    );
}

pub(crate) fn a_variable_takes_a_values_place_and_has_its_type() {
    let file = "greeting = \"Hello\"\n[service]\ntimeout_ms = 1500\nratio = 1.0\nlive = true\n\
                hosts = [\"a\"]\nkebab-case = \"x\"\n";
    let variables = [
        ("SHOP__GREETING", " as it is "),
        ("SHOP__SERVICE__TIMEOUT_MS", " 7 "),
        ("SHOP__SERVICE__RATIO", "2"),
        ("SHOP__SERVICE__LIVE", "false"),
        ("SHOP__SERVICE__HOSTS", "[\"b\", \"c\"]"),
        ("SHOP__SERVICE__KEBAB_CASE", "y"),
        ("SHOP__MISSING", "planted"),
        ("SHOPPING__GREETING", "planted"),
    ];
    let mut app = App::new();
    for (name, value) in variables {
        app = app.with_variable(name, value);
    }
    app.write("shop.toml", file);
    app.run(PUSH).done().says(&["warning", "SHOP__MISSING"]);
    let stored = app.stored(FILE, "app_config");
    for (key, text) in [
        ("greeting", " as it is "),
        ("service.timeout_ms", "7"),
        ("service.ratio", "2.0"),
        ("service.live", "false"),
        ("service.hosts", "[\"b\",\"c\"]"),
        ("service.kebab-case", "y"),
    ] {
        assert_eq!(stored[key], text, "{key}");
    }
    assert_eq!(stored.len(), 6);
    app.run(&["config", "push", "--local", "--no-env"]).done();
    assert_eq!(app.stored(FILE, "app_config")["greeting"], "Hello");

    for (name, value, kind) in [
        ("SHOP__SERVICE__TIMEOUT_MS", "planted", "an integer"),
        ("SHOP__SERVICE__TIMEOUT_MS", "1.5", "an integer"),
        ("SHOP__SERVICE__RATIO", "nan", "a number"),
        ("SHOP__SERVICE__LIVE", "planted", "true or false"),
        ("SHOP__SERVICE__HOSTS", "{}", "a JSON array"),
        ("SHOP__SERVICE__HOSTS", "planted", "a JSON array"),
    ] {
        let app = App::new().with_variable(name, value);
        app.write("shop.toml", file);
        let said = app.run(PUSH).refused(&["shop.toml:", name, kind]);
        assert!(!said.stderr.contains("planted"), "{}", said.stderr);
        assert!(app.databases().is_empty());
    }
}

pub(crate) fn a_variable_sets_a_key_that_the_file_leaves_out() {
    let app = App::new()
        .with_variable("SHOP__SERVICE__LIVE", "1")
        .with_variable("SHOP__SERVICE__RATIO", "2.5")
        .with_variable("SHOP__SERVICE__HOSTS", "[\"a\"]")
        .with_variable("SHOP__LIMITS__PAGE_SIZE", " 7 ")
        .with_variable("SHOP__API_KEY", "api_key")
        .with_variable("SHOP__SERVICE__TIMEOUT_MSS", "planted");
    app.edit(
        "shop.toml",
        "timeout_ms = 1500",
        "timeout_ms = 1500\nratio = 1",
    );
    let said = app.run_typed(PUSH).done().says(&[
        "SHOP__SERVICE__TIMEOUT_MSS does not match any key here; did you mean \
         SHOP__SERVICE__TIMEOUT_MS?",
    ]);
    assert!(!said.stderr.contains("planted"), "{}", said.stderr);
    let stored = app.stored(FILE, "app_config");
    let stored: Vec<_> = stored.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(
        stored,
        [
            ("api_key", "api_key"),
            ("greeting", "Hello"),
            ("limits.page_size", "7"),
            ("service.hosts", "[\"a\"]"),
            ("service.live", "true"),
            ("service.ratio", "2.5"),
            ("service.timeout_ms", "1500"),
        ]
    );
    // Without types nothing says that there is such a key.
    let app = App::new().with_variable("SHOP__SERVICE__LIVE", "1");
    app.run(PUSH)
        .done()
        .says(&["SHOP__SERVICE__LIVE does not match any key here"]);
    assert_eq!(app.stored(FILE, "app_config").len(), 2);

    // An alias in the file is the same field.
    let app = App::new().with_variable("SHOP__LIMITS__PAGE_SIZE", "7");
    let config = app.read("shop.toml");
    app.write("shop.toml", &format!("{config}[limits]\nper-page = 5\n"));
    app.run_typed(PUSH).done();
    let stored = app.stored(FILE, "app_config");
    assert_eq!(stored["limits.per-page"], "7");
    assert!(!stored.contains_key("limits.page_size"));
}

pub(crate) fn a_problem_with_a_variables_value_names_the_variable() {
    for (name, value, message) in [
        (
            "SHOP__LIMITS__PAGE_SIZE",
            "70000",
            "limits.page_size: 70000 is out of range for u16 (0 to 65535) (from the variable \
             SHOP__LIMITS__PAGE_SIZE)",
        ),
        (
            "SHOP__SERVICE__LIVE",
            "planted",
            "the variable SHOP__SERVICE__LIVE is not true or false, which the key service.live is \
             read from",
        ),
        (
            "SHOP__WEBHOOKS",
            "[{\"url\": 5}]",
            "webhooks[0].url: not a string (from the variable SHOP__WEBHOOKS)",
        ),
        (
            "SHOP__API_KEY",
            "planted planted",
            "api_key: not the name of a secret (from the variable SHOP__API_KEY)",
        ),
    ] {
        let app = App::new().with_variable(name, value);
        let said = app.run_typed(PUSH).refused(&["shop.toml:1: ", message]);
        assert!(!said.stderr.contains("planted"), "{}", said.stderr);
        assert!(app.databases().is_empty());
    }
}

pub(crate) fn a_push_of_bad_values_names_each_and_writes_none() {
    let app = App::new();
    let long = format!("{} = 1\n", "k".repeat(513));
    for (text, parts) in [
        (
            "a = 1\n\n\"a.b\" = 1\n[a2]\n\na.c = [nan]\n",
            &[":6: ", "nan"][..],
        ),
        ("[a]\nb = 1\n[c]\n", &[]),
        ("x = 1\n\"\" = 2\n", &[":2: ", "empty"]),
        (&long, &[":1: ", "512"]),
        ("\"a\\u0007b\" = 1\n", &[":1: "]),
        ("greeting = \n", &["shop.toml:1: "]),
        ("", &[]),
    ] {
        app.write("shop.toml", text);
        let said = app.run(PUSH);
        if parts.is_empty() {
            said.done();
            std::fs::remove_dir_all(app.path("spin/.spin")).unwrap();
        } else {
            said.refused(parts).says(&["nothing was written"]);
            assert!(app.databases().is_empty(), "{text}");
        }
    }
    app.write("shop.toml", "\"a.b\" = 1\n[a]\nb = 2\n");
    app.run(PUSH)
        .refused(&["shop.toml:3: ", "a.b is there twice", "line 1"]);
    std::fs::remove_file(app.path("shop.toml")).unwrap();
    app.run(PUSH).refused(&["shop.toml"]);

    // By type, all in one run.
    app.write(
        "shop.toml",
        "[service]\n\ntimeout_ms = \"soon\"\nlive = 7\n",
    );
    app.run_typed(PUSH).refused(&[
        "shop.toml:1: greeting: missing",
        "shop.toml:3: service.timeout_ms: not a whole number",
        "shop.toml:4: service.live: not true or false",
    ]);
    assert!(app.databases().is_empty());
}

pub(crate) fn prune_deletes_what_the_file_no_longer_has() {
    let app = App::new();
    app.run(PUSH).done();
    app.run(&["kv", "set", "visits", "5"]).done();
    app.write("shop.toml", "new = 1\n");
    app.run(PUSH).done();
    assert_eq!(app.stored(FILE, "app_config").len(), 3);
    let prune = ["config", "push", "--local", "--prune", "--dry-run"];
    app.run(&prune)
        .done()
        .says(&["greeting            deleted"]);
    assert_eq!(app.stored(FILE, "app_config").len(), 3);
    app.run(&prune[..4]).done();
    let stored = app.stored(FILE, "app_config");
    assert_eq!(stored.into_keys().collect::<Vec<_>>(), ["new"]);
    assert_eq!(app.stored(FILE, "visits").len(), 1, "of another label");
}

pub(crate) fn prune_is_refused_where_another_store_has_the_label() {
    let name = "EDGEZERO__STORES__KV__VISITS__NAME";
    let by_id = |app: &App| {
        app.edit(
            "edgezero.toml",
            "ids = [\"visits\"]",
            "ids = [\"app_config\"]",
        );
    };
    let in_component = |app: &App| {
        let text = app.read("spin/spin.toml");
        let environment = format!("[component.shop.environment]\n{name} = \"app_config\"\n");
        app.write("spin/spin.toml", &(text + &environment));
    };
    let by_config = |app: &App| {
        app.edit(
            "edgezero.toml",
            "ids = [\"app_config\"]",
            "ids = [\"app_config\", \"other\"]\ndefault = \"app_config\"",
        );
    };
    let other = "EDGEZERO__STORES__CONFIG__OTHER__NAME";
    // What makes the two stores one, the variables, and what the command says.
    type Case<'a> = (&'a dyn Fn(&App), &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case; 4] = [
        (&by_id, &[], "[stores.kv] app_config"),
        (&|_| (), &[(name, "app_config")], "[stores.kv] visits"),
        (&in_component, &[], "[stores.kv] visits"),
        (
            &by_config,
            &[(other, "app_config")],
            "[stores.config] other",
        ),
    ];
    for (edit, variables, said) in cases {
        let mut app = App::new();
        for (name, value) in variables {
            app = app.with_variable(name, value);
        }
        edit(&app);
        app.run(&["kv", "set", "--store", "app_config", "own", "5"])
            .done();
        app.run(PUSH).done();
        for prune in [
            &["config", "push", "--prune"][..],
            &["config", "push", "--prune", "--dry-run"],
        ] {
            app.run(prune).refused(&["--prune", said, "app_config"]);
        }
        assert_eq!(app.stored(FILE, "app_config")["own"], "5");
        // Nor does a diff say that it would.
        let said = app.run(&["config", "diff"]).done();
        assert!(!said.stdout.contains("own"), "{}", said.stdout);
    }
}

pub(crate) fn diff_tells_what_a_push_would_change() {
    let app = App::new();
    let diff = ["config", "diff", "--local", "--exit-code"];
    let said = app.run_typed(&diff);
    assert_eq!(said.code, Some(1));
    said.says(&["+ greeting = Hello\n", "+ service.timeout_ms = 1500\n"]);
    assert!(app.databases().is_empty(), "it made a file");
    app.run(PUSH).done();
    app.run_typed(&diff).done().says(&["no difference"]);
    app.write(
        "shop.toml",
        "greeting = \"Salut\"\n[service]\nlive = true\n",
    );
    let said = app.run_typed(&diff);
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.stdout,
        "+ service.live = true\n~ greeting = Hello -> Salut\n\
         - service.timeout_ms (by `push --prune` only)\n"
    );
    let said = app
        .run_typed(&["config", "diff", "--local", "--format", "json"])
        .done();
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(json["changed"][0]["from"], "Hello");
    assert_eq!(json["added"][0]["key"], "service.live");
    assert_eq!(json["removed"][0], "service.timeout_ms");
    let said = app.run(&["config", "diff", "--local"]).done();
    assert!(
        !said.stdout.contains("Salut"),
        "untyped, a value may be anything"
    );
}

pub(crate) fn diff_answers_with_a_code_of_its_own_for_an_error() {
    let diff = ["config", "diff", "--exit-code"];
    let app = App::new();
    assert_eq!(app.run(&diff).code, Some(1));
    app.run(PUSH).done();
    assert_eq!(app.run(&diff).code, Some(0));
    let broken: [(&str, &str); 5] = [
        (
            "spin/runtime-config.toml",
            "[key_value_store.app_config]\ntype = 1\n",
        ),
        ("spin/spin.toml", "nothing = \n"),
        ("shop.toml", "a = nan\n"),
        ("edgezero.toml", "[app]\n"),
        ("spin/.spin/kv.db", "no database, but a text"),
    ];
    for (file, text) in broken {
        let app = App::new();
        app.run(PUSH).done();
        app.write(file, text);
        let said = app.run(&diff);
        assert_eq!(said.code, Some(2), "{file}: {}", said.stderr);
        assert!(said.stderr.starts_with("error: ") || said.stderr.contains("\nerror: "));
        assert_eq!(app.run(&diff[..2]).code, Some(1), "{file}");
    }
    assert_eq!(
        app.run(&["config", "diff", "--exit-code", "--nope"]).code,
        Some(2)
    );
    // A program that cannot be built is an error, too.
    app.edit(
        "edgezero.toml",
        "name = \"shop\"",
        "name = \"shop\"\ncli = \"shop-cli\"",
    );
    assert_eq!(app.run(&diff).code, Some(2));
}

pub(crate) fn a_value_of_another_kind_than_the_field_is_refused() {
    for (line, wanted) in [
        (
            "greeting = [\"a\"]",
            "greeting is a JSON array, and the app reads a string",
        ),
        (
            "greeting = { a = 1 }",
            "greeting is a JSON object, and the app reads a string",
        ),
        (
            "greeting = 5",
            "greeting is an integer, and the app reads a string",
        ),
        (
            "greeting = 1.5",
            "greeting is a number, and the app reads a string",
        ),
        (
            "greeting = true",
            "greeting is true or false, and the app reads a string",
        ),
        (
            "greeting = 2026-11-24",
            "greeting is a date or a time, and the app reads a string",
        ),
        ("greeting = nan", "greeting holds nan or inf"),
        (
            "greeting = \"a\"\napi_key = true",
            "api_key is true or false, and the app reads a string",
        ),
        (
            "greeting = \"a\"\n[service]\nratio = inf",
            "service.ratio holds nan or inf",
        ),
        (
            "greeting = \"a\"\n[service]\nratio = \"nan\"",
            "service.ratio: not a number that f64 can hold",
        ),
        (
            "greeting = \"a\"\n[service]\nhosts = { a = 1 }",
            "service.hosts: not a JSON array",
        ),
        (
            "greeting = \"a\"\n[service]\ntimeout_ms = 1.0",
            "service.timeout_ms: not a whole number from 0 to 4294967295",
        ),
        (
            "greeting = \"a\"\n[service]\nlive = 1",
            "service.live is an integer, and the app reads true or false",
        ),
    ] {
        let app = App::new();
        app.write("shop.toml", line);
        app.run_typed(PUSH).refused(&["shop.toml:", wanted]);
        app.run_typed(&["config", "validate"]).refused(&[wanted]);
        assert!(app.databases().is_empty(), "{line}");
    }
    for line in ["a = nan", "a = [inf]", "[t]\na = -nan"] {
        let app = App::new();
        app.write("shop.toml", line);
        app.run(PUSH).refused(&["holds nan or inf"]);
    }
    let app = App::new();
    app.write(
        "shop.toml",
        "greeting = \"5\"\n[service]\ntimeout_ms = \"1500\"\nratio = 2\nlive = \"true\"\nhosts = \
         \"[]\"\n",
    );
    app.run_typed(PUSH).done();
}

pub(crate) fn a_push_that_is_repeated_changes_nothing() {
    let app = App::new();
    app.run(PUSH).done().says(&["added"]);
    let before = app.stored(FILE, "app_config");
    let said = app.run(PUSH).done();
    assert!(!said.stdout.contains("added") && !said.stdout.contains("changed"));
    assert_eq!(app.stored(FILE, "app_config"), before);
    // The host has each label where Spin has it.
    let host = app.run(&["config", "push", "--adapter", "host"]).done();
    assert!(!host.stdout.contains("added") && !host.stdout.contains("changed"));
    assert_eq!(app.databases(), [app.path(FILE)]);
}
