//! How Spin is run: its files, its working folder and its environment.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::RUNTIME_CONFIG_VARIABLE;

/// How `spin up` is run.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) manifest: PathBuf,
    pub(crate) working_folder: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) runtime_config: Option<PathBuf>,
    pub(crate) state_dir: Option<String>,
    pub(crate) variables: Vec<(String, SecretString)>,
}

impl Options {
    /// `spin up --from <manifest>`, run in `working_folder` with an empty environment.
    ///
    /// `manifest` is spin.toml or the folder that it is in. A relative path is below
    /// `working_folder`, as for Spin; whether it is relative makes a difference, see
    /// [`SpinApp::store`](crate::SpinApp::store). Give an absolute `working_folder`: the
    /// model's paths are below it.
    pub fn new(manifest: impl Into<PathBuf>, working_folder: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            working_folder: working_folder.into(),
            environment: Environment::default(),
            runtime_config: None,
            state_dir: None,
            variables: Vec::new(),
        }
    }

    /// Runs Spin with this environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// `--runtime-config-file`. Without it the variable `RUNTIME_CONFIG_FILE` of the
    /// environment names the file; without both there is none.
    #[must_use]
    pub fn with_runtime_config(mut self, path: impl Into<PathBuf>) -> Self {
        self.runtime_config = Some(path.into());
        self
    }

    /// `--state-dir`. An empty text means no state folder.
    #[must_use]
    pub fn with_state_dir(mut self, folder: impl Into<String>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// `--variable <name>=<value>`. The last value of a name counts.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = SecretString::from(value.into());
        self.variables.push((name.into(), value));
        self
    }

    /// The runtime config file as Spin is given it: the option, else the variable.
    pub(crate) fn runtime_config(&self) -> Option<&Path> {
        let variable = || self.environment.get(RUNTIME_CONFIG_VARIABLE).map(Path::new);
        self.runtime_config.as_deref().or_else(variable)
    }

    /// spin.toml as Spin is given it: relative where the caller's path is relative.
    pub(crate) fn manifest(&self) -> PathBuf {
        if self.working_folder.join(&self.manifest).is_dir() {
            self.manifest.join("spin.toml")
        } else {
            self.manifest.clone()
        }
    }
}

/// The environment that Spin runs in.
///
/// `Debug` shows the names and no value.
///
/// ```
/// use edgezero_spin_app::Environment;
///
/// let environment: Environment = [("SPIN_VARIABLE_API_KEY", "s3cret")].into_iter().collect();
/// assert!(!format!("{environment:?}").contains("s3cret"));
/// ```
#[derive(Clone, Default)]
pub struct Environment(HashMap<OsString, OsString>);

impl Environment {
    /// The environment of this process. Nothing else in this crate reads it, except that
    /// a `$NAME` within a `.env` file is replaced by the value in this process, which is
    /// what Spin's own parser of such files does.
    pub fn of_this_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables.into_iter();
        Self(
            variables
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
