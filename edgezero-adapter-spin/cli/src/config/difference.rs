//! The difference between a store and a configuration, in lines for a person.

use std::fmt::Write as _;

use super::changes::{Before, Change, Shown};
use super::values::Pair;
use crate::say;

/// What a push adds, changes and, with `gone` after each, what it deletes.
pub(super) fn lines(shown: &Shown<'_>, pairs: &[Pair], before: &Before, gone: &str) -> String {
    let mut lines = String::new();
    let of = |wanted: Change| {
        pairs
            .iter()
            .filter(move |pair| before.change(pair) == wanted)
    };
    // To a String nothing fails.
    for pair in of(Change::Added) {
        let value = shown.value(&pair.key, pair.text.as_bytes());
        let _ = writeln!(lines, "+ {} = {value}", pair.key);
    }
    for pair in of(Change::Changed) {
        let from = match before.value(&pair.key) {
            Some(value) => shown.value(&pair.key, value),
            None => "(a value that Spin cannot read)".to_owned(),
        };
        let to = shown.value(&pair.key, pair.text.as_bytes());
        let _ = writeln!(lines, "~ {} = {from} -> {to}", pair.key);
    }
    for key in &before.others {
        let _ = writeln!(lines, "- {}{gone}", say::part(key));
    }
    lines
}
