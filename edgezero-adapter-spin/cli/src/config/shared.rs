//! A label that the app uses for more than one store.

use anyhow::bail;
use edgezero_store_traits::Label;
use edgezero_store_traits::store_label::StoreKind;

use crate::arguments::Source;
use crate::project::Project;
use crate::spin::Spin;
use crate::store::{declared, resolve};

/// Another store than the one that `source` means which is kept under `label`, here or in
/// the component: `[stores.kv] visits`.
pub(super) fn other_store(
    project: &Project,
    spin: &Spin,
    source: &Source,
    label: &Label,
) -> anyhow::Result<Option<String>> {
    let own = project.config_store(source.store.as_deref())?;
    for (kind, section, id) in declared(project) {
        if kind == StoreKind::Config && *id == own {
            continue;
        }
        let resolved = resolve(kind, id, spin)?;
        let elsewhere = resolved.elsewhere.as_deref();
        if resolved.label == *label || elsewhere == Some(label.as_str()) {
            return Ok(Some(format!("[stores.{section}] {id}")));
        }
    }
    Ok(None)
}

/// `--prune` deletes every key that the configuration does not have. Those of another store
/// are not its own.
pub(super) fn refuse_to_prune(
    project: &Project,
    spin: &Spin,
    source: &Source,
    label: &Label,
) -> anyhow::Result<()> {
    if let Some(other) = other_store(project, spin, source, label)? {
        bail!(
            "{}: --prune would delete the keys of {other}, which is kept under the same label \
             {label}; nothing was written. Give one of them a label of its own, or push without \
             --prune",
            project.document.path().display()
        );
    }
    Ok(())
}
