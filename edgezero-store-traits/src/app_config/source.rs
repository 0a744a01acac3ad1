//! A configured text, or a part of its JSON, as serde reads it.

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value as Json;

use super::reason::Reason;

/// What is read: a text, which is what its type takes it for, or JSON.
#[derive(Clone)]
pub enum Source {
    /// The text of a key.
    Text(String),
    /// A part of a text that is JSON.
    Json(Json),
}

impl Source {
    /// The JSON array or object that the text is, else the text itself.
    fn structured(self) -> Result<Self, Reason> {
        match self {
            Self::Text(text) if text.trim_start().starts_with(['[', '{']) => {
                Ok(Self::Json(json(&text)?))
            }
            source => Ok(source),
        }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::Json(Json::Null) => visitor.visit_unit(),
            Self::Json(Json::Bool(truth)) => visitor.visit_bool(truth),
            Self::Json(Json::Number(number)) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (_, Some(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Self::Json(Json::String(text)) => visitor.visit_string(text),
            Self::Json(Json::Array(items)) => {
                let length = items.len();
                let mut items = Items(items.into_iter().enumerate());
                let value = visitor.visit_seq(&mut items)?;
                match items.0.len() {
                    0 => Ok(value),
                    rest => {
                        let read = format!("an array of length {}", length - rest);
                        Err(Reason::invalid_length(length, &read.as_str()))
                    }
                }
            }
            Self::Json(Json::Object(members)) => visitor.visit_map(Members {
                members: members.into_iter(),
                value: None,
            }),
        }
    }

    fn integer<'de, V: Visitor<'de>>(
        self,
        type_name: &str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        let Self::Text(text) = self else {
            return self.visit(visitor);
        };
        if let Ok(number) = text.parse::<i64>() {
            return visitor.visit_i64(number);
        }
        if let Ok(number) = text.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return visitor.visit_string(text);
        }
        match (type_name, text.parse::<i128>(), text.parse::<u128>()) {
            ("i128", Ok(number), _) => visitor.visit_i128(number),
            ("u128", _, Ok(number)) => visitor.visit_u128(number),
            _ => Err(Reason::out_of_range(&text, type_name)),
        }
    }

    /// As in JSON, a number is finite. One that is too large would be read as infinite.
    fn float<'de, V: Visitor<'de>>(
        self,
        type_name: &str,
        fits: fn(f64) -> bool,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        let number = match &self {
            Self::Text(text) => text.parse().ok(),
            Self::Json(json) => json.as_f64(),
        };
        match number {
            Some(number) if fits(number) => visitor.visit_f64(number),
            Some(_) => Err(Reason::custom(format_args!(
                "not a number that {type_name} can hold"
            ))),
            None => self.visit(visitor),
        }
    }
}

/// Parses a text as JSON; the error never quotes it.
pub(super) fn json(text: &str) -> Result<Json, Reason> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Reason::custom(format_args!(
            "not valid JSON: see its line {line}, column {column}"
        ))
    })
}

macro_rules! integers {
    ($($method:ident $type_name:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            self.integer($type_name, visitor)
        }
    )*};
}

macro_rules! structured {
    ($($method:ident($($argument:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $(_: $argument,)*
            visitor: V,
        ) -> Result<V::Value, Reason> {
            self.structured()?.visit(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Source {
    type Error = Reason;

    /// A text is JSON where it can be: nothing says what else it should be.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self {
            Self::Text(text) => match json(&text) {
                Ok(json) => Self::Json(json).visit(visitor),
                Err(_) => visitor.visit_string(text),
            },
            source => source.visit(visitor),
        }
    }

    integers! {
        deserialize_u8 "u8" deserialize_u16 "u16" deserialize_u32 "u32"
        deserialize_u64 "u64" deserialize_u128 "u128"
        deserialize_i8 "i8" deserialize_i16 "i16" deserialize_i32 "i32"
        deserialize_i64 "i64" deserialize_i128 "i128"
    }

    structured! {
        deserialize_seq()
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self {
            Self::Text(text) => match text.as_str() {
                "true" | "1" => visitor.visit_bool(true),
                "false" | "0" => visitor.visit_bool(false),
                _ => visitor.visit_string(text),
            },
            source => source.visit(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.float("f64", f64::is_finite, visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.float("f32", |number| (number as f32).is_finite(), visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.visit(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.visit(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.visit(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self {
            Self::Json(Json::Null) => visitor.visit_none(),
            source => visitor.visit_some(source),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        match self.structured()? {
            Self::Text(name) | Self::Json(Json::String(name)) => {
                let name: StringDeserializer<Reason> = name.into_deserializer();
                visitor.visit_enum(name)
            }
            Self::Json(Json::Object(members)) if members.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Members {
                    members: members.into_iter(),
                    value: None,
                }))
            }
            source => source.visit(visitor),
        }
    }

    serde::forward_to_deserialize_any! { bytes byte_buf unit unit_struct ignored_any }
}

/// The items of an array, each with its index.
struct Items(std::iter::Enumerate<std::vec::IntoIter<Json>>);

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Reason;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Reason> {
        let Some((n, item)) = self.0.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(Source::Json(item));
        value.map(Some).map_err(|e| e.inside(&format!("[{n}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The members of an object.
struct Members {
    members: serde_json::map::IntoIter,
    /// The next one's, with its part of a path.
    value: Option<(String, Json)>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Reason;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Reason> {
        let Some((name, value)) = self.members.next() else {
            return Ok(None);
        };
        let part = part(&name);
        let key = seed.deserialize(Source::Text(name));
        let key = key.map_err(|error| error.inside(&part))?;
        self.value = Some((part, value));
        Ok(Some(key))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Reason> {
        let (part, value) = self.value.take().unwrap_or_default();
        let value = seed.deserialize(Source::Json(value));
        value.map_err(|error| error.inside(&part))
    }
}

/// A member's part of a path: `.name`, or `["a name"]` where it has other characters.
pub(super) fn part(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !name.is_empty() && name.bytes().all(plain) {
        format!(".{name}")
    } else {
        format!("[{name:?}]")
    }
}

/// Reads what is missing: only a type that may be missing has a value for it.
pub(super) struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Error::missing_field(""))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}
