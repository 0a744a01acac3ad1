//! spin.toml and an edit of it: what is edited is still TOML, lists the labels, and has
//! every byte that was there before, in its order.

use edgezero_adapter_spin::cli::fuzzing;
use toml_edit::{DocumentMut, Item};

use crate::input;

const LABELS: [&str; 3] = ["app-config", "default", "visits"];

/// Takes the id of the component, or nothing, and the text of a spin.toml.
pub fn target(data: &[u8]) {
    let Some([named, before]) = input::texts(data) else {
        return;
    };
    let named = (!named.is_empty()).then_some(named);
    for labels in [&LABELS[..1], &LABELS] {
        let (component, after) = match fuzzing::provision(before, named, labels) {
            Ok(edited) => edited,
            Err(error) => {
                // That is what is said of an edit that came out wrong.
                let error = format!("{error:#}");
                assert!(!error.contains("by hand"), "{error}");
                return;
            }
        };
        assert!(is_within(before, &after), "bytes are gone:\n{after}");
        let old = list(before, &component);
        let mut wanted = old.clone();
        let new = labels.iter().map(|label| (*label).to_owned());
        wanted.extend(new.filter(|label| !old.contains(label)));
        assert_eq!(list(&after, &component), wanted, "{after}");
        let others = |text| without_list(text, &component);
        assert_eq!(others(before), others(&after), "{after}");
        let again = fuzzing::provision(&after, named, labels);
        assert_eq!(again.ok(), Some((component, after)), "not idempotent");
    }
}

/// Whether `before` is left where some of `after` is taken away.
fn is_within(before: &str, after: &str) -> bool {
    let mut rest = after.bytes();
    before.bytes().all(|byte| rest.any(|other| other == byte))
}

/// The labels that are listed.
fn list(text: &str, component: &str) -> Vec<String> {
    let toml: DocumentMut = parsed(text);
    let list = toml
        .get("component")
        .and_then(|item| item.as_table_like()?.get(component))
        .and_then(|item| item.as_table_like()?.get("key_value_stores"));
    let list = list.and_then(Item::as_array).into_iter().flatten();
    list.filter_map(|label| Some(label.as_str()?.to_owned()))
        .collect()
}

/// All else that the text says.
fn without_list(text: &str, component: &str) -> String {
    let mut toml: DocumentMut = parsed(text);
    let table = toml
        .get_mut("component")
        .and_then(|item| item.as_table_like_mut()?.get_mut(component))
        .and_then(Item::as_table_like_mut);
    if let Some(table) = table {
        table.remove("key_value_stores");
    }
    plain(toml.as_item())
}

fn parsed(text: &str) -> DocumentMut {
    text.parse()
        .unwrap_or_else(|error| panic!("no TOML: {error}\n{text}"))
}

/// What an item says, however it is written.
fn plain(item: &Item) -> String {
    if let Some(table) = item.as_table_like() {
        let mut members: Vec<_> = table
            .iter()
            .map(|(key, item)| format!("{key:?}: {}", plain(item)))
            .collect();
        members.sort();
        format!("{{{}}}", members.join(", "))
    } else if let Some(tables) = item.as_array_of_tables() {
        let tables = tables.iter();
        let tables = tables.map(|table| plain(&Item::Table(table.clone())));
        format!("[{}]", tables.collect::<Vec<_>>().join(", "))
    } else if let Some(array) = item.as_array() {
        let values = array.iter();
        let values = values.map(|value| plain(&Item::Value(value.clone())));
        format!("[{}]", values.collect::<Vec<_>>().join(", "))
    } else {
        let value = item.as_value().cloned();
        value.map_or_else(String::new, |mut value| {
            value.decor_mut().clear();
            value.to_string()
        })
    }
}
