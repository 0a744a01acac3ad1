//! The lines of what is in an array or a table that the app reads as one key.

use std::ops::Range;

use edgezero_store_traits::app_config::join;
use toml_edit::{Item, Key, TableLike, Value};

/// Gathers the places of all parts of a value, by keys such as `hooks[1].token`.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) found: Vec<(String, Range<usize>)>,
}

impl Parts {
    pub(super) fn item(&mut self, key: &str, item: &Item) {
        match item {
            Item::Value(value) => self.value(key, value),
            Item::Table(table) => self.table(key, table),
            Item::ArrayOfTables(tables) => {
                for (n, table) in tables.iter().enumerate() {
                    let key = format!("{key}[{n}]");
                    self.note(&key, table.span());
                    self.table(&key, table);
                }
            }
            Item::None => {}
        }
    }

    fn value(&mut self, key: &str, value: &Value) {
        match value {
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    let key = format!("{key}[{n}]");
                    self.note(&key, item.span());
                    self.value(&key, item);
                }
            }
            Value::InlineTable(table) => self.table(key, table),
            _ => {}
        }
    }

    fn table(&mut self, key: &str, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let key = join(key, name);
            let span = table.key(name).and_then(Key::span);
            self.note(&key, span.or_else(|| item.span()));
            self.item(&key, item);
        }
    }

    fn note(&mut self, key: &str, span: Option<Range<usize>>) {
        self.found.extend(span.map(|span| (key.to_owned(), span)));
    }
}
