//! What is wrong with a manifest, and where.

/// What is wrong with a manifest, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}\n  {line} | {text}")]
pub struct ManifestError {
    line: usize,
    column: usize,
    message: String,
    text: String,
}

impl ManifestError {
    /// `at` is a place in the whole text, in bytes.
    pub(crate) fn new(whole: &str, at: usize, message: impl Into<String>) -> Self {
        let before = whole.get(..at).unwrap_or(whole);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            message: plain(&message.into()),
            text: plain(whole[start..].lines().next().unwrap_or("")),
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The longest text of others that is shown, in characters.
const MAX_SHOWN: usize = 300;

/// A text that does to a terminal what a line of text does, and no more.
fn plain(text: &str) -> String {
    let mut plain: String = text
        .chars()
        .take(MAX_SHOWN)
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        plain.push('…');
    }
    plain
}
