//! The app that a command is about: edgezero.toml, and where its adapters' files are.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use edgezero_manifest::{Manifest, StoreIds};
use edgezero_spin_app::RUNTIME_CONFIG_VARIABLE;

use super::arguments::{Adapter, Files};
use super::document::{Document, Malformed, is_there};
use super::inside;
use super::say;

/// The runtime config beside spin.toml.
pub(super) const RUNTIME_CONFIG: &str = "runtime-config.toml";

const MANIFEST: &str = "edgezero.toml";

/// edgezero.toml in the working folder, or in the nearest one above that has it, as cargo
/// finds Cargo.toml.
pub(super) fn find() -> PathBuf {
    let folder = std::env::current_dir().unwrap_or_default();
    let mut manifests = folder.ancestors().map(|folder| folder.join(MANIFEST));
    let found = manifests.find(|manifest| manifest.try_exists().unwrap_or(true));
    found.unwrap_or_else(|| PathBuf::from(MANIFEST))
}

pub(super) struct Project {
    pub(super) adapter: Adapter,
    pub(super) manifest: Manifest,
    pub(super) document: Document,
    verbose: bool,
}

impl Project {
    pub(super) fn read(path: &Path, adapter: Adapter, verbose: bool) -> anyhow::Result<Self> {
        // Absolute, so that it stays right for a program run in another folder.
        let path =
            std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))?;
        if !is_there(&path)? {
            bail!(
                "there is no manifest {}, and none in a folder above: run this in the app's folder, \
                 or name the file with --manifest or EDGEZERO_MANIFEST; `edgezero new <name>` makes \
                 a new app",
                path.display()
            );
        }
        let document = Document::read(&path)?;
        let manifest = edgezero_manifest::parse(document.raw())
            .with_context(|| format!("cannot use {}", path.display()))?;
        let project = Self {
            adapter,
            manifest,
            document,
            verbose,
        };
        project.note(|| format!("the manifest is {}", path.display()));
        project.check_paths()?;
        Ok(project)
    }

    /// Programs are run and files written where the adapters' paths lead, whether they
    /// are written out or not.
    fn check_paths(&self) -> anyhow::Result<()> {
        let spin_toml = self.spin_toml_path();
        for (adapter, key, path) in [
            (Adapter::Spin, "crate", &self.crate_folder(Adapter::Spin)),
            (Adapter::Spin, "manifest", &spin_toml),
            (Adapter::Host, "crate", &self.crate_folder(Adapter::Host)),
        ] {
            let written = self
                .document
                .text(&["adapters", adapter.name(), "adapter", key]);
            if written.is_some_and(|path| path.contains(char::is_control)) {
                let problem = "it has a control character".to_owned();
                return Err(self.bad_path(adapter, key, problem).into());
            }
            inside::check(path, &[self.folder()])
                .map_err(|error| self.bad_path(adapter, key, format!("{error:#}")))?;
        }
        if spin_toml.is_dir() {
            // Spin's files would be looked for in the folder that it is in.
            let problem = format!(
                "{} is a directory; name the file in it, as in \"<folder>/spin.toml\"",
                spin_toml.display()
            );
            return Err(self.bad_path(Adapter::Spin, "manifest", problem).into());
        }
        Ok(())
    }

    /// What is wrong with one of an adapter's paths, at the place in edgezero.toml that names
    /// it, or would.
    fn bad_path(&self, adapter: Adapter, key: &str, problem: String) -> Malformed {
        let adapter = adapter.name();
        let keys = ["adapters", adapter, "adapter", key];
        let default = match self.document.get(&keys) {
            Some(_) => "",
            None => "the default of ",
        };
        Malformed {
            path: self.document.path().to_owned(),
            line: self.document.line_of(&keys),
            message: format!("{default}`{key}` of [adapters.{adapter}.adapter]: {problem}"),
        }
    }

    /// Where edgezero.toml is.
    pub(super) fn folder(&self) -> &Path {
        self.document.folder()
    }

    /// Says on stderr what goes on, with --verbose.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            // Nothing depends on a note.
            let _ = say::err(format_args!("note: {}", line()));
        }
    }

    /// The adapter's part of the manifest.
    pub(super) fn section(&self) -> &edgezero_manifest::Adapter {
        match self.adapter {
            Adapter::Spin => &self.manifest.spin,
            Adapter::Host => &self.manifest.host,
        }
    }

    /// The folder of an adapter's crate.
    pub(super) fn crate_folder(&self, adapter: Adapter) -> PathBuf {
        let (section, suffix) = match adapter {
            Adapter::Spin => (&self.manifest.spin, "adapter-spin"),
            Adapter::Host => (&self.manifest.host, "host"),
        };
        match &section.crate_folder {
            Some(folder) => self.folder().join(folder),
            None => {
                let name = format!("crates/{}-{suffix}", self.manifest.name);
                self.folder().join(name)
            }
        }
    }

    pub(super) fn spin_toml_path(&self) -> PathBuf {
        match &self.manifest.spin.manifest {
            Some(path) => self.folder().join(path),
            None => self.crate_folder(Adapter::Spin).join("spin.toml"),
        }
    }

    /// The runtime config that Spin is run with: `--runtime-config`, or what
    /// `RUNTIME_CONFIG_FILE` names, or runtime-config.toml beside spin.toml where it is
    /// there.
    ///
    /// # Errors
    /// When that last file is a link out of the app: it says where values are written.
    pub(super) fn runtime_config(&self, files: &Files) -> anyhow::Result<Option<PathBuf>> {
        let variable = || std::env::var_os(RUNTIME_CONFIG_VARIABLE).map(PathBuf::from);
        if let Some(path) = files.runtime_config.clone().or_else(variable) {
            let path = std::path::absolute(&path).with_context(|| {
                format!(
                    "--runtime-config or {RUNTIME_CONFIG_VARIABLE} cannot be {:?}: name a file",
                    path.display().to_string()
                )
            })?;
            return Ok(Some(path));
        }
        let path = self.spin_toml_path().with_file_name(RUNTIME_CONFIG);
        inside::check(&path, &[self.folder()])
            .with_context(|| format!("cannot use the runtime config {}", path.display()))?;
        Ok(is_there(&path)?.then_some(path))
    }

    /// `--app-config`, or the file named after the app and, where it is not the default, the
    /// configuration store `id`.
    pub(super) fn app_config_path(&self, told: Option<&Path>, id: &str) -> PathBuf {
        let name = &self.manifest.name;
        match told {
            Some(path) => path.to_owned(),
            None if id == self.default_config() => self.folder().join(format!("{name}.toml")),
            None => self.folder().join(format!("{name}.{id}.toml")),
        }
    }

    /// The id of the default configuration store; empty where the app has none.
    pub(super) fn default_config(&self) -> &str {
        let stores = self.manifest.stores.config.as_ref();
        stores.map_or("", |stores| &stores.default)
    }

    /// The configuration store that `--store` names, or the default.
    pub(super) fn config_store(&self, told: Option<&str>) -> anyhow::Result<String> {
        let Some(stores) = &self.manifest.stores.config else {
            bail!(
                "{} declares no configuration store; add:\n\n[stores.config]\nids = [\"app_config\"]\n",
                self.document.path().display()
            );
        };
        store_of(stores, told).ok_or_else(|| {
            anyhow!(
                "{}: line {}: [stores.config] has no id {:?}; its ids are {}",
                self.document.path().display(),
                self.document.line_of(&["stores", "config", "ids"]),
                told.unwrap_or_default(),
                stores.ids.join(", ")
            )
        })
    }
}

pub(super) fn store_of(stores: &StoreIds, told: Option<&str>) -> Option<String> {
    match told {
        None => Some(stores.default.clone()),
        Some(id) => stores.ids.iter().find(|known| *known == id).cloned(),
    }
}
