//! `edgezero kv`.

use crate::app::App;

pub(crate) fn a_value_is_written_read_listed_and_deleted() {
    let app = App::new();
    app.run(&["kv", "set", "ada", "42"]).done();
    app.run(&["kv", "set", "bob", "-1"]).done();
    app.run(&["kv", "set", "--store", "app_config", "greeting", "Hello"])
        .done();
    assert_eq!(app.run(&["kv", "get", "ada"]).done().stdout, "42");
    assert_eq!(app.run(&["kv", "list"]).done().stdout, "ada\nbob\n");
    assert_eq!(
        app.run(&["kv", "list", "--store", "app_config"])
            .done()
            .stdout,
        "greeting\n"
    );
    assert_eq!(app.stored("spin/.spin/kv.db", "visits")["bob"], "-1");
    app.run(&["kv", "delete", "ada"]).done();
    app.run(&["kv", "delete", "ada"]).done();
    app.run(&["kv", "get", "ada"])
        .refused(&["\"ada\"", "\"visits\""]);
}

pub(crate) fn bytes_go_in_and_out_as_hex_and_by_file() {
    let app = App::new();
    app.run(&["kv", "set", "a", "--hex", "00fFa0"]).done();
    assert_eq!(
        app.run(&["kv", "get", "a", "--hex"]).done().stdout,
        "00ffa0\n"
    );
    app.run(&["kv", "get", "a", "--output", "out.bin"]).done();
    assert_eq!(std::fs::read(app.path("out.bin")).unwrap(), [0, 255, 160]);
    app.run(&["kv", "set", "b", "--input", "out.bin"]).done();
    assert_eq!(
        app.run(&["kv", "get", "b", "--hex"]).done().stdout,
        "00ffa0\n"
    );
    app.run(&["kv", "set", "empty", ""]).done();
    assert_eq!(app.run(&["kv", "get", "empty"]).done().stdout, "");
    for digits in ["0", "0g", "+1", "é"] {
        app.run(&["kv", "set", "c", "--hex", digits])
            .refused(&["hexadecimal"]);
    }
    app.run(&["kv", "get", "c"]).refused(&[]);
}

pub(crate) fn a_value_that_must_be_json_is_checked() {
    let app = App::new();
    let json = "{\"b\": 1.50, \"a\": [\"x\"]}";
    app.run(&["kv", "set", "cart", "--json", json]).done();
    assert_eq!(app.run(&["kv", "get", "cart"]).done().stdout, json);
    app.write("cart.json", "{\"planted\":\n planted}");
    for value in [
        &["planted"][..],
        &["'planted'"],
        &[""],
        &["--input", "cart.json"],
    ] {
        let set = [&["kv", "set", "cart", "--json"], value].concat();
        let said = app.run(&set).refused(&["not JSON: see its line"]);
        assert!(!said.stderr.contains("planted"), "{}", said.stderr);
    }
    assert_eq!(app.run(&["kv", "get", "cart"]).done().stdout, json);
    let both = ["kv", "set", "cart", "--json", "--hex", "00"];
    assert_eq!(app.run(&both).code, Some(2));
}

pub(crate) fn values_are_for_a_person_on_a_terminal_and_raw_in_a_pipe() {
    let app = App::new();
    app.run(&["kv", "set", "cart", "--json", "{\"a\":[1]}"])
        .done();
    app.run(&["kv", "set", "count", "--hex", "0201000000000000"])
        .done();
    app.run(&["kv", "set", "raw", "--hex", "00ff"]).done();
    app.run(&["kv", "set", "text", "a\nb"]).done();
    let list = ["kv", "list", "--values"];
    let pipe = app.command(&list).output().unwrap();
    assert_eq!(
        pipe.stdout,
        b"cart\t{\"a\":[1]}\ncount\t\x02\x01\0\0\0\0\0\0\nraw\t\0\xff\ntext\ta\nb\n"
    );
    let shown = app.on_terminal(&list, "").done();
    assert_eq!(
        shown.stdout,
        "cart = {\"a\":[1]}\ncount = 258\nraw = (2 bytes)\ntext = a\\u{a}b\n"
    );
    let get = |key| app.on_terminal(&["kv", "get", key], "").stdout;
    assert_eq!(get("count"), "258\n");
    assert_eq!(get("cart"), "{\n  \"a\": [\n    1\n  ]\n}\n");
    assert_eq!(get("text"), "a\nb\n");
    assert!(get("raw").contains("2 bytes. Print it with --hex"));
}

pub(crate) fn a_listing_goes_on_at_its_cursor() {
    let app = App::new();
    for key in ["a/1", "a/2", "a/3", "b"] {
        app.run(&["kv", "set", key, "x"]).done();
    }
    let first = app
        .run(&["kv", "list", "--prefix", "a/", "--limit", "2"])
        .done();
    assert_eq!(first.stdout, "a/1\na/2\n");
    let cursor = first.stderr.trim().rsplit(' ').next().unwrap();
    let list = ["kv", "list", "--prefix", "a/", "--limit", "2", "--cursor"];
    let second = app.run(&[&list[..], &[cursor]].concat()).done();
    assert_eq!((&*second.stdout, &*second.stderr), ("a/3\n", ""));
    app.run(&[&list[..], &["garbage"]].concat())
        .refused(&["cursor"]);
    app.run(&["kv", "list", "--limit", "0"]).refused(&["1000"]);
}

