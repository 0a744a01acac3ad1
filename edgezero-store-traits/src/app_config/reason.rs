//! Why a text is not a value of its type, in a reader's words.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::field::nearest;

/// The most of a text that a message quotes.
const QUOTED: usize = 40;

/// Why a text is not a value of its type.
#[derive(Debug)]
pub struct Reason {
    /// Where, inside of the value: `[1].mode`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Reason {
    fn new(text: String) -> Self {
        let path = String::new();
        Self { path, text }
    }

    /// The same, seen from outside of the part.
    pub(super) fn inside(mut self, part: &str) -> Self {
        self.path.insert_str(0, part);
        self
    }

    /// A whole number that `type_name` does not have.
    pub(super) fn out_of_range(number: &str, type_name: &str) -> Self {
        let number = start(number);
        Self::new(match range(type_name) {
            Some((min, max)) => {
                format!("{number} is out of range for {type_name} ({min} to {max})")
            }
            None => format!("{number} is not {}", words(type_name)),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Reason {}

impl Error for Reason {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        Self::new(if message.starts_with(UNTAGGED) {
            "fits none of the forms that it can have".to_owned()
        } else {
            message
        })
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        match unexpected {
            Unexpected::Unsigned(number) if range(&expected).is_some() => {
                Self::out_of_range(&number.to_string(), &expected)
            }
            Unexpected::Signed(number) if range(&expected).is_some() => {
                Self::out_of_range(&number.to_string(), &expected)
            }
            _ => Self::new(format!("not {}", words(&expected))),
        }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = words(&expected.to_string());
        Self::new(format!("not {expected}: its length is {length}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!(
            "{:?} is not one of {}",
            start(variant),
            list(expected)
        ))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let hint = match nearest(field, expected.iter().copied()) {
            Some(known) => format!("did you mean {known:?}?"),
            None => format!("it has {}", list(expected)),
        };
        // The key itself is the place.
        Self::new(unknown_key(&hint))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(MISSING.to_owned()).inside(&format!(".{field}"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("set twice".to_owned()).inside(&format!(".{field}"))
    }
}

/// How serde begins what it says of an enum without tags; the rest is a Rust name.
const UNTAGGED: &str = "data did not match any variant of untagged enum";

pub(super) const MISSING: &str = "missing";

pub(super) fn unknown_key(hint: &str) -> String {
    format!("not a key of the app's configuration; {hint}")
}

/// Enough of a text to recognise it.
fn start(text: &str) -> String {
    let mut start: String = text.chars().take(QUOTED).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}

/// What serde expected: it names Rust's types, or says it in words.
fn words(expected: &str) -> String {
    if let Some((min, max)) = range(expected) {
        return format!("a whole number from {min} to {max}");
    }
    if let Some(integer) = expected.strip_prefix("a nonzero ") {
        return format!("{} other than 0", words(integer));
    }
    for lengthy in ["a tuple of size ", "an array of length "] {
        if let Some(length) = expected.strip_prefix(lengthy) {
            return format!("a JSON array of length {length}");
        }
    }
    let words = match expected {
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a character" => "a single character",
        "a sequence" => "a JSON array",
        "a map" => "a JSON object",
        _ if expected.starts_with("tuple struct ") => "a JSON array",
        _ if expected.starts_with("struct ") => "a JSON object",
        _ if expected.starts_with("enum ") => "the name of a variant",
        _ if expected.starts_with("variant ") => "the name of a variant",
        _ => expected,
    };
    words.to_owned()
}

/// The least and the greatest number of an integer type.
fn range(type_name: &str) -> Option<(String, String)> {
    macro_rules! ranges {
        ($($integer:ident)*) => {
            match type_name {
                $(stringify!($integer) => {
                    Some(($integer::MIN.to_string(), $integer::MAX.to_string()))
                })*
                _ => None,
            }
        };
    }
    ranges!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize)
}
