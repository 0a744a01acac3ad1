//! A label that the app uses for more than one store.

use anyhow::bail;
use edgezero_store_traits::Label;

use crate::arguments::Source;
use crate::project::Project;
use crate::spin_toml::SpinToml;
use crate::store::resolve;

/// Another store than the one that `source` means which is kept under `label`, here or in
/// the component: `[stores.kv] visits`.
pub(super) fn other_store(
    project: &Project,
    spin_toml: Option<&SpinToml>,
    source: &Source,
    label: &Label,
) -> anyhow::Result<Option<String>> {
    let own = project.config_store(source.store.as_deref())?;
    let stores = &project.manifest.stores;
    for (kind, section, ids) in [
        ("KV", "kv", &stores.kv),
        ("CONFIG", "config", &stores.config),
    ] {
        for id in ids.iter().flat_map(|ids| &ids.ids) {
            if section == "config" && *id == own {
                continue;
            }
            let resolved = resolve(kind, id, spin_toml)?;
            let elsewhere = resolved.elsewhere.as_deref();
            if resolved.label == *label || elsewhere == Some(label.as_str()) {
                return Ok(Some(format!("[stores.{section}] {id}")));
            }
        }
    }
    Ok(None)
}

/// `--prune` deletes every key that the configuration does not have. Those of another store
/// are not its own.
pub(super) fn refuse_to_prune(
    project: &Project,
    spin_toml: Option<&SpinToml>,
    source: &Source,
    label: &Label,
) -> anyhow::Result<()> {
    if let Some(other) = other_store(project, spin_toml, source, label)? {
        bail!(
            "{}: --prune would delete the keys of {other}, which is kept under the same label \
             {label}; nothing was written. Give one of them a label of its own, or push without \
             --prune",
            project.document.path().display()
        );
    }
    Ok(())
}
