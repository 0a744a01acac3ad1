//! Whether the app may open its stores, and a push can reach them.

use std::path::Path;

use super::super::finding::Finding;
use super::unread;
use crate::project::Project;
use crate::runtime_config::{PATH, RuntimeConfig, Stanza, stanza_for};
use crate::spin_toml::SpinToml;
use crate::store::resolve;

pub(super) fn check(
    project: &Project,
    spin_toml: Option<&SpinToml>,
    told: Option<&Path>,
    findings: &mut Vec<Finding>,
) {
    let manifest = &project.document;
    let runtime_config = spin_toml.and_then(|spin_toml| {
        let path = project.runtime_config_path(told);
        let path = path.map_err(|error| findings.push(unread(spin_toml.document.path(), &error)));
        let path = path.ok()?;
        RuntimeConfig::read(path.clone(), told.is_some())
            .map_err(|error| findings.push(unread(&path, &error)))
            .ok()
    });
    let stores = &project.manifest.stores;
    let mut resolved_so_far: Vec<(String, String)> = Vec::new();
    for (kind, section, ids) in [
        ("KV", "kv", &stores.kv),
        ("CONFIG", "config", &stores.config),
    ] {
        for id in ids.iter().flat_map(|ids| &ids.ids) {
            let line = manifest.line_of(&["stores", section, "ids"]);
            let resolved = match resolve(kind, id, spin_toml) {
                Ok(resolved) => resolved,
                Err(error) => {
                    let message = format!("{error:#}");
                    findings.push(Finding::error(manifest.path(), line, message));
                    continue;
                }
            };
            let label = resolved.label.as_str();
            let name = format!("[stores.{section}] {id}");
            let same = resolved_so_far.iter().find(|(other, _)| other == label);
            if let Some((_, other)) = same {
                findings.push(Finding::warning(
                    manifest.path(),
                    line,
                    format!(
                        "{name} and {other} are both the label {label}: one overwrites the other"
                    ),
                ));
            }
            resolved_so_far.push((label.to_owned(), name));
            let Some(spin_toml) = spin_toml else { continue };
            let component = spin_toml.component_key();
            if !spin_toml.labels().contains(&label) {
                findings.push(Finding::error(
                    spin_toml.document.path(),
                    spin_toml.line_of(&["key_value_stores"]),
                    format!(
                        "the component {component} may not open the label {label:?}: it is not in \
                         key_value_stores; `edgezero provision` adds it"
                    ),
                ));
            }
            if let Some(other) = &resolved.elsewhere {
                findings.push(Finding::warning(
                    spin_toml.document.path(),
                    spin_toml.line_of(&["environment", &resolved.variable]),
                    format!(
                        "{} names the label {label} here, and the component would read {other:?}: \
                         set it in [component.{component}.environment]",
                        resolved.variable
                    ),
                ));
            }
            if let Some(config) = &runtime_config {
                stanza(config, label, section, findings);
            }
        }
    }
}

fn stanza(config: &RuntimeConfig, label: &str, section: &str, findings: &mut Vec<Finding>) {
    let line = config.line_of(label);
    let finding = match config.stanza(label) {
        Ok(Stanza::File(_)) => return,
        Ok(Stanza::Missing) if label == "default" => return,
        Ok(Stanza::Missing) => Finding::error(
            config.path(),
            line,
            format!(
                "no stanza for the label {label:?}, without which `spin up` does not start; add \
                 {}",
                stanza_for(label).trim_end().replace('\n', " / ")
            ),
        ),
        Ok(Stanza::NoFile) => Finding::error(
            config.path(),
            line,
            format!("`path` of [key_value_store.{label}] is empty: give it the name of a file"),
        ),
        // What is pushed would never be seen; what the app writes is lost at its end.
        Ok(Stanza::Memory) if section == "config" => Finding::error(
            config.path(),
            line,
            format!(
                "[key_value_store.{label}] has no path, so Spin keeps it in memory, where no push \
                 is seen; add {PATH}"
            ),
        ),
        Ok(Stanza::Memory) => Finding::warning(
            config.path(),
            line,
            format!(
                "[key_value_store.{label}] has no path, so Spin keeps it in memory and loses it at \
                 the end; add {PATH}"
            ),
        ),
        Ok(Stanza::Other { kind, .. }) if section == "config" => Finding::warning(
            config.path(),
            line,
            format!("the label {label} is of type {kind:?}, which a push cannot reach"),
        ),
        Ok(Stanza::Other { .. }) => return,
        Err(error) => Finding::error(config.path(), line, format!("{error:#}")),
    };
    findings.push(finding);
}
