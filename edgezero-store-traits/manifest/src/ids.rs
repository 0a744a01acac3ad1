//! The ids of one kind of store.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::error::Problems;
use crate::raw::{ById, Section};

/// The ids of one kind of store, at least one, and the one that is meant where none
/// is named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreIds {
    /// As they stand in the manifest, in its order.
    pub ids: Vec<String>,
    /// One of them.
    pub default: String,
    /// `label`: under which label the platform keeps a store, where it is not the id. The
    /// environment may say otherwise.
    pub label: BTreeMap<String, String>,
    /// `max_list_keys`: how many keys a listing of a key-value store may match, 0 for any
    /// number. The environment may say otherwise.
    pub max_list_keys: BTreeMap<String, u32>,
}

/// A kind of store, as a section of `[stores]`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Kv,
    Config,
    Secrets,
}

/// Notes each problem of the ids; `None` after one.
pub(crate) fn check(problems: &mut Problems<'_>, kind: Kind, section: Section) -> Option<StoreIds> {
    let place = section.ids.span().start;
    let ids = section.ids.into_inner();
    let Some(first) = ids.first() else {
        let message = "ids is empty: name a store, or leave the section out";
        problems.note(place, message);
        return None;
    };
    for (n, id) in ids.iter().enumerate() {
        let name = id.get_ref();
        let same = |other: &&Spanned<String>| other.get_ref().eq_ignore_ascii_case(name);
        if let Some(reason) = problem(name) {
            problems.note(id.span().start, format!("the store id {name:?} {reason}"));
        } else if let Some(other) = ids[..n].iter().find(same) {
            let message = format!(
                "the store ids {:?} and {name:?} are one to the environment variables that \
                 configure them",
                other.get_ref()
            );
            problems.note(id.span().start, message);
        }
    }
    let default = match section.default {
        None if ids.len() == 1 => first.get_ref().clone(),
        None => {
            let message =
                "default is missing: with more than one id, say which is meant where none is named";
            problems.note(place, message);
            return None;
        }
        Some(default) => {
            if !ids.iter().any(|id| id.get_ref() == default.get_ref()) {
                let message = format!("the default {:?} is none of the ids", default.get_ref());
                problems.note(default.span().start, message);
            }
            default.into_inner()
        }
    };
    let ids: Vec<String> = ids.into_iter().map(Spanned::into_inner).collect();
    let only_kv = (kind != Kind::Kv).then_some("max_list_keys is for the stores of [stores.kv]");
    let only_labelled = (kind == Kind::Secrets)
        .then_some("the secrets of all ids are in one space, which has no label");
    Some(StoreIds {
        label: by_id(problems, &ids, section.label, only_labelled, |label| {
            (!label.trim().is_empty()).then_some(label).ok_or_else(|| {
                "the label is empty: leave it out, and the id is the label".to_owned()
            })
        }),
        max_list_keys: by_id(problems, &ids, section.max_list_keys, only_kv, |keys| {
            keys.try_into().map_err(|_| {
                format!(
                    "{keys} is not a number of keys from 0 to {}; 0 means no cap",
                    u32::MAX
                )
            })
        }),
        ids,
        default,
    })
}

/// A setting of some of `ids`, each value checked by `read`, with each problem noted;
/// `unfit` says why this kind of store cannot have it.
fn by_id<T, U>(
    problems: &mut Problems<'_>,
    ids: &[String],
    setting: ById<T>,
    unfit: Option<&str>,
    read: impl Fn(T) -> Result<U, String>,
) -> BTreeMap<String, U> {
    let mut read_values = BTreeMap::new();
    for (id, value) in setting {
        let at = id.span().start;
        let id = id.into_inner();
        if let Some(reason) = unfit {
            problems.note(at, reason);
        } else if !ids.contains(&id) {
            let message = format!("{id:?} is none of the ids: {}", ids.join(", "));
            problems.note(at, message);
        } else {
            let at = value.span().start;
            match read(value.into_inner()) {
                Ok(value) => {
                    read_values.insert(id, value);
                }
                Err(message) => problems.note(at, message),
            }
        }
    }
    read_values
}

/// Why `EDGEZERO__STORES__KV__<ID>__NAME` could not name an id.
fn problem(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("is empty")
    } else if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Some("may hold only ASCII letters, digits and underscores")
    } else if id.contains("__") {
        Some("has two underscores in a row")
    } else if id.starts_with('_') || id.ends_with('_') {
        Some("starts or ends with an underscore")
    } else {
        None
    }
}
