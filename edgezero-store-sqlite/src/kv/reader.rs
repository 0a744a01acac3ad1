//! Statements that read, run on one connection, and the write that follows.

use bytes::Bytes;
use edgezero_store_traits::Label;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql, params};

use super::range::KeyRange;
use crate::sql::{self, Reads};

/// A connection, with what every statement that reads begins and ends with: the
/// label, and in a file with TTL the time.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    label: &'a Label,
    now: Option<i64>,
}

/// A value is no blob.
pub(super) struct NoBlob;

/// A value as it stands in the file.
pub(super) enum Stored<'a> {
    Blob(&'a [u8]),
    /// A text or a number, which Spin cannot read.
    NoBlob,
}

impl<'a> Reader<'a> {
    pub(super) fn new(connection: &'a Connection, label: &'a Label, now: Option<i64>) -> Self {
        Self {
            connection,
            label,
            now,
        }
    }

    /// Writes `value`, which depends on what was read, in the same transaction.
    pub(super) fn put(&self, key: &str, value: &[u8]) -> rusqlite::Result<usize> {
        let mut put = self.connection.prepare_cached(sql::PUT)?;
        put.execute(params![self.label.as_str(), key, value])
    }

    /// Looks at the value under `key`, by the statement `get`.
    pub(super) fn get<T>(
        &self,
        get: &str,
        key: &str,
        look: impl FnOnce(Option<Stored<'_>>) -> T,
    ) -> rusqlite::Result<T> {
        let mut statement = self.connection.prepare_cached(get)?;
        let label = self.label.as_str();
        let mut rows = statement.query(&*self.parameters(&label, &[&key]))?;
        Ok(match rows.next()? {
            None => look(None),
            Some(row) => look(Some(match row.get_ref(0)? {
                ValueRef::Blob(bytes) => Stored::Blob(bytes),
                _ => Stored::NoBlob,
            })),
        })
    }

    /// The value under `key`, copied; `Err` for one that is no blob.
    pub(super) fn value(
        &self,
        get: &str,
        key: &str,
    ) -> rusqlite::Result<Result<Option<Bytes>, NoBlob>> {
        self.get(get, key, |stored| match stored {
            None => Ok(None),
            Some(Stored::Blob(bytes)) => Ok(Some(Bytes::copy_from_slice(bytes))),
            Some(Stored::NoBlob) => Err(NoBlob),
        })
    }

    /// Whether the statement `exists` finds `key`.
    pub(super) fn exists(&self, exists: &str, key: &str) -> rusqlite::Result<bool> {
        let mut statement = self.connection.prepare_cached(exists)?;
        let label = self.label.as_str();
        statement.exists(&*self.parameters(&label, &[&key]))
    }

    /// How many keys `ranges` have, counted up to `up_to`.
    pub(super) fn count(
        &self,
        reads: &Reads,
        ranges: &[KeyRange],
        up_to: i64,
    ) -> rusqlite::Result<i64> {
        let label = self.label.as_str();
        let mut count = 0;
        for range in ranges {
            let mut statement = self.connection.prepare_cached(range.reads(reads).count)?;
            let left = up_to - count;
            let parameters = range_parameters(range, &left);
            let parameters = self.parameters(&label, &parameters);
            count += statement.query_row(&*parameters, |row| row.get::<_, i64>(0))?;
        }
        Ok(count)
    }

    /// The first `up_to` keys of `ranges`, which are in order. A key that is not UTF-8 goes
    /// to `skipped`, or is an error where there is none.
    pub(super) fn keys(
        &self,
        reads: &Reads,
        ranges: &[KeyRange],
        up_to: usize,
        mut skipped: Option<&mut Vec<Vec<u8>>>,
    ) -> rusqlite::Result<Vec<String>> {
        let label = self.label.as_str();
        let mut keys = Vec::with_capacity(up_to);
        for range in ranges {
            let mut statement = self.connection.prepare_cached(range.reads(reads).list)?;
            let left = match &skipped {
                // Nobody knows how many rows have the keys.
                Some(_) => i64::MAX,
                None => i64::try_from(up_to - keys.len()).unwrap_or(i64::MAX),
            };
            let parameters = range_parameters(range, &left);
            let mut rows = statement.query(&*self.parameters(&label, &parameters))?;
            while keys.len() < up_to
                && let Some(row) = rows.next()?
            {
                match (row.get_ref(0)?, &mut skipped) {
                    (ValueRef::Blob(_), _) => break,
                    (ValueRef::Text(key), Some(skipped)) if std::str::from_utf8(key).is_err() => {
                        skipped.push(key.to_owned());
                    }
                    (key, _) => keys.push(key.as_str()?.to_owned()),
                }
            }
        }
        Ok(keys)
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

fn range_parameters<'a>(range: &'a KeyRange, up_to: &'a i64) -> Vec<&'a dyn ToSql> {
    let mut parameters: Vec<&dyn ToSql> = vec![&range.start];
    parameters.extend(range.end.as_ref().map(|end| end as &dyn ToSql));
    parameters.push(up_to);
    parameters
}
