//! Ranges of keys.

use edgezero_store_traits::kv::reserved;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::sql::{RangeReads, Reads};

/// A range of keys, as SQLite compares them: `start` up to but without `end`.
#[derive(Debug)]
pub(super) struct KeyRange {
    pub(super) start: String,
    /// `None` where it goes on to the last key.
    pub(super) end: Option<KeyEnd>,
}

/// What all keys of a range are below: these bytes as text. They need not be UTF-8,
/// for SQLite compares bytes.
#[derive(Debug)]
pub(super) struct KeyEnd(Vec<u8>);

impl ToSql for KeyEnd {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

impl KeyRange {
    /// The keys that start with `prefix`.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        let end = prefix.as_bytes().split_last().map(|(last, before)| {
            // No byte of UTF-8 is above 0xF4.
            KeyEnd([before, &[last + 1]].concat())
        });
        Self {
            start: prefix.to_owned(),
            end,
        }
    }

    /// The keys that start with `prefix` and come after `cursor`, without those of the
    /// adapters: one range, or two.
    pub(super) fn listed(prefix: &str, cursor: Option<&str>) -> Vec<Self> {
        let mut range = Self::of_prefix(prefix);
        if let Some(cursor) = cursor {
            // The next text after any text is the same with a zero byte behind.
            range.start = range.start.max(format!("{cursor}\0"));
        }
        if !reserved::PREFIX.starts_with(prefix) {
            return vec![range];
        }
        let before = Self {
            start: range.start.clone(),
            end: Some(KeyEnd(reserved::PREFIX.as_bytes().to_vec())),
        };
        range.start = range.start.max(reserved::END.to_owned());
        if before.start.as_str() >= reserved::PREFIX {
            return vec![range];
        }
        vec![before, range]
    }

    /// Those of the statements that read this range.
    pub(super) fn reads<'a>(&self, reads: &'a Reads) -> &'a RangeReads {
        match self.end {
            Some(_) => &reads.up_to,
            None => &reads.to_the_last,
        }
    }
}
