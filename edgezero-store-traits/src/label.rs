//! The name under which a platform knows a store.

use std::fmt;
use std::str::FromStr;

/// The platform's name for a store: what `key_value_stores` in spin.toml lists.
///
/// A label is one or more words joined by `-` or by `_`, never both. A word is
/// ASCII letters and digits, all lower case or all upper case, and starts with a
/// letter. It is at most [`Label::MAX_BYTES`] long. Those are the strictest rules
/// of any Spin version for a label in a manifest (the length is ours), so a label
/// that passes here is not refused at deployment.
///
/// ```
/// use edgezero_store_traits::Label;
///
/// let label: Label = "feature-flags".parse()?;
/// assert_eq!(label.as_str(), "feature-flags");
/// assert!("feature.flags".parse::<Label>().is_err());
/// # Ok::<(), edgezero_store_traits::InvalidLabel>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// The longest label, in bytes. Spin sets no limit; this one keeps a label
    /// printable in an error.
    pub const MAX_BYTES: usize = 128;

    /// The label itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, InvalidLabel> {
        match label_problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(reason) => Err(InvalidLabel {
                // A label over the limit would make the message unreadable.
                label: text.chars().take(Label::MAX_BYTES).collect(),
                reason,
            }),
        }
    }
}

/// A text that is no store label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid store label {label:?}: {reason}")]
pub struct InvalidLabel {
    label: String,
    reason: &'static str,
}

fn label_problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > Label::MAX_BYTES {
        return Some("it is longer than 128 bytes");
    }
    if text.contains('-') && text.contains('_') {
        return Some("its words are joined by both '-' and '_'; use one of them");
    }
    text.split(['-', '_']).find_map(|word| {
        if word.is_empty() {
            Some("it has a '-' or '_' at its start, at its end or two in a row")
        } else if !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Some("it may hold ASCII letters, digits, and '-' or '_' between words")
        } else if word.starts_with(|first: char| first.is_ascii_digit()) {
            Some("a word starts with a digit, not with a letter")
        } else if word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            Some("a word is all lower case or all upper case, not mixed")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_spin_accepts_are_accepted() {
        for text in [
            "default",
            "a",
            "snake_case",
            "kebab-case",
            "v2-b1",
            "UP-low",
            "a1",
        ] {
            assert_eq!(text.parse::<Label>().unwrap().as_str(), text);
        }
        assert!("a".repeat(Label::MAX_BYTES).parse::<Label>().is_ok());
    }

    #[test]
    fn labels_that_spin_refuses_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("1st", "digit"),
            ("v2-1st", "digit"),
            ("_a", "at its start"),
            ("a-b_c", "both"),
            ("a-", "at its end"),
            ("a--b", "two in a row"),
            ("camelCase", "mixed"),
            ("b@d", "may hold"),
            ("naïve", "may hold"),
            ("../etc", "may hold"),
            ("a\0b", "may hold"),
        ] {
            let error = text.parse::<Label>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_huge_label_is_refused_in_a_short_message() {
        let error = "ü"
            .repeat(1_000_000)
            .parse::<Label>()
            .unwrap_err()
            .to_string();
        assert!(error.contains("128 bytes") && error.len() < 500, "{error}");
    }
}
