//! Every statement that the mirror runs.

/// Spin's table, made by Spin's own statement.
pub(crate) const CREATE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS spin_key_value (
        store TEXT NOT NULL,
        key   TEXT NOT NULL,
        value BLOB NOT NULL,

        PRIMARY KEY (store, key)
    )";

/// Whether `kept`, which a file's schema has, is [`CREATE_TABLE`], however spaced.
pub(crate) fn is_create_table(kept: &str) -> bool {
    // SQLite keeps the statement without it.
    let ours = CREATE_TABLE.replacen("IF NOT EXISTS ", "", 1);
    kept.split_whitespace().eq(ours.split_whitespace())
}

/// Spin's statement for a write.
pub(crate) const PUT: &str = "
    INSERT INTO spin_key_value (store, key, value) VALUES ($1, $2, $3)
    ON CONFLICT(store, key) DO UPDATE SET value=$3";

/// `?1` label, `?2` key.
pub(crate) const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";

/// The statements that read. In a file with TTL they take one parameter more, the
/// last: the time, as in `edgezero_expiry`.
pub(crate) struct Reads {
    /// `?1` label, `?2` key.
    pub(crate) get: &'static str,
    /// `?1` label, `?2` key.
    pub(crate) exists: &'static str,
    /// A range of keys with an end, and one that goes on to the label's last key,
    /// where no key is compared with an end.
    pub(crate) up_to: RangeReads,
    pub(crate) to_the_last: RangeReads,
}

/// The statements that read a range of keys: `?1` label, `?2` where it starts, and
/// before the last parameter where it ends, without that key.
///
/// It is an index range scan, because the table's primary key is (store, key) and
/// SQLite compares text by its bytes.
pub(crate) struct RangeReads {
    /// The keys in order, as many as the last parameter says. Of those that are no
    /// text, some may follow.
    pub(crate) list: &'static str,
    /// How many keys the range has, counted up to the last parameter.
    pub(crate) count: &'static str,
}

macro_rules! reads {
    ($and_key_lives:expr, up_to: $up_to:expr, to_the_last: $to_the_last:expr) => {
        Reads {
            get: concat!(
                "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2",
                $and_key_lives
            ),
            exists: concat!(
                "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2",
                $and_key_lives
            ),
            up_to: range_reads!(
                list: concat!(" AND key < ?3", $up_to),
                count: concat!(" AND key < ?3", $up_to),
                "?4"
            ),
            // A key that is no text, which only a foreign program writes, sorts behind
            // all others: a listing ends there.
            to_the_last: range_reads!(
                list: $to_the_last,
                count: concat!(" AND key < x''", $to_the_last),
                "?3"
            ),
        }
    };
}

macro_rules! range_reads {
    (list: $and_listed:expr, count: $and_counted:expr, $limit:literal) => {
        RangeReads {
            list: concat!(
                "SELECT key FROM spin_key_value WHERE store = ?1 AND key >= ?2",
                $and_listed,
                " ORDER BY key LIMIT ",
                $limit
            ),
            count: concat!(
                "SELECT count(*) FROM (SELECT 1 FROM spin_key_value ",
                "WHERE store = ?1 AND key >= ?2",
                $and_counted,
                " LIMIT ",
                $limit,
                ")"
            ),
        }
    };
}

macro_rules! and_not_expired_by {
    ($time:literal) => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM edgezero_expiry AS expiry ",
            "WHERE expiry.store = spin_key_value.store AND expiry.key = spin_key_value.key ",
            "AND expiry.expires_at_ms <= ",
            $time,
            ")"
        )
    };
}

pub(crate) const READS: Reads = reads!("", up_to: "", to_the_last: "");

/// [`READS`] of a file with TTL.
pub(crate) const READS_WITH_TTL: Reads = reads!(
    and_not_expired_by!("?3"),
    up_to: and_not_expired_by!("?5"),
    to_the_last: and_not_expired_by!("?4")
);

