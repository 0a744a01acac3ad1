//! Keys and values in a label that no app's handles would write, but Spin or another program
//! did.

use rusqlite::Connection;

use crate::app::App;

const FILE: &str = "spin/.spin/kv.db";

/// Keys that Spin stores and the handles refuse.
fn odd_keys() -> [String; 5] {
    [
        "user\t1".to_owned(),
        String::new(),
        "k".repeat(600),
        "..".to_owned(),
        "two\nlines".to_owned(),
    ]
}

/// The app, pushed once, with odd keys and a TEXT value in both labels.
fn app() -> App {
    let app = App::new();
    app.run(&["config", "push"]).done();
    let connection = Connection::open(app.path(FILE)).unwrap();
    for label in ["app_config", "visits"] {
        let insert = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)";
        for key in odd_keys() {
            let value = b"odd".as_slice();
            connection
                .execute(insert, rusqlite::params![label, key, value])
                .unwrap();
        }
        connection
            .execute(insert, [label, "text", "a text"])
            .unwrap();
    }
    app
}

pub(crate) fn foreign_keys_do_not_stop_a_push_or_a_diff() {
    let app = app();
    app.write("shop.toml", "greeting = \"Salut\"\n");
    let said = app.run_typed(&["config", "diff"]);
    said.done().says(&[
        "~ greeting = Hello -> Salut",
        "- user\\u{9}1 (by `push --prune` only)",
        "- text (by `push --prune` only)",
    ]);
    app.run(&["config", "push"]).done();
    let stored = app.stored(FILE, "app_config");
    assert_eq!(stored["greeting"], "Salut");
    assert_eq!(stored.len(), 2 + odd_keys().len() + 1);
}

pub(crate) fn a_value_that_spin_cannot_read_is_replaced_by_a_push_of_its_key() {
    let app = app();
    app.write("shop.toml", "text = \"new\"\n");
    app.run(&["config", "diff"])
        .done()
        .says(&["~ text = (a value that Spin cannot read)"]);
    app.run(&["config", "push"]).done().says(&["text  changed"]);
    app.run(&["config", "diff", "--exit-code"])
        .says(&["- greeting"]);
    let said = app.run(&["kv", "--store", "app_config", "get", "text"]);
    assert_eq!(said.done().stdout, "new");
}

pub(crate) fn prune_deletes_foreign_keys_too() {
    let app = app();
    app.run(&["config", "push", "--prune"]).done();
    let stored = app.stored(FILE, "app_config");
    let keys: Vec<_> = stored.keys().map(String::as_str).collect();
    assert_eq!(keys, ["greeting", "service.timeout_ms"]);
    assert_eq!(app.stored(FILE, "visits").len(), odd_keys().len() + 1);
}

pub(crate) fn kv_shows_and_deletes_any_key() {
    let app = app();
    for key in odd_keys() {
        let said = app.run(&["kv", "get", &key]).done();
        assert_eq!(said.stdout, "odd", "{key:?}");
        app.run(&["kv", "delete", &key]).done();
        app.run(&["kv", "get", &key])
            .refused(&["kv.db", "\"visits\"", "no key"]);
    }
    // What Spin cannot read is named, with its file and label, and can be deleted.
    app.run(&["kv", "get", "text"])
        .refused(&["\"text\"", "kv.db", "\"visits\"", "BLOB"]);
    app.run(&["kv", "delete", "text"]).done();
    assert!(app.stored(FILE, "visits").is_empty());
}

pub(crate) fn a_key_that_is_not_utf_8_is_left_out_with_the_command_that_removes_it() {
    let app = App::new();
    app.run(&["config", "push"]).done();
    let connection = Connection::open(app.path(FILE)).unwrap();
    for label in ["app_config", "visits"] {
        for digits in ["61ff", "ff41"] {
            let insert = format!(
                "INSERT INTO spin_key_value VALUES ('{label}', CAST(x'{digits}' AS TEXT), x'05')"
            );
            connection.execute(&insert, []).unwrap();
        }
    }
    app.run(&["kv", "set", "a", "1"]).done();
    app.run(&["kv", "set", "z", "1"]).done();
    let parts = [
        "2 key(s) of the label",
        "sqlite3 ",
        "key IN (CAST(x'61ff' AS TEXT), CAST(x'ff41' AS TEXT))",
    ];
    let said = app.run(&["kv", "list"]).done().says(&parts);
    assert_eq!(said.stdout, "a\nz\n");
    // Of a page, only what stands before its end.
    let said = app.run(&["kv", "list", "--limit", "1"]).done();
    assert_eq!(said.stdout, "a\n");
    let cursor = said.stderr.trim().rsplit(' ').next().unwrap();
    let said = app.run(&["kv", "list", "--cursor", cursor]).done();
    assert_eq!(said.stdout, "z\n");
    let said = app.run(&["kv", "list", "--prefix", "z"]).done();
    assert_eq!((&*said.stdout, &*said.stderr), ("z\n", ""));

    let said = app.run(&["config", "diff", "--exit-code"]).done();
    said.says(&parts);
    app.run(&["config", "push"]).done();
    app.run(&["kv", "set", "--store", "app_config", "old", "1"])
        .done();
    app.run(&["config", "push", "--prune"])
        .done()
        .says(&parts)
        .says(&["old", "deleted"]);
    // The command that it says.
    let delete = said_statement(&app.run(&["kv", "list"]).stderr);
    assert_eq!(connection.execute(&delete, []).unwrap(), 2);
    let said = app.run(&["kv", "list"]).done();
    assert_eq!((&*said.stdout, &*said.stderr), ("a\nz\n", ""));
}

/// The statement in double quotes.
fn said_statement(text: &str) -> String {
    let start = text.find("\"DELETE").unwrap() + 1;
    text[start..].split('"').next().unwrap().to_owned()
}

pub(crate) fn a_table_that_is_not_spins_is_named_with_its_file() {
    let app = App::new();
    std::fs::create_dir(app.path("spin/.spin")).unwrap();
    let connection = Connection::open(app.path(FILE)).unwrap();
    connection
        .execute_batch("CREATE TABLE spin_key_value (key TEXT PRIMARY KEY, value TEXT)")
        .unwrap();
    for command in [
        &["config", "push"][..],
        &["config", "diff"],
        &["kv", "list"],
        &["kv", "get", "a"],
        &["kv", "set", "a", "1"],
    ] {
        app.run(command).refused(&["kv.db", "not Spin's"]);
    }
}
