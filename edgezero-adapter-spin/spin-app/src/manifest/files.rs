//! The files that a component needs when Spin starts: its Wasm, and those that Spin
//! copies for it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::component::{ComponentTable, Source};
use crate::finding::Effect;
use crate::reader::{Report, Table};
use crate::tree::Kind;
use crate::{access, input};

/// `files` and `exclude_files`.
#[derive(Default)]
pub(super) struct Files {
    mounts: Vec<(Mount, usize)>,
    excluded: Vec<(String, usize)>,
}

enum Mount {
    /// A file, a folder or a glob pattern.
    Pattern(String),
    /// `{ source = …, destination = … }`.
    Placement { source: String, destination: String },
}

impl Files {
    pub(super) fn read(table: &Table<'_>, report: &mut Report<'_>) -> Self {
        let excluded = table.texts("exclude_files", report);
        let excluded = excluded.into_iter();
        let mut files = Self {
            mounts: Vec::new(),
            excluded: excluded
                .map(|pattern| (pattern.text.to_owned(), pattern.at))
                .collect(),
        };
        let what = table.of("files");
        let Some(member) = table.get("files") else {
            return files;
        };
        let Kind::List(list) = &member.node.kind else {
            report.refuse(member.at, format!("{what} is not a list"), "write a list");
            return files;
        };
        for node in list {
            let mount = match &node.kind {
                Kind::Text(pattern) => Some(Mount::Pattern(pattern.clone())),
                Kind::Table(members) => {
                    let text = |key: &str| {
                        let member = members.iter().find(|member| member.name == key)?;
                        match &member.node.kind {
                            Kind::Text(text) => Some(text.clone()),
                            _ => None,
                        }
                    };
                    match (text("source"), text("destination"), members.len()) {
                        (Some(source), Some(destination), 2) => Some(Mount::Placement {
                            source,
                            destination,
                        }),
                        _ => None,
                    }
                }
                _ => None,
            };
            match mount {
                Some(mount) => files.mounts.push((mount, node.at)),
                None => report.refuse(
                    node.at,
                    format!("an item of {what} is neither of the two forms that Spin takes"),
                    "write \"<pattern>\" or { source = \"…\", destination = \"…\" }",
                ),
            }
        }
        files
    }
}

/// `run` says whether a trigger of a kind that Spin starts itself uses the component, and
/// `wagi` whether one runs it as a Wagi program.
pub(super) fn check(
    component: &ComponentTable,
    folder: &Path,
    run: bool,
    wagi: bool,
    report: &mut Report<'_>,
) {
    if run && let Some(Source::Local(path, at)) = &component.source {
        wasm(&folder.join(path), path, *at, wagi, report);
    }
    let files = &component.files;
    for (mount, at) in &files.mounts {
        let refusal = match mount {
            Mount::Pattern(pattern) => pattern_refusal(folder, pattern),
            Mount::Placement {
                source,
                destination,
            } => placement_refusal(folder, source, destination),
        };
        if let Some((message, remedy)) = refusal {
            report.refuse(*at, message, remedy);
        }
    }
    // Spin looks at these only where it copies a folder or what a pattern finds.
    let copies = |(mount, _): &(Mount, usize)| match mount {
        Mount::Pattern(path) | Mount::Placement { source: path, .. } => {
            !folder.join(path).is_file()
        }
    };
    if files.mounts.iter().any(copies) {
        for (pattern, at) in &files.excluded {
            if glob::Pattern::new(pattern).is_err() {
                report.refuse(*at, "this is not a glob pattern", "correct the pattern");
            }
        }
    }
}

/// How a Wasm file begins, and how a component goes on.
const MAGIC: &[u8] = b"\0asm";
const COMPONENT: &[u8] = b"\x0d\0\x01\0";

