//! `edgezero provision`: the app's stores, listed in spin.toml.

use std::process::ExitCode;

use anyhow::bail;
use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use super::arguments::Adapter;
use super::document;
use super::project::Project;
use super::spin_toml::SpinToml;
use super::store::resolve;

pub(super) fn run(project: &Project, dry_run: bool) -> anyhow::Result<ExitCode> {
    if project.adapter == Adapter::Host {
        println!("Nothing to do: on this machine a store is made when it is first used.");
        return Ok(ExitCode::SUCCESS);
    }
    let spin_toml = project.spin_toml()?;
    let path = spin_toml.document.path().display();
    let component = spin_toml.component();
    println!("{path}: the component {component}");

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
            println!("  {} {id}: the label {label} {state}", kind.to_lowercase());
            if let Some(other) = resolved.elsewhere {
                eprintln!(
                    "warning: {} is set here only: the component would open the label {other:?}. \
                     Add to [component.{component}.environment] in {path}:\n\n{} = \"{label}\"\n",
                    resolved.variable, resolved.variable
                );
            }
        }
    }
    if !missing.is_empty() && !dry_run {
        let mut edited = spin_toml.document.editable();
        add(&mut edited, &spin_toml, &missing)?;
        document::replace(spin_toml.document.path(), &edited.to_string())?;
    }
    if stores.secrets.is_some() {
        println!(
            "  secrets: declare each by hand in {path}, here one named api_key:\n\n\
             [variables]\napi_key = {{ required = true, secret = true }}\n\n\
             [component.{component}.variables]\napi_key = \"{{{{ api_key }}}}\"\n"
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn add(toml: &mut DocumentMut, spin_toml: &SpinToml, labels: &[String]) -> anyhow::Result<()> {
    let component = spin_toml.component();
    let table = toml
        .get_mut("component")
        .and_then(Item::as_table_like_mut)
        .and_then(|components| components.get_mut(component))
        .and_then(Item::as_table_like_mut);
    // It was found when the file was read.
    let Some(table) = table else {
        bail!("the component {component} is gone");
    };
    match table.get_mut("key_value_stores") {
        None => new_list(table, labels),
        Some(item) => match item.as_array_mut() {
            Some(list) => extend(list, labels),
            None => bail!(
                "cannot change {}: line {}: key_value_stores is no array",
                spin_toml.document.path().display(),
                spin_toml.line_of(&["key_value_stores"])
            ),
        },
    }
    Ok(())
}

fn new_list(table: &mut dyn TableLike, labels: &[String]) {
    let list: Array = labels.iter().map(String::as_str).collect();
    table.insert("key_value_stores", Item::Value(Value::Array(list)));
}

/// In the way that the list is written: a label a line, or all in one.
fn extend(list: &mut Array, labels: &[String]) {
    let prefix = list
        .iter()
        .last()
        .and_then(|last| last.decor().prefix()?.as_str())
        .filter(|prefix| prefix.contains('\n'))
        // Without a comment that is the last one's own.
        .map(|prefix| prefix.rsplit_once('\n').map_or("", |(_, indent)| indent))
        .map(|indent| format!("\n{indent}"));
    // What follows the last label goes with it, before the comma: a comment there
    // would swallow the comma.
    let after_last = list.iter_mut().last().and_then(|last| {
        let suffix = last.decor().suffix()?.as_str()?.to_owned();
        last.decor_mut().set_suffix("");
        Some(suffix)
    });
    for label in labels {
        list.push(label.as_str());
        if let (Some(prefix), Some(new)) = (&prefix, list.iter_mut().last()) {
            new.decor_mut().set_prefix(prefix.as_str());
        }
    }
    if let (Some(suffix), Some(new)) = (after_last, list.iter_mut().last()) {
        new.decor_mut().set_suffix(suffix);
    }
}
