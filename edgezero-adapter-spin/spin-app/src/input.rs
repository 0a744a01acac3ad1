//! Files that others wrote, and what is not worth reading.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The longest file that is read: one of the longest values and some more. What a TOML
/// file says can take 130 times its size in memory.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Refuses what is not a file of text, or is longer than 32 MiB. To read a pipe would wait
/// for ever, and a device would never end.
///
/// # Errors
/// The reason, without the path; [`ErrorKind::NotFound`] where there is no such file.
pub fn check_file(path: &Path) -> io::Result<()> {
    let found = check_kind(path)?;
    if found.len() > MAX_BYTES {
        let bytes = found.len();
        let message = format!("it has {bytes} bytes, and may have {MAX_BYTES}");
        return Err(io::Error::other(message));
    }
    Ok(())
}

/// Refuses a folder, a pipe and a device.
pub(crate) fn check_kind(path: &Path) -> io::Result<Metadata> {
    let found = std::fs::metadata(path)?;
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::other("it is not a file, but a pipe or a device"));
    }
    Ok(found)
}

/// A file's bytes.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    check_file(path)?;
    std::fs::read(path)
}

/// Whether the file is there, and is one that [`check_file`] refuses.
pub(crate) fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::IsADirectory | ErrorKind::Other)
}
