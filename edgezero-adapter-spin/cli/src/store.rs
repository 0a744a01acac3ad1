//! From a store's id to its label, and to the file that holds it on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use edgezero_store_traits::Label;

use super::arguments::Adapter;
use super::inside;
use super::project::Project;
use super::runtime_config::{PATH, RuntimeConfig, Stanza, stanza_for};
use super::shell;
use super::spin_toml::SpinToml;

/// The label of a store id.
pub(super) struct Resolved {
    pub(super) label: Label,
    /// `EDGEZERO__STORES__<KIND>__<ID>__NAME`.
    pub(super) variable: String,
    /// The label that the component itself would find, where it is another.
    pub(super) elsewhere: Option<String>,
}

/// As the app resolves it: the variable in this environment, else in the component's,
/// else the id.
pub(super) fn resolve(
    kind: &str,
    id: &str,
    spin_toml: Option<&SpinToml>,
) -> anyhow::Result<Resolved> {
    resolve_in(kind, id, spin_toml, |variable| std::env::var(variable).ok())
}

/// [`resolve`], where `get` finds the variables of this environment.
pub(super) fn resolve_in(
    kind: &str,
    id: &str,
    spin_toml: Option<&SpinToml>,
    get: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<Resolved> {
    let variable = format!("EDGEZERO__STORES__{kind}__{}__NAME", id.to_uppercase());
    let here = get(&variable);
    let here = here
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let there = spin_toml.and_then(|spin_toml| spin_toml.environment(&variable));
    let there = there.map(str::trim).filter(|name| !name.is_empty());
    let name = here.or(there).unwrap_or(id);
    let label = name.parse().with_context(|| match (here, there) {
        (None, None) => format!("the store id {id:?} can be no label: name one with {variable}"),
        _ => format!("{variable} names no label"),
    })?;
    let read_there = there.unwrap_or(id);
    let elsewhere = spin_toml.is_some() && read_there != name;
    Ok(Resolved {
        label,
        variable,
        elsewhere: elsewhere.then(|| read_there.to_owned()),
    })
}

/// The file of this machine that holds a label.
pub(super) struct Local {
    pub(super) file: PathBuf,
    pub(super) warning: Option<String>,
}

/// How a file is looked for.
pub(super) struct Where<'a> {
    /// `--runtime-config`.
    pub(super) runtime_config: Option<&'a Path>,
    /// `--local`: a stanza of another backend is passed over.
    pub(super) anyway: bool,
    /// `--allow-outside`: the file need not be in the app's folder.
    pub(super) outside: bool,
}

pub(super) fn local(project: &Project, label: &Label, find: &Where<'_>) -> anyhow::Result<Local> {
    let told = find.runtime_config;
    let anyway = find.anyway;
    let spin_toml = project.spin_toml_path();
    let default = spin_toml
        .with_file_name(".spin")
        .join("sqlite_key_value.db");
    if project.adapter == Adapter::Host {
        // The mirror keeps every label in that one file.
        inside::check(&default, &[project.folder()])?;
        return Ok(Local {
            file: default,
            warning: None,
        });
    }
    let config = RuntimeConfig::read(project.runtime_config_path(told)?, told.is_some())?;
    let path = config.path().display();
    let line = config.line_of(label.as_str());
    let found = match config.stanza(label.as_str())? {
        Stanza::File(file) => Local {
            file,
            warning: None,
        },
        Stanza::Missing if label.as_str() == "default" => Local {
            file: default,
            warning: None,
        },
        Stanza::Missing => bail!(
            "{path} has no stanza for the label {:?}, and `spin up` refuses a label without one. \
             Add:\n\n{}",
            label.as_str(),
            stanza_for(label.as_str())
        ),
        Stanza::NoFile => bail!(
            "{path}: line {line}: `path` of [key_value_store.{label}] is empty: give it the name \
             of a file, as in:\n\n{PATH}\n"
        ),
        Stanza::Memory => bail!(
            "{path}: line {line}: [key_value_store.{label}] has no path, so Spin keeps it in \
             memory, where no value that is written now would ever be seen. Add to the stanza:\
             \n\n{PATH}\n"
        ),
        Stanza::Other { kind, .. } if anyway => Local {
            file: default,
            warning: Some(format!(
                "{path}: line {line}: the label {label} is of type {kind:?} there: `spin up` with \
                 that file reads that backend, not {}",
                spin_toml
                    .with_file_name(".spin")
                    .join("sqlite_key_value.db")
                    .display()
            )),
        },
        Stanza::Other { kind, url, table } => bail!(
            "{path}: line {line}: the label {label} is of type {kind:?}, which this command cannot \
             write. {}",
            own_command(&kind, url.as_deref(), table.as_deref())
        ),
    };
    if !find.outside {
        let told = told.and_then(Path::parent);
        let folders: Vec<&Path> = [Some(project.folder()), told]
            .into_iter()
            .flatten()
            .collect();
        inside::check(&found.file, &folders).with_context(|| {
            format!(
                "cannot use the file of the label {label}, which {path}: line {line} names, \
                 without --allow-outside"
            )
        })?;
    }
    Ok(found)
}

/// How a backend's own tool writes a value.
pub(super) fn own_command(kind: &str, url: Option<&str>, table: Option<&str>) -> String {
    match kind {
        "redis" => format!(
            "Use Redis's own: redis-cli -u {} SET <key> <value>",
            url.map_or_else(
                || "<url>".to_owned(),
                |url| shell::word(&masked(url), "<url>")
            )
        ),
        "azure_cosmos" => "Use Azure's own tools: an item's id is the key".to_owned(),
        "aws_dynamo" => format!(
            "Use AWS's own: aws dynamodb put-item --table-name {} --item <item>",
            table.map_or_else(
                || "<table>".to_owned(),
                |table| shell::word(table, "<table>")
            )
        ),
        _ => "Use that backend's own tool, or type = \"spin\" with a path".to_owned(),
    }
}

/// A URL without its password.
fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let shown = match rest.rsplit_once('@') {
        None => rest.to_owned(),
        Some((login, host)) => {
            let user = login.split_once(':').map_or("", |(user, _)| user);
            format!("{user}:***@{host}")
        }
    };
    // A query may hold a password, too.
    let shown = shown.split(['?', '#']).next().unwrap_or_default();
    if scheme.is_empty() {
        shown.to_owned()
    } else {
        format!("{scheme}://{shown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("redis://localhost:6379", "redis://localhost:6379"),
            ("redis://u:planted@h:1/2", "redis://u:***@h:1/2"),
            ("redis://:pl@nted@h", "redis://:***@h"),
            ("redis://planted@h", "redis://:***@h"),
            ("u:planted@h", "u:***@h"),
            ("redis://h/?password=planted", "redis://h/"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
