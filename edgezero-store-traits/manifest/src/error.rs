//! What is wrong with a manifest, and where.

use std::fmt;

/// What is wrong with a manifest: each problem with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// In the order of their places; at least one.
    problems: Vec<ManifestProblem>,
}

impl ManifestError {
    /// All that is wrong, in the order of the lines: at least one.
    pub fn problems(&self) -> &[ManifestProblem] {
        &self.problems
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            let line_break = if n == 0 { "" } else { "\n" };
            write!(f, "{line_break}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestError {}

/// One thing that is wrong with a manifest, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}\n  {line} | {text}")]
pub struct ManifestProblem {
    line: usize,
    column: usize,
    message: String,
    text: String,
}

impl ManifestProblem {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The problems of a text, gathered while it is read.
pub(crate) struct Problems<'a> {
    text: &'a str,
    found: Vec<ManifestProblem>,
}

impl<'a> Problems<'a> {
    /// The most problems that one error reports.
    const MAX: usize = 20;

    pub(crate) fn new(text: &'a str) -> Self {
        let found = Vec::new();
        Self { text, found }
    }

    /// `at` is a place in the whole text, in bytes.
    pub(crate) fn note(&mut self, at: usize, message: impl Into<String>) {
        if !self.are_too_many() {
            let before = self.text.get(..at).unwrap_or(self.text);
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            self.found.push(ManifestProblem {
                line: line(self.text, at),
                column: before[start..].chars().count() + 1,
                message: plain(&message.into()),
                text: plain(self.text[start..].lines().next().unwrap_or("")),
            });
        }
    }

    pub(crate) fn are_too_many(&self) -> bool {
        self.found.len() >= Self::MAX
    }

    /// What was read, where there is no problem.
    pub(crate) fn finish<T>(mut self, read: Option<T>) -> Result<T, ManifestError> {
        match read {
            Some(read) if self.found.is_empty() => return Ok(read),
            None if self.found.is_empty() => self.note(0, "cannot be read"),
            _ => {}
        }
        let mut problems = self.found;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        Err(ManifestError { problems })
    }
}

/// The line of a place in a text, counted from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
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
