//! Labels, put into the text of spin.toml: every byte that was there stays.
//!
//! toml_edit would write the whole file anew, with other line ends and, where dotted
//! keys are mixed, in another order.

use std::ops::Range;

use anyhow::{bail, ensure};
use toml_edit::{Array, Item, TableLike, Value};

use crate::document::Document;
use crate::spin_toml::SpinToml;

const KEY: &str = "key_value_stores";

/// A text to put in at a place.
type Insertion = (usize, String);

/// The file's text with `labels` at the end of the component's list.
pub(crate) fn with_labels(spin_toml: &SpinToml, labels: &[String]) -> anyhow::Result<String> {
    let text = spin_toml.document.raw();
    if labels.is_empty() {
        return Ok(text.to_owned());
    }
    let path = spin_toml.document.path();
    let Some((table, place)) = find(spin_toml) else {
        // It was found when the file was read.
        bail!("the component {} is gone", spin_toml.component_key());
    };
    let insertions = match table.get(KEY) {
        None => vec![new_list(text, spin_toml, table, &place, labels)],
        Some(item) => match item.as_array() {
            Some(list) => longer_list(text, list, labels),
            None => bail!(
                "cannot change {}: line {}: {KEY} is no array",
                path.display(),
                spin_toml.line_of(&[KEY])
            ),
        },
    };
    let edited = insert(text, insertions);
    let mut wanted = spin_toml.labels();
    wanted.extend(labels.iter().map(String::as_str));
    let reread = Document::parse(path, edited.clone())
        .ok()
        .and_then(|document| SpinToml::new(document, Some(spin_toml.component())).ok());
    ensure!(
        reread.is_some_and(|reread| reread.labels() == wanted),
        "cannot change {}: write it by hand, in the table of the component {}:\n\n{KEY} = {}\n",
        path.display(),
        spin_toml.component_key(),
        array(&wanted)
    );
    Ok(edited)
}

/// How a table is written, and so where a key goes that it does not have.
struct Place {
    /// Where `[its.header]` or its `{` ends; `None` without either.
    start: Option<usize>,
    in_line: bool,
    /// What its keys have before them: `shop.`, where it is made by dotted keys.
    dotted: String,
}

fn find(spin_toml: &SpinToml) -> Option<(&dyn TableLike, Place)> {
    let mut table: &dyn TableLike = spin_toml.document.root();
    let mut place = Place {
        start: Some(0),
        in_line: false,
        dotted: String::new(),
    };
    for key in ["component", spin_toml.component()] {
        let item = table.get(key)?;
        table = item.as_table_like()?;
        if table.is_dotted() {
            place.dotted += &format!("{}.", toml_edit::Key::new(key));
            continue;
        }
        let span = item.span();
        place = match item {
            Item::Value(_) => Place {
                start: Some(span?.start + 1),
                in_line: true,
                dotted: String::new(),
            },
            Item::Table(table) => Place {
                start: span.filter(|_| !table.is_implicit()).map(|span| span.end),
                in_line: false,
                dotted: String::new(),
            },
            _ => return None,
        };
    }
    Some((table, place))
}

/// The last key and value that are written with the table, not under a header of
/// their own: where the key begins and the value ends.
fn last_entry(table: &dyn TableLike) -> Option<Range<usize>> {
    let entries = table.iter().filter_map(|(name, item)| match item {
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => last_entry(inner),
        Item::Table(inner) if inner.is_dotted() => last_entry(inner),
        Item::Value(value) => Some(table.key(name)?.span()?.start..value.span()?.end),
        _ => None,
    });
    entries.max_by_key(|entry| entry.end)
}

