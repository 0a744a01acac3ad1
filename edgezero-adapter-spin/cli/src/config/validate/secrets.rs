//! Whether the secret stores and the secrets that the configuration names exist, and Spin
//! would hand them to the component.

use std::collections::HashSet;
use std::fmt;

use edgezero_manifest::StoreIds;
use edgezero_spin_app::{TomlFile, Variable};
use edgezero_store_traits::SecretName;
use edgezero_store_traits::app_config::{Named, NamedSecret, nearest};

use super::super::finding::Finding;
use super::super::values::Values;
use crate::project::Project;
use crate::say;
use crate::spin::Spin;
use crate::typed::Types;

pub(super) fn check(
    project: &Project,
    types: &Types,
    values: &Values,
    spin: Option<&Spin>,
    findings: &mut Vec<Finding>,
) {
    let mut known = HashSet::new();
    for named in (types.named_secrets)(&values.texts()) {
        if named.what == Named::Store {
            findings.extend(undeclared(project, values, &named));
            continue;
        }
        let Some(spin) = spin else { continue };
        let Some(manifest) = spin.app.manifest() else {
            continue;
        };
        // A text that cannot be a name was found with the types.
        let Ok(name) = SecretName::new(&named.name) else {
            continue;
        };
        if let Some(variable) = spin.component().variable(name.as_str()) {
            marked(&named, variable, manifest, findings);
        } else if known.insert(name.clone()) {
            unbound(&named, &name, values, spin, manifest, findings);
        }
    }
}

/// The id is not repeated: it may be a secret, put in its place.
fn undeclared(project: &Project, values: &Values, named: &NamedSecret) -> Option<Finding> {
    let stores = project.manifest.stores.secrets.as_ref();
    let ids = stores.map_or(&[][..], |stores: &StoreIds| &stores.ids);
    if ids.contains(&named.name) {
        return None;
    }
    let key = &named.key;
    let hint = match nearest(&named.name, ids.iter().map(String::as_str)) {
        Some(id) => format!("did you mean {id:?}?"),
        None if ids.is_empty() => {
            "edgezero.toml declares none; add [stores.secrets] with its ids".to_owned()
        }
        None => format!("its ids are {}", ids.join(", ")),
    };
    Some(Finding::error(
        &values.path,
        values.place(key).line,
        format!("{key} names a secret store that [stores.secrets] does not have: {hint}"),
    ))
}

/// Where the name of a secret is.
struct Source<'a> {
    values: &'a Values,
    key: &'a str,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.values.place(self.key);
        match place.variable {
            Some(variable) => write!(f, "the variable {variable}"),
            None => write!(f, "line {} of {}", place.line, self.values.path.display()),
        }
    }
}

/// A name that is declared nowhere is not repeated: it may be the secret, put in its
/// name's place.
fn unbound(
    named: &NamedSecret,
    name: &SecretName,
    values: &Values,
    spin: &Spin,
    manifest: &TomlFile,
    findings: &mut Vec<Finding>,
) {
    let (name, component) = (name.as_str(), spin.component_key());
    let key = &named.key;
    let message = match manifest.get(&["variables", name]) {
        Some(_) => format!(
            "the secret that {key} names is not bound: add {name} = \"{{{{ {name} }}}}\" to \
             [component.{component}.variables]"
        ),
        None => format!(
            "the secret that {key} names is declared nowhere: {} has its name; add <name> = {{ \
             required = true, secret = true }} to [variables], and <name> = \"{{{{ <name> }}}}\" \
             to [component.{component}.variables]",
            Source { values, key }
        ),
    };
    let line = spin.line_of(&["variables"]);
    findings.push(Finding::warning(manifest.path(), line, message));
}

/// Each variable that a secret is made of is marked as one.
fn marked(
    named: &NamedSecret,
    variable: &Variable,
    manifest: &TomlFile,
    findings: &mut Vec<Finding>,
) {
    for name in variable.sources().iter().filter_map(|part| part.variable()) {
        let keys = ["variables", name, "secret"];
        let secret = manifest.get(&keys).and_then(|item| item.as_bool());
        if secret == Some(true) {
            continue;
        }
        let line = manifest.line_of(&keys);
        let message = format!(
            "the variable {}, of which the secret of {} is made, is not marked: add secret = true",
            say::part(name),
            named.key
        );
        findings.push(Finding::warning(manifest.path(), line, message));
    }
}
