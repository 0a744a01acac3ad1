//! The app's configuration: a TOML file, flattened to texts by dotted key, with the
//! environment's values over it.

mod credential;
mod kind;
mod overlay;
mod parts;
mod text;
mod typed;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use edgezero_store_traits::app_config::join;
use edgezero_store_traits::kv::limits;
use toml_edit::{Item, TableLike};

use self::kind::Kind;
pub(crate) use self::overlay::Prefix;
use self::parts::Parts;
use self::text::text;
use super::finding::Finding;
use crate::document::{Document, Malformed, is_there};
use crate::project::Project;
use crate::say;
use crate::typed::Types;

/// One key of the configuration.
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) line: usize,
    kind: Kind,
    /// The variable that the text comes from.
    variable: Option<String>,
}

/// Where a value comes from.
pub(super) struct Place<'a> {
    /// In the file, counted from 1.
    pub(super) line: usize,
    /// The variable that has the value.
    pub(super) variable: Option<&'a str>,
}

/// A configuration, and what is wrong with it.
pub(crate) struct Values {
    pub(super) path: PathBuf,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) findings: Vec<Finding>,
    /// The lines of the items and members of the pairs.
    parts: Vec<(String, usize)>,
}

impl Values {
    /// Reads the file and the environment's values for the configuration store `id`, and has
    /// the types checked where they are known.
    ///
    /// # Errors
    /// When there is no file to read. All else is a finding.
    pub(super) fn read(
        project: &Project,
        id: &str,
        told: Option<&Path>,
        no_env: bool,
        types: Option<&Types>,
    ) -> anyhow::Result<Self> {
        let path = project.app_config_path(told, id);
        if id != project.default_config() && !is_there(&path)? {
            bail!(
                "there is no {}, which has the configuration of the store {id}; make it, or name \
                 another file with --app-config",
                path.display()
            );
        }
        project.note(|| format!("the configuration is {}", path.display()));
        let document = match Document::read(&path) {
            Ok(document) => document,
            Err(error) => match error.downcast::<Malformed>() {
                Ok(malformed) => {
                    let finding = Finding::error(&path, malformed.line, malformed.message);
                    return Ok(Self {
                        path,
                        pairs: Vec::new(),
                        findings: vec![finding],
                        parts: Vec::new(),
                    });
                }
                Err(error) => return Err(error),
            },
        };
        let variables = (!no_env).then(std::env::vars_os).into_iter().flatten();
        let prefix = Prefix::of_store(project, id);
        Ok(Self::of(&document, &prefix, variables, types))
    }

    /// What the file has, with the values of those of `variables` that have the prefix.
    pub(crate) fn of(
        document: &Document,
        prefix: &Prefix,
        variables: impl Iterator<Item = (OsString, OsString)>,
        types: Option<&Types>,
    ) -> Self {
        let mut values = Self {
            path: document.path().to_owned(),
            pairs: Vec::new(),
            findings: Vec::new(),
            parts: Vec::new(),
        };
        let mut lines = Lines::default();
        values.table(document, &mut lines, types, "", document.root());
        values.find_twins();
        values.overlay(prefix, variables, types);
        if let Some(types) = types {
            values.check_types(types);
        }
        values
    }

    fn error(&mut self, line: usize, message: impl Into<String>) {
        self.findings
            .push(Finding::error(&self.path, line, message));
    }

    fn table(
        &mut self,
        document: &Document,
        lines: &mut Lines,
        types: Option<&Types>,
        outer: &str,
        table: &dyn TableLike,
    ) {
        for (name, item) in table.iter() {
            let key = join(outer, name);
            let span = table.key(name).and_then(toml_edit::Key::span);
            let line = match span.or_else(|| item.span()) {
                Some(span) => lines.of(document.raw(), span.start),
                None => 1,
            };
            // A field that serde reads is one key, whatever it is made of.
            let whole = types.is_some_and(|types| types.field(&key).is_some());
            match item.as_table_like() {
                Some(inner) if !whole => self.table(document, lines, types, &key, inner),
                _ => {
                    if whole {
                        let mut parts = Parts::default();
                        parts.item(&key, item);
                        let parts = parts.found.into_iter();
                        let raw = document.raw();
                        let lines = parts.map(|(key, at)| (key, lines.of(raw, at.start)));
                        self.parts.extend(lines);
                    }
                    self.pair(key, item, line);
                }
            }
        }
    }

