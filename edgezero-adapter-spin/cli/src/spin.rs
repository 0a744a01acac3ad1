//! What `spin up` would do with the app, as this command runs it: in the folder of
//! spin.toml, so that `.env` beside it is read, with this environment and the runtime config
//! of [`Project::runtime_config`].

use std::path::Path;

use anyhow::{anyhow, bail};
use edgezero_manifest::Stores;
use edgezero_spin_app::{
    Component, DOT_ENV, Environment, Finding, Options, SpinApp, Store, TomlFile, check_file,
};
use edgezero_store_traits::Label;
use edgezero_store_traits::store_label::StoreKind;
use toml_edit::Key;

use super::arguments::Files;
use super::document::{Malformed, is_there};
use super::project::Project;
use super::say;

/// The app for Spin, and which of its components is the app.
pub(super) struct Spin {
    pub(super) app: SpinApp,
    /// What edgezero.toml says of the stores.
    stores: Stores,
    component: usize,
}

/// Reads the app's files, whatever is wrong with them.
pub(super) fn read(project: &Project, files: &Files) -> anyhow::Result<SpinApp> {
    let path = project.spin_toml_path();
    if !is_there(&path)? {
        bail!(
            "there is no {}: name Spin's manifest in {}:\n\n[adapters.spin.adapter]\n\
             manifest = \"<folder>/spin.toml\"\n",
            path.display(),
            project.document.path().display()
        );
    }
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let runtime_config = project.runtime_config(files)?;
    let dot_env = folder.join(DOT_ENV);
    for path in [Some(&path), runtime_config.as_ref(), Some(&dot_env)]
        .into_iter()
        .flatten()
    {
        if is_there(path)? {
            check_file(path).map_err(|error| Malformed {
                path: path.clone(),
                line: 1,
                message: format!("cannot read this file: {error}"),
            })?;
        }
    }
    let mut options = Options::new(path, folder).with_environment(Environment::of_this_process());
    if let Some(runtime_config) = runtime_config {
        options = options.with_runtime_config(runtime_config);
    }
    if let Some(folder) = files.state_dir()? {
        options = options.with_state_dir(folder);
    }
    Ok(SpinApp::read(&options))
}

impl Spin {
    pub(super) fn read(project: &Project, files: &Files) -> anyhow::Result<Self> {
        Self::new(project, read(project, files)?)
    }

    /// # Errors
    /// Where spin.toml cannot be read, or does not say which component is the app.
    pub(super) fn new(project: &Project, app: SpinApp) -> anyhow::Result<Self> {
        let named = project.manifest.spin.component.as_deref();
        let path = app.manifest_path().display();
        let ids: Vec<&str> = app.components().iter().map(Component::id).collect();
        let component = match (named, ids.as_slice()) {
            (_, []) => match app.component(named) {
                Err(finding) => return Err(finding.into()),
                Ok(_) => bail!("{path} has no component"),
            },
            (None, [_]) => 0,
            (Some(named), ids) => {
                let found = ids.iter().position(|id| *id == named);
                found.ok_or_else(|| {
                    anyhow!(
                        "{path} has no component {named:?}, which `component` of \
                         [adapters.spin.adapter] in edgezero.toml names; it has: {}",
                        keys(ids)
                    )
                })?
            }
            (None, ids) => bail!(
                "{path} has {} components: {}. Say in edgezero.toml which is the app:\n\n\
                 [adapters.spin.adapter]\ncomponent = {}\n",
                ids.len(),
                keys(ids),
                on_one_line(ids[0])
            ),
        };
        project.note(|| format!("{path}: the component {:?}", ids[component]));
        if let Some(path) = app.runtime_config_path() {
            project.note(|| format!("the runtime config is {}", path.display()));
        }
        Ok(Self {
            component,
            app,
            stores: project.manifest.stores.clone(),
        })
    }

    pub(super) fn component(&self) -> &Component {
        &self.app.components()[self.component]
    }

    /// The label that edgezero.toml gives a store.
    pub(super) fn label_in_manifest(&self, kind: StoreKind, id: &str) -> Option<&str> {
        let stores = match kind {
            StoreKind::Kv => &self.stores.kv,
            StoreKind::Config => &self.stores.config,
        };
        stores.as_ref()?.label.get(id).map(String::as_str)
    }

    /// The component's id as it is written in `[component.<id>]`.
    pub(super) fn component_key(&self) -> String {
        Key::new(self.component().id()).to_string()
    }

    /// spin.toml. Its component was found, so it was read.
    pub(super) fn manifest(&self) -> anyhow::Result<&TomlFile> {
        let path = self.app.manifest_path().display();
        self.app
            .manifest()
            .ok_or_else(|| anyhow!("cannot read {path}"))
    }

    /// The line of something in the component's table.
    pub(super) fn line_of(&self, keys: &[&str]) -> usize {
        self.app.line_of(self.component(), keys)
    }

    pub(super) fn lists(&self, label: &Label) -> bool {
        self.component()
            .labels()
            .any(|listed| listed == label.as_str())
    }

    /// Where Spin keeps a label.
    ///
    /// # Errors
    /// Why Spin refuses it.
    pub(super) fn store(&self, label: &Label) -> anyhow::Result<Store> {
        Ok(self.app.store(label.as_str())?)
    }
}

/// A finding for a person. A name in its message may hold a line break, and does not make a
/// line of its own.
pub(super) fn text(finding: &Finding) -> String {
    let mut text = String::new();
    if let Some(file) = finding.file() {
        text = format!("{}: ", say::part(file.display()));
    }
    if let Some(line) = finding.line() {
        text += &format!("line {line}: ");
    }
    format!(
        "{text}{}; {}",
        say::part(finding.message()),
        finding.remedy()
    )
}

fn keys(ids: &[&str]) -> String {
    let keys: Vec<_> = ids.iter().map(|id| Key::new(*id).to_string()).collect();
    keys.join(", ")
}

/// A string, which toml_edit would write on two lines where it has a line break.
fn on_one_line(text: &str) -> String {
    let key = Key::new(text).to_string();
    if key.starts_with(['"', '\'']) {
        key
    } else {
        format!("\"{key}\"")
    }
}
