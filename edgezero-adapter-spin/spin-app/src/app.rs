//! What `spin up` would do with an app.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::access::{self, Obstacle};
use crate::component::Component;
use crate::file::TomlFile;
use crate::finding::{Effect, Finding};
use crate::manifest::{self, ComponentTable, Manifest};
use crate::options::Options;
use crate::reader::Report;
use crate::runtime_config::{self, RuntimeConfig, Stanza};
use crate::store::{self, Backend, Store};
use crate::variables::Resolver;
use crate::{DEFAULT_FILE, DEFAULT_LABEL, DEFAULT_STATE_DIR, RUNTIME_CONFIG_VARIABLE};

/// What `spin up` would do with an app.
///
/// [`SpinApp::read`] reads the app's files and writes nothing. Where Spin would not
/// start, [`SpinApp::findings`] says why, and the rest is answered as far as it can be.
pub struct SpinApp {
    manifest_path: PathBuf,
    manifest: Option<TomlFile>,
    runtime_config_path: Option<PathBuf>,
    runtime_config: Option<TomlFile>,
    name: Option<String>,
    components: Vec<Component>,
    stores: BTreeMap<String, Result<Stanza, Finding>>,
    default: Backend,
    /// Why `default` cannot be used.
    default_refusal: Option<Finding>,
    state_dir: Option<PathBuf>,
    findings: Vec<Finding>,
}

impl SpinApp {
    /// Reads the app's files as `spin up` would.
    pub fn read(options: &Options) -> Self {
        let given = options.manifest();
        let path = options.working_folder.join(&given);
        let file = TomlFile::read(&path, "name the app's spin.toml, or the folder it is in");
        Self::from_manifest(options, &given, file)
    }

    /// [`SpinApp::read`], with `manifest` as the text of spin.toml: for a text that is
    /// not written yet.
    pub fn with_manifest(options: &Options, manifest: String) -> Self {
        let given = options.manifest();
        let path = options.working_folder.join(&given);
        Self::from_manifest(options, &given, TomlFile::parse(&path, manifest))
    }

    fn from_manifest(options: &Options, given: &Path, text: Result<TomlFile, Finding>) -> Self {
        let path = options.working_folder.join(given);
        let mut findings = Vec::new();
        let mut manifest = Manifest::default();
        let text = keep(text, &mut findings);
        if let Some(text) = &text {
            let mut report = Report::new(text);
            let folder = path.parent().unwrap_or(Path::new(""));
            manifest = manifest::read(&mut report, folder);
            findings.append(&mut report.findings);
        }

        let runtime_config_path = options.runtime_config().map(Path::to_owned);
        let mut config = RuntimeConfig::default();
        let mut config_text = None;
        if let Some(given) = &runtime_config_path {
            config_text = keep(read_runtime_config(options, given), &mut findings);
            if let Some(text) = &config_text {
                let mut report = Report::new(text);
                config = runtime_config::read(&mut report, options);
                findings.append(&mut report.findings);
            }
        }

        let state_dir = state_dir(options, given, config.state_dir.as_deref());
        let default = default_store(
            options,
            state_dir.as_deref(),
            runtime_config_path.as_deref(),
        );
        let mut app = Self {
            manifest_path: path,
            manifest: None,
            runtime_config_path: runtime_config_path.map(|path| options.working_folder.join(path)),
            runtime_config: config_text,
            name: manifest.name.take(),
            components: Vec::new(),
            stores: config.stores,
            default,
            default_refusal: None,
            state_dir: state_dir.map(|folder| options.working_folder.join(folder)),
            findings,
        };
        if let Some(text) = text {
            app.add_components(
                options,
                &manifest,
                &config.providers,
                &config.databases,
                &text,
            );
            app.manifest = Some(text);
        }
        let log_dir = config.log_dir.as_ref();
        let log_dir = log_dir.map(|(folder, at)| (folder.as_str(), *at));
        app.check_folders(options, log_dir);
        app.findings.sort();
        app.findings.dedup();
        app
    }

    fn add_components(
        &mut self,
        options: &Options,
        manifest: &Manifest,
        providers: &[runtime_config::Provider],
        databases: &[String],
        text: &TomlFile,
    ) {
        let resolver = Resolver::new(options, providers, manifest, text);
        self.findings.extend(resolver.findings());
        for table in &manifest.components {
            self.check_labels(table, databases, text);
            let variables = resolver.of_component(table);
            let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
            self.components
                .push(Component::new(table, folder, variables, text));
        }
    }

    /// Each label that a component lists needs a place, and so does each database.
    fn check_labels(&mut self, table: &ComponentTable, databases: &[String], text: &TomlFile) {
        if self.runtime_config_is_broken() {
            return;
        }
        for (label, at) in &table.labels {
            if !self.stores.contains_key(label) && label != DEFAULT_LABEL {
                let mut finding = self.no_stanza(label);
                let place = text.place(*at);
                (finding.file, finding.line) = (Some(place.file), Some(place.line));
                self.findings.push(finding);
            }
        }
        for (label, at) in &table.databases {
            if !databases.contains(label) && label != DEFAULT_LABEL {
                let message = format!("no runtime config says where the database `{label}` is");
                let remedy = format!(
                    "add to the runtime config:\n\n[sqlite_database.{}]\ntype = \"spin\"\n\
                     path = \"<file>.db\"\n",
                    toml_edit::Key::new(label)
                );
                let place = Some(text.place(*at));
                self.findings
                    .push(Finding::new(place, Effect::DoesNotStart, message, remedy));
            }
        }
    }

