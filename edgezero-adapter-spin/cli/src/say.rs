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

/// A document for a program, whose texts are as they were when it has read them.
pub(super) fn json(document: &serde_json::Value) {
    // JSON leaves those of the second set as they are.
    let form = |c| format!("\\u{:04x}", u32::from(c));
    println!("{}", written_out(format!("{document:#}"), is_in_line, form));
}

/// Texts of several lines, whose breaks stay.
pub(super) fn lines(text: impl Display) -> String {
    written_out(text, is_in_line, in_a_text)
}

/// Part of a line, which it does not end.
pub(super) fn part(text: impl Display) -> String {
    written_out(text, char::is_control, in_a_text)
}

fn is_in_line(c: char) -> bool {
    c != '\n' && c.is_control()
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
}