pub(crate) fn what_is_missing_is_said_and_nothing_is_made() {
    let app = App::new();
    for arguments in [
        &["kv", "get", "a"][..],
        &["kv", "list"],
        &["kv", "delete", "a"],
    ] {
        app.run(arguments).refused(&["kv.db", "yet"]);
    }
    assert!(app.databases().is_empty());
    app.run(&["kv", "list", "--store", "nope"])
        .refused(&["\"nope\"", "visits, app_config"]);
    app.run(&["kv", "set", "", "x"]).refused(&["empty"]);
    app.write("spin/.spin/kv.db", "no database, but a text");
    app.run(&["kv", "list"])
        .refused(&["kv.db", "not a SQLite database"]);
}

pub(crate) fn an_option_is_not_taken_for_a_value() {
    let app = App::new();
    app.write("nf", "a file");
    app.run(&["kv", "set", "logo", "old"]).done();
    for arguments in [
        &["kv", "set", "logo", "--path=logo.png"][..],
        &["kv", "set", "logo", "--path", "logo.png"],
        &["kv", "set", "logo", "-x"],
        &["kv", "set", "logo", "--"],
        &["kv", "set", "logo", "--input"],
        &["kv", "set", "logo", "-1x"],
        &["kv", "set", "logo", "-inf"],
        &["kv", "set", "logo", "-vinf"],
        &["kv", "get", "logo", "-output"],
        &["kv", "set", "--logo", "x"],
        &["config", "push", "--store", "--prune"],
    ] {
        let said = app.run(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.stderr);
        assert_eq!(app.run(&["kv", "get", "logo"]).stdout, "old");
    }
    for (arguments, value) in [
        (
            &["kv", "set", "logo", "--", "--path=logo.png"][..],
            "--path=logo.png",
        ),
        (&["kv", "set", "logo", "-5"], "-5"),
        (&["kv", "set", "logo", "-1.5e3"], "-1.5e3"),
        (&["kv", "set", "logo", "--", "-x"], "-x"),
        (&["kv", "set", "logo", "--", "-inf"], "-inf"),
        (&["kv", "set", "logo", "-i", "nf"], "a file"),
        (&["kv", "set", "logo", "-i=nf"], "a file"),
        (&["kv", "set", "logo", "-"], "-"),
    ] {
        app.run(arguments).done();
        assert_eq!(app.run(&["kv", "get", "logo"]).stdout, value);
    }
}

pub(crate) fn an_endless_input_is_too_long_a_value() {
    use std::fs::File;
    let app = App::new();
    for json in [&[][..], &["--json"]] {
        let set = ["kv", "set", "a", "--input", "/dev/zero"];
        app.run(&[&set, json].concat())
            .refused(&["\"a\"", "26214400 (25 MiB)"]);
    }
    let (code, stderr) = app.run_with(&["kv", "set", "a", "--input", "-"], |command| {
        command.stdin(File::open("/dev/zero").unwrap());
    });
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("25 MiB"), "{stderr}");
    app.write("whole", &"x".repeat(25 * 1024 * 1024));
    app.run(&["kv", "set", "a", "--input", "whole"]).done();
}

pub(crate) fn the_standard_output_may_be_named_as_a_file() {
    let app = App::new();
    app.run(&["kv", "set", "a", "--hex", "00ff0a"]).done();
    let get = ["kv", "get", "a", "--output", "-"];
    let output = app.command(&get).output().unwrap();
    assert_eq!(output.stdout, b"\x00\xff\n");
    assert!(!app.path("-").exists());
}

pub(crate) fn any_prefix_of_a_key_can_be_listed() {
    let app = App::new();
    app.run(&["kv", "set", "b", "1"]).done();
    let connection = rusqlite::Connection::open(app.path("spin/.spin/kv.db")).unwrap();
    let long = format!("l{}", "o".repeat(600));
    for key in ["a\t1", "a\t2", "a", &long] {
        let insert = "INSERT INTO spin_key_value VALUES ('visits', ?1, x'00')";
        connection.execute(insert, [key]).unwrap();
    }
    let list = |more: &[&str]| app.run(&[&["kv", "list"], more].concat()).done();
    let first = list(&["--prefix", "a\t", "--limit", "1"]);
    assert_eq!(first.stdout, "a\t1\n");
    let cursor = first.stderr.trim().rsplit(' ').next().unwrap();
    assert_eq!(
        list(&["--prefix", "a\t", "--cursor", cursor]).stdout,
        "a\t2\n"
    );
    assert_eq!(list(&["--prefix", &long]).stdout, format!("{long}\n"));
}

pub(crate) fn reading_needs_no_permission_to_write() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let app = App::new();
    app.run(&["config", "push"]).done();
    app.run(&["kv", "set", "ada", "1"]).done();
    let (file, folder) = (app.path("spin/.spin/kv.db"), app.path("spin/.spin"));
    let names = || folder.read_dir().unwrap().count();
    let before = (std::fs::read(&file).unwrap(), names());
    for (file_mode, folder_mode) in [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)] {
        std::fs::set_permissions(&file, Permissions::from_mode(file_mode)).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(folder_mode)).unwrap();
        assert_eq!(app.run(&["kv", "get", "ada"]).done().stdout, "1");
        assert_eq!(app.run(&["kv", "list"]).done().stdout, "ada\n");
        app.run(&["config", "diff", "--exit-code"]).done();
        app.run(&["config", "push", "--dry-run"]).done();
        for write in [
            &["kv", "set", "ada", "2"][..],
            &["config", "push"],
            &["kv", "delete", "ada"],
        ] {
            app.run(write).refused(&["kv.db", "read-only"]);
        }
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        assert_eq!((std::fs::read(&file).unwrap(), names()), before);
    }
    // Where it may be written, a look leaves nothing behind either.
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    app.run(&["kv", "get", "ada"]).done();
    assert_eq!((std::fs::read(&file).unwrap(), names()), before);
}
