//! The environment's values over those of the file.

use std::collections::HashMap;
use std::ffi::OsString;

use edgezero_store_traits::app_config::{ConfigField, nearest};
use edgezero_store_traits::store_label;

use super::kind::Kind;
use super::{Pair, Values};
use crate::config::finding::Finding;
use crate::project::Project;
use crate::typed::Types;

/// What the names of the variables of a configuration begin with.
pub(crate) struct Prefix {
    own: String,
    /// Those of the other stores that begin with `own`.
    others: Vec<String>,
}

impl Prefix {
    /// `<APP>__`.
    pub(crate) fn of_app(app: &str) -> Self {
        let own = format!("{}__", capitals(app));
        let others = Vec::new();
        Self { own, others }
    }

    /// `<APP>__` for the default store, and `<APP>__<ID>__` for another.
    pub(crate) fn of_store(project: &Project, id: &str) -> Self {
        let of_app = Self::of_app(&project.manifest.name);
        let of_store = |id: &str| format!("{}{}__", of_app.own, capitals(id));
        if id != project.default_config() {
            let own = of_store(id);
            let others = Vec::new();
            return Self { own, others };
        }
        let stores = project.manifest.stores.config.iter();
        let ids = stores.flat_map(|stores| &stores.ids);
        let others = ids.filter(|other| *other != id);
        let others = others.map(|id| of_store(id)).collect();
        Self { others, ..of_app }
    }

    fn is_of(&self, name: &str) -> bool {
        name.starts_with(&self.own) && !name.starts_with(store_label::PREFIX)
    }

    fn is_of_another(&self, name: &str) -> bool {
        self.others.iter().any(|prefix| name.starts_with(prefix))
    }
}

/// What a variable sets: a pair of the file, or a field of the type that the file leaves out.
#[derive(Clone, Copy)]
struct Target<'a> {
    pair: Option<usize>,
    field: Option<&'a ConfigField>,
}

impl Target<'_> {
    fn is(self, other: &Self) -> bool {
        let fields = match (self.field, other.field) {
            (Some(one), Some(two)) => std::ptr::eq(one, two),
            (None, None) => true,
            _ => false,
        };
        self.pair == other.pair && fields
    }
}

impl Values {
    /// `<PREFIX>SECTION__KEY` takes the place of `section.key`. Where the types are known,
    /// it also sets a key that the file leaves out.
    pub(super) fn overlay(
        &mut self,
        prefix: &Prefix,
        variables: impl Iterator<Item = (OsString, OsString)>,
        types: Option<&Types>,
    ) {
        let targets = targets(&self.pairs, &prefix.own, types);
        let mut found: Vec<_> = variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| prefix.is_of(name))
            .collect();
        found.sort();
        for (name, value) in found {
            match targets.get(&name).map(Vec::as_slice) {
                Some([target]) => self.set(&name, value.into_string().ok(), *target),
                Some(several) => {
                    let line = self.line(several[0]);
                    let keys: Vec<_> = several.iter().map(|target| self.key(*target)).collect();
                    let message = format!(
                        "the variable {name} could be for several keys: {}",
                        keys.join(", ")
                    );
                    self.error(line, message);
                }
                None if prefix.is_of_another(&name) => {}
                None => {
                    let hint = match nearest(&name, targets.keys().map(String::as_str)) {
                        Some(known) => format!("; did you mean {known}?"),
                        None => String::new(),
                    };
                    let message = format!("the variable {name} does not match any key here{hint}");
                    let finding = Finding::warning(&self.path, 1, message);
                    self.findings.push(finding);
                }
            }
        }
    }

    fn set(&mut self, name: &str, text: Option<String>, target: Target<'_>) {
        let pair = target.pair.map(|n| &self.pairs[n]);
        let read = target.field.and_then(|field| Kind::of_field(field.value));
        let (kind, is) = match (read, pair) {
            (Some(kind), _) => (kind, "is read from"),
            (None, Some(pair)) => (pair.kind, "is in the file"),
            (None, None) => (Kind::Text, "is read from"),
        };
        let (key, line) = (self.key(target).to_owned(), self.line(target));
        let Some(text) = text.and_then(|text| kind.coerced(text)) else {
            let kind = kind.name();
            let message = format!("the variable {name} is not {kind}, which the key {key} {is}");
            return self.error(line, message);
        };
        let pair = Pair {
            key,
            text,
            line,
            kind,
            variable: Some(name.to_owned()),
        };
        match target.pair {
            Some(n) => self.pairs[n] = pair,
            None => self.pairs.push(pair),
        }
    }

    fn key<'a>(&'a self, target: Target<'a>) -> &'a str {
        match (target.pair, target.field) {
            (Some(n), _) => &self.pairs[n].key,
            (None, Some(field)) => &field.key,
            (None, None) => "",
        }
    }

    fn line(&self, target: Target<'_>) -> usize {
        target.pair.map_or(1, |n| self.pairs[n].line)
    }
}

/// What each variable would set.
fn targets<'a>(
    pairs: &[Pair],
    prefix: &str,
    types: Option<&'a Types>,
) -> HashMap<String, Vec<Target<'a>>> {
    let mut targets: HashMap<String, Vec<Target<'_>>> = HashMap::new();
    let mut add = |key: &str, target: Target<'a>| {
        let words: Vec<String> = key.split('.').map(capitals).collect();
        let name = format!("{prefix}{}", words.join("__"));
        let known = targets.entry(name).or_default();
        if !known.iter().any(|other| target.is(other)) {
            known.push(target);
        }
    };
    let fields = types.map_or(&[][..], |types| &types.fields);
    let keys = |field: &'a ConfigField| std::iter::once(&field.key).chain(&field.aliases);
    for (n, pair) in pairs.iter().enumerate() {
        let field = fields.iter().find(|field| field.is_read_from(&pair.key));
        let target = Target {
            pair: Some(n),
            field,
        };
        match field {
            Some(field) => keys(field).for_each(|key| add(key, target)),
            None => add(&pair.key, target),
        }
    }
    for field in fields {
        if !pairs.iter().any(|pair| field.is_read_from(&pair.key)) {
            let target = Target {
                pair: None,
                field: Some(field),
            };
            keys(field).for_each(|key| add(key, target));
        }
    }
    targets
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
