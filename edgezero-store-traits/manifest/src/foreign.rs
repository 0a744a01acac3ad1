//! What a manifest has for other parts of EdgeZero.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::line;

/// A key of another part of EdgeZero: it is no mistake, and has no effect here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreign {
    /// `[app] version`.
    pub key: String,
    /// Where the manifest has it, counted from 1.
    pub line: usize,
    /// What has its effect here.
    pub instead: String,
}

/// The keys with what has their effect here.
const KEYS: &[(&[&str], &str, &str)] = &[
    (
        &["app", "version"],
        "[app] version",
        "the version is in Cargo.toml",
    ),
    (&["app", "kind"], "[app] kind", "an app answers HTTP"),
    (
        &["app", "entry"],
        "[app] entry",
        "the adapter's crate depends on the app's",
    ),
    (
        &["app", "middleware"],
        "[app] middleware",
        "the app's router adds its middleware",
    ),
    (
        &["triggers"],
        "[[triggers.http]]",
        "the app's router has the routes",
    ),
    (
        &["environment"],
        "[environment]",
        "spin.toml declares variables, and a component's environment",
    ),
    (
        &["logging"],
        "[logging]",
        "Spin logs what the app writes to stderr",
    ),
    (
        &["adapters", "spin", "build"],
        "[adapters.spin.build]",
        "`build` of [adapters.spin.commands] takes the place of `edgezero build`",
    ),
    (
        &["adapters", "spin", "logging"],
        "[adapters.spin.logging]",
        "Spin logs what the app writes to stderr",
    ),
];

/// The platforms that have a section of their own.
const PLATFORMS: &[&str] = &["spin", "host"];

/// The last words of the keys.
pub(crate) fn names<'a>() -> impl Iterator<Item = &'a str> {
    KEYS.iter().filter_map(|(path, ..)| path.last().copied())
}

/// Removes what is for other parts of EdgeZero, and lists it in the order of the lines.
pub(crate) fn take(text: &str, manifest: &mut DeTable<'_>) -> Vec<Foreign> {
    let mut all = Vec::new();
    for (path, key, instead) in KEYS {
        if let Some(at) = remove(manifest, path) {
            all.push(Foreign {
                key: (*key).to_owned(),
                line: line(text, at),
                instead: (*instead).to_owned(),
            });
        }
    }
    for name in other_adapters(manifest) {
        if let Some(at) = remove(manifest, &["adapters", &name]) {
            all.push(Foreign {
                key: format!("[adapters.{}]", written(&name)),
                line: line(text, at),
                instead: instead_of_adapter(&name),
            });
        }
    }
    all.sort_by_key(|foreign| foreign.line);
    all
}

fn other_adapters(manifest: &DeTable<'_>) -> Vec<String> {
    let adapters = manifest.get("adapters");
    let adapters = adapters.and_then(|adapters| adapters.get_ref().as_table());
    let names = adapters.into_iter().flat_map(DeTable::keys);
    let names = names.map(|name| name.get_ref().to_string());
    names
        .filter(|name| !PLATFORMS.contains(&name.as_str()))
        .collect()
}

fn instead_of_adapter(name: &str) -> String {
    if name == "axum" {
        return "the app on this machine is [adapters.host]".to_owned();
    }
    match crate::read::nearest(name, PLATFORMS.iter().copied()) {
        Some(known) => format!("did you mean [adapters.{known}]?"),
        None => "it is for another platform".to_owned(),
    }
}

/// Removes what is under `path`, and says where it was.
fn remove(table: &mut DeTable<'_>, path: &[&str]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        let (key, _): (Spanned<_>, Spanned<DeValue<'_>>) = table.remove_entry(*first)?;
        return Some(key.span().start);
    }
    match table.get_mut(*first)?.get_mut() {
        DeValue::Table(inner) => remove(inner, rest),
        _ => None,
    }
}

/// A key as a table's header has it, on one line.
fn written(key: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !key.is_empty() && key.bytes().all(is_bare) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}
