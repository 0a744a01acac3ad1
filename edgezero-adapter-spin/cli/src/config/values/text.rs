//! A TOML value as the text that a store has.

use serde_json::Value as Json;
use toml_edit::{Item, TableLike, Value};

use super::kind::Kind;

/// `None` for nan and inf, alone or within a list.
pub(super) fn text(item: &Item) -> Option<(Kind, String)> {
    Some(match item {
        Item::Value(Value::String(text)) => (Kind::Text, text.value().clone()),
        Item::Value(Value::Integer(number)) => (Kind::Integer, number.value().to_string()),
        Item::Value(Value::Float(number)) if number.value().is_finite() => {
            (Kind::Float, format!("{:?}", number.value()))
        }
        Item::Value(Value::Float(_)) => return None,
        Item::Value(Value::Boolean(truth)) => (Kind::Boolean, truth.value().to_string()),
        Item::Value(Value::Datetime(time)) => (Kind::Datetime, time.value().to_string()),
        Item::Value(Value::Array(list)) => {
            let list: Option<Vec<Json>> = list.iter().map(json).collect();
            (Kind::List, Json::Array(list?).to_string())
        }
        Item::ArrayOfTables(tables) => {
            let list: Option<Vec<Json>> = tables.iter().map(|table| object(table)).collect();
            (Kind::List, Json::Array(list?).to_string())
        }
        Item::Value(Value::InlineTable(table)) => (Kind::Table, object(table)?.to_string()),
        Item::Table(table) => (Kind::Table, object(table)?.to_string()),
        Item::None => (Kind::Text, String::new()),
    })
}

fn object(table: &dyn TableLike) -> Option<Json> {
    let members = table.iter().map(|(key, item)| {
        let value = match item {
            Item::Value(value) => json(value)?,
            Item::Table(table) => object(table)?,
            Item::ArrayOfTables(tables) => {
                let list: Option<Vec<Json>> = tables.iter().map(|table| object(table)).collect();
                Json::Array(list?)
            }
            Item::None => Json::Null,
        };
        Some((key.to_owned(), value))
    });
    Some(Json::Object(members.collect::<Option<_>>()?))
}

fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::Number(serde_json::Number::from_f64(*number.value())?),
        Value::Boolean(truth) => Json::from(*truth.value()),
        Value::Datetime(time) => Json::from(time.value().to_string()),
        Value::Array(list) => Json::Array(list.iter().map(json).collect::<Option<_>>()?),
        Value::InlineTable(table) => object(table)?,
    })
}
