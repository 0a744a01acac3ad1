//! The labels of the app, each on the file that Spin would keep it in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use edgezero_spin_app::{Backend, Component, SpinApp};
use edgezero_store_traits::app::{OpenStores, StoreNames};
use edgezero_store_traits::{ConfigError, ConfigStore, KvError, KvStore, Label, SecretStore};
use tempfile::TempDir;

use super::{ComponentSecrets, ServeError};
use crate::SqliteFile;

/// Opens the app's stores.
pub(super) struct Mirror {
    places: HashMap<Label, Place>,
    secrets: Arc<ComponentSecrets>,
    /// What stands for Spin's memory, as long as the server lives.
    _memory: Option<TempDir>,
}

enum Place {
    Open {
        file: SqliteFile,
        text: String,
    },
    /// Spin starts, and opening the label fails.
    Closed {
        reason: String,
    },
}

impl Mirror {
    /// Opens the file of each label; all are in `file` where it is given.
    pub(super) fn open(
        app: &SpinApp,
        component: &Component,
        names: &StoreNames,
        file: Option<&Path>,
    ) -> Result<Self, ServeError> {
        let mut mirror = Self {
            places: HashMap::new(),
            secrets: Arc::new(ComponentSecrets::new(component)),
            _memory: None,
        };
        let mut files = HashMap::new();
        let kv = names.kv.iter().map(|name| &name.label);
        let config = names.config.iter().map(|(_, label)| label);
        for label in kv.chain(config) {
            if mirror.places.contains_key(label) {
                continue;
            }
            let place = match file {
                Some(file) => on_file(file, &mut files)?,
                None => mirror.place(label, app, component, &mut files)?,
            };
            mirror.places.insert(label.clone(), place);
        }
        Ok(mirror)
    }

    fn place(
        &mut self,
        label: &Label,
        app: &SpinApp,
        component: &Component,
        files: &mut HashMap<PathBuf, SqliteFile>,
    ) -> Result<Place, ServeError> {
        let name = label.as_str();
        if !component.labels().any(|listed| listed == name) {
            return Ok(Place::Closed {
                reason: format!(
                    "{}: the component does not list the label {name:?}, and Spin denies it; add \
                     it to `key_value_stores`",
                    component.place()
                ),
            });
        }
        let store = match app.store(name) {
            Ok(store) => store,
            Err(finding) => {
                return Ok(Place::Closed {
                    reason: finding.to_string(),
                });
            }
        };
        match store.backend() {
            Backend::Sqlite(file) => on_file(file, files),
            Backend::Memory => self.in_memory(label),
            _ => Err(ServeError::backend(&store)),
        }
    }

    /// A file that is removed with the server, of each label its own.
    fn in_memory(&mut self, label: &Label) -> Result<Place, ServeError> {
        let folder = match &mut self._memory {
            Some(folder) => folder,
            none => none.insert(TempDir::new().map_err(ServeError::Io)?),
        };
        Ok(Place::Open {
            file: SqliteFile::open(folder.path().join(format!("{label}.db")))?,
            text: "memory, which is empty at each start".to_owned(),
        })
    }

    /// Where a label is kept, for a person.
    pub(super) fn describe(&self, label: &Label) -> &str {
        match self.places.get(label) {
            Some(Place::Open { text, .. } | Place::Closed { reason: text }) => text,
            None => "",
        }
    }

    fn file(&self, label: &Label) -> Result<&SqliteFile, KvError> {
        let message = match self.places.get(label) {
            Some(Place::Open { file, .. }) => return Ok(file),
            Some(Place::Closed { reason }) => {
                format!("cannot open the label {:?}: {reason}", label.as_str())
            }
            None => format!("the label {:?} is not one of the app's", label.as_str()),
        };
        Err(KvError::Unavailable {
            message,
            source: None,
        })
    }
}

/// Each file is opened once, however many labels it holds.
fn on_file(path: &Path, files: &mut HashMap<PathBuf, SqliteFile>) -> Result<Place, ServeError> {
    let file = match files.get(path) {
        Some(file) => file.clone(),
        None => {
            let file = SqliteFile::open(path)?;
            files.insert(path.to_owned(), file.clone());
            file
        }
    };
    Ok(Place::Open {
        text: file.path().display().to_string(),
        file,
    })
}

#[async_trait]
impl OpenStores for Mirror {
    async fn kv(&self, label: &Label, max_list_keys: u32) -> Result<Arc<dyn KvStore>, KvError> {
        let store = self
            .file(label)?
            .kv_with_max_list_keys(label.as_str(), max_list_keys)?;
        Ok(Arc::new(store))
    }

    async fn config(&self, label: &Label) -> Result<Arc<dyn ConfigStore>, ConfigError> {
        let store = self
            .file(label)?
            .config(label.as_str())
            .map_err(KvError::from)?;
        Ok(Arc::new(store))
    }

    fn secrets(&self) -> Arc<dyn SecretStore> {
        self.secrets.clone()
    }
}
