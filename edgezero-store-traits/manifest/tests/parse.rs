//! What a manifest may say, and what is said of one that may not.
#![allow(clippy::unwrap_used, reason = "a test may")]

use edgezero_manifest::parse;

const WHOLE: &str = r#"
[app]
name = "my-app"

[stores.kv]
ids = ["sessions", "cache"]
default = "sessions"

[stores.config]
ids = ["app_config", "feature_flags"]
default = "app_config"

[stores.secrets]
ids = ["default"]

[adapters.spin.commands]
build = "make"
"#;

#[test]
fn a_whole_manifest_is_read() {
    let manifest = parse(WHOLE).unwrap();
    assert_eq!(manifest.name, "my-app");
    let kv = manifest.stores.kv.unwrap();
    assert_eq!(kv.ids, ["sessions", "cache"]);
    assert_eq!(kv.default, "sessions");
    assert_eq!(manifest.stores.config.unwrap().default, "app_config");
    assert_eq!(manifest.stores.secrets.unwrap().default, "default");
}

#[test]
fn a_store_may_have_a_label_and_a_cap_of_its_own() {
    let text = "[app]\nname = \"a\"\n[stores.kv]\nids = [\"default\", \"b\"]\ndefault = \
                \"default\"\nmax_list_keys = { default = 5000, b = 0 }\n[stores.kv.label]\nb = \
                \"prod-b\"\n[stores.config]\nids = [\"c\"]\nlabel.c = \"prod-c\"";
    let manifest = parse(text).unwrap();
    let kv = manifest.stores.kv.unwrap();
    assert_eq!(kv.max_list_keys["default"], 5000);
    assert_eq!(kv.max_list_keys["b"], 0);
    assert_eq!(kv.label["b"], "prod-b");
    assert_eq!(kv.label.get("default"), None);
    assert_eq!(manifest.stores.config.unwrap().label["c"], "prod-c");
}

#[test]
fn an_adapter_says_where_it_is_and_which_commands_stand_in_for_its_own() {
    let text = "[app]\nname = \"a\"\ncli = \"a-cli\"\n[adapters.spin.adapter]\ncrate = \"c\"\n\
                manifest = \"c/spin.toml\"\ncomponent = \"id\"\n[adapters.spin.commands]\n\
                auth-login = \"x\"\n[adapters.other]\nanything = [1]\n";
    let manifest = parse(text).unwrap();
    assert_eq!(manifest.cli.as_deref(), Some("a-cli"));
    assert_eq!(manifest.spin.crate_folder.as_deref(), Some("c"));
    assert_eq!(manifest.spin.manifest.as_deref(), Some("c/spin.toml"));
    assert_eq!(manifest.spin.component.as_deref(), Some("id"));
    assert_eq!(manifest.spin.commands.auth_login.as_deref(), Some("x"));
    assert_eq!(manifest.host, edgezero_manifest::Adapter::default());
    for (text, line) in [
        ("[app]\nname = \"a\"\ncli = \"-x\"", 3),
        (
            "[app]\nname = \"a\"\n[adapters.spin.commands]\nbuld = \"x\"",
            4,
        ),
        ("[app]\nname = \"a\"\n[adapters.host.adapter]\ncrate = 1", 4),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.problems()[0].line(), line, "{text}");
    }
}

