//! A path in a file that came with the app must not have us write anywhere else.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use super::say;

/// Refuses a file that is not below one of the folders, the app's own first.
pub(super) fn check(file: &Path, folders: &[&Path]) -> anyhow::Result<()> {
    let real = real(file).with_context(|| format!("cannot use {}", file.display()))?;
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let folder = folder
            .canonicalize()
            .with_context(|| format!("cannot reach {}", folder.display()))?;
        if real.starts_with(folder) {
            return Ok(());
        }
    }
    bail!(
        "{} is not in the app's folder {}: a path in the app's own files that leads out of it, by \
         `..`, as a whole path or by a link, is not followed",
        // A link's target may have any name.
        say::part(real.display()),
        folders.first().unwrap_or(&Path::new("")).display()
    )
}

/// Where a file is or would be, with every link followed.
fn real(file: &Path) -> anyhow::Result<PathBuf> {
    let file = std::path::absolute(file)?;
    let mut there = file.as_path();
    let mut missing = Vec::new();
    while there.symlink_metadata().is_err() {
        match (there.parent(), there.components().next_back()) {
            (Some(folder), Some(Component::Normal(name))) => {
                missing.push(name);
                there = folder;
            }
            _ => bail!("it leads through a folder that is missing"),
        }
    }
    let mut real = there.canonicalize()?;
    real.extend(missing.iter().rev());
    Ok(real)
}