    /// Spin makes the folder of `default` and that of the components' output at each start,
    /// used or not.
    fn check_folders(&mut self, options: &Options, log_dir: Option<(&str, usize)>) {
        if let Backend::Sqlite(file) = &self.default
            && !self.stores.contains_key(DEFAULT_LABEL)
        {
            if let Some(obstacle) = file.parent().and_then(access::obstacle) {
                self.findings.push(no_state_folder(&obstacle));
                return;
            }
            if let Some(reason) = access::no_database(file) {
                let message = format!("{reason}, so every use of `{DEFAULT_LABEL}` fails");
                let remedy = "move it away, or name another folder with `state_dir`";
                let finding = Finding::of_file(file, Effect::FailsLater, message, remedy);
                self.default_refusal = Some(finding.clone());
                self.findings.push(finding);
            }
        }
        let by_variable = options.environment.get("SPIN_LOG_DIR");
        let told = by_variable.or(log_dir.map(|(folder, _)| OsStr::new(folder)));
        let folder = match told {
            Some(folder) if folder.is_empty() => return,
            Some(folder) => Some(options.working_folder.join(folder)),
            None => self.state_dir.as_ref().map(|folder| folder.join("logs")),
        };
        let Some(obstacle) = folder.as_deref().and_then(access::obstacle) else {
            return;
        };
        let (at, reason) = (obstacle.at.display(), obstacle.reason);
        let finding = match (by_variable, log_dir, &self.runtime_config) {
            (None, Some((_, place)), Some(text)) => Finding::new(
                Some(text.place(place)),
                Effect::DoesNotStart,
                format!("Spin cannot make the folder `log_dir` below {at}: {reason}"),
                "name another folder",
            ),
            (Some(_), ..) => Finding::new(
                None,
                Effect::DoesNotStart,
                format!("Spin cannot make the folder of SPIN_LOG_DIR below {at}: {reason}"),
                "name another folder",
            ),
            _ => no_state_folder(&obstacle),
        };
        self.findings.push(finding);
    }

    fn runtime_config_is_broken(&self) -> bool {
        self.runtime_config_path.is_some() && self.runtime_config.is_none()
    }

    fn no_stanza(&self, label: &str) -> Finding {
        let (place, remedy) = match &self.runtime_config_path {
            Some(path) => (
                format!("{} has no [key_value_store.{label}]", path.display()),
                "add there".to_owned(),
            ),
            None => (
                "there is no runtime config".to_owned(),
                format!(
                    "name one with --runtime-config-file or {RUNTIME_CONFIG_VARIABLE}, and add to \
                     it"
                ),
            ),
        };
        let message = format!("no file says where the label `{label}` is kept: {place}");
        let remedy = format!("{remedy}:\n\n{}", store::stanza(label));
        match &self.runtime_config_path {
            Some(path) => Finding::of_file(path, Effect::DoesNotStart, message, remedy),
            None => Finding::of_file(&self.manifest_path, Effect::DoesNotStart, message, remedy),
        }
    }

    /// spin.toml's path.
    pub fn manifest_path(&self) -> &Path {
        &self.manifest_path
    }

    /// spin.toml; `None` where it cannot be read.
    pub fn manifest(&self) -> Option<&TomlFile> {
        self.manifest.as_ref()
    }

    /// The path of the runtime config: the option, else `RUNTIME_CONFIG_FILE` of the
    /// environment. `None` where there is none; Spin has no default.
    pub fn runtime_config_path(&self) -> Option<&Path> {
        self.runtime_config_path.as_deref()
    }

    /// The runtime config; `None` where there is none or it cannot be read.
    pub fn runtime_config(&self) -> Option<&TomlFile> {
        self.runtime_config.as_ref()
    }

    /// `name` of `[application]`.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The folder of Spin's own files; `None` where it has none, and `default` is in
    /// memory.
    pub fn state_dir(&self) -> Option<&Path> {
        self.state_dir.as_deref()
    }

