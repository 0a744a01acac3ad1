//! From a store's id to its label, and to the file that holds it on this machine.

use std::env::VarError;
use std::path::PathBuf;

use anyhow::bail;
use edgezero_spin_app::{Backend, DEFAULT_LABEL, Store, path_line};
use edgezero_store_traits::Label;
use edgezero_store_traits::store_label::StoreKind;

use super::arguments::Files;
use super::inside::{self, Outside};
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
    let variable = kind.variable(id);
    if let Err(VarError::NotUnicode(_)) = std::env::var(&variable) {
        bail!("the environment variable {variable} is not UTF-8 text: set it to a label");
    }
    let here = |variable: &str| std::env::var(variable).ok().or_else(|| own(variable));
    let in_manifest = spin.label_in_manifest(kind, id);
    let label = kind.label(id, in_manifest, here)?;
    let elsewhere = match kind.label(id, in_manifest, own) {
        Ok(other) => (other != label).then(|| other.as_str().to_owned()),
        Err(_) => Some(id.to_owned()),
    };
    Ok(Resolved {
        label,
        variable,
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

/// The file of this machine that holds a label. `outside` allows one that is not in the
/// app's folder.
///
/// # Errors
/// Where Spin keeps the label elsewhere: what is written here, the app would never see.
pub(super) fn local(
    project: &Project,
    spin: &Spin,
    label: &Label,
    files: &Files,
    outside: bool,
) -> anyhow::Result<PathBuf> {
    let store = spin.store(label)?;
    let place = place(&store);
    let file = match store.backend() {
        Backend::Sqlite(file) => file.clone(),
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
        other => bail!(
            "{place}the label {label} is of type {:?}, which this command cannot reach: Spin reads \
             {other}, and no file of this machine. {}, or name another runtime config with \
             --runtime-config, whose stanza for {label} has type = \"spin\" and a path",
            other.kind(),
            own_command(other)
        ),
    };
    if file.to_string_lossy().contains(char::is_control) {
        bail!("{place}`path` of [key_value_store.{label}] has a control character");
    }
    if !outside {
        let told = files.runtime_config.as_ref();
        let told = told.and_then(|path| path.parent());
        let folders: Vec<_> = [Some(project.folder()), told]
            .into_iter()
            .flatten()
            .collect();
        inside::check(&file, &folders).map_err(|error| {
            let without = if error.is::<Outside>() {
                " without --allow-outside"
            } else {
                ""
            };
            error.context(format!(
                "{place}cannot use the file of the label {label}{without}"
            ))
        })?;
    }
    Ok(file)
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
        _ => "Use that backend's own tool".to_owned(),
    }
}
