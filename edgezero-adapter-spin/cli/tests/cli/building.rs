//! Where a component is built to. `cargo` is a script that makes the file where it is told.

use std::os::unix::fs::PermissionsExt;

use crate::app::App;

/// An app whose `cargo` and `rustc` stand in for those of a machine that can build.
pub(crate) fn app(source: &str) -> App {
    let app = App::new();
    app.edit(
        "spin/spin.toml",
        "source = \"shop.wasm\"",
        &format!("source = \"{source}\""),
    );
    // It is not built yet.
    std::fs::remove_file(app.path("spin/shop.wasm")).unwrap();
    let cargo = "#!/bin/sh\n\
         target=${CARGO_TARGET_DIR:-target}\n\
         while [ $# != 0 ]; do\n\
         case $1 in --target-dir) target=$2; shift;; --target-dir=*) target=${1#*=};; esac\n\
         shift\ndone\n\
         mkdir -p \"$target/wasm32-wasip2/release\"\n\
         touch \"$target/wasm32-wasip2/release/shop.wasm\"\n";
    app.write("bin/cargo", cargo);
    app.write("bin/rustc", "#!/bin/sh\necho /usr\n");
    for name in ["bin/cargo", "bin/rustc"] {
        std::fs::set_permissions(app.path(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let cargo = app.path("bin/cargo").display().to_string();
    let path = format!("{}:/usr/bin:/bin", app.path("bin").display());
    app.with_variable("CARGO", &cargo)
        .with_variable("PATH", &path)
}

pub(crate) const SOURCE: &str = "../target/wasm32-wasip2/release/shop.wasm";

pub(crate) fn a_component_is_built_to_where_spin_looks_for_it() {
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().to_str().unwrap();
    for target in [None, Some(elsewhere), Some("other")] {
        let mut app = app(SOURCE);
        if let Some(target) = target {
            app = app.with_variable("CARGO_TARGET_DIR", target);
        }
        app.run(&["build"]).done();
        assert!(
            app.path("target/wasm32-wasip2/release/shop.wasm").is_file(),
            "{target:?}"
        );
    }
}

pub(crate) fn a_component_that_spin_would_not_find_is_an_error() {
    for (source, arguments) in [
        ("shop.wasm", &["build"][..]),
        ("../dist/shop.wasm", &["build"]),
        ("../target/wasm32-wasip2/debug/shop.wasm", &["build"]),
        (SOURCE, &["build", "--", "--target-dir", "other"]),
        // Not even where spin.toml says so is anything built out of the app's folder.
        ("../../target/wasm32-wasip2/release/shop.wasm", &["build"]),
    ] {
        let app = app(source);
        app.run(arguments).refused(&[
            "spin.toml: line 7",
            "not to where Spin looks for it",
            "shop.wasm",
        ]);
    }
}
