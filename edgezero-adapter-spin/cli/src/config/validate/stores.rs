//! Whether the app may open its stores, a push can reach them, and each keeps its own keys.

use edgezero_spin_app::{Backend, Store, path_line};
use edgezero_store_traits::store_label::StoreKind;

use super::super::finding::Finding;
use crate::arguments::Adapter;
use crate::project::Project;
use crate::spin::Spin;
use crate::store::{declared, resolve};

/// A store of the app, under the label that it has.
struct Used {
    /// `[stores.kv] visits`.
    name: String,
    kind: StoreKind,
    label: String,
    store: Option<Store>,
}

pub(super) fn check(project: &Project, spin: Option<&Spin>, findings: &mut Vec<Finding>) {
    let manifest = &project.document;
    // On the host nothing but this environment names labels, and all of them may be opened.
    let component = spin.filter(|_| project.adapter == Adapter::Spin);
    let mut others: Vec<Used> = Vec::new();
    for (kind, section, id) in declared(project) {
        let line = manifest.line_of(&["stores", section, "ids"]);
        let resolved = match resolve(kind, id, component) {
            Ok(resolved) => resolved,
            Err(error) => {
                let message = format!("{error:#}");
                findings.push(Finding::error(manifest.path(), line, message));
                continue;
            }
        };
        let label = &resolved.label;
        if let Some(spin) = component {
            listed(spin, label, &resolved, findings);
        }
        let store = match spin.map(|spin| spin.store(label)) {
            None => None,
            Some(Ok(store)) => Some(store),
            Some(Err(error)) => {
                // A label that the component lists was found with the app's files.
                let path = spin.map_or(manifest.path(), |spin| spin.app.manifest_path());
                findings.push(super::unread(path, &error));
                None
            }
        };
        let used = Used {
            name: format!("[stores.{section}] {id}"),
            kind,
            label: label.as_str().to_owned(),
            store,
        };
        for other in &others {
            shared(project, &used, other, line, findings);
        }
        kept(project, &used, findings);
        others.push(used);
    }
}

fn listed(
    spin: &Spin,
    label: &edgezero_store_traits::Label,
    resolved: &crate::store::Resolved,
    findings: &mut Vec<Finding>,
) {
    let (path, component) = (spin.app.manifest_path(), spin.component_key());
    if !spin.lists(label) {
        findings.push(Finding::error(
            path,
            spin.line_of(&["key_value_stores"]),
            format!(
                "the component {component} may not open the label {:?}: it is not in \
                 key_value_stores; `edgezero provision` adds it",
                label.as_str()
            ),
        ));
    }
    if let Some(other) = &resolved.elsewhere {
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

/// Whether two stores have the same keys.
fn shared(project: &Project, used: &Used, other: &Used, line: usize, findings: &mut Vec<Finding>) {
    let (name, other_name) = (&used.name, &other.name);
    if used.label == other.label {
        let label = &used.label;
        let message =
            format!("{name} and {other_name} are both the label {label}: one overwrites the other");
        findings.push(Finding::warning(project.document.path(), line, message));
        return;
    }
    let (Some(one), Some(two)) = (&used.store, &other.store) else {
        return;
    };
    if !one.shares_keys_with(two) {
        return;
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
        "{name} and {other_name} share their keys: the labels {} and {} are both {}; {remedy}",
        used.label,
        other.label,
        one.backend()
    );
    findings.push(Finding::error(&path, line, message));
}

/// Whether the label is kept where the app finds again what is written.
fn kept(project: &Project, used: &Used, findings: &mut Vec<Finding>) {
    let Some(store) = &used.store else {
        return;
    };
    let (path, line) = place(project, store);
    let label = &used.label;
    let is_config = used.kind == StoreKind::Config;
    let finding = match store.backend() {
        // What is pushed would never be seen; what the app writes is lost at its end.
        Backend::Memory => {
            let message = format!(
                "[key_value_store.{label}] has no path, so Spin keeps it in memory, {}; add {}",
                if is_config {
                    "where a push is never seen"
                } else {
                    "and loses it at the end"
                },
                path_line()
            );
            if is_config {
                Finding::error(&path, line, message)
            } else {
                Finding::warning(&path, line, message)
            }
        }
        Backend::Dynamo(dynamo) if !dynamo.consistent_read() => Finding::warning(
            &path,
            line,
            format!(
                "the label {label} is on DynamoDB without consistent reads: the app may read an \
                 older value after it has written a new one; add consistent_read = true to \
                 [key_value_store.{label}]"
            ),
        ),
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
