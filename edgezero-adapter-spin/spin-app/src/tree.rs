//! A TOML text as a tree in which each part knows where it is.

use toml_edit::{Item, TableLike, Value};

/// A value, and where it begins in the text.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) kind: Kind,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Text(String),
    Integer(i64),
    Float,
    Boolean(bool),
    Date,
    List(Vec<Node>),
    Table(Vec<Member>),
}

/// A key of a table and its value.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) at: usize,
    pub(crate) node: Node,
}

impl Kind {
    /// As a person would say it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Float => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Date => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

pub(crate) fn root(table: &toml_edit::Table) -> Node {
    Node {
        at: 0,
        kind: members(table, 0),
    }
}

/// `around` is where the table begins, for parts of which the parser keeps no place.
fn members(table: &dyn TableLike, around: usize) -> Kind {
    let members = table.iter().filter_map(|(name, item)| {
        let key = table.key(name).and_then(toml_edit::Key::span);
        let at = key
            .or_else(|| item.span())
            .map_or(around, |span| span.start);
        Some(Member {
            name: name.to_owned(),
            at,
            node: node(item, at)?,
        })
    });
    Kind::Table(members.collect())
}

fn node(item: &Item, around: usize) -> Option<Node> {
    let at = item.span().map_or(around, |span| span.start);
    let kind = match item {
        Item::None => return None,
        Item::Value(value) => return Some(from_value(value, around)),
        Item::Table(table) => members(table, at),
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| {
                let at = table.span().map_or(around, |span| span.start);
                Node {
                    at,
                    kind: members(table, at),
                }
            });
            Kind::List(tables.collect())
        }
    };
    Some(Node { at, kind })
}

fn from_value(value: &Value, around: usize) -> Node {
    let at = value.span().map_or(around, |span| span.start);
    let kind = match value {
        Value::String(text) => Kind::Text(text.value().clone()),
        Value::Integer(number) => Kind::Integer(*number.value()),
        Value::Float(_) => Kind::Float,
        Value::Boolean(truth) => Kind::Boolean(*truth.value()),
        Value::Datetime(_) => Kind::Date,
        Value::Array(list) => Kind::List(list.iter().map(|value| from_value(value, at)).collect()),
        Value::InlineTable(table) => members(table, at),
    };
    Node { at, kind }
}
