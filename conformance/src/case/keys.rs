//! What differs between two lists of keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many keys are named of each kind.
const NAMED: usize = 5;

/// How the keys that were found differ from those expected, in words; `None` where
/// they do not.
///
/// ```
/// let found = ["a", "c", "c"];
/// assert_eq!(
///     conformance::difference(&found, &["a", "b", "c"]).as_deref(),
///     Some("3 keys found, 3 expected\n  1 missing: \"b\"\n  1 too many: \"c\""),
/// );
/// assert_eq!(conformance::difference(&["a"], &["a"]), None);
/// ```
pub fn difference<F: AsRef<str>, E: AsRef<str>>(found: &[F], expected: &[E]) -> Option<String> {
    let found: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
    let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
    if found == expected {
        return None;
    }
    let mut balance: BTreeMap<&str, i64> = BTreeMap::new();
    for key in &found {
        *balance.entry(key).or_default() += 1;
    }
    for key in &expected {
        *balance.entry(key).or_default() -= 1;
    }
    let mut text = format!("{} keys found, {} expected", found.len(), expected.len());
    let missing = balance.iter().filter(|(_, balance)| **balance < 0);
    name(&mut text, "missing", missing.map(|(key, _)| *key));
    let extra = balance.iter().filter(|(_, balance)| **balance > 0);
    name(&mut text, "too many", extra.map(|(key, _)| *key));
    if balance.values().all(|balance| *balance == 0) {
        let at = found.iter().zip(&expected).position(|(f, e)| f != e);
        let at = at.unwrap_or(0);
        let _ = write!(
            text,
            "\n  in another order: number {} is {:?}, and not {:?}",
            at + 1,
            found[at],
            expected[at]
        );
    }
    Some(text)
}

fn name<'a>(text: &mut String, what: &str, keys: impl Iterator<Item = &'a str>) {
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        return;
    }
    let _ = write!(text, "\n  {} {what}: ", keys.len());
    for (n, key) in keys.iter().take(NAMED).enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        // The end of a long key tells it apart.
        let start = key.char_indices().rev().nth(79).map_or(0, |(at, _)| at);
        let dots = if start == 0 { "" } else { "…" };
        let _ = write!(text, "{comma}{dots}{:?}", &key[start..]);
    }
    if keys.len() > NAMED {
        text.push_str(", …");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn it_counts_and_names_what_is_missing_and_what_is_too_many() {
        let expected: Vec<_> = (0..1000).map(|n| format!("{n:04}")).collect();
        let mut found = expected[..990].to_vec();
        found.insert(3, "0002".to_owned());
        let text = difference(&found, &expected).unwrap();
        assert!(text.contains("991 keys found, 1000 expected"), "{text}");
        assert!(text.contains("10 missing: \"0990\", "), "{text}");
        assert!(text.contains("1 too many: \"0002\""), "{text}");
        assert!(text.len() < 300, "{text}");
    }

    #[test]
    fn another_order_is_named_by_its_first_key() {
        let text = difference(&["a", "c", "b"], &["a", "b", "c"]).unwrap();
        assert!(text.contains("number 2 is \"c\", and not \"b\""), "{text}");
    }
}
