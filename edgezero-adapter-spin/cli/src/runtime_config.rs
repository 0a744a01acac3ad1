//! Spin's runtime config file: where it keeps each label.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::document::Document;

pub(super) struct RuntimeConfig {
    path: PathBuf,
    document: Option<Document>,
}

/// What the runtime config says of a label.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stanza {
    /// Nothing.
    Missing,
    /// A SQLite file.
    File(PathBuf),
    /// Spin's memory: `type = "spin"` without a path.
    Memory,
    /// `path = ""`.
    NoFile,
    /// Another backend.
    Other {
        kind: String,
        url: Option<String>,
        table: Option<String>,
    },
}

impl RuntimeConfig {
    /// A file that is missing says nothing.
    pub(super) fn read(path: PathBuf, must_exist: bool) -> anyhow::Result<Self> {
        let document = if must_exist {
            Some(Document::read(&path)?)
        } else {
            Document::read_if_there(&path)?
        };
        Ok(Self { path, document })
    }

    #[cfg(feature = "fuzzing")]
    pub(super) fn new(document: Document) -> Self {
        Self {
            path: document.path().to_owned(),
            document: Some(document),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn stanza(&self, label: &str) -> anyhow::Result<Stanza> {
        let Some(document) = &self.document else {
            return Ok(Stanza::Missing);
        };
        if document.get(&["key_value_store", label]).is_none() {
            return Ok(Stanza::Missing);
        }
        let text = |key| document.text(&["key_value_store", label, key]);
        let kind = text("type").with_context(|| {
            format!(
                "cannot use {}: line {}: [key_value_store.{label}] has no `type`; Spin's own is \
                 type = \"spin\"",
                self.path.display(),
                self.line_of(label)
            )
        })?;
        let owned = |key| text(key).map(str::to_owned);
        let path = text("path");
        if path.is_some_and(|path| path.contains(char::is_control)) {
            bail!(
                "cannot use {}: line {}: `path` of [key_value_store.{label}] has a control \
                 character",
                self.path.display(),
                self.line_of(label)
            );
        }
        Ok(match (kind, path) {
            ("spin", Some("")) => Stanza::NoFile,
            ("spin", Some(path)) => Stanza::File(document.folder().join(path)),
            ("spin", None) => Stanza::Memory,
            (kind, _) => Stanza::Other {
                kind: kind.to_owned(),
                url: owned("url"),
                table: owned("table"),
            },
        })
    }

    /// The line of the label's stanza, or 1.
    pub(super) fn line_of(&self, label: &str) -> usize {
        self.document
            .as_ref()
            .map_or(1, |document| document.line_of(&["key_value_store", label]))
    }
}

/// The stanza that keeps a label where a push can reach it.
pub(super) fn stanza_for(label: &str) -> String {
    format!("[key_value_store.{label}]\ntype = \"spin\"\n{PATH}\n")
}

/// Relative to the runtime config file.
pub(super) const PATH: &str = "path = \".spin/sqlite_key_value.db\"";