    /// The components, in the order of spin.toml; those that are written in a trigger
    /// come last, with the ids that Spin gives them.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The component with this id, or the only one.
    ///
    /// # Errors
    /// There is no such component, or there are several and `id` names none of them.
    /// Where spin.toml cannot be read, or is of version 1, the error is that.
    pub fn component(&self, id: Option<&str>) -> Result<&Component, Finding> {
        let found = match (id, self.components.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), all) => all.iter().find(|component| component.id() == id),
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let ids: Vec<_> = self.components.iter().map(Component::id).collect();
        let about_manifest =
            |finding: &&Finding| finding.file() == Some(self.manifest_path.as_path());
        let (message, remedy) = match (id, ids.as_slice()) {
            (_, []) => {
                if let Some(finding) = self.findings.iter().find(about_manifest) {
                    return Err(finding.clone());
                }
                let remedy = "add [component.<id>] with its `source`";
                (
                    "this manifest has no component".to_owned(),
                    remedy.to_owned(),
                )
            }
            (Some(id), ids) => (
                format!("this manifest has no component `{id}`"),
                format!("name one of: {}", ids.join(", ")),
            ),
            (None, ids) => (
                format!("this manifest has {} components", ids.len()),
                format!("name one of: {}", ids.join(", ")),
            ),
        };
        let file = &self.manifest_path;
        Err(Finding::of_file(file, Effect::CannotTell, message, remedy))
    }

    /// Where Spin keeps a label, whether or not a component lists it.
    ///
    /// - A stanza `[key_value_store.<label>]` of the runtime config says it. A relative
    ///   `path` is below the folder of the runtime config.
    /// - `default` without a stanza is the file `sqlite_key_value.db` of the state folder.
    ///   Where spin.toml is named by a relative path and there is a runtime config, Spin
    ///   looks for that file **below the folder of the runtime config**: so does this.
    ///
    /// # Errors
    /// Why Spin refuses the label, or cannot open it.
    pub fn store(&self, label: &str) -> Result<Store, Finding> {
        let stanza = match self.stores.get(label) {
            Some(stanza) => Some(stanza.clone()?),
            None if self.runtime_config_is_broken() => {
                let path = self.runtime_config_path.as_deref();
                let finding = self.findings.iter().find(|finding| finding.file() == path);
                return Err(finding.cloned().unwrap_or_else(|| self.no_stanza(label)));
            }
            None if label == DEFAULT_LABEL => match &self.default_refusal {
                Some(finding) => return Err(finding.clone()),
                None => None,
            },
            None => return Err(self.no_stanza(label)),
        };
        let (place, backend) = match stanza {
            Some(stanza) => (Some(stanza.place), stanza.backend),
            None => (None, self.default.clone()),
        };
        Ok(Store {
            label: label.to_owned(),
            place,
            backend,
        })
    }

    /// The line of spin.toml with the last of `keys` that is there in the component's table,
    /// counted from 1.
    pub fn line_of(&self, component: &Component, keys: &[&str]) -> usize {
        let manifest = self.manifest.as_ref();
        manifest.map_or(1, |manifest| manifest.line_below(component.at(), keys))
    }

    /// All that is wrong, by file and line.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Why Spin does not start, apart from a component that is not built
    /// ([`Effect::NotBuilt`]).
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.effect == Effect::DoesNotStart)
    }
}

/// The paths, the ids of the components and the findings.
impl fmt::Debug for SpinApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpinApp")
            .field("manifest", &self.manifest_path)
            .field("runtime_config", &self.runtime_config_path)
            .field("state_dir", &self.state_dir)
            .field("components", &self.components)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

fn no_state_folder(obstacle: &Obstacle) -> Finding {
    let (message, remedy) = if obstacle.at.is_dir() {
        (
            format!(
                "Spin cannot make its state folder here: {}",
                obstacle.reason
            ),
            "let the user that runs Spin write here, or name another folder with `state_dir`",
        )
    } else {
        (
            "this is a file where Spin makes its state folder".to_owned(),
            "move it away, or name another folder with `state_dir`",
        )
    };
    Finding::of_file(&obstacle.at, Effect::DoesNotStart, message, remedy)
}

fn keep<T>(read: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|finding| findings.push(finding)).ok()
}

fn read_runtime_config(options: &Options, given: &Path) -> Result<TomlFile, Finding> {
    if given.as_os_str().is_empty() {
        return Err(Finding::new(
            None,
            Effect::DoesNotStart,
            format!("--runtime-config-file or {RUNTIME_CONFIG_VARIABLE} is empty"),
            "name a file, or unset the variable",
        ));
    }
    TomlFile::read(
        &options.working_folder.join(given),
        "correct the path in --runtime-config-file or RUNTIME_CONFIG_FILE",
    )
}

/// As Spin has it: relative only where spin.toml's path is relative.
fn state_dir(options: &Options, manifest: &Path, configured: Option<&str>) -> Option<PathBuf> {
    match options.state_dir.as_deref().or(configured) {
        Some("") => None,
        Some(folder) => Some(options.working_folder.join(folder)),
        None => {
            let folder = manifest.parent().unwrap_or(Path::new(""));
            Some(folder.join(DEFAULT_STATE_DIR))
        }
    }
}

fn default_store(
    options: &Options,
    state_dir: Option<&Path>,
    runtime_config: Option<&Path>,
) -> Backend {
    let Some(state_dir) = state_dir else {
        return Backend::Memory;
    };
    let file = state_dir.join(DEFAULT_FILE);
    let folder = runtime_config
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    Backend::Sqlite(options.working_folder.join(folder).join(file))
}
