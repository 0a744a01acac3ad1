//! spin.toml and an edit of it: what is edited is still TOML, lists the labels, and has
//! every byte that was there before, in its order.

use edgezero_cli::edit::{self, EditError};
use edgezero_spin_app::{Options, SpinApp};
use toml_edit::{DocumentMut, Item};

use crate::input;

const LABELS: [&str; 3] = ["app-config", "default", "visits"];

/// Takes the id of the component, or nothing, and the text of a spin.toml.
pub fn target(data: &[u8]) {
    let Some([named, before]) = input::texts(data) else {
        return;
    };
    let named = (!named.is_empty()).then_some(named);
    // What Spin would say of it, and which component is the app.
    let app = SpinApp::with_manifest(&Options::new("spin.toml", "/app"), before.to_owned());
    let Ok(component) = app.component(named) else {
        return;
    };
    let component = component.id().to_owned();
    for labels in [&LABELS[..1], &LABELS] {
        let after = match edit::add_labels(before, &component, labels) {
            Ok(edited) => edited,
            Err(error) => {
                let came_out_wrong = matches!(error, EditError::ByHand { .. });
                assert!(!came_out_wrong, "{error}");
                return;
            }
        };
        check_bytes(before, &after);
        let old = list(before, &component);
        let mut wanted = old.clone();
        let new = labels.iter().map(|label| (*label).to_owned());
        wanted.extend(new.filter(|label| !old.contains(label)));
        assert_eq!(list(&after, &component), wanted, "{after}");
        let others = |text| without_list(text, &component);
        assert_eq!(others(before), others(&after), "{after}");
        let again = edit::add_labels(&after, &component, labels);
        assert_eq!(again.ok(), Some(after), "not idempotent");
    }
}

/// That labels were put in, in one place or two (a comma belongs behind what is before
/// a comment, the label behind the comment), and all else was left byte for byte.
fn check_bytes(before: &str, after: &str) {
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let start = common(old.iter(), new.iter());
    let same = &old[..start];
    let (old, new) = (&old[start..], &new[start..]);
    let end = common(old.iter().rev(), new.iter().rev());
    let (kept, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let put_in = (0..=new.len().saturating_sub(kept.len())).find_map(|at| {
        let rest = new[at..].strip_prefix(kept)?;
        Some([&new[..at], rest].concat())
    });
    let Some(put_in) = put_in else {
        panic!("more was changed than one place:\n{after}");
    };
    // What was put in may begin as what comes behind it does, `a.key_…` before `abd`, or
    // end as what is before it: then it can be told in more than one way.
    let line = same.rsplit(|byte| *byte == b'\n').next().unwrap_or(same);
    let shared = if kept.is_empty() {
        common(line.iter().rev(), put_in.iter().rev())
    } else {
        0
    };
    let are_labels = (0..=shared).any(|letters| {
        let mut told = put_in.clone();
        told.rotate_right(letters);
        are_labels(&String::from_utf8_lossy(&told))
    });
    assert!(are_labels, "more than labels was put in:\n{after}");
}

/// Whether a text is labels and what stands between them, besides the list itself and a
/// table of the component's own for it.
fn are_labels(text: &str) -> bool {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("[component.") && !line.contains("key_value_stores"));
    let mut rest = lines.collect::<String>();
    for label in LABELS {
        rest = rest.replace(label, "");
    }
    rest.chars()
        .all(|c| c.is_whitespace() || "[],\"".contains(c))
}

/// How many of the first are the same.
fn common<'a>(left: impl Iterator<Item = &'a u8>, right: impl Iterator<Item = &'a u8>) -> usize {
    left.zip(right)
        .take_while(|(left, right)| left == right)
        .count()
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
