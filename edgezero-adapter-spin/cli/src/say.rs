//! What the command prints. Names and texts in it come from others: a control character
//! in them, or one that turns the direction of writing, is written out, `\u{1b}`, and does
//! nothing to the terminal.
//!
//! Each function fails where nothing could be printed, so that a command stops before it
//! changes a file that it could not say it changes.

use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Write};

/// The standard output or the standard error could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to the standard {stream}")]
pub(super) struct Unprinted {
    stream: &'static str,
    source: io::Error,
}

/// Whether a command failed only because nobody reads what it prints: `edgezero … | head`.
pub(super) fn is_unread(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let unprinted = cause.downcast_ref::<Unprinted>();
        unprinted.is_some_and(|found| found.source.kind() == ErrorKind::BrokenPipe)
    })
}

/// Lines on the standard output.
pub(super) fn out(text: Arguments<'_>) -> Result<(), Unprinted> {
    bytes(format!("{}\n", lines(text)).as_bytes())
}

/// Bytes on the standard output, as they are.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Unprinted> {
    let mut out = io::stdout().lock();
    printed(out.write_all(bytes))
}

/// The end of printing to the standard output: what is only in a buffer is lost without an
/// error when the process ends.
pub(super) fn printed(written: io::Result<()>) -> Result<(), Unprinted> {
    let written = written.and_then(|()| io::stdout().flush());
    written.map_err(|source| Unprinted {
        stream: "output",
        source,
    })
}

/// Lines on the standard error.
pub(super) fn err(text: Arguments<'_>) -> Result<(), Unprinted> {
    let text = format!("{}\n", lines(text));
    let written = io::stderr().lock().write_all(text.as_bytes());
    written.map_err(|source| Unprinted {
        stream: "error",
        source,
    })
}

/// A document for a program, which reads back its texts as they are.
pub(super) fn json(document: &serde_json::Value) -> Result<(), Unprinted> {
    // JSON leaves those of the second set as they are.
    let form = |c| format!("\\u{:04x}", u32::from(c));
    let text = written_out(format!("{document:#}"), is_in_line, form);
    bytes(format!("{text}\n").as_bytes())
}

/// Texts of several lines, whose breaks stay.
pub(super) fn lines(text: impl Display) -> String {
    written_out(text, is_in_line, in_a_text)
}

/// Part of a line, which it does not end.
pub(super) fn part(text: impl Display) -> String {
    written_out(text, is_control, in_a_text)
}

/// A text of somebody's, in which nothing turns the direction of what stands beside it.
pub(super) fn in_direction(text: &str) -> String {
    written_out(text, turns, in_a_text)
}

fn is_in_line(c: char) -> bool {
    c != '\n' && is_control(c)
}

/// Also what shows no sign and makes a text look like another.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || turns(c)
}

/// Unicode's Bidi_Control, and its separators of lines and paragraphs.
fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

fn in_a_text(c: char) -> String {
    c.escape_unicode().to_string()
}

fn written_out(text: impl Display, which: fn(char) -> bool, form: fn(char) -> String) -> String {
    let text = text.to_string();
    if !text.contains(which) {
        return text;
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if which(c) {
            plain.push_str(&form(c));
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        let text = "a\u{1b}[2J\u{9b}\u{7f}\r\n\tü\u{fffd}";
        let lines = lines(text);
        assert_eq!(lines, "a\\u{1b}[2J\\u{9b}\\u{7f}\\u{d}\n\\u{9}ü\u{fffd}");
        assert_eq!(part(text), lines.replace('\n', "\\u{a}"));
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_written_out() {
        let text = "a\u{202e}b\u{2066}c\u{200f}\t\u{5d0}";
        let written = "a\\u{202e}b\\u{2066}c\\u{200f}\t\u{5d0}";
        assert_eq!(in_direction(text), written);
        assert_eq!(part(text), written.replace('\t', "\\u{9}"));
    }
}
