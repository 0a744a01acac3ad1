//! What stands in a file under the names that the mirror uses.

use rusqlite::{Connection, OptionalExtension};

use crate::sql;

/// A column of Spin's table: name, type, not null, place in the primary key.
type Column = (String, String, bool, i64);

/// What `PRAGMA table_info(spin_key_value)` says of Spin's table.
const COLUMNS: [(&str, &str, bool, i64); 3] = [
    ("store", "TEXT", true, 1),
    ("key", "TEXT", true, 2),
    ("value", "BLOB", true, 0),
];

/// What stands under the name of Spin's table.
pub(super) enum Table {
    Missing,
    Spins,
    /// What it has for columns.
    Foreign(String),
}

pub(super) fn spins_table(connection: &Connection) -> rusqlite::Result<Table> {
    let found: Option<(String, Option<String>)> = connection
        .query_row(
            // SQLite finds a table by its name in any case.
            "SELECT type, sql FROM sqlite_schema
             WHERE name = 'spin_key_value' COLLATE NOCASE AND type <> 'trigger'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match found {
        None => Ok(Table::Missing),
        Some((kind, statement)) if kind == "table" => {
            // Most files were made by the very statement.
            if statement.as_deref().is_some_and(sql::is_create_table) {
                return Ok(Table::Spins);
            }
            let found = foreign_columns(connection)?;
            Ok(found.map_or(Table::Spins, Table::Foreign))
        }
        Some((kind, _)) => Ok(Table::Foreign(format!(
            "no columns of its own, being of type {kind}"
        ))),
    }
}

/// The columns of the table, if they are not those of Spin's.
fn foreign_columns(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let columns = columns(connection)?;
    let collations = key_collations(connection)?;
    let same = columns.len() == COLUMNS.len()
        && columns
            .iter()
            .zip(COLUMNS)
            .all(|(found, spins)| (found.0.as_str(), found.1.as_str(), found.2, found.3) == spins)
        // Under another collation two keys that differ in case are one key.
        && collations.iter().all(|(_, collation)| collation == "BINARY");
    if same {
        return Ok(None);
    }
    let found = columns.iter().map(|(name, kind, not_null, key)| {
        let not_null = if *not_null { " NOT NULL" } else { "" };
        let collation = collations
            .iter()
            .find(|(column, collation)| column == name && collation != "BINARY")
            .map(|(_, collation)| format!(" COLLATE {collation}"))
            .unwrap_or_default();
        let key = if *key > 0 { " (primary key)" } else { "" };
        format!("{name} {kind}{not_null}{collation}{key}")
    });
    Ok(Some(found.collect::<Vec<_>>().join(", ")))
}

fn columns(connection: &Connection) -> rusqlite::Result<Vec<Column>> {
    connection
        .prepare("PRAGMA table_info(spin_key_value)")?
        .query_map([], |row| {
            Ok((
                row.get("name")?,
                row.get("type")?,
                row.get("notnull")?,
                row.get("pk")?,
            ))
        })?
        .collect()
}

/// The columns of the primary key, with the collation that each is compared by.
fn key_collations(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare(
            "SELECT part.name, part.coll
             FROM pragma_index_list('spin_key_value') AS list,
                  pragma_index_xinfo(list.name) AS part
             WHERE list.origin = 'pk' AND part.key",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// What stands under a name of the mirror's own and is not what the mirror would
/// make: its name and the statement that made it.
pub(super) fn foreign_expiry(
    connection: &Connection,
) -> rusqlite::Result<Option<(String, String)>> {
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(sql::CREATE_TABLE)?;
    ours.execute_batch(sql::CREATE_EXPIRY)?;
    let ours = expiry(&ours)?;
    let found = expiry(connection)?;
    Ok(found.into_iter().find(|object| !ours.contains(object)))
}

fn expiry(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare(
            r"SELECT name, coalesce(sql, '') FROM sqlite_schema
              WHERE name LIKE 'edgezero\_expiry%' ESCAPE '\'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
