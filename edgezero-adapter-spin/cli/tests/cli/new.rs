//! `edgezero new`: what it refuses. What it makes, the guide's test runs.

use crate::app::App;

pub(crate) fn a_name_that_is_no_crate_name_and_a_full_folder_are_refused() {
    let app = App::new();
    for name in [
        "../up", "/abs", "a b", "1st", "fn", "größe", "a.b", "a/../b",
    ] {
        app.run(&["new", name])
            .refused(&["cannot make an app of the name"]);
    }
    app.run(&["new", &"a".repeat(100_000)])
        .refused(&["64 bytes"]);
    app.write("full/x", "");
    app.write("file", "");
    std::os::unix::fs::symlink("nowhere", app.path("link")).unwrap();
    for name in ["full", "file", "link"] {
        app.run(&["new", name])
            .refused(&[name, "not an empty folder"]);
    }
    let mut there: Vec<_> = app.folder.path().read_dir().unwrap().collect();
    there.retain(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(there.len(), 2, "it made a folder");

    std::fs::create_dir_all(app.path("in/empty")).unwrap();
    app.run(&["new", "empty", "--dir", "in"]).done();
    assert!(app.path("in/empty/crates/empty-core/src/lib.rs").exists());
}

pub(crate) fn a_name_whose_file_another_program_reads_is_refused() {
    let app = App::new();
    for name in [
        "clippy",
        "rustfmt",
        "deny",
        "Cargo",
        "edgezero",
        "spin",
        "rust-toolchain",
        "Clippy",
        "cross",
        "typos",
        "wrangler",
        "config",
        "runtime-config",
    ] {
        app.run(&["new", name, "--dir", "apps"])
            .refused(&[name, ".toml"]);
        assert!(!app.path("apps").exists(), "{name}");
    }
    app.run(&["new", "clippy-shop"]).done();
}
