//! What is wrong with an app's files, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

impl Place {
    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// `<file>: line <line>`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}", self.file.display(), self.line)
    }
}

/// What a [`Finding`] leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Effect {
    /// `spin up` ends with an error.
    DoesNotStart,
    /// `spin up` ends with an error until the component is built: its Wasm is not there.
    NotBuilt,
    /// `spin up` starts, and what the component asks for fails.
    FailsLater,
    /// The model cannot know what Spin does: it depends on another machine, on a plugin
    /// of Spin, or on a kind of file that the model does not read.
    CannotTell,
}

/// One thing that is wrong with an app's files.
///
/// Neither its texts nor its `Debug` hold a value of a variable, a password or a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub(crate) file: Option<PathBuf>,
    pub(crate) line: Option<usize>,
    pub(crate) effect: Effect,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Finding {
    pub(crate) fn new(
        place: Option<Place>,
        effect: Effect,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (file, line) = place.map(|place| (place.file, place.line)).unzip();
        Self {
            file,
            line,
            effect,
            // A name in it may hold a line break, and does not make a line of its own.
            message: plain(&message.into().replace('\n', "\u{fffd}")),
            remedy: plain(&remedy.into()),
        }
    }

    /// A finding about a whole file.
    pub(crate) fn of_file(
        file: &Path,
        effect: Effect,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::new(None, effect, message, remedy)
        }
    }

    /// The file that has to be changed. `None` where it is an option or a variable of
    /// the environment.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line in that file, counted from 1. `None` where it is the whole file, or the
    /// file is missing.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What it leads to.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// `<file>: line <line>: <message>; <remedy>`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

impl std::error::Error for Finding {}

/// The longest text that is shown, in characters. A message can hold a name that
/// somebody else wrote.
const MAX_SHOWN: usize = 1_000;

/// A text that does no more to a terminal than a text does.
fn plain(text: &str) -> String {
    let plain = text.chars().take(MAX_SHOWN).map(|c| match c {
        '\n' => '\n',
        c if c.is_control() => '\u{fffd}',
        c => c,
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_of_a_name_does_not_make_a_line_of_its_own() {
        let remedy = "add:\n\n[application]\n";
        let message = "no component is named `a\r\n/spin.toml: line 1: forged`";
        let text = Finding::new(None, Effect::DoesNotStart, message, remedy).to_string();
        let (first, rest) = text.split_once('\n').unwrap_or_default();
        assert!(first.ends_with("forged`; add:"), "{text}");
        assert_eq!(rest, "\n[application]\n");
    }
}
