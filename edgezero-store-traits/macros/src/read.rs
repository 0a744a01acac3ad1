//! The manifest's file, as a compiler reads it.

use std::path::Path;

use crate::app::Read;

/// Reads a manifest, by its path from the folder of the crate that is compiled.
pub(crate) fn manifest(path: &str) -> Result<Read, String> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = Path::new(&folder).join(path);
    let unread = |e| format!("cannot read {}: {e}", path.display());
    let path = path.canonicalize().map_err(unread)?;
    let unread = |e| format!("cannot read {}: {e}", path.display());
    let text = std::fs::read_to_string(&path).map_err(unread)?;
    Ok((path, text))
}
