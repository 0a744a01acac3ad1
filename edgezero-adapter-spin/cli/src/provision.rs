//! `edgezero provision`: the app's stores, listed in spin.toml.

use std::process::ExitCode;

use anyhow::{Context, bail};

use super::arguments::{Adapter, Files};
use super::document;
use super::edit;
use super::inside;
use super::project::Project;
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

    let mut missing: Vec<String> = Vec::new();
    for (kind, section, id) in declared(project) {
        let resolved = resolve(kind, id, &spin)?;
        let label = resolved.label.as_str();
        let state = if spin.lists(&resolved.label) || missing.iter().any(|other| other == label) {
            "is there"
        } else {
            missing.push(label.to_owned());
            if dry_run { "would be added" } else { "added" }
        };
        say::out(format_args!("  {section} {id}: the label {label} {state}"))?;
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
    if project.manifest.stores.secrets.is_some() {
        say::out(format_args!(
            "  secrets: declare each by hand in {path}, here one named api_key:\n\n\
             [variables]\napi_key = {{ required = true, secret = true }}\n\n\
             [component.{component}.variables]\napi_key = \"{{{{ api_key }}}}\"\n"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
