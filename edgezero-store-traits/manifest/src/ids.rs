//! The ids of one kind of store.

use crate::error::Problems;
use crate::raw::Section;

/// The ids of one kind of store, at least one, and the one that is meant where none
/// is named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreIds {
    /// As they stand in the manifest, in its order.
    pub ids: Vec<String>,
    /// One of them.
    pub default: String,
}

/// Notes each problem of the ids; `None` after one.
pub(crate) fn check(problems: &mut Problems<'_>, section: Section) -> Option<StoreIds> {
    let place = section.ids.span().start;
    let ids = section.ids.into_inner();
    let Some(first) = ids.first() else {
        let message = "ids is empty: name a store, or leave the section out";
        problems.note(place, message);
        return None;
    };
    for (n, id) in ids.iter().enumerate() {
        let name = id.get_ref();
        let same = |other: &&toml::Spanned<String>| other.get_ref().eq_ignore_ascii_case(name);
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
    let ids = ids.into_iter().map(toml::Spanned::into_inner).collect();
    Some(StoreIds { ids, default })
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