/// The mirror's own table beside Spin's, and what keeps the two together.
///
/// The triggers make any other write to a key, Spin's included, end its TTL: a
/// value that Spin stored must not vanish because of a TTL that the mirror once
/// gave the key. Times are milliseconds since 1970.
pub(crate) const CREATE_EXPIRY: &str = "
    CREATE TABLE IF NOT EXISTS edgezero_expiry (
        store         TEXT NOT NULL,
        key           TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL,

        PRIMARY KEY (store, key)
    ) WITHOUT ROWID;

    CREATE INDEX IF NOT EXISTS edgezero_expiry_by_time
    ON edgezero_expiry (expires_at_ms);

    CREATE TRIGGER IF NOT EXISTS edgezero_expiry_ends_on_insert
    AFTER INSERT ON spin_key_value BEGIN
        DELETE FROM edgezero_expiry WHERE store = new.store AND key = new.key;
    END;

    CREATE TRIGGER IF NOT EXISTS edgezero_expiry_ends_on_update
    AFTER UPDATE ON spin_key_value BEGIN
        DELETE FROM edgezero_expiry WHERE store = old.store AND key = old.key;
        DELETE FROM edgezero_expiry WHERE store = new.store AND key = new.key;
    END;

    CREATE TRIGGER IF NOT EXISTS edgezero_expiry_ends_on_delete
    AFTER DELETE ON spin_key_value BEGIN
        DELETE FROM edgezero_expiry WHERE store = old.store AND key = old.key;
    END;";

/// Starts a TTL, after [`PUT`] in the same transaction: `?1` label, `?2` key, `?3`
/// when it ends.
pub(crate) const EXPIRE: &str =
    "INSERT INTO edgezero_expiry (store, key, expires_at_ms) VALUES (?1, ?2, ?3)";

/// Ends some of the TTLs that ran out by `?1` and gives their labels and keys, to
/// [`DELETE`]: a few at a time, so that no write waits long for it.
pub(crate) const PURGE: &str = "
    DELETE FROM edgezero_expiry WHERE (store, key) IN (
        SELECT store, key FROM edgezero_expiry WHERE expires_at_ms <= ?1
        ORDER BY expires_at_ms LIMIT 100
    ) RETURNING store, key";

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, params_from_iter};

    use super::*;

    fn folded(statement: &str) -> String {
        statement.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_two_statements_that_spin_runs_are_spins_own() {
        assert_eq!(
            folded(CREATE_TABLE),
            "CREATE TABLE IF NOT EXISTS spin_key_value ( store TEXT NOT NULL, key TEXT NOT NULL, \
             value BLOB NOT NULL, PRIMARY KEY (store, key) )"
        );
        assert_eq!(
            folded(PUT),
            "INSERT INTO spin_key_value (store, key, value) VALUES ($1, $2, $3) \
             ON CONFLICT(store, key) DO UPDATE SET value=$3"
        );
    }

    #[test]
    fn a_table_made_by_spins_statement_is_known_by_it() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(CREATE_TABLE).unwrap();
        let kept: String = connection
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE type = 'table'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert!(is_create_table(&kept), "{kept}");
        assert!(!is_create_table(&kept.replace("BLOB", "TEXT")));
    }

    /// How SQLite runs a statement on a file with TTL.
    fn plan(statement: &str) -> String {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(CREATE_TABLE).unwrap();
        connection.execute_batch(CREATE_EXPIRY).unwrap();
        let mut explain = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
            .unwrap();
        let nulls = vec![rusqlite::types::Null; explain.parameter_count()];
        explain
            .query_map(params_from_iter(nulls), |row| {
                row.get::<_, String>("detail")
            })
            .unwrap()
            .map(|line| line.unwrap() + "\n")
            .collect()
    }

    #[test]
    fn what_expired_is_found_by_its_time() {
        let plan = plan(PURGE);
        assert!(
            plan.contains("USING COVERING INDEX edgezero_expiry_by_time (expires_at_ms<?)"),
            "{plan}"
        );
        assert!(
            !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }

    #[test]
    fn a_listing_is_an_index_range_scan_without_a_sort() {
        for (statement, end) in [&READS, &READS_WITH_TTL].into_iter().flat_map(|reads| {
            [
                (reads.up_to.list, " AND key<?"),
                (reads.up_to.count, " AND key<?"),
                (reads.to_the_last.list, ""),
                (reads.to_the_last.count, " AND key<?"),
            ]
        }) {
            let plan = plan(statement);
            assert!(
                plan.contains(&format!(
                    "SEARCH spin_key_value USING COVERING INDEX \
                     sqlite_autoindex_spin_key_value_1 (store=? AND key>?{end})"
                )),
                "{plan}"
            );
            assert!(
                !plan.contains("TEMP B-TREE") && !plan.contains("SCAN spin"),
                "{plan}"
            );
        }
    }
}
