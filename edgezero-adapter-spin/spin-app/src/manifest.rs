//! spin.toml: what Spin takes from it, and what it refuses.

mod application;
mod build;
mod component;
mod dependencies;
mod files;
mod hosts;
mod trigger;

use std::collections::BTreeMap;
use std::path::Path;

use crate::finding::{Effect, Finding};
use crate::reader::{Report, Table};
use crate::template::Part;
use crate::tree::Kind;

pub(crate) use self::application::AppVariable;
pub(crate) use self::component::{ComponentTable, Source};
pub use self::hosts::OutboundHosts;
pub(crate) use self::hosts::is_network;

/// What spin.toml declares.
#[derive(Default)]
pub(crate) struct Manifest {
    pub(crate) name: Option<String>,
    pub(crate) variables: BTreeMap<String, AppVariable>,
    pub(crate) components: Vec<ComponentTable>,
}

const KEYS: [&str; 5] = [
    "spin_manifest_version",
    "application",
    "variables",
    "trigger",
    "component",
];

/// `folder` is the real place of the folder that spin.toml is in.
pub(crate) fn read(report: &mut Report<'_>, folder: &Path) -> Manifest {
    let root = Table::root(report.file);
    if !is_version_2(&root, report) {
        return Manifest::default();
    }
    root.only(&KEYS, report);
    let name = application::name(&root, report);
    let variables = application::variables(&root, report);
    let mut components = component::read(&root, report);
    let triggers = trigger::read(&root, &mut components, report);
    let manifest = Manifest {
        name,
        variables,
        components,
    };
    for component in &manifest.components {
        undeclared(component, &manifest.variables, report);
        hosts::check(component, &manifest.variables, report);
        let run = triggers.run.contains(&component.id);
        let wagi = triggers.wagi.contains(&component.id);
        files::check(component, folder, run, wagi, report);
        dependencies::check(component, &manifest.components, report);
    }
    manifest
}

/// Refuses a template with a variable that the application does not have.
fn undeclared(
    component: &ComponentTable,
    variables: &BTreeMap<String, AppVariable>,
    report: &mut Report<'_>,
) {
    for binding in &component.variables {
        for part in binding.parts.iter().flatten() {
            if let Part::Variable(name) = part
                && !variables.contains_key(name)
            {
                let message = format!(
                    "the variable `{}` is made of `{name}`, which [variables] does not declare",
                    binding.name
                );
                let remedy = "declare it in [variables], with `required = true` or a `default`";
                report.refuse(binding.at, message, remedy);
            }
        }
    }
}

/// Spin asks for the version before all else.
fn is_version_2(root: &Table<'_>, report: &mut Report<'_>) -> bool {
    let version = root
        .get("spin_manifest_version")
        .or_else(|| root.get("spin_version"));
    let Some(version) = version else {
        let file = report.file.path();
        report.findings.push(Finding::of_file(
            file,
            Effect::DoesNotStart,
            "this file has no `spin_manifest_version`, so it is not a manifest of Spin",
            "add spin_manifest_version = 2 as the first line, or name another file",
        ));
        return false;
    };
    match &version.node.kind {
        Kind::Integer(2) => true,
        Kind::Text(text) if text == "1" => {
            report.add(
                version.at,
                Effect::CannotTell,
                "this manifest is of version \"1\", which Spin still runs and EdgeZero does not \
                 read: in version 1 a component is a [[component]] and the trigger is one table",
                "let Spin rewrite it as version 2: spin doctor -f <this file>",
            );
            false
        }
        _ => {
            report.refuse(
                version.at,
                "`spin_manifest_version` is neither 2 nor \"1\"",
                "write spin_manifest_version = 2",
            );
            false
        }
    }
}
