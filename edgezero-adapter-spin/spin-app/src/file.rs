//! A TOML file of the app.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{ImDocument, Item, TableLike};

use crate::finding::{Effect, Finding, Place};
use crate::input;
use crate::tree::{self, Node};

/// A TOML file of the app, as Spin reads it: TOML 1.0.
pub struct TomlFile {
    path: PathBuf,
    document: ImDocument<String>,
    root: Node,
}

impl TomlFile {
    /// `remedy` is what to do when the file is not there.
    pub(crate) fn read(path: &Path, remedy: &str) -> Result<Self, Finding> {
        let unreadable = |reason: &str, remedy: &str| {
            let message = format!("Spin cannot read this file: {reason}");
            Finding::of_file(path, Effect::DoesNotStart, message, remedy)
        };
        match input::read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::parse(path, text),
                Err(_) => Err(unreadable("it is not UTF-8 text", "save it as UTF-8")),
            },
            Err(error) => Err(unreadable(&error.to_string(), remedy)),
        }
    }

    /// Reads a text as the file at `path`, which need not exist.
    ///
    /// # Errors
    /// The line where `text` is not TOML 1.0.
    pub fn parse(path: &Path, text: String) -> Result<Self, Finding> {
        match ImDocument::parse(text.clone()) {
            Ok(document) => Ok(Self {
                path: path.to_owned(),
                root: tree::root(document.as_table()),
                document,
            }),
            Err(error) => {
                let place = Place {
                    file: path.to_owned(),
                    line: error.span().map_or(1, |span| line(&text, span.start)),
                };
                let (message, remedy) = explain(error.message());
                let effect = Effect::DoesNotStart;
                Err(Finding::new(Some(place), effect, message, remedy))
            }
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that the file is in.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        self.document.raw()
    }

    /// The document, with the place of each key and value: what an exact edit needs.
    pub fn document(&self) -> &ImDocument<String> {
        &self.document
    }

    /// What is under `keys`, one in the other.
    pub fn get(&self, keys: &[&str]) -> Option<&Item> {
        let (last, tables) = keys.split_last()?;
        let mut table: &dyn TableLike = self.document.as_table();
        for key in tables {
            table = table.get(key)?.as_table_like()?;
        }
        table.get(last)
    }

    /// The bytes of the text that the value under `keys` takes.
    pub fn span(&self, keys: &[&str]) -> Option<Range<usize>> {
        self.get(keys)?.span()
    }

    /// The line of the last of `keys` that is there, counted from 1.
    pub fn line_of(&self, keys: &[&str]) -> usize {
        self.line_in(&self.root, keys)
    }

    /// The same, in the table that begins at `at`.
    pub(crate) fn line_below(&self, at: usize, keys: &[&str]) -> usize {
        match find(&self.root, at) {
            Some(node) => self.line_in(node, keys),
            None => line(self.text(), at),
        }
    }

    fn line_in(&self, mut node: &Node, keys: &[&str]) -> usize {
        let mut at = node.at;
        for key in keys {
            let tree::Kind::Table(members) = &node.kind else {
                break;
            };
            let Some(member) = members.iter().find(|member| member.name == *key) else {
                break;
            };
            at = member.at;
            node = &member.node;
        }
        line(self.text(), at)
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    pub(crate) fn place(&self, at: usize) -> Place {
        Place {
            file: self.path.clone(),
            line: line(self.text(), at),
        }
    }
}

/// Shows the path only: the text can hold a password.
impl std::fmt::Debug for TomlFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TomlFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The table that begins at `at`: its key does, or what is between its brackets.
fn find(node: &Node, at: usize) -> Option<&Node> {
    match &node.kind {
        tree::Kind::Table(members) => members.iter().find_map(|member| {
            let is_it = member.at == at && matches!(member.node.kind, tree::Kind::Table(_));
            let below = || find(&member.node, at);
            is_it.then_some(&member.node).or_else(below)
        }),
        tree::Kind::List(list) => list.iter().find_map(|node| find(node, at)),
        _ => None,
    }
    .or_else(|| {
        (node.at == at && at > 0 && matches!(node.kind, tree::Kind::Table(_))).then_some(node)
    })
}

fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The parser's message in one line, and what to do.
fn explain(message: &str) -> (String, &'static str) {
    let message = message.trim().replace('\n', ", ");
    let remedy = if message.contains("inline table") {
        "Spin reads TOML 1.0: write an inline table on one line and without a comma at its end, \
         or as a table with a [header]"
    } else if message.contains("duplicate key") {
        "remove one of the two"
    } else {
        "correct the line: Spin reads TOML 1.0"
    };
    (format!("this is not TOML 1.0: {message}"), remedy)
}
