//! Systems that are not Unix: a file that SQLite has open can be neither moved nor
//! deleted there, so that no other one takes its place.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// Of every file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::open) struct FileId;

impl FileId {
    pub(in crate::open) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }

    pub(in crate::open) fn of(_file: &Metadata) -> Self {
        Self
    }
}

/// The system itself refuses to delete what is in use.
pub(in crate::open) fn is_locked_elsewhere(_file: &File) -> bool {
    false
}

/// Whether a file or a folder may be written.
pub(in crate::open) fn may_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

/// SQLite's own error says it.
pub(in crate::open) fn may_read(_path: &Path) -> io::Result<()> {
    Ok(())
}
