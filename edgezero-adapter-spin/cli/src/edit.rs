//! Exact edits of spin.toml.
//!
//! toml_edit would write the whole file again, with other line ends and, where dotted
//! keys are mixed, in another order.

use std::ops::Range;

use toml_edit::{Array, Document, Item, Key, TableLike, Value};

const KEY: &str = "key_value_stores";

/// A text to put in at a place.
type Insertion = (usize, String);

/// Why a text could not be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is not TOML.
    #[error("line {line}: {message}")]
    #[non_exhaustive]
    NotToml {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The text has no `[component.<id>]`.
    #[error("there is no [component.{id}]")]
    #[non_exhaustive]
    NoComponent {
        /// The component's id, as TOML has it.
        id: String,
    },
    /// `key_value_stores` of the component is something else than a list.
    #[error("line {line}: {KEY} is not an array")]
    #[non_exhaustive]
    NotAnArray {
        /// Counted from 1.
        line: usize,
    },
    /// The edit came out wrong.
    #[error("write it by hand, in [component.{id}]:\n\n{list}\n")]
    #[non_exhaustive]
    ByHand {
        /// The component's id, as TOML has it.
        id: String,
        /// The line to write.
        list: String,
    },
}

/// The text of a spin.toml with those of `labels` that the component does not list yet, at
/// the end of its `key_value_stores`. Every byte that was there stays, in its order.
///
/// ```
/// let text = "[component.shop]\nsource = 'shop.wasm' # built\n";
/// let edited = edgezero_cli::edit::add_labels(text, "shop", &["visits"])?;
/// assert_eq!(edited, format!("{text}key_value_stores = [\"visits\"]\n"));
/// # Ok::<(), edgezero_cli::edit::EditError>(())
/// ```
///
/// # Errors
/// [`EditError`] for a text that is not TOML, has no such component, or has something else
/// than a list in `key_value_stores`.
pub fn add_labels<T: AsRef<str>>(
    text: &str,
    component: &str,
    labels: &[T],
) -> Result<String, EditError> {
    let document = parse(text)?;
    let id = || Key::new(component).to_string();
    let Some((table, place)) = find(&document, component) else {
        return Err(EditError::NoComponent { id: id() });
    };
    let mut wanted: Vec<&str> = listed(table);
    let labels = labels.iter().map(AsRef::as_ref);
    let mut missing: Vec<&str> = Vec::new();
    for label in labels {
        if !wanted.contains(&label) && !missing.contains(&label) {
            missing.push(label);
        }
    }
    if missing.is_empty() {
        return Ok(text.to_owned());
    }
    let insertions = match table.get(KEY) {
        None => vec![new_list(text, &id(), table, &place, &missing)],
        Some(item) => match item.as_array() {
            Some(list) => longer_list(text, list, &missing),
            None => {
                let at = item.span().map_or(0, |span| span.start);
                let line = line_of(text, at);
                return Err(EditError::NotAnArray { line });
            }
        },
    };
    let edited = insert(text, insertions);
    wanted.extend(missing);
    let is_right = parse(&edited).is_ok_and(|document| {
        find(&document, component).is_some_and(|(table, _)| listed(table) == wanted)
    });
    if is_right {
        return Ok(edited);
    }
    let list = format!("{KEY} = {}", array(&wanted));
    Err(EditError::ByHand { id: id(), list })
}

fn parse(text: &str) -> Result<Document<String>, EditError> {
    Document::parse(text.to_owned()).map_err(|error| EditError::NotToml {
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn listed(table: &dyn TableLike) -> Vec<&str> {
    let list = table.get(KEY).and_then(Item::as_array);
    let list = list.into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// How a table is written, and so where a key goes that it does not have.
struct Place {
    /// Where `[its.header]` or its `{` ends; `None` without either.
    start: Option<usize>,
    in_line: bool,
    /// What its keys have before them: `shop.`, where it is made by dotted keys.
    dotted: String,
}

fn find<'a>(
    document: &'a Document<String>,
    component: &'a str,
) -> Option<(&'a dyn TableLike, Place)> {
    let mut table: &dyn TableLike = document.as_table();
    let mut place = Place {
        start: Some(0),
        in_line: false,
        dotted: String::new(),
    };
    for key in ["component", component] {
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
    id: &str,
    table: &dyn TableLike,
    place: &Place,
    labels: &[&str],
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
            let start = if text.ends_with('\n') { "" } else { end };
            let header = format!("{start}{end}[component.{id}]{end}");
            (text.len(), format!("{header}{line}{end}"))
        }
    }
}

/// In the way that the list is written: a label a line, or all in one.
fn longer_list(text: &str, list: &Array, labels: &[&str]) -> Vec<Insertion> {
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
    let labels = labels.iter().map(|label| Value::from(*label));
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

fn array(labels: &[&str]) -> String {
    let labels: Array = labels.iter().copied().collect();
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
