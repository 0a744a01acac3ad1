//! `edgezero provision`: the app's stores, listed in spin.toml.

pub(super) mod edit;

use std::process::ExitCode;

use super::arguments::Adapter;
use super::document;
use super::inside;
use super::project::Project;
use super::say;
use super::store::resolve;

pub(super) fn run(project: &Project, dry_run: bool) -> anyhow::Result<ExitCode> {
    if project.adapter == Adapter::Host {
        say::out(format_args!(
            "Nothing to do: on this machine a store is made when it is first used."
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let spin_toml = project.spin_toml()?;
    let path = spin_toml.document.path().display();
    let component = spin_toml.component_key();
    say::out(format_args!("{path}: the component {component}"))?;

    let listed = spin_toml.labels();
    let mut missing: Vec<String> = Vec::new();
    let stores = &project.manifest.stores;
    for (kind, ids) in [("KV", &stores.kv), ("CONFIG", &stores.config)] {
        for id in ids.iter().flat_map(|ids| &ids.ids) {
            let resolved = resolve(kind, id, Some(&spin_toml))?;
            let label = resolved.label.as_str();
            let state = if listed.contains(&label) || missing.iter().any(|other| other == label) {
                "is there"
            } else {
                missing.push(label.to_owned());
                if dry_run { "would be added" } else { "added" }
            };
            let kind = kind.to_lowercase();
            say::out(format_args!("  {kind} {id}: the label {label} {state}"))?;
            if let Some(other) = resolved.elsewhere {
                say::err(format_args!(
                    "warning: {} is set here only: the component would open the label {other:?}. \
                     Add to [component.{component}.environment] in {path}:\n\n{} = \"{label}\"\n",
                    resolved.variable, resolved.variable
                ))?;
            }
        }
    }
    if !missing.is_empty() && !dry_run {
        let edited = edit::with_labels(&spin_toml, &missing)?;
        inside::check(spin_toml.document.path(), &[project.folder()])?;
        document::replace(spin_toml.document.path(), &edited)?;
    }
    if stores.secrets.is_some() {
        say::out(format_args!(
            "  secrets: declare each by hand in {path}, here one named api_key:\n\n\
             [variables]\napi_key = {{ required = true, secret = true }}\n\n\
             [component.{component}.variables]\napi_key = \"{{{{ api_key }}}}\"\n"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
