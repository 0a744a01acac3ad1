//! What kind of value a key has.

use edgezero_store_traits::app_config::ValueKind;
use serde_json::Value as Json;

/// What the file has or the app reads, which a variable's text must be as well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Datetime,
    List,
    Table,
}

impl Kind {
    /// What a field is read from, where the type says it.
    pub(super) fn of_field(field: ValueKind) -> Option<Self> {
        Some(match field {
            ValueKind::Text => Self::Text,
            ValueKind::Integer => Self::Integer,
            ValueKind::Float => Self::Float,
            ValueKind::Boolean => Self::Boolean,
            ValueKind::List => Self::List,
            ValueKind::Map => Self::Table,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Datetime => "a date or a time",
            Self::List => "a JSON array",
            Self::Table => "a JSON object",
        }
    }

    /// What a field of the app wants in this one's place, if it is of another kind. Numbers,
    /// `true` and `false` may be written as strings: their text is the same.
    pub(super) fn instead_of(self, field: ValueKind) -> Option<&'static str> {
        let (fits, wanted) = match field {
            ValueKind::Text => (self == Self::Text, "a string: put it in quotes"),
            ValueKind::Integer => (matches!(self, Self::Integer | Self::Text), "an integer"),
            ValueKind::Float => (
                matches!(self, Self::Float | Self::Integer | Self::Text),
                "a number",
            ),
            ValueKind::Boolean => (matches!(self, Self::Boolean | Self::Text), "true or false"),
            ValueKind::List => (matches!(self, Self::List | Self::Text), "an array"),
            _ => (true, ""),
        };
        (!fits).then_some(wanted)
    }

    /// A variable's text, where it is of this kind.
    pub(super) fn coerced(self, text: String) -> Option<String> {
        let trimmed = text.trim();
        let json = |is: fn(&Json) -> bool| {
            let value: Json = serde_json::from_str(trimmed).ok()?;
            is(&value).then(|| value.to_string())
        };
        match self {
            Self::Text => Some(text),
            // Beyond an i64 the type itself knows what it takes.
            Self::Integer => match trimmed.parse::<i64>() {
                Ok(number) => Some(number.to_string()),
                Err(_) => Some(trimmed.parse::<u64>().ok()?.to_string()),
            },
            Self::Float => trimmed
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(|number| format!("{number:?}")),
            Self::Boolean => match trimmed {
                "true" | "1" => Some("true".to_owned()),
                "false" | "0" => Some("false".to_owned()),
                _ => None,
            },
            Self::Datetime => Some(trimmed.parse::<toml_edit::Datetime>().ok()?.to_string()),
            Self::List => json(Json::is_array),
            Self::Table => json(Json::is_object),
        }
    }
}
