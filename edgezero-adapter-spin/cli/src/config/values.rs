//! The app's configuration: a TOML file, flattened to texts by dotted key, with the
//! environment's values over it.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use edgezero_store_traits::app_config::ValueKind;
use edgezero_store_traits::kv::limits;
use serde_json::Value as Json;
use toml_edit::{Item, TableLike, Value};

use super::finding::Finding;
use crate::document::{Document, Malformed};
use crate::project::Project;
use crate::say;
use crate::typed::Types;

/// One key of the configuration.
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) line: usize,
    kind: Kind,
}

/// What the file has, which a variable's text must be as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Datetime,
    List,
    Table,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Datetime => "a date or a time",
            Self::List => "a JSON array",
            Self::Table => "a JSON object",
        }
    }

    /// What a field of the app wants in this one's place, if it is of another kind. Numbers,
    /// `true` and `false` may be written as strings: their text is the same.
    fn instead_of(self, field: ValueKind) -> Option<&'static str> {
        let (fits, wanted) = match field {
            ValueKind::Text => (self == Self::Text, "a string: put it in quotes"),
            ValueKind::Integer => (matches!(self, Self::Integer | Self::Text), "an integer"),
            ValueKind::Float => (
                matches!(self, Self::Float | Self::Integer | Self::Text),
                "a number",
            ),
            ValueKind::Boolean => (matches!(self, Self::Boolean | Self::Text), "true or false"),
            ValueKind::List => (matches!(self, Self::List | Self::Text), "an array"),
            _ => (true, ""),
        };
        (!fits).then_some(wanted)
    }
}

/// A configuration, and what is wrong with it.
pub(crate) struct Values {
    pub(super) path: PathBuf,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) findings: Vec<Finding>,
}

