//! Whether Spin would hand the component the secrets that the configuration names.

use edgezero_store_traits::SecretName;

use super::super::finding::Finding;
use super::super::values::{Pair, Values};
use crate::say;
use crate::spin_toml::SpinToml;
use crate::typed::Types;

pub(super) fn check(
    types: &Types,
    values: &Values,
    spin_toml: Option<&SpinToml>,
    findings: &mut Vec<Finding>,
) {
    let mut named: Vec<(SecretName, &str)> = Vec::new();
    for pair in values.pairs.iter().filter(|p| types.is_secret(&p.key)) {
        // One that is no name was found with the types.
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
        } else if let Some(spin_toml) = spin_toml {
            bound(pair, &name, values, spin_toml, findings);
        }
        named.push((name, &pair.key));
    }
}

/// A name that nobody declares is not repeated: it may be the secret, put in its
/// name's place.
fn bound(
    pair: &Pair,
    name: &SecretName,
    values: &Values,
    spin_toml: &SpinToml,
    findings: &mut Vec<Finding>,
) {
    let (name, component) = (name.as_str(), spin_toml.component_key());
    let path = spin_toml.document.path();
    let Some(template) = spin_toml.binding(name) else {
        let message = match spin_toml.variable(name) {
            Some(_) => format!(
                "the secret that {} names is not bound: add {name} = \"{{{{ {name} }}}}\" to \
                 [component.{component}.variables]",
                pair.key
            ),
            None => format!(
                "the secret that {} names is declared nowhere: line {} of {} has its name; add \
                 <name> = {{ required = true, secret = true }} to [variables], and <name> = \
                 \"{{{{ <name> }}}}\" to [component.{component}.variables]",
                pair.key,
                pair.line,
                values.path.display()
            ),
        };
        let line = spin_toml.line_of(&["variables"]);
        return findings.push(Finding::warning(path, line, message));
    };
    for variable in variables(template) {
        let line = spin_toml.document.line_of(&["variables", variable]);
        let Some(declared) = spin_toml.variable(variable) else {
            let variable = say::part(variable);
            let message = format!(
                "the variable {variable}, of which the secret of {} is made, is not declared: add \
                 {variable} = {{ required = true, secret = true }} to [variables]",
                pair.key
            );
            findings.push(Finding::warning(path, line, message));
            continue;
        };
        let secret = declared.get("secret").and_then(toml_edit::Item::as_bool);
        if secret != Some(true) {
            let variable = say::part(variable);
            let message = format!(
                "the variable {variable}, of which the secret of {} is made, is not marked: add \
                 secret = true",
                pair.key
            );
            findings.push(Finding::warning(path, line, message));
        }
    }
}

/// The names in a template: `{{ name }}`.
fn variables(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split("{{").skip(1);
    parts.filter_map(|part| Some(part.split_once("}}")?.0.trim()))
}
