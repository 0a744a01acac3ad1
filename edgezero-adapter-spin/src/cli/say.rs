//! What a person is told. Names and texts in it are others': a control character in them
//! is written out, `\u{1b}`, and does nothing to the terminal.

use std::fmt::{Arguments, Display};

/// Lines on the standard output.
pub(super) fn out(text: Arguments<'_>) {
    println!("{}", lines(text));
}

/// Lines on the standard error.
pub(super) fn err(text: Arguments<'_>) {
    eprintln!("{}", lines(text));
}

/// Texts of several lines, whose breaks stay.
pub(super) fn lines(text: impl Display) -> String {
    written_out(text, |c| c != '\n' && c.is_control())
}

/// Part of a line, which it does not end.
pub(super) fn part(text: impl Display) -> String {
    written_out(text, char::is_control)
}

fn written_out(text: impl Display, which: fn(char) -> bool) -> String {
    let text = text.to_string();
    if !text.contains(which) {
        return text;
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if which(c) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// A document for a program, whose texts are as they were when it has read them.
pub(super) fn json(document: &serde_json::Value) {
    // JSON leaves those of the second set as they are.
    let mut plain = String::new();
    for c in format!("{document:#}").chars() {
        if c != '\n' && c.is_control() {
            plain.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            plain.push(c);
        }
    }
    println!("{plain}");
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
}