impl Values {
    /// Reads the file and the environment, and has the types checked where they are
    /// known.
    ///
    /// # Errors
    /// When there is no file to read. All else is a finding.
    pub(super) fn read(
        project: &Project,
        told: Option<&Path>,
        no_env: bool,
        types: Option<&Types>,
    ) -> anyhow::Result<Self> {
        let path = project.app_config_path(told);
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
                    });
                }
                Err(error) => return Err(error),
            },
        };
        let variables = (!no_env).then(std::env::vars_os).into_iter().flatten();
        let app = &project.manifest.name;
        Ok(Self::of(&document, app, variables, types))
    }

    /// What the file has, with the values that `variables` hold for the app of that
    /// name.
    pub(crate) fn of(
        document: &Document,
        app: &str,
        variables: impl Iterator<Item = (OsString, OsString)>,
        types: Option<&Types>,
    ) -> Self {
        let mut values = Self {
            path: document.path().to_owned(),
            pairs: Vec::new(),
            findings: Vec::new(),
        };
        let mut lines = Lines::default();
        values.table(document, &mut lines, types, "", document.root());
        values.find_twins();
        values.overlay(app, variables);
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
            let key = edgezero_store_traits::app_config::join(outer, name);
            let span = table.key(name).and_then(toml_edit::Key::span);
            let line = match span.or_else(|| item.span()) {
                Some(span) => lines.of(document.raw(), span.start),
                None => 1,
            };
            // A field that serde reads is one key, whatever it is made of.
            let whole = types.is_some_and(|types| types.field(&key).is_some());
            match item.as_table_like() {
                Some(inner) if !whole => self.table(document, lines, types, &key, inner),
                _ => self.pair(key, item, line),
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

    /// `<APP_NAME>__SECTION__KEY` takes the place of `section.key`.
    fn overlay(&mut self, app: &str, variables: impl Iterator<Item = (OsString, OsString)>) {
        let prefix = format!("{}__", capitals(app));
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, pair) in self.pairs.iter().enumerate() {
            let words: Vec<String> = pair.key.split('.').map(capitals).collect();
            let name = format!("{prefix}{}", words.join("__"));
            names.entry(name).or_default().push(n);
        }
        let mut findings = Vec::new();
        let mut found: Vec<_> = variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| {
                name.starts_with(&prefix) && !name.starts_with("EDGEZERO__STORES__")
            })
            .collect();
        found.sort();
        for (name, value) in found {
            let (line, message) = match names.get(&name).map(Vec::as_slice) {
                None => {
                    let message = format!("the variable {name} does not match any key here");
                    findings.push(Finding::warning(&self.path, 1, message));
                    continue;
                }
                Some([n]) => {
                    let pair = &mut self.pairs[*n];
                    let text = value.into_string().ok();
                    match text.and_then(|text| coerced(pair.kind, text)) {
                        Some(text) => {
                            pair.text = text;
                            continue;
                        }
                        None => (
                            pair.line,
                            format!(
                                "the variable {name} is not {}, which the key {} is in the file",
                                pair.kind.name(),
                                pair.key
                            ),
                        ),
                    }
                }
                Some(several) => {
                    let keys: Vec<_> = several.iter().map(|n| &*self.pairs[*n].key).collect();
                    let message = format!(
                        "the variable {name} could be for several keys: {}",
                        keys.join(", ")
                    );
                    (self.pairs[several[0]].line, message)
                }
            };
            findings.push(Finding::error(&self.path, line, message));
        }
        self.findings.extend(findings);
    }

    fn check_types(&mut self, types: &Types) {
        let texts = self.pairs.iter();
        let texts: Vec<_> = texts.map(|p| (p.key.clone(), p.text.clone())).collect();
        let mut ill_typed = HashSet::new();
        for problem in (types.check)(&texts) {
            let line = self.line_near(&problem.key);
            self.error(line, problem.to_string());
            ill_typed.insert(problem.key);
        }
        let loose: Vec<_> = self
            .pairs
            .iter()
            .filter(|pair| !ill_typed.contains(&pair.key))
            .filter_map(|pair| {
                let wanted = pair.kind.instead_of(types.field(&pair.key)?.value)?;
                let (key, found) = (&pair.key, pair.kind.name());
                let message = format!("{key} is {found}, and the app reads {wanted}");
                Some(Finding::error(&self.path, pair.line, message))
            })
            .collect();
        self.findings.extend(loose);
        let unread = self.pairs.iter();
        let unread = unread.filter(|pair| types.field(&pair.key).is_none());
        let unread: Vec<_> = unread
            .map(|pair| {
                let message = format!("{} is no field of the app's configuration", pair.key);
                Finding::warning(&self.path, pair.line, message)
            })
            .collect();
        self.findings.extend(unread);
    }

    /// The line of a key, or for one that is missing of its table.
    fn line_near(&self, key: &str) -> usize {
        let mut rest = key;
        loop {
            let inside = |pair: &&Pair| {
                let after = pair.key.strip_prefix(rest);
                after.is_some_and(|after| after.is_empty() || after.starts_with('.'))
            };
            if let Some(pair) = self.pairs.iter().find(inside) {
                return pair.line;
            }
            match rest.rsplit_once(['.', '[']) {
                Some((outer, _)) => rest = outer,
                None => return 1,
            }
        }
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
        anyhow::bail!(
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

/// In the way of a variable's name.
fn capitals(text: &str) -> String {
    text.chars()
        .map(|c| match c.to_ascii_uppercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        })
        .collect()
}

/// `None` for nan and inf, alone or within a list.
fn text(item: &Item) -> Option<(Kind, String)> {
    Some(match item {
        Item::Value(Value::String(text)) => (Kind::Text, text.value().clone()),
        Item::Value(Value::Integer(number)) => (Kind::Integer, number.value().to_string()),
        Item::Value(Value::Float(number)) if number.value().is_finite() => {
            (Kind::Float, format!("{:?}", number.value()))
        }
        Item::Value(Value::Float(_)) => return None,
        Item::Value(Value::Boolean(truth)) => (Kind::Boolean, truth.value().to_string()),
        Item::Value(Value::Datetime(time)) => (Kind::Datetime, time.value().to_string()),
        Item::Value(Value::Array(list)) => {
            let list: Option<Vec<Json>> = list.iter().map(json).collect();
            (Kind::List, Json::Array(list?).to_string())
        }
        Item::ArrayOfTables(tables) => {
            let list: Option<Vec<Json>> = tables.iter().map(|table| object(table)).collect();
            (Kind::List, Json::Array(list?).to_string())
        }
        Item::Value(Value::InlineTable(table)) => (Kind::Table, object(table)?.to_string()),
        Item::Table(table) => (Kind::Table, object(table)?.to_string()),
        Item::None => (Kind::Text, String::new()),
    })
}

fn object(table: &dyn TableLike) -> Option<Json> {
    let members = table.iter().map(|(key, item)| {
        let value = match item {
            Item::Value(value) => json(value)?,
            Item::Table(table) => object(table)?,
            Item::ArrayOfTables(tables) => {
                let list: Option<Vec<Json>> = tables.iter().map(|table| object(table)).collect();
                Json::Array(list?)
            }
            Item::None => Json::Null,
        };
        Some((key.to_owned(), value))
    });
    Some(Json::Object(members.collect::<Option<_>>()?))
}

fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::Number(serde_json::Number::from_f64(*number.value())?),
        Value::Boolean(truth) => Json::from(*truth.value()),
        Value::Datetime(time) => Json::from(time.value().to_string()),
        Value::Array(list) => Json::Array(list.iter().map(json).collect::<Option<_>>()?),
        Value::InlineTable(table) => object(table)?,
    })
}

/// A variable's text, where it is of that kind.
fn coerced(kind: Kind, text: String) -> Option<String> {
    let trimmed = text.trim();
    let json = |is: fn(&Json) -> bool| {
        let value: Json = serde_json::from_str(trimmed).ok()?;
        is(&value).then(|| value.to_string())
    };
    match kind {
        Kind::Text => Some(text),
        Kind::Integer => Some(trimmed.parse::<i64>().ok()?.to_string()),
        Kind::Float => trimmed
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| format!("{number:?}")),
        Kind::Boolean => Some(trimmed.parse::<bool>().ok()?.to_string()),
        Kind::Datetime => Some(trimmed.parse::<toml_edit::Datetime>().ok()?.to_string()),
        Kind::List => json(Json::is_array),
        Kind::Table => json(Json::is_object),
    }
}
