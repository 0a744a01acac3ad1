//! From a store's id to its label, and to the file that holds it on this machine.

use std::path::PathBuf;

use anyhow::{Context, bail};
use edgezero_spin_app::{Backend, DEFAULT_LABEL, Store, path_line};
use edgezero_store_traits::Label;
use edgezero_store_traits::store_label::StoreKind;

use super::arguments::Files;
use super::inside;
use super::project::Project;
use super::shell;
use super::spin::Spin;

/// The label of a store id.
pub(super) struct Resolved {
    pub(super) label: Label,
    /// `EDGEZERO__STORES__<KIND>__<ID>__NAME`.
    pub(super) variable: String,
    /// The label that the component would find by itself, where it is another.
    pub(super) elsewhere: Option<String>,
}

/// As the app resolves it, in Spin and on the host: `edgezero serve` hands the variables of
/// this environment over to the component, in front of the component's own.
pub(super) fn resolve(kind: StoreKind, id: &str, spin: &Spin) -> anyhow::Result<Resolved> {
    let own = |variable: &str| spin.component().environment().get(variable).cloned();
    let here = |variable: &str| std::env::var(variable).ok().or_else(|| own(variable));
    let in_manifest = spin.label_in_manifest(kind, id);
    let label = kind.label(id, in_manifest, here)?;
    let elsewhere = match kind.label(id, in_manifest, own) {
        Ok(other) => (other != label).then(|| other.as_str().to_owned()),
        Err(_) => Some(id.to_owned()),
    };
    Ok(Resolved {
        label,
        variable: kind.variable(id),
        elsewhere,
    })
}

/// The app's stores of a kind, with the section of the manifest that declares them.
pub(super) fn declared(
    project: &Project,
) -> impl Iterator<Item = (StoreKind, &'static str, &String)> {
    let stores = &project.manifest.stores;
    let kv = stores.kv.iter().flat_map(|stores| &stores.ids);
    let config = stores.config.iter().flat_map(|stores| &stores.ids);
    kv.map(|id| (StoreKind::Kv, "kv", id))
        .chain(config.map(|id| (StoreKind::Config, "config", id)))
}

/// The file of this machine that holds a label.
pub(super) struct Local {
    pub(super) file: PathBuf,
    pub(super) warning: Option<String>,
}

/// Which file is looked for.
pub(super) struct Wanted<'a> {
    pub(super) files: &'a Files,
    /// `--local`: the label's backend is passed over where it is on another machine.
    pub(super) anyway: bool,
    /// `--allow-outside`: the file need not be in the app's folder.
    pub(super) outside: bool,
}

pub(super) fn local(
    project: &Project,
    spin: &Spin,
    label: &Label,
    wanted: &Wanted<'_>,
) -> anyhow::Result<Local> {
    let store = spin.store(label)?;
    let place = place(&store);
    let found = match store.backend() {
        Backend::Sqlite(file) => Local {
            file: file.clone(),
            warning: None,
        },
        Backend::Memory if store.place().is_none() => bail!(
            "the label {DEFAULT_LABEL} has no file: the state folder is \"\", so Spin keeps it in \
             memory, where no value that is written now would ever be seen. Name a folder with \
             `state_dir` in the runtime config, or with --state-dir"
        ),
        Backend::Memory => bail!(
            "{place}[key_value_store.{label}] has no path, so Spin keeps it in memory, where no \
             value that is written now would ever be seen. Add to the stanza:\n\n{}\n",
            path_line()
        ),
        other if wanted.anyway => {
            let file = spin.default_file().with_context(|| {
                format!(
                    "{place}the label {label} is not on this machine, and Spin has no state \
                         folder"
                )
            })?;
            Local {
                warning: Some(format!(
                    "{place}the label {label} is of type {:?} there: Spin with that runtime \
                     config reads {other}, not {}",
                    other.kind(),
                    file.display()
                )),
                file,
            }
        }
        other => bail!(
            "{place}the label {label} is of type {:?}, which this command cannot write. {}",
            other.kind(),
            own_command(other)
        ),
    };
    if found.file.to_string_lossy().contains(char::is_control) {
        bail!("{place}`path` of [key_value_store.{label}] has a control character");
    }
    if !wanted.outside {
        let told = wanted.files.runtime_config.as_ref();
        let told = told.and_then(|path| path.parent());
        let folders: Vec<_> = [Some(project.folder()), told]
            .into_iter()
            .flatten()
            .collect();
        inside::check(&found.file, &folders).with_context(|| {
            format!("{place}cannot use the file of the label {label} without --allow-outside")
        })?;
    }
    Ok(found)
}

/// The stanza's place, as a message begins.
pub(super) fn place(store: &Store) -> String {
    let place = store.place();
    place.map_or_else(String::new, |place| format!("{place}: "))
}

/// How a backend's own tool writes a value.
fn own_command(backend: &Backend) -> String {
    match backend {
        Backend::Redis(redis) => {
            let database = redis.database();
            let url = match database.strip_prefix('/') {
                Some(_) => format!("unix://{database}"),
                None => format!("redis://{database}"),
            };
            format!(
                "Use Redis's own: redis-cli -u {} SET <key> <value>",
                shell::word(&url, "<url>")
            )
        }
        Backend::Cosmos(_) => "Use Azure's own tools: an item's id is the key".to_owned(),
        Backend::Dynamo(dynamo) => format!(
            "Use AWS's own: aws dynamodb put-item --table-name {} --item <item>",
            shell::word(dynamo.table(), "<table>")
        ),
        _ => "Use that backend's own tool, or type = \"spin\" with a path".to_owned(),
    }
}
