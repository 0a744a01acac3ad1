//! A path in a file that came with the app must not have us write anywhere else.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::say;

/// A file is not in the app's folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is not in the app's folder {}: a path in the app's own files that leads out of it, by \
     `..`, as a whole path or by a link, is not followed",
    // A link's target may have any name.
    say::part(real.display()),
    folder.display()
)]
pub(super) struct Outside {
    real: PathBuf,
    folder: PathBuf,
}

/// Refuses a file that is not below one of the folders, the app's own first.
pub(super) fn check(file: &Path, folders: &[&Path]) -> anyhow::Result<()> {
    let real_file = real(file).with_context(|| format!("cannot use {}", file.display()))?;
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let folder = real(folder).with_context(|| format!("cannot reach {}", folder.display()))?;
        if real_file.starts_with(folder) {
            return Ok(());
        }
    }
    let folder = folders.first().copied().unwrap_or(Path::new(""));
    Err(Outside {
        real: real_file,
        folder: folder.to_owned(),
    }
    .into())
}

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// Where a file is or would be, with every link followed, also one whose target is missing:
/// a program that writes makes the target. `..` after a folder that is missing leads back,
/// for the folder is made first.
fn real(file: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    let mut links = 0;
    // In reverse.
    let mut left = parts(&std::path::absolute(file)?);
    while let Some(part) = left.pop() {
        if part == OsStr::new("..") {
            real.pop();
            continue;
        }
        real.push(&part);
        match real.symlink_metadata() {
            Ok(found) if found.is_symlink() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::other("its links lead round in a circle"));
                }
                left.extend(parts(&real.read_link()?));
                real.pop();
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(real)
}

/// A path's parts in reverse; the root of a whole path takes the place of what is before it.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut parts: Vec<_> = parts.map(|part| part.as_os_str().to_owned()).collect();
    parts.reverse();
    parts
}
