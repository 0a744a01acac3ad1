//! What this user may do with files and folders. Nothing is written to find it out.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Why Spin could not make a folder: the place that is in its way, and the reason.
pub(crate) struct Obstacle {
    pub(crate) at: PathBuf,
    pub(crate) reason: &'static str,
}

impl Obstacle {
    /// For a file of which Spin makes the folder; `what` is the key that names it.
    pub(crate) fn of_file(&self, what: &str) -> String {
        let (at, reason) = (self.at.display(), self.reason);
        format!("{what} is in a folder that Spin cannot make below {at}: {reason}")
    }
}

/// What keeps a folder from being made; `None` where it is there, or can be made.
pub(crate) fn obstacle(folder: &Path) -> Option<Obstacle> {
    // A link that leads nowhere is there, too.
    let is_there = |path: &&Path| path.symlink_metadata().is_ok();
    let mut above = folder.ancestors();
    let at = above.find(|path| is_there(path) && !path.as_os_str().is_empty())?;
    let reason = if !at.is_dir() {
        "it is not a folder"
    } else if at == folder {
        return None;
    } else if is_made_by_the_system(at) {
        "the system alone makes folders there"
    } else if !may_write(at) {
        "permission denied: this user may not write there"
    } else {
        return None;
    };
    Some(Obstacle {
        at: at.to_owned(),
        reason,
    })
}

/// Why SQLite cannot open a file, or make it.
pub(crate) fn no_database(file: &Path) -> Option<&'static str> {
    let found = match file.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Some("permission denied: this user may not look into its folder");
        }
        Err(_) => {
            let folder = file.parent().filter(|folder| folder.is_dir())?;
            if is_made_by_the_system(folder) {
                return Some("it is not there, and the system alone makes files there");
            }
            let closed = !may_write(folder);
            return closed.then_some(
                "it is not there, and this user cannot make it: permission denied for its folder",
            );
        }
    };
    if !found.is_file() {
        return Some("it is not a file");
    }
    if !may_read(file) {
        return Some("permission denied: this user may not read it");
    }
    // SQLite takes a file of one byte for an empty one.
    if found.len() <= 1 {
        return None;
    }
    let mut start = [0; HEADER.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut start));
    (read.is_err() || start != *HEADER).then_some("it is not a SQLite database")
}

/// How a SQLite file begins.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Why a database that can be read cannot be written to.
pub(crate) fn read_only(file: &Path) -> Option<&'static str> {
    if !file.exists() {
        return None;
    }
    if !may_write(file) {
        return Some("this user may not write to its file");
    }
    // The journal is beside the file.
    let folder = file.parent()?;
    (!may_write(folder)).then_some("this user may not write to the folder of its file")
}

/// Whether this user may read a file.
#[cfg(unix)]
pub(crate) fn may_read(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::READ_OK).is_ok()
}

/// Whether this user may write to a file, or make files in a folder.
#[cfg(unix)]
pub(crate) fn may_write(path: &Path) -> bool {
    use rustix::fs::Access;
    let access = match path.is_dir() {
        true => Access::WRITE_OK | Access::EXEC_OK,
        false => Access::WRITE_OK,
    };
    rustix::fs::access(path, access).is_ok()
}

#[cfg(not(unix))]
pub(crate) fn may_read(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
pub(crate) fn may_write(path: &Path) -> bool {
    !path
        .metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().readonly())
}

/// Whether the folder is one of /proc or /sys, where root may write and can make nothing.
#[cfg(target_os = "linux")]
fn is_made_by_the_system(folder: &Path) -> bool {
    const SYSFS: rustix::fs::FsWord = 0x6265_6572;
    let found = rustix::fs::statfs(folder);
    found.is_ok_and(|found| [rustix::fs::PROC_SUPER_MAGIC, SYSFS].contains(&found.f_type))
}

#[cfg(not(target_os = "linux"))]
fn is_made_by_the_system(_: &Path) -> bool {
    false
}
