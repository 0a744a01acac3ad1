//! A value as a person reads it on a terminal.

use edgezero_store_traits::kv::counter;
use serde_json::Value as Json;

use crate::say;

/// What a value is. Its bytes do not say it: eight bytes that are a text can be a counter.
#[derive(Debug, PartialEq)]
pub(super) enum Shown<'a> {
    /// A JSON array or object.
    Json(Json),
    /// A text that does nothing to a terminal.
    Text(&'a str),
    /// A counter, as Spin's SQLite store has it.
    Counter(i64),
    /// Anything else.
    Bytes,
}

/// The most characters of a value that are shown in a line.
const IN_LINE: usize = 60;

impl<'a> Shown<'a> {
    pub(super) fn of(value: &'a [u8]) -> Self {
        let text = std::str::from_utf8(value).ok();
        let text =
            text.filter(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()));
        match text {
            Some(text) => match serde_json::from_str(text) {
                Ok(json @ (Json::Array(_) | Json::Object(_))) => Self::Json(json),
                _ => Self::Text(text),
            },
            None if value.len() == 8 => {
                counter::read("", Some(value)).map_or(Self::Bytes, Self::Counter)
            }
            None => Self::Bytes,
        }
    }

    /// The value in one line, shortened.
    pub(super) fn in_line(&self, length: usize) -> String {
        let text = match self {
            Self::Json(json) => json.to_string(),
            Self::Text(text) => (*text).to_owned(),
            Self::Counter(count) => return count.to_string(),
            Self::Bytes => return format!("({length} bytes)"),
        };
        let mut line: String = text.chars().take(IN_LINE).collect();
        if line.len() < text.len() {
            line.push('…');
        }
        say::part(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_json_and_text_are_told_apart() {
        for count in [0, 1, -1, 258, i64::MAX, i64::MIN] {
            let stored = counter::to_bytes(count);
            assert_eq!(Shown::of(&stored), Shown::Counter(count));
            assert_eq!(Shown::of(&stored).in_line(8), count.to_string());
        }
        assert_eq!(Shown::of(b"Good day"), Shown::Text("Good day"));
        assert_eq!(Shown::of(b"12"), Shown::Text("12"));
        assert_eq!(Shown::of(b""), Shown::Text(""));
        assert_eq!(Shown::of(b"{\"a\": }"), Shown::Text("{\"a\": }"));
        assert_eq!(Shown::of(b"\0\0\0"), Shown::Bytes);
        assert_eq!(Shown::of(b"\xff\xff").in_line(2), "(2 bytes)");
        let json = Shown::of(b"[1,\n {\"a\": \"b\"}]");
        assert!(matches!(json, Shown::Json(_)), "{json:?}");
        assert_eq!(json.in_line(17), "[1,{\"a\":\"b\"}]");
    }

    #[test]
    fn a_line_is_short_and_one() {
        let text = format!("a\nb{}", "ü".repeat(100));
        let line = Shown::of(text.as_bytes()).in_line(text.len());
        assert!(
            line.starts_with("a\\u{a}bü") && line.ends_with("ü…"),
            "{line}"
        );
    }
}