#[test]
fn an_app_may_use_no_stores() {
    let manifest = parse("[app]\nname = \"a\"").unwrap();
    assert_eq!(manifest.stores, edgezero_manifest::Stores::default());
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let app = "[app]\nname = \"a\"\n[stores.kv]\n";
    for (text, line, part) in [
        ("", 1, "missing field `app`"),
        ("[app]\n", 1, "missing field `name`"),
        ("[app]\nname = \" \"", 2, "name is empty"),
        ("[app]\nname = \"../up\"", 2, "files are named after it"),
        ("[app]\nname = \"a\\\\b\"", 2, "files are named after it"),
        ("[app]\nname = \"a\\u0000\"", 2, "files are named after it"),
        ("[app]\nname = 7", 2, "invalid type"),
        ("[app\n", 1, ""),
        (
            "[app]\nname = \"a\"\nverson = 1",
            3,
            "unknown field `verson`; did you mean `version`?",
        ),
        (
            "[app]\nname = \"a\"\n[adapters.spin.comands]\nbuild = \"x\"",
            3,
            "unknown field `comands`; did you mean `commands`?",
        ),
        (
            "[app]\nname = \"a\"\n[elsewhere]\na = 1",
            3,
            "unknown field `elsewhere`, expected one of `app`, `stores`, `adapters`",
        ),
        ("[app]\nname = \"a\"\nadapters = 1", 3, "unknown field"),
        ("adapters = 1\n[app]\nname = \"a\"", 1, "invalid type"),
        (
            "[app]\nname = \"a\"\n[store.kv]\nids = [\"a\"]",
            3,
            "unknown field `store`",
        ),
        (
            "[app]\nname = \"a\"\n[stores.kvs]\nids = [\"a\"]",
            3,
            "unknown field `kvs`",
        ),
        (&format!("{app}id = [\"a\"]"), 4, "unknown field `id`"),
        (
            &format!("{app}ids = [\"a\"]\nmax_list_keys = {{ b = 1 }}"),
            5,
            "\"b\" is none of the ids: a",
        ),
        (
            &format!("{app}ids = [\"a\"]\n[stores.kv.max_list_keys]\na = -1"),
            6,
            "-1 is not a number of keys from 0 to 4294967295",
        ),
        (
            &format!("{app}ids = [\"a\"]\nmax_list_keys.a = 4294967296"),
            5,
            "4294967296 is not a number",
        ),
        (
            &format!("{app}ids = [\"a\"]\nmax_list_keys = 5"),
            5,
            "invalid type",
        ),
        (&format!("{app}ids = [\"a\"]\nlabel.a = \"\""), 5, "empty"),
        (
            "[app]\nname = \"a\"\n[stores.config]\nids = [\"a\"]\nmax_list_keys.a = 5",
            5,
            "for the stores of [stores.kv]",
        ),
        (
            "[app]\nname = \"a\"\n[stores.secrets]\nids = [\"a\"]\nlabel.a = \"b\"",
            5,
            "one space",
        ),
        (&format!("{app}ids = []"), 4, "ids is empty"),
        (&format!("{app}ids = \"a\""), 4, "invalid type"),
        (
            &format!("{app}ids = [\n\"a\",\n\"b\"]"),
            4,
            "default is missing",
        ),
        (
            &format!("{app}ids = [\"a\"]\ndefault = \"b\""),
            5,
            "\"b\" is none of",
        ),
        (
            &format!("{app}ids = [\"a\"]\ndefault = \"A\""),
            5,
            "\"A\" is none of",
        ),
        (
            &format!("{app}ids = [\n\"a\",\n\"b-c\"]\ndefault = \"a\""),
            6,
            "\"b-c\" may hold only",
        ),
        (&format!("{app}ids = [\"a__b\"]"), 4, "two underscores"),
        (&format!("{app}ids = [\"_a\"]"), 4, "starts or ends"),
        (&format!("{app}ids = [\"a_\"]"), 4, "starts or ends"),
        (&format!("{app}ids = [\"\"]"), 4, "is empty"),
        (&format!("{app}ids = [\"ключ\"]"), 4, "may hold only"),
        (
            &format!("{app}ids = [\"a\",\n\"A\"]\ndefault = \"a\""),
            5,
            "\"a\" and \"A\" are one",
        ),
    ] {
        let error = parse(text).unwrap_err();
        let [problem] = error.problems() else {
            panic!("{text:?}: {error}");
        };
        assert_eq!(problem.line(), line, "{text:?}: {error}");
        assert!(problem.message().contains(part), "{text:?}: {error}");
    }
}

#[test]
fn the_line_itself_is_shown() {
    let error = parse("[app]\nname = \"a\"\n\n[stores.kv]\nids = [\"ü-\"] # here").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 5, column 8: the store id \"ü-\" may hold only ASCII letters, digits and \
         underscores\n  5 | ids = [\"ü-\"] # here"
    );
}

