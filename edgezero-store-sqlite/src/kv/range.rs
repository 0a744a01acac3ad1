//! Ranges of keys.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A range of keys, as SQLite compares them: `start` up to but without `end`.
#[derive(Debug)]
pub(super) struct KeyRange {
    pub(super) start: String,
    pub(super) end: KeyEnd,
}

/// What all keys of a range are below.
#[derive(Debug)]
pub(super) enum KeyEnd {
    /// These bytes as text. They need not be UTF-8: SQLite compares bytes.
    Text(Vec<u8>),
    /// Everything: SQLite sorts every text below every blob.
    Blob,
}

impl ToSql for KeyEnd {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob => ValueRef::Blob(&[]),
        }))
    }
}

impl KeyRange {
    /// The keys that start with `prefix`.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        let mut end = prefix.as_bytes().to_vec();
        let end = match end.last_mut() {
            None => KeyEnd::Blob,
            Some(last) => {
                // No byte of UTF-8 is above 0xF4.
                *last += 1;
                KeyEnd::Text(end)
            }
        };
        Self {
            start: prefix.to_owned(),
            end,
        }
    }

    /// Those of them that come after `cursor`.
    pub(super) fn after(prefix: &str, cursor: Option<&str>) -> Self {
        let mut range = Self::of_prefix(prefix);
        if let Some(cursor) = cursor {
            // The next text after any text is the same with a zero byte behind.
            range.start = range.start.max(format!("{cursor}\0"));
        }
        range
    }
}