    fn pair(&mut self, key: String, item: &Item, line: usize) {
        if let Err(error) = limits::check_key(&key) {
            return self.error(line, error.to_string());
        }
        let Some((kind, text)) = text(item) else {
            return self.error(
                line,
                format!("{key} holds nan or inf, which is not a number that the app can read"),
            );
        };
        if let Err(error) = limits::check_value(&key, text.as_bytes()) {
            return self.error(line, error.to_string());
        }
        self.pairs.push(Pair {
            key,
            text,
            line,
            kind,
            variable: None,
        });
    }

    /// `"a.b" = 1` and `[a] b = 1` are one key.
    fn find_twins(&mut self) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut twins = Vec::new();
        for pair in &self.pairs {
            if let Some(first) = seen.insert(&pair.key, pair.line) {
                let message = format!("the key {} is there twice, first in line {first}", pair.key);
                twins.push(Finding::error(&self.path, pair.line, message));
            }
        }
        self.findings.extend(twins);
    }

    /// The texts by key, as a push stores them.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let pairs = self.pairs.iter();
        pairs.map(|p| (p.key.clone(), p.text.clone())).collect()
    }

    /// Where a key, or the part of one, comes from. For one that is missing it is its table.
    pub(super) fn place(&self, key: &str) -> Place<'_> {
        let mut rest = key;
        loop {
            let inside = |pair: &&Pair| {
                let after = pair.key.strip_prefix(rest);
                after.is_some_and(|after| after.is_empty() || after.starts_with('.'))
            };
            if let Some(pair) = self.pairs.iter().find(inside) {
                return Place {
                    line: pair.line,
                    variable: pair.variable.as_deref().filter(|_| pair.key == rest),
                };
            }
            let part = self.parts.iter().find(|(part, _)| part == rest);
            // Of a variable's text they are no parts.
            if let Some((_, line)) = part.filter(|_| !self.is_overlaid(rest)) {
                return Place {
                    line: *line,
                    variable: None,
                };
            }
            match rest.rsplit_once(['.', '[']) {
                Some((outer, _)) => rest = outer,
                None => {
                    return Place {
                        line: 1,
                        variable: None,
                    };
                }
            }
        }
    }

    /// Whether a variable has taken the place of the pair that `part` is in.
    fn is_overlaid(&self, part: &str) -> bool {
        self.pairs.iter().any(|pair| {
            let is_inside = |rest: &str| rest.starts_with(['.', '[']);
            pair.variable.is_some() && part.strip_prefix(&*pair.key).is_some_and(is_inside)
        })
    }

    /// The pairs, where nothing is wrong with them.
    pub(super) fn checked(self) -> anyhow::Result<Vec<Pair>> {
        use super::finding::Severity;
        let (errors, warnings): (Vec<_>, Vec<_>) = self
            .findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        for warning in warnings {
            say::err(format_args!("{warning}"))?;
        }
        if errors.is_empty() {
            return Ok(self.pairs);
        }
        for error in &errors {
            say::err(format_args!("{error}"))?;
        }
        bail!(
            "nothing was written: {} has {} error(s)",
            self.path.display(),
            errors.len()
        )
    }
}

/// Tells lines, for places in their order without counting each from the start.
#[derive(Default)]
struct Lines {
    at: usize,
    line: usize,
}

impl Lines {
    fn of(&mut self, text: &str, at: usize) -> usize {
        if at < self.at {
            *self = Self::default();
        }
        let between = text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count();
        self.at = at;
        self.line + 1
    }
}
