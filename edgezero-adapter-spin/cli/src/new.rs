//! `edgezero new`: an app that builds, runs and passes its tests.

mod templates;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use edgezero_store_traits::Label;

use self::templates::TEMPLATES;
use super::arguments::{Adapter, New};
use super::say;
use super::shell;

/// The longest name: crates' names, files and labels are made of it.
const MAX_NAME_BYTES: usize = 64;

pub(super) fn run(arguments: &New) -> anyhow::Result<ExitCode> {
    let name = &arguments.name;
    if let Some(reason) = problem(name) {
        let shown: String = name.chars().take(MAX_NAME_BYTES).collect();
        bail!("cannot make an app of the name {shown:?}: {reason}");
    }
    if arguments.adapter == Adapter::Host {
        bail!("an app is made for Spin and runs on this machine as well: leave out --adapter host");
    }
    let folder = std::path::absolute(arguments.dir.join(name))
        .with_context(|| format!("{} is no path", arguments.dir.display()))?;
    let in_the_way = match folder.symlink_metadata() {
        // Not by a link: it may lead anywhere.
        Ok(found) if found.is_dir() => folder
            .read_dir()
            .map_or(true, |mut entries| entries.next().is_some()),
        Ok(_) => true,
        Err(_) => false,
    };
    if in_the_way {
        bail!(
            "cannot make an app in {}: it is there already, and not an empty folder",
            folder.display()
        );
    }
    let words = Words::new(name);
    for (path, text) in TEMPLATES {
        let path = folder.join(words.fill(path));
        write(&path, &words.fill(text))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(checkout) = checkout() {
        // The versions that the app's libraries were tested with.
        let lock = folder.join("Cargo.lock");
        std::fs::copy(checkout.join("Cargo.lock"), &lock)
            .with_context(|| format!("cannot write {}", lock.display()))?;
    }
    let shown = folder.display().to_string();
    say::out(format_args!(
        "Made the app {name} in {shown}. Next:\n\n  cd {}\n  edgezero config push --local\n  \
         edgezero serve --adapter host\n\nREADME.md there has the rest.",
        shell::word(&shown, "<folder>")
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Over nothing, and through no link.
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// Why cargo would refuse `<name>-core` and its like, or a Rust name made of it.
fn problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > MAX_NAME_BYTES {
        Some("it is longer than 64 bytes")
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Some("a crate's name starts with an ASCII letter")
    } else if !name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        Some("a crate's name has ASCII letters, digits, '-' and '_' only")
    } else if KEYWORDS.contains(&name) {
        Some("it is a word of Rust's own, which no crate can have for its name")
    } else if WINDOWS.contains(&name.to_ascii_lowercase().as_str()) {
        Some("it is a device on Windows, where no file can have that name")
    } else if TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
        Some(
            "the app's configuration would be in the file of that name with .toml, which another \
             program reads as its own",
        )
    } else {
        None
    }
}

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "test", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Whose `<name>.toml`, at the root of a workspace, a program takes for its own: Rust's
/// tools, what is run on a workspace of Rust, and platforms and sites that an app may be
/// deployed to from the same folder.
const TAKEN: &[&str] = &[
    "about",
    "anchor",
    "askama",
    "bacon",
    "book",
    "bors",
    "buf",
    "cargo",
    "cbindgen",
    "clippy",
    "cliff",
    "codecov",
    "committed",
    "config",
    "cross",
    "deny",
    "diesel",
    "dioxus",
    "dist",
    "dist-workspace",
    "dylint",
    "edgezero",
    "fastly",
    "fly",
    "foundry",
    "hugo",
    "leptosfmt",
    "lychee",
    "makefile",
    "mise",
    "netlify",
    "nextest",
    "pyproject",
    "railway",
    "release",
    "release-plz",
    "rocket",
    "runtime-config",
    "rust-analyzer",
    "rust-toolchain",
    "rustfmt",
    "secrets",
    "shuttle",
    "spin",
    "supabase",
    "taplo",
    "tarpaulin",
    "tauri",
    "trunk",
    "typos",
    "uniffi",
    "uv",
    "vercel",
    "wrangler",
    "zola",
];

const WINDOWS: &[&str] = &["aux", "con", "nul", "prn"];

/// What stands in the place of a template's words.
struct Words(Vec<(&'static str, String)>);

impl Words {
    fn new(name: &str) -> Self {
        // Spin's rule for a component's id is nearly that for a label.
        let component = name.replace('_', "-");
        let component = match component.parse::<Label>() {
            Ok(_) => component,
            Err(_) => "app".to_owned(),
        };
        let capitals = name.to_ascii_uppercase().replace('-', "_");
        Self(vec![
            ("@name@", name.to_owned()),
            ("@ident@", name.replace('-', "_")),
            ("@component@", component),
            ("@CAPITALS@", capitals),
            ("@traits@", dependency("edgezero-store-traits")),
            ("@adapter@", dependency("edgezero-adapter-spin")),
            ("@cli@", dependency("edgezero-adapter-spin/cli")),
            ("@sqlite@", dependency("edgezero-store-sqlite")),
        ])
    }

    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (word, replacement) in &self.0 {
            filled = filled.replace(word, replacement);
        }
        filled
    }
}

/// A library of this project: its folder in the checkout that this command was built from,
/// or its version.
fn dependency(folder: &str) -> String {
    match checkout() {
        Some(checkout) => {
            let path = checkout.join(folder).display().to_string();
            // In TOML's own quotes.
            format!("path = {}", toml_edit::Value::from(path))
        }
        None => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
    }
}

fn checkout() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    let crates = ["edgezero-store-traits", "edgezero-store-sqlite"];
    let there = crates
        .iter()
        .all(|name| workspace.join(name).join("Cargo.toml").is_file());
    there.then(|| workspace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_crates_are_names_of_apps() {
        for name in ["shop", "my-shop", "my_shop2", "S"] {
            assert_eq!(problem(name), None, "{name}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        let long = "a".repeat(65);
        for name in [
            "",
            "1st",
            "-a",
            "a b",
            "a/b",
            "../a",
            "/a",
            "a.b",
            "a\0b",
            "größe",
            "fn",
            "test",
            "CON",
            "edgezero",
            "clippy",
            "Rustfmt",
            "DENY",
            "Cargo",
            "spin",
            "rust-toolchain",
            "wrangler",
            &long,
        ] {
            assert!(problem(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_component_has_an_id_that_spin_takes() {
        for (name, id) in [("my_shop", "my-shop"), ("shop-2", "app"), ("myShop", "app")] {
            assert_eq!(Words::new(name).fill("@component@"), id);
        }
    }
}
