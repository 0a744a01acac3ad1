//! The files that a component needs when Spin starts: its Wasm, and those that Spin
//! copies for it.

use std::path::Path;

use super::component::{ComponentTable, Source};
use crate::finding::Effect;
use crate::reader::{Report, Table};
use crate::tree::Kind;

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
    Placement(String),
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
                        (Some(source), Some(_), 2) => Some(Mount::Placement(source)),
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

/// `run` says whether a trigger of a kind that Spin starts itself uses the component.
pub(super) fn check(component: &ComponentTable, folder: &Path, run: bool, report: &mut Report<'_>) {
    if run
        && let Some(Source::Local(path, at)) = &component.source
        && !folder.join(path).is_file()
    {
        let message = format!("the component's Wasm {path:?} is not there");
        let remedy = "build the component, or correct the path";
        report.add(*at, Effect::NotBuilt, message, remedy);
    }
    let files = &component.files;
    for (mount, at) in &files.mounts {
        let refusal = match mount {
            Mount::Pattern(pattern) => pattern_refusal(folder, pattern),
            Mount::Placement(source) => placement_refusal(folder, source),
        };
        if let Some((message, remedy)) = refusal {
            report.refuse(*at, message, remedy);
        }
    }
    // Spin looks at these only where it copies a folder or what a pattern finds.
    let copies = |(mount, _): &(Mount, usize)| match mount {
        Mount::Pattern(path) | Mount::Placement(path) => !folder.join(path).is_file(),
    };
    if files.mounts.iter().any(copies) {
        for (pattern, at) in &files.excluded {
            if glob::Pattern::new(pattern).is_err() {
                report.refuse(*at, "this is not a glob pattern", "correct the pattern");
            }
        }
    }
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

fn placement_refusal(folder: &Path, source: &str) -> Option<Refusal> {
    let path = folder.join(source);
    if !path.exists() {
        let message = format!("{source:?}, a `source` of `files`, is not there");
        return Some((message, "add the folder, or correct the path"));
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
