//! Whether the app may open its stores, a push can reach them, and each keeps its own keys.

use edgezero_spin_app::{Backend, Store, path_line};
use edgezero_store_traits::store_label::StoreKind;

use super::super::finding::Finding;
use crate::arguments::Adapter;
use crate::project::Project;
use crate::spin::Spin;
use crate::store::{Resolved, declared, resolve};

/// A store of the app, under the label that it has.
struct Used {
    /// `[stores.kv] visits`.
    name: String,
    /// Of its id in the manifest.
    line: usize,
    kind: StoreKind,
    label: String,
    store: Option<Store>,
}

pub(super) fn check(project: &Project, spin: &Spin, findings: &mut Vec<Finding>) {
    let all = used(project, spin, findings);
    for (n, store) in all.iter().enumerate() {
        for other in all[..n].iter().filter(|other| other.label == store.label) {
            let (name, other_name, label) = (&store.name, &other.name, &store.label);
            let message = format!(
                "{name} and {other_name} are both the label {label}: one overwrites the other"
            );
            findings.push(Finding::warning(
                project.document.path(),
                store.line,
                message,
            ));
        }
        kept(project, spin, store, findings);
    }
    findings.extend(of_backends(project, &all));
}

/// What is wrong with the backends that the app's stores are on, apart from whether they can
/// be reached.
pub(in crate::config) fn on_backends(project: &Project, spin: &Spin) -> Vec<Finding> {
    of_backends(project, &used(project, spin, &mut Vec::new()))
}

fn used(project: &Project, spin: &Spin, findings: &mut Vec<Finding>) -> Vec<Used> {
    let manifest = &project.document;
    let mut all = Vec::new();
    for (kind, section, id) in declared(project) {
        let line = manifest.line_of(&["stores", section, "ids"]);
        let resolved = match resolve(kind, id, spin) {
            Ok(resolved) => resolved,
            Err(error) => {
                let message = format!("{error:#}");
                findings.push(Finding::error(manifest.path(), line, message));
                continue;
            }
        };
        let label = &resolved.label;
        listed(project, spin, &resolved, findings);
        let store = spin.store(label);
        let store = store
            // Of a label that the component lists, this was found with the app's files.
            .map_err(|error| findings.push(super::unread(spin.app.manifest_path(), &error)));
        all.push(Used {
            name: format!("[stores.{section}] {id}"),
            line,
            kind,
            label: label.as_str().to_owned(),
            store: store.ok(),
        });
    }
    all
}

/// Stores that have the same keys, and stores that are read late.
fn of_backends(project: &Project, all: &[Used]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (n, used) in all.iter().enumerate() {
        let Some(store) = &used.store else {
            continue;
        };
        for other in &all[..n] {
            findings.extend(shared(project, used, other));
        }
        if let Backend::Dynamo(dynamo) = store.backend()
            && !dynamo.consistent_read()
        {
            let (path, line) = place(project, store);
            let label = &used.label;
            let message = format!(
                "the label {label} is on DynamoDB without consistent reads: the app may read an \
                 older value after it has written a new one; add consistent_read = true to \
                 [key_value_store.{label}]"
            );
            findings.push(Finding::warning(&path, line, message));
        }
    }
    findings
}

fn listed(project: &Project, spin: &Spin, resolved: &Resolved, findings: &mut Vec<Finding>) {
    let label = &resolved.label;
    let (path, component) = (spin.app.manifest_path(), spin.component_key());
    if !spin.lists(label) {
        let line = spin.line_of(&["key_value_stores"]);
        let remedy = match spin.component().is_in_trigger() {
            false => "`edgezero provision` adds it".to_owned(),
            true => format!(
                "the component is written in its trigger, where `edgezero provision` cannot change \
                 it: write there {}, or move the component to [component.<id>]",
                key_value_stores(project, spin)
            ),
        };
        let message = format!(
            "the component {component} may not open the label {:?}: it is not in \
             key_value_stores; {remedy}",
            label.as_str()
        );
        findings.push(Finding::error(path, line, message));
    }
    // On the host, the app's program has this environment.
    if let Some(other) = &resolved.elsewhere
        && project.adapter == Adapter::Spin
    {
        findings.push(Finding::warning(
            path,
            spin.line_of(&["environment", &resolved.variable]),
            format!(
                "{} names the label {label} here, and the component would read {other:?}: set it \
                 in [component.{component}.environment]",
                resolved.variable
            ),
        ));
    }
}

/// The line of spin.toml that lists all labels of the app.
fn key_value_stores(project: &Project, spin: &Spin) -> String {
    let mut labels: Vec<_> = spin.component().labels().map(str::to_owned).collect();
    for (kind, _, id) in declared(project) {
        if let Ok(resolved) = resolve(kind, id, spin)
            && !labels.iter().any(|label| label == resolved.label.as_str())
        {
            labels.push(resolved.label.as_str().to_owned());
        }
    }
    format!("key_value_stores = {labels:?}")
}

fn shared(project: &Project, used: &Used, other: &Used) -> Option<Finding> {
    let (one, two) = (used.store.as_ref()?, other.store.as_ref()?);
    if used.label == other.label || !one.shares_keys_with(two) {
        return None;
    }
    let remedy = match one.backend() {
        Backend::Redis(_) => {
            "give each label a database of its own: add its number to the `url`, /0 to the one \
             and /1 to the other"
        }
        Backend::Dynamo(_) => "give each label a `table` of its own",
        _ => "give each label a `container` of its own",
    };
    let (path, line) = place(project, one);
    let message = format!(
        "{} and {} share their keys: the labels {} and {} are both {}; {remedy}",
        used.name,
        other.name,
        used.label,
        other.label,
        one.backend()
    );
    Some(Finding::error(&path, line, message))
}

/// Whether the label is kept where the app finds again what is written.
fn kept(project: &Project, spin: &Spin, used: &Used, findings: &mut Vec<Finding>) {
    let Some(store) = &used.store else {
        return;
    };
    let (mut path, mut line) = place(project, store);
    let label = &used.label;
    let is_config = used.kind == StoreKind::Config;
    let finding = match store.backend() {
        // What is pushed would never be seen; what the app writes is lost at its end.
        Backend::Memory => {
            let lost = match is_config {
                true => "where a push is never seen",
                false => "and loses it at the end",
            };
            let message = match (store.place(), spin.app.runtime_config()) {
                (Some(_), _) => format!(
                    "[key_value_store.{label}] has no path, so Spin keeps it in memory, {lost}; \
                     add {}",
                    path_line()
                ),
                (None, Some(config)) if config.get(&["state_dir"]).is_some() => {
                    path = config.path().to_owned();
                    line = config.line_of(&["state_dir"]);
                    format!(
                        "the state folder is \"\", so Spin keeps the label {label} in memory, \
                         {lost}; name a folder in `state_dir`"
                    )
                }
                (None, _) => format!(
                    "--state-dir is \"\", so Spin keeps the label {label} in memory, {lost}; name \
                     a folder there"
                ),
            };
            if is_config {
                Finding::error(&path, line, message)
            } else {
                Finding::warning(&path, line, message)
            }
        }
        Backend::Sqlite(_) => return,
        other if is_config => Finding::warning(
            &path,
            line,
            format!(
                "the label {label} is of type {:?}, which a push cannot reach",
                other.kind()
            ),
        ),
        _ => return,
    };
    findings.push(finding);
}

fn place(project: &Project, store: &Store) -> (std::path::PathBuf, usize) {
    match store.place() {
        Some(place) => (place.file().to_owned(), place.line()),
        None => (project.spin_toml_path(), 1),
    }
}