/// Spin takes a component or a module, in binary form only.
fn wasm(file: &Path, path: &str, at: usize, wagi: bool, report: &mut Report<'_>) {
    const REMEDY: &str = "name the Wasm file that the build makes, and build it";
    if !file.exists() {
        let message = format!("the component's Wasm {path:?} is not there");
        let remedy = "build the component, or correct the path";
        report.add(at, Effect::NotBuilt, message, remedy);
        return;
    }
    let mut start = [0; 4];
    let read = match input::check_kind(file) {
        Ok(_) => File::open(file).and_then(|mut file| file.read_exact(&mut start)),
        Err(error) => Err(error),
    };
    match read {
        Ok(()) if start == MAGIC => {}
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => {
            let message = format!("Spin cannot read the component's Wasm {path:?}: {error}");
            report.refuse(at, message, REMEDY);
            return;
        }
        _ => {
            let message = format!("{path:?} is not a Wasm file: it does not begin as one does");
            report.refuse(at, message, REMEDY);
            return;
        }
    }
    if wagi && is_no_program(file) {
        let message = "the `executor` is \"wagi\", and this component is not a Wagi program: it \
                       has no `wasi:cli/run`, so Spin refuses it";
        report.refuse(at, message, "remove the `executor` from its trigger");
    }
}

/// Whether the text that a program's entry has in its Wasm is missing.
fn is_no_program(file: &Path) -> bool {
    let Ok(bytes) = input::read(file) else {
        return false;
    };
    let entry: &[u8] = match bytes.get(MAGIC.len()..MAGIC.len() + COMPONENT.len()) {
        Some(COMPONENT) => b"wasi:cli/run",
        _ => b"_start",
    };
    !bytes.windows(entry.len()).any(|window| window == entry)
}

type Refusal = (String, &'static str);

fn pattern_refusal(folder: &Path, pattern: &str) -> Option<Refusal> {
    let last = pattern.rsplit('/').next().unwrap_or(pattern);
    if last == "." || last == ".." {
        let message = format!("Spin refuses the file pattern {pattern:?}, which ends in a folder");
        let remedy = "write { source = \"<folder>\", destination = \"/\" }, or end it in /**/*";
        return Some((message, remedy));
    }
    let path = folder.join(pattern);
    let is_glob = glob::Pattern::escape(pattern) != pattern;
    if !path.exists() && !is_glob {
        let message = format!("{pattern:?} of `files` is not there");
        return Some((message, "add the file, or correct the path"));
    }
    if let Some(refusal) = unreadable(&path, pattern) {
        return Some(refusal);
    }
    if !path.exists()
        && path
            .to_str()
            .is_some_and(|path| glob::Pattern::new(path).is_err())
    {
        let message = format!("{pattern:?} of `files` is not a glob pattern");
        return Some((message, "correct the pattern"));
    }
    outside(folder, &path)
}

/// Spin copies the file, and cannot where it may not read it.
fn unreadable(path: &Path, named: &str) -> Option<Refusal> {
    (path.is_file() && !access::may_read(path)).then(|| {
        let message = format!("{named:?} of `files` may not be read by this user");
        (message, "let the user that runs Spin read it")
    })
}

fn placement_refusal(folder: &Path, source: &str, destination: &str) -> Option<Refusal> {
    let path = folder.join(source);
    if !path.exists() {
        let message = format!("{source:?}, a `source` of `files`, is not there");
        return Some((message, "add the folder, or correct the path"));
    }
    let last = destination.rsplit('/').next().unwrap_or(destination);
    if !path.is_dir() && ["", ".", ".."].contains(&last) {
        let message = format!("{source:?} is a file, and its `destination` names a folder");
        let remedy = "end the `destination` in a file's name, as in \"/data/<name>\"";
        return Some((message, remedy));
    }
    if let Some(refusal) = unreadable(&path, source) {
        return Some(refusal);
    }
    outside(folder, &path)
}

/// An absolute path leads out of the app, which Spin notices at the first file there.
fn outside(folder: &Path, path: &Path) -> Option<Refusal> {
    (path.is_file() && path.strip_prefix(folder).is_err()).then(|| {
        let message = format!("{} is outside the app's folder", path.display());
        (
            message,
            "name a file of the app's folder, with a relative path",
        )
    })
}
