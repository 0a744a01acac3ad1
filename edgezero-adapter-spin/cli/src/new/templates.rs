//! The files of a new app.

macro_rules! templates {
    ($($path:literal: $file:literal,)*) => {
        /// Each file's path and text, with words to fill in.
        pub(super) const TEMPLATES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("app/", $file))),)*
        ];
    };
}

templates! {
    ".gitignore": "gitignore",
    "Cargo.toml": "workspace.toml",
    "README.md": "README.md",
    "edgezero.toml": "edgezero.toml",
    "@name@.toml": "config.toml",
    "crates/@name@-core/Cargo.toml": "core.toml",
    "crates/@name@-core/src/lib.rs": "core.rs",
    "crates/@name@-core/tests/handlers.rs": "handlers.rs",
    "crates/@name@-adapter-spin/Cargo.toml": "adapter-spin.toml",
    "crates/@name@-adapter-spin/spin.toml": "spin.toml",
    "crates/@name@-adapter-spin/.env": "env",
    "crates/@name@-adapter-spin/runtime-config.toml": "runtime-config.toml",
    "crates/@name@-adapter-spin/src/lib.rs": "adapter-spin.rs",
    "crates/@name@-host/Cargo.toml": "host.toml",
    "crates/@name@-host/src/main.rs": "host.rs",
    "crates/@name@-cli/Cargo.toml": "cli.toml",
    "crates/@name@-cli/src/main.rs": "cli.rs",
}
