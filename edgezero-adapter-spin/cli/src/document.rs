//! A TOML file, and where in it things are.
//!
//! An error names the line and never quotes it: a runtime config holds secrets.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use edgezero_spin_app::check_file;
use toml_edit::{Item, Table, TableLike};

pub(super) struct Document {
    path: PathBuf,
    toml: toml_edit::Document<String>,
}

/// A text that is no TOML.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: line {line}: {message}", path.display())]
pub(super) struct Malformed {
    pub(super) path: PathBuf,
    pub(super) line: usize,
    pub(super) message: String,
}

impl Document {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::parse(path, text)?)
    }

    pub(super) fn parse(path: &Path, text: String) -> Result<Self, Malformed> {
        let path = path.to_owned();
        match toml_edit::Document::parse(text.clone()) {
            Ok(toml) => Ok(Self { path, toml }),
            Err(error) => Err(Malformed {
                line: error.span().map_or(1, |span| line(&text, span.start)),
                message: error.message().to_owned(),
                path,
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn root(&self) -> &Table {
        self.toml.as_table()
    }

    /// What is under `keys`, one in the other.
    pub(super) fn get(&self, keys: &[&str]) -> Option<&Item> {
        let (last, tables) = keys.split_last()?;
        let mut table: &dyn TableLike = self.root();
        for key in tables {
            table = table.get(key)?.as_table_like()?;
        }
        table.get(last)
    }

    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        self.get(keys)?.as_str()
    }

    /// The line of the last of `keys` that is there, counted from 1.
    pub(super) fn line_of(&self, keys: &[&str]) -> usize {
        let mut table: &dyn TableLike = self.root();
        let mut found = 1;
        for key in keys {
            let Some((name, item)) = table.get_key_value(key) else {
                break;
            };
            if let Some(span) = name.span().or_else(|| item.span()) {
                found = self.line(span);
            }
            match item.as_table_like() {
                Some(inner) => table = inner,
                None => break,
            }
        }
        found
    }

    pub(super) fn line(&self, span: Range<usize>) -> usize {
        line(self.toml.raw(), span.start)
    }

    pub(super) fn raw(&self) -> &str {
        self.toml.raw()
    }
}

/// Whether a file is there. One that may not be looked at is not taken for missing.
pub(super) fn is_there(path: &Path) -> anyhow::Result<bool> {
    path.try_exists()
        .with_context(|| format!("cannot look whether there is a file {}", path.display()))
}

/// A file's text.
fn read(path: &Path) -> io::Result<String> {
    check_file(path)?;
    std::fs::read_to_string(path)
}

fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Puts `text` in the place of the file's, whole or not at all.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    // A link stays one.
    let path = path.canonicalize().with_context(failed)?;
    let permissions = std::fs::metadata(&path).with_context(failed)?.permissions();
    anyhow::ensure!(
        !permissions.readonly(),
        "cannot write {}: it is read-only; make it writable",
        path.display()
    );
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| {
        // The error itself names a file that is none of the user's.
        let (path, folder) = (path.display(), folder.display());
        let kind = error.kind();
        anyhow!("cannot write {path}: cannot make a file in {folder}: {kind}")
    })?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    file.as_file()
        .set_permissions(permissions)
        .with_context(failed)?;
    file.as_file().sync_all().with_context(failed)?;
    let persisted = file.persist(&path);
    persisted
        .map_err(|error| error.error)
        .with_context(failed)?;
    Ok(())
}