fn new_list(
    text: &str,
    spin_toml: &SpinToml,
    table: &dyn TableLike,
    place: &Place,
    labels: &[String],
) -> Insertion {
    let line = format!("{}{KEY} = {}", place.dotted, array(labels));
    match (last_entry(table), place.start) {
        (Some(last), _) if place.in_line => match comma(text, last.end) {
            Some(after) => (after, format!(" {line},")),
            None => (last.end, format!(", {line}")),
        },
        (None, Some(start)) if place.in_line => (start, format!(" {line} ")),
        (Some(last), _) => {
            let of_line = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
            let before = &text[of_line..last.start];
            let key = before.trim_start_matches([' ', '\t']);
            let indent = &before[..before.len() - key.len()];
            let end = end_of_line(text, last.end);
            (end, format!("{}{indent}{line}", line_break(text, end)))
        }
        (None, Some(start)) => {
            let end = end_of_line(text, start);
            (end, format!("{}{line}", line_break(text, end)))
        }
        // Only tables within it have a header.
        (None, None) => {
            let end = line_break(text, end_of_line(text, 0));
            let component = spin_toml.component_key();
            let start = if text.ends_with('\n') { "" } else { end };
            let header = format!("{start}{end}[component.{component}]{end}");
            (text.len(), format!("{header}{line}{end}"))
        }
    }
}

/// In the way that the list is written: a label a line, or all in one.
fn longer_list(text: &str, list: &Array, labels: &[String]) -> Vec<Insertion> {
    let span = list.span().unwrap_or_default();
    let spans: Vec<_> = list.iter().filter_map(Value::span).collect();
    let Some(last) = spans.last() else {
        let array = array(labels);
        let inner = array.trim_start_matches('[').trim_end_matches(']');
        return vec![(span.start + 1, inner.to_owned())];
    };
    let before = spans.iter().rev().nth(1);
    let before = before.map_or(span.start + 1, |before| before.end);
    let indent = text[before..last.start].rsplit_once('\n');
    let indent = indent.map(|(_, indent)| indent);
    let labels = labels.iter().map(|label| Value::from(label.as_str()));
    let Some(indent) = indent.filter(|indent| indent.trim_matches([' ', '\t']).is_empty()) else {
        return vec![match comma(text, last.end) {
            Some(after) => (after, labels.map(|label| format!(" {label},")).collect()),
            None => (last.end, labels.map(|label| format!(", {label}")).collect()),
        }];
    };
    let comma = comma(text, last.end);
    let after = comma.unwrap_or(last.end);
    // With the comment that is the last one's own.
    let end = end_of_line(text, after);
    let at = if end < span.end { end } else { after };
    let start = line_break(text, before);
    let lines: Vec<_> = labels
        .map(|label| format!("{start}{indent}{label}"))
        .collect();
    match comma {
        Some(_) => vec![(at, lines.join(",") + ",")],
        None => vec![(last.end, ",".to_owned()), (at, lines.join(","))],
    }
}

/// The place after the comma that follows the value which ends at `from`.
fn comma(text: &str, from: usize) -> Option<usize> {
    let mut comment = false;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            b'\n' => comment = false,
            b'#' => comment = true,
            _ if comment => {}
            b',' => return Some(at + 1),
            b' ' | b'\t' | b'\r' => {}
            _ => return None,
        }
    }
    None
}

/// The place before the next line break.
fn end_of_line(text: &str, from: usize) -> usize {
    let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
    match text[from..end].strip_suffix('\r') {
        Some(line) => from + line.len(),
        None => end,
    }
}

/// What ends the line after `from`.
fn line_break(text: &str, from: usize) -> &'static str {
    let end = end_of_line(text, from);
    if text[end..].starts_with("\r\n") || (end == text.len() && text.contains("\r\n")) {
        "\r\n"
    } else {
        "\n"
    }
}

fn array<T: AsRef<str>>(labels: &[T]) -> String {
    let labels: Array = labels.iter().map(AsRef::as_ref).collect();
    labels.to_string()
}

fn insert(text: &str, insertions: Vec<Insertion>) -> String {
    let mut edited = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for (at, new) in insertions {
        edited += &text[from..at];
        edited += &new;
        from = at;
    }
    edited + &text[from..]
}
