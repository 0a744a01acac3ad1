//! Statements that read, run on one connection.

use edgezero_store_traits::Label;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::range::KeyRange;

/// A connection, with what every statement that reads begins and ends with: the
/// label, and in a file with TTL the time.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) label: &'a Label,
    pub(super) now: Option<i64>,
}

impl Reader<'_> {
    pub(super) fn first<T>(
        &self,
        statement: &str,
        parameters: &[&dyn ToSql],
        value: impl FnOnce(ValueRef<'_>) -> T,
    ) -> rusqlite::Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(statement)?;
        let label = self.label.as_str();
        statement
            .query_row(&*self.parameters(&label, parameters), |row| {
                Ok(value(row.get_ref(0)?))
            })
            .optional()
    }

    pub(super) fn count(
        &self,
        statement: &str,
        range: &KeyRange,
        up_to: i64,
    ) -> rusqlite::Result<i64> {
        let mut statement = self.connection.prepare_cached(statement)?;
        let label = self.label.as_str();
        let parameters: [&dyn ToSql; 3] = [&range.start, &range.end, &up_to];
        statement.query_row(&*self.parameters(&label, &parameters), |row| row.get(0))
    }

    pub(super) fn keys(
        &self,
        statement: &str,
        range: &KeyRange,
        up_to: usize,
    ) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(statement)?;
        let label = self.label.as_str();
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        let parameters: [&dyn ToSql; 3] = [&range.start, &range.end, &up_to];
        statement
            .query_map(&*self.parameters(&label, &parameters), |row| row.get(0))?
            .collect()
    }

    fn parameters<'p>(
        &'p self,
        label: &'p &str,
        parameters: &[&'p dyn ToSql],
    ) -> Vec<&'p dyn ToSql> {
        let mut all: Vec<&dyn ToSql> = vec![label];
        all.extend_from_slice(parameters);
        if let Some(now) = &self.now {
            all.push(now);
        }
        all
    }
}
