//! Whether Spin would hand the component the secrets that the configuration names.

use edgezero_spin_app::{TomlFile, Variable};
use edgezero_store_traits::SecretName;

use super::super::finding::Finding;
use super::super::values::{Pair, Values};
use crate::say;
use crate::spin::Spin;
use crate::typed::Types;

pub(super) fn check(
    types: &Types,
    values: &Values,
    spin: Option<&Spin>,
    findings: &mut Vec<Finding>,
) {
    let mut named: Vec<(SecretName, &str)> = Vec::new();
    for pair in values.pairs.iter().filter(|p| types.is_secret(&p.key)) {
        // A text that cannot be a name was found with the types.
        let Ok(name) = SecretName::new(&pair.text) else {
            continue;
        };
        if let Some((_, other)) = named.iter().find(|(known, _)| *known == name) {
            findings.push(Finding::error(
                &values.path,
                pair.line,
                format!(
                    "{} and {other} name one secret: Spin knows names in lower case only",
                    pair.key
                ),
            ));
        } else if let Some(spin) = spin
            && let Some(manifest) = spin.app.manifest()
        {
            match spin.component().variable(name.as_str()) {
                Some(variable) => marked(pair, variable, manifest, findings),
                None => unbound(pair, &name, values, spin, manifest, findings),
            }
        }
        named.push((name, &pair.key));
    }
}

/// A name that is declared nowhere is not repeated: it may be the secret, put in its
/// name's place.
fn unbound(
    pair: &Pair,
    name: &SecretName,
    values: &Values,
    spin: &Spin,
    manifest: &TomlFile,
    findings: &mut Vec<Finding>,
) {
    let (name, component) = (name.as_str(), spin.component_key());
    let message = match manifest.get(&["variables", name]) {
        Some(_) => format!(
            "the secret that {} names is not bound: add {name} = \"{{{{ {name} }}}}\" to \
             [component.{component}.variables]",
            pair.key
        ),
        None => format!(
            "the secret that {} names is declared nowhere: line {} of {} has its name; add <name> \
             = {{ required = true, secret = true }} to [variables], and <name> = \"{{{{ <name> \
             }}}}\" to [component.{component}.variables]",
            pair.key,
            pair.line,
            values.path.display()
        ),
    };
    let line = spin.line_of(&["variables"]);
    findings.push(Finding::warning(manifest.path(), line, message));
}

/// Each variable that a secret is made of is marked as one.
fn marked(pair: &Pair, variable: &Variable, manifest: &TomlFile, findings: &mut Vec<Finding>) {
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
            pair.key
        );
        findings.push(Finding::warning(manifest.path(), line, message));
    }
}
