//! Reads a manifest as far as it can be read, and notes all that is wrong with it.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::error::Problems;
use crate::foreign::{self, Foreign};
use crate::raw;

/// `None` after a problem because of which nothing can be read.
pub(crate) fn read(
    text: &str,
    problems: &mut Problems<'_>,
) -> Option<(raw::Manifest, Vec<Foreign>)> {
    let (manifest, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            problems.note(at, error.message());
        }
        return None;
    }
    let span = manifest.span();
    let mut table = manifest.into_inner();
    let foreign = foreign::take(text, &mut table);
    match table.get("app").map(|app| (app.span(), app.get_ref())) {
        None => problems.note(0, "missing field `app`: [app] has the app's name"),
        // A misspelt one is an unknown key.
        Some((at, DeValue::Table(app)))
            if !app
                .keys()
                .any(|key| nearest(key.get_ref(), ["name"].into_iter()).is_some()) =>
        {
            problems.note(at.start, "missing field `name`: it is the app's name");
        }
        Some(_) => {}
    }
    // What is wrong is left out, and the rest read again, until all is well.
    let mut left_out: Vec<Vec<String>> = Vec::new();
    while !problems.are_too_many() {
        let root = Spanned::new(span.clone(), table.clone());
        match raw::Manifest::deserialize(Deserializer::from(root)) {
            Ok(manifest) => return Some((manifest, foreign)),
            Err(error) => {
                let path = error.span().and_then(|span| leave_out(&mut table, &span));
                let message = error.message();
                // What is missing may have been left out.
                let is_known = message.starts_with("missing field")
                    && path
                        .as_ref()
                        .is_some_and(|path| left_out.iter().any(|other| other.starts_with(path)));
                if !is_known {
                    let at = error.span().map_or(0, |span| span.start);
                    problems.note(at, with_hint(message));
                }
                left_out.push(path?);
            }
        }
    }
    None
}

/// Removes the innermost entry that has the place `span`, and says which it was.
fn leave_out(table: &mut DeTable<'_>, span: &Range<usize>) -> Option<Vec<String>> {
    let mut wrong = None;
    for (key, value) in table.iter_mut() {
        let place = value.span();
        if let DeValue::Table(inner) = value.get_mut()
            && let Some(mut path) = leave_out(inner, span)
        {
            path.insert(0, key.get_ref().to_string());
            return Some(path);
        }
        if key.span() == *span || (place.start <= span.start && span.end <= place.end) {
            wrong = Some(key.get_ref().to_string());
        }
    }
    let wrong = wrong?;
    table.remove(wrong.as_str())?;
    Some(vec![wrong])
}

/// Serde lists the fields that it expected: the one that was meant is enough.
fn with_hint(message: &str) -> String {
    let Some((unknown, expected)) = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.rsplit_once("`, expected "))
    else {
        return message.to_owned();
    };
    // Every second part is a name.
    let known = expected.split('`').skip(1).step_by(2);
    match nearest(unknown, known.chain(foreign::names())) {
        Some(known) => format!("unknown field `{unknown}`; did you mean `{known}`?"),
        None => message.to_owned(),
    }
}

/// The name that `text` may be a misspelling of.
pub(crate) fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = 1 + text.len() / 5;
    let close = |known: &'a str| {
        // It takes long for a long text.
        if text.len().abs_diff(known.len()) > 4 * most {
            return None;
        }
        let distance = strsim::osa_distance(text, known);
        (distance <= most).then_some((distance, known))
    };
    let nearest = known.filter_map(close);
    let nearest = nearest.min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, known)| known)
}
