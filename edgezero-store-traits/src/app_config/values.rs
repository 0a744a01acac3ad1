//! The texts of a configuration, as the types read them.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::field::{ConfigField, Describe, Fields, Parts, is_inside, join};
use super::reason::{MISSING, Reason, unknown_key};
use super::secret::SecretValue;
use super::source::{self, Missing, Source};
use super::{AppConfigError, ConfigProblem};

/// What was found, and what is wrong with it. It has no `Debug`: it holds values.
#[derive(Default)]
pub struct Values {
    entries: BTreeMap<String, Entry>,
    problems: Vec<ConfigProblem>,
    /// Keys that no field has, in structs that do not deny them.
    unknown: Vec<ConfigProblem>,
    /// Whether the names of the secrets stand for the secrets.
    names_only: bool,
}

struct Entry {
    /// The alias that it was found under.
    alias: Option<String>,
    found: Found,
}

enum Found {
    Source(Source),
    Secret(SecretString),
    /// A JSON array of that length, whose items are entries of their own.
    List(usize),
    /// A JSON object, whose members are entries of their own.
    Map(Vec<String>),
    /// There is a problem with it already.
    Bad,
}

impl Values {
    /// Reads the value under `key` by serde; `None` after a problem was noted.
    pub fn parse<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if !self.has(key)
            && let Ok(value) = T::deserialize(Missing)
        {
            return Some(value);
        }
        self.parse_with(key, T::deserialize)
    }

    /// Reads the value under `key`, which may not be missing, by a function.
    pub fn parse_with<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(Source) -> Result<T, Reason>,
    ) -> Option<T> {
        match self.entries.get(key).map(|entry| &entry.found) {
            Some(Found::Source(source)) => match parse(source.clone()) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.fail(key, reason);
                    None
                }
            },
            Some(_) => None,
            None => {
                self.problem(key, MISSING);
                None
            }
        }
    }

    /// The secret that is named under `key`.
    pub fn secret<T: SecretValue>(&mut self, key: &str) -> Option<T> {
        let secret = match self.entries.get(key).map(|entry| &entry.found) {
            None => None,
            Some(Found::Secret(secret)) => Some(secret.clone()),
            Some(_) => return None,
        };
        let value = T::from_secret(secret);
        if value.is_none() {
            self.problem(key, MISSING);
        }
        value
    }

    /// Whether anything was found under the keys that `describe` gives for `key`.
    pub fn is_set(&self, key: &str, describe: &dyn Fn(&str, &mut Fields)) -> bool {
        let mut fields = Fields::default();
        describe(key, &mut fields);
        fields.fields.iter().any(|field| self.has(&field.key))
    }

    /// The length of the array under `key`; `None` after a problem was noted.
    pub(super) fn length(&mut self, key: &str) -> Option<usize> {
        match self.entries.get(key).map(|entry| &entry.found) {
            Some(Found::List(length)) => return Some(*length),
            Some(_) => {}
            None => self.problem(key, MISSING),
        }
        None
    }

    /// The names in the object under `key`; `None` after a problem was noted.
    pub(super) fn names(&mut self, key: &str) -> Option<Vec<String>> {
        match self.entries.get(key).map(|entry| &entry.found) {
            Some(Found::Map(names)) => return Some(names.clone()),
            Some(_) => {}
            None => self.problem(key, MISSING),
        }
        None
    }

    /// Values of which only the names of the secrets are known.
    pub(super) fn with_names_only() -> Self {
        Self {
            names_only: true,
            ..Self::default()
        }
    }

    /// Whether the names of the secrets stand for the secrets.
    pub fn has_names_only(&self) -> bool {
        self.names_only
    }

    /// Notes what is wrong with `key`. Of several problems with a key the same text
    /// is kept once.
    pub(super) fn problem(&mut self, key: &str, problem: impl Into<String>) {
        let problem = ConfigProblem {
            key: self.source_of(key).to_owned(),
            problem: problem.into(),
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Notes what is wrong with `key`, which then is not read.
    pub(super) fn refuse(&mut self, key: &str, problem: impl Into<String>) {
        self.problem(key, problem);
        self.set(key, Found::Bad);
    }

    fn fail(&mut self, key: &str, reason: Reason) {
        let key = format!("{}{}", self.source_of(key), reason.path);
        self.problem(&key, reason.text);
    }

    /// The key that a field was found under: its own one, or an alias.
    pub(super) fn source_of<'a>(&'a self, key: &'a str) -> &'a str {
        let entry = self.entries.get(key);
        entry.and_then(|e| e.alias.as_deref()).unwrap_or(key)
    }

    pub(super) fn into_unknown(self) -> Vec<ConfigProblem> {
        self.unknown
    }

    /// What was read, if there is no problem.
    pub(super) fn finish<T>(
        self,
        found: Option<T>,
        store: Option<&str>,
    ) -> Result<T, AppConfigError> {
        match found {
            Some(found) if self.problems.is_empty() => Ok(found),
            _ => Err(AppConfigError::Invalid {
                store: store.map(str::to_owned),
                problems: self.problems,
            }),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    fn set(&mut self, key: &str, found: Found) {
        match self.entries.get_mut(key) {
            Some(entry) => entry.found = found,
            None => {
                let entry = Entry { alias: None, found };
                self.entries.insert(key.to_owned(), entry);
            }
        }
    }

    /// Files the text of a key under the field that reads it.
    pub(super) fn found(&mut self, fields: &Fields, key: &str, text: String) {
        self.file(fields, key, Source::Text(text));
    }

    /// Notes that the value of a key is no text.
    pub(super) fn found_bytes(&mut self, fields: &Fields, key: &str) {
        self.found(fields, key, String::new());
        if let Some(field) = fields.read_from(key) {
            self.refuse(&field.key, "not UTF-8 text");
        }
    }

    fn file(&mut self, fields: &Fields, key: &str, source: Source) {
        let Some(field) = fields.read_from(key) else {
            return self.not_known(fields, key);
        };
        if self.has(&field.key) {
            let other = self.source_of(&field.key);
            if other == key {
                return;
            }
            let problem = format!("set as {other} and as {key}: keep one of them");
            return self.refuse(&field.key, problem);
        }
        let alias = (field.key != key).then(|| key.to_owned());
        let found = Found::Source(source);
        self.entries
            .insert(field.key.clone(), Entry { alias, found });
    }

    fn not_known(&mut self, fields: &Fields, key: &str) {
        let hint = match fields.nearest(key) {
            Some(known) => format!("did you mean {known}?"),
            None => "remove it, or correct its name".to_owned(),
        };
        let problem = unknown_key(&hint);
        if fields.is_closed_around(key) {
            self.problem(key, problem);
        } else {
            let key = key.to_owned();
            self.unknown.push(ConfigProblem { key, problem });
        }
    }

    /// Makes entries of all that is in the arrays and objects of `fields`, and lists
    /// the fields that are found on the way.
    pub(super) fn expand(&mut self, fields: Vec<ConfigField>) -> Vec<ConfigField> {
        let mut all = Vec::new();
        for field in fields {
            self.expand_one(field, &mut all);
        }
        all
    }

    fn expand_one(&mut self, field: ConfigField, all: &mut Vec<ConfigField>) {
        let key = field.key.as_str();
        let parts = field.parts();
        let source = match self.entries.get(key).map(|entry| &entry.found) {
            Some(Found::Source(source)) if parts.is_some() => source.clone(),
            _ => return all.push(field),
        };
        let json = match source {
            Source::Json(json) => Ok(json),
            Source::Text(text) => source::json(&text),
        };
        match (parts, json) {
            (Some(Parts::List(describe)), Ok(Json::Array(items))) => {
                self.set(key, Found::List(items.len()));
                for (n, item) in items.into_iter().enumerate() {
                    self.part(&format!("{key}[{n}]"), describe, item, all);
                }
            }
            (Some(Parts::Map(describe)), Ok(Json::Object(members))) => {
                self.set(key, Found::Map(members.keys().cloned().collect()));
                for (name, member) in members {
                    let part = source::part(&name);
                    self.part(&format!("{key}{part}"), describe, member, all);
                }
            }
            (_, Err(reason)) => self.refuse(key, reason.text),
            (Some(Parts::List(_)), _) => self.refuse(key, "not a JSON array"),
            _ => self.refuse(key, "not a JSON object"),
        }
        all.push(field);
    }

    fn part(&mut self, key: &str, describe: Describe, json: Json, all: &mut Vec<ConfigField>) {
        let mut fields = Fields::default();
        describe(key, &mut fields);
        self.spread(&fields, key, json);
        for field in fields.fields {
            self.expand_one(field, all);
        }
    }

    /// Files a JSON value, and the members of one that stands for a struct.
    fn spread(&mut self, fields: &Fields, key: &str, json: Json) {
        if json.is_null() {
            return;
        }
        if fields.read_from(key).is_some() || !fields.is_struct(key) {
            return self.file(fields, key, Source::Json(json));
        }
        if let Json::Object(members) = json {
            for (name, member) in members {
                self.spread(fields, &join(key, &name), member);
            }
            return;
        }
        self.problem(key, "not a JSON object");
        for field in &fields.fields {
            if is_inside(&field.key, key) {
                self.set(&field.key, Found::Bad);
            }
        }
    }

    /// The text of a key that names something.
    pub(super) fn name(&self, key: &str) -> Option<String> {
        match &self.entries.get(key)?.found {
            Found::Source(Source::Text(name) | Source::Json(Json::String(name))) => {
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Whether something was found under `key`, which is neither read nor refused yet.
    pub(super) fn is_unread(&self, key: &str) -> bool {
        let entry = self.entries.get(key);
        entry.is_some_and(|entry| matches!(entry.found, Found::Source(_)))
    }

    pub(super) fn found_secret(&mut self, key: &str, secret: SecretString) {
        self.set(key, Found::Secret(secret));
    }
}
