//! The ids of one kind of store.

use crate::ManifestError;
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

pub(crate) fn check(text: &str, section: Section) -> Result<StoreIds, ManifestError> {
    let fail = |at: usize, message: String| Err(ManifestError::new(text, at, message));
    let place = section.ids.span().start;
    let ids = section.ids.into_inner();
    let Some(first) = ids.first() else {
        return fail(
            place,
            "ids is empty: name a store, or leave the section out".to_owned(),
        );
    };
    for (n, id) in ids.iter().enumerate() {
        let name = id.get_ref();
        if let Some(reason) = problem(name) {
            return fail(id.span().start, format!("the store id {name:?} {reason}"));
        }
        let same = |other: &&toml::Spanned<String>| other.get_ref().eq_ignore_ascii_case(name);
        if let Some(other) = ids[..n].iter().find(same) {
            return fail(
                id.span().start,
                format!(
                    "the store ids {:?} and {name:?} are one to the environment variables that \
                     configure them",
                    other.get_ref()
                ),
            );
        }
    }
    let default = match section.default {
        None if ids.len() == 1 => first.get_ref().clone(),
        None => {
            return fail(
                place,
                "default is missing: with more than one id, say which is meant where none is named"
                    .to_owned(),
            );
        }
        Some(default) if ids.iter().any(|id| id.get_ref() == default.get_ref()) => {
            default.into_inner()
        }
        Some(default) => {
            let message = format!("the default {:?} is none of the ids", default.get_ref());
            return fail(default.span().start, message);
        }
    };
    let ids = ids.into_iter().map(toml::Spanned::into_inner).collect();
    Ok(StoreIds { ids, default })
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
