//! Connections that change nothing, also where nothing may be changed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::opened::Found;
use super::schema::{Table, spins_table};
use super::system::may_write;
use super::{leftovers, wait_for_locks};
use crate::sql;

/// A connection to a file that is there. A file without Spin's table reads as an empty
/// one.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = open(path)?;
    wait_for_locks(&mut connection)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if let Table::Missing = spins_table(&connection)? {
        // Of this connection only.
        let create = sql::CREATE_TABLE.replace("spin_key_value", "temp.spin_key_value");
        connection.execute_batch(&create)?;
    }
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let Ok(found) = Found::at(path) else {
        // SQLite says why.
        return Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    };
    let (folder, real) = (found.folder(), &found.real);
    let no_mutex = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if may_write(real) && may_write(folder) {
        // To read a write-ahead log, SQLite makes an index of it beside the file. Only a
        // connection that may write takes both away again.
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | no_mutex)
    } else if needs_log(real).unwrap_or(false) && !leftovers::has_log(real) {
        // The index of the log cannot be made here. Without a log, nobody has the file
        // open, and all of it is in the file.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | no_mutex;
        Connection::open_with_flags(immutable(real), flags)
    } else {
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | no_mutex)
    }
}

/// Whether the file's header says that it is used with a write-ahead log.
fn needs_log(path: &Path) -> io::Result<bool> {
    let mut header = [0; 20];
    File::open(path)?.read_exact(&mut header)?;
    Ok(header[18..] == [2, 2])
}

/// The URI of a file that nobody changes.
fn immutable(path: &Path) -> String {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = String::from("file://");
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.first() != Some(&b'/') {
        uri.push('/');
    }
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b':' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}
