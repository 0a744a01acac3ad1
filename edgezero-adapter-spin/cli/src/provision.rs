//! `edgezero provision`: the app's stores, listed in spin.toml.

use std::process::ExitCode;

use anyhow::{Context, bail};
use edgezero_spin_app::{DEFAULT_LABEL, TomlFile, stanza};

use super::arguments::{Adapter, Files};
use super::document;
use super::edit;
use super::inside;
use super::project::{Project, RUNTIME_CONFIG};
use super::say;
use super::spin::Spin;
use super::store::{declared, resolve};

pub(super) fn run(project: &Project, dry_run: bool) -> anyhow::Result<ExitCode> {
    if project.adapter == Adapter::Host {
        say::out(format_args!(
            "Nothing to do: on this machine a store is made when it is first used."
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let spin = Spin::read(project, &Files::default())?;
    let spin_toml = spin.manifest()?;
    let path = spin_toml.path().display();
    if spin.component().is_in_trigger() {
        bail!(
            "{}: the component is written in its trigger, where `provision` cannot change it. Give \
             it a table and an id of its own: [component.<id>], and component = \"<id>\" in the \
             trigger",
            spin.component().place()
        );
    }
    let component = spin.component_key();
    say::out(format_args!("{path}: the component {component}"))?;

    // What has been done is said afterwards.
    let mut lines: Vec<String> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    let mut used: Vec<String> = Vec::new();
    let mut stanzas: Vec<String> = Vec::new();
    for (kind, section, id) in declared(project) {
        let resolved = resolve(kind, id, &spin)?;
        let label = resolved.label.as_str();
        let state = if spin.lists(&resolved.label) || missing.iter().any(|other| other == label) {
            "is there"
        } else {
            missing.push(label.to_owned());
            if dry_run { "would be added" } else { "added" }
        };
        lines.push(format!("  {section} {id}: the label {label} {state}"));
        if !used.iter().any(|other| other == label) && has_no_stanza(&spin, label) {
            stanzas.push(stanza(label));
        }
        used.push(label.to_owned());
        used.extend(resolved.elsewhere.clone());
        if let Some(other) = resolved.elsewhere {
            say::err(format_args!(
                "warning: {} is set here only: the component would open the label {other:?}. \
                     Add to [component.{component}.environment] in {path}:\n\n{} = \"{label}\"\n",
                resolved.variable, resolved.variable
            ))?;
        }
    }
    if !missing.is_empty() && !dry_run {
        let edited = edit::add_labels(spin_toml.text(), spin.component().id(), &missing)
            .with_context(|| format!("cannot change {path}"))?;
        inside::check(spin_toml.path(), &[project.folder()])?;
        document::replace(spin_toml.path(), &edited)?;
    }
    for line in lines {
        say::out(format_args!("{line}"))?;
    }
    for label in spin.component().labels() {
        if !used.iter().any(|used| used == label) {
            let label = say::part(label);
            say::out(format_args!(
                "  no store of edgezero.toml has the label {label}, which {path} lists"
            ))?;
        }
    }
    if project.manifest.stores.secrets.is_some() {
        say_secrets(spin_toml, &component)?;
    }
    if !stanzas.is_empty() {
        let (verb, runtime_config) = match spin.app.runtime_config_path() {
            Some(path) => ("Add to", path.to_owned()),
            None => ("Write to", spin_toml.path().with_file_name(RUNTIME_CONFIG)),
        };
        say::out(format_args!(
            "{verb} {}, so that Spin keeps what is in these labels:\n\n{}",
            runtime_config.display(),
            stanzas.join("\n")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether no file says where Spin keeps the label.
fn has_no_stanza(spin: &Spin, label: &str) -> bool {
    if label == DEFAULT_LABEL || spin.app.store(label).is_ok() {
        return false;
    }
    match (spin.app.runtime_config_path(), spin.app.runtime_config()) {
        (None, _) => true,
        // A stanza with a mistake is there.
        (Some(_), Some(file)) => file.get(&["key_value_store", label]).is_none(),
        (Some(_), None) => false,
    }
}

/// Which variables are declared as secrets, or how one is.
fn say_secrets(spin_toml: &TomlFile, component: &str) -> anyhow::Result<()> {
    let path = spin_toml.path().display();
    let variables = spin_toml.get(&["variables"]);
    let variables = variables.and_then(|variables| variables.as_table_like());
    let variables = variables.into_iter().flat_map(|variables| variables.iter());
    let secrets: Vec<_> = variables
        .filter(|(_, variable)| variable.get("secret").and_then(|s| s.as_bool()) == Some(true))
        .map(|(name, _)| say::part(name))
        .collect();
    if secrets.is_empty() {
        say::out(format_args!(
            "  secrets: declare each by hand in {path}, here one named api_key:\n\n\
             [variables]\napi_key = {{ required = true, secret = true }}\n\n\
             [component.{component}.variables]\napi_key = \"{{{{ api_key }}}}\"\n"
        ))?;
    } else {
        let secrets = secrets.join(", ");
        say::out(format_args!("  secrets: {path} declares {secrets}"))?;
    }
    Ok(())
}