#[test]
fn a_line_is_shown_short_and_without_what_moves_a_terminal() {
    let long = "é".repeat(1 << 20);
    for text in [
        format!("[app]\nname = \"\u{1b}[2J{long}\""),
        format!("[app]\nname = \"a\"\n\"\\u001b[2J{long}\" = 1"),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.chars().count() < 1000, "{}", error.len());
        let controls = error.chars().filter(|c| c.is_control());
        assert_eq!(controls.collect::<String>(), "\n", "{error:?}");
    }
}

#[test]
fn all_mistakes_are_found_in_one_run() {
    let text = "[app]\nnam = \"a\"\ncli = 7\n\n[stores.kv]\nids = [\"a-b\", \"\", \"c\", \
                \"C\"]\ndefault = \"d\"\nid = 1\n[stores.config]\nids = []\n[stores.secret]\nids = \
                [\"a\"]\n[adapters.spin.adapter]\ncrate = 1\n[adapters.host.commands]\nserv = \
                \"x\"\n";
    let error = parse(text).unwrap_err();
    let found: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| (problem.line(), problem.message()))
        .collect();
    let parts = [
        (2, "unknown field `nam`; did you mean `name`?"),
        (3, "invalid type: integer `7`, expected a string"),
        (6, "the store id \"a-b\" may hold only"),
        (6, "the store id \"\" is empty"),
        (6, "\"c\" and \"C\" are one"),
        (7, "the default \"d\" is none of the ids"),
        (8, "unknown field `id`; did you mean `ids`?"),
        (10, "ids is empty"),
        (11, "unknown field `secret`; did you mean `secrets`?"),
        (14, "invalid type: integer `1`, expected a string"),
        (16, "unknown field `serv`; did you mean `serve`?"),
    ];
    assert_eq!(found.len(), parts.len(), "{error}");
    for ((line, message), (wanted, part)) in found.into_iter().zip(parts) {
        assert_eq!(line, wanted, "{error}");
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
    // Of a text that is not TOML, all that is found on the way.
    let error = parse("[app\nname = \"a\"\n[stores.kv]\nids = [\"a\"\n").unwrap_err();
    assert!(error.problems().len() > 1, "{error}");
    // One that is all wrong does not fill the screen.
    let error = parse(&"x = \n".repeat(5000)).unwrap_err();
    assert_eq!(error.problems().len(), 20);
    let keys: String = (0..5000).map(|n| format!("x{n} = 1\n")).collect();
    assert_eq!(parse(&keys).unwrap_err().problems().len(), 20);
}

#[test]
fn what_is_for_other_parts_of_edgezero_is_listed() {
    let text = "[app]\nname = \"a\"\nversion = \"1.0.0\"\nkind = \"http\"\nentry = \
                \"crates/core\"\nmiddleware = [\"a::B\"]\n[[triggers.http]]\npath = \
                \"/\"\n[[triggers.http]]\npath = \"/a\"\n[[environment.variables]]\nname = \
                \"A\"\n[logging]\nlevel = \"info\"\n[adapters.axum.adapter]\nport = \
                8787\n[adapters.\"a\\nb\"]\n[adapters.spn]\n[adapters.spin.build]\ntarget = \
                \"x\"\n[adapters.spin.logging]\nlevel = \"info\"\n[adapters.spin.adapter]\ncrate \
                = \"c\"\n";
    let manifest = parse(text).unwrap();
    assert_eq!(manifest.spin.crate_folder.as_deref(), Some("c"));
    let found: Vec<_> = manifest
        .foreign
        .iter()
        .map(|foreign| (foreign.line, foreign.key.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (3, "[app] version"),
            (4, "[app] kind"),
            (5, "[app] entry"),
            (6, "[app] middleware"),
            (7, "[[triggers.http]]"),
            (11, "[environment]"),
            (13, "[logging]"),
            (15, "[adapters.axum]"),
            (17, "[adapters.\"a\\nb\"]"),
            (18, "[adapters.spn]"),
            (19, "[adapters.spin.build]"),
            (21, "[adapters.spin.logging]"),
        ]
    );
    let instead = |n: usize| manifest.foreign[n].instead.as_str();
    assert_eq!(instead(7), "the app on this machine is [adapters.host]");
    assert_eq!(instead(9), "did you mean [adapters.spin]?");
    assert!(parse("[app]\nname = \"a\"").unwrap().foreign.is_empty());
}
