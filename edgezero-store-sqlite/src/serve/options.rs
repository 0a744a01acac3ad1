//! Which app a server runs, and where it listens.

use std::ffi::OsString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use edgezero_spin_app::{Environment, Options, RUNTIME_CONFIG_VARIABLE, SpinApp};

use super::ServeError;

/// The variable of the environment that says on which address a server listens.
pub const HOST_VARIABLE: &str = "EDGEZERO__ADAPTER__HOST";

/// The variable of the environment that says on which port a server listens.
pub const PORT_VARIABLE: &str = "EDGEZERO__ADAPTER__PORT";

/// Which app a server runs, how Spin would be run on it, and where it listens.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    manifest: PathBuf,
    component: Option<String>,
    runtime_config: Option<PathBuf>,
    state_dir: Option<String>,
    working_folder: Option<PathBuf>,
    environment: Option<Vec<(OsString, OsString)>>,
    file: Option<PathBuf>,
    address: Option<SocketAddr>,
}

impl ServeOptions {
    /// The app of this spin.toml, or of the spin.toml in this folder. It listens on the
    /// address and the port that [`HOST_VARIABLE`] and [`PORT_VARIABLE`] name in the
    /// environment, by default 127.0.0.1 and 3000.
    ///
    /// The stores and secrets are those that `spin up` gives the app's component, run in
    /// the folder of spin.toml in this process's environment. The runtime config is the
    /// one that `RUNTIME_CONFIG_FILE` names, else the file `runtime-config.toml` beside
    /// spin.toml where there is one, as for `edgezero serve`.
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            component: None,
            runtime_config: None,
            state_dir: None,
            working_folder: None,
            environment: None,
            file: None,
            address: None,
        }
    }

    /// The id of the component that is the app, where spin.toml has several.
    #[must_use]
    pub fn with_component(mut self, id: impl Into<String>) -> Self {
        self.component = Some(id.into());
        self
    }

    /// Another runtime config file.
    #[must_use]
    pub fn with_runtime_config(mut self, path: impl Into<PathBuf>) -> Self {
        self.runtime_config = Some(path.into());
        self
    }

    /// Another state folder, as `spin up --state-dir` takes it: it holds the label
    /// `default`, and an empty text keeps that in memory.
    #[must_use]
    pub fn with_state_dir(mut self, folder: impl Into<String>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// The folder in which Spin would be run: its `.env` is read, and a relative
    /// `state_dir` is below it.
    #[must_use]
    pub fn with_working_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.working_folder = Some(folder.into());
        self
    }

    /// These variables in place of this process's environment.
    #[must_use]
    pub fn with_environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        self.environment = Some(variables.collect());
        self
    }

    /// Keeps every label in this file, wherever Spin would keep it: for tests.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Listens on this address, whatever the environment says; port 0 lets the system
    /// choose one.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    pub(super) fn component(&self) -> Option<&str> {
        self.component.as_deref()
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// # Errors
    /// [`ServeError::Address`] where a variable has no address, or no port.
    pub(super) fn address(&self) -> Result<SocketAddr, ServeError> {
        if let Some(address) = self.address {
            return Ok(address);
        }
        let host = match self.text(HOST_VARIABLE) {
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(text) if text == "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(text) => text.parse().map_err(|_| ServeError::Address {
                variable: HOST_VARIABLE,
                value: text,
                expected: "an IP address, as in 0.0.0.0",
            })?,
        };
        let port = match self.text(PORT_VARIABLE) {
            None => 3000,
            Some(text) => text.parse().map_err(|_| ServeError::Address {
                variable: PORT_VARIABLE,
                value: text,
                expected: "a number from 0 to 65535",
            })?,
        };
        Ok(SocketAddr::new(host, port))
    }

    /// A variable that is not blank.
    fn text(&self, name: &str) -> Option<String> {
        let text = self.variable(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// A variable of the environment that is text.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match &self.environment {
            None => std::env::var(name).ok(),
            Some(variables) => {
                let found = variables.iter().find(|(known, _)| known == name)?;
                found.1.to_str().map(str::to_owned)
            }
        }
    }

    /// The names of the environment's variables.
    pub(super) fn variable_names(&self) -> impl Iterator<Item = String> {
        let names: Vec<OsString> = match &self.environment {
            None => std::env::vars_os().map(|(name, _)| name).collect(),
            Some(variables) => variables.iter().map(|(name, _)| name.clone()).collect(),
        };
        names.into_iter().filter_map(|name| name.into_string().ok())
    }

    /// What Spin would do with the app.
    pub(super) fn app(&self) -> io::Result<SpinApp> {
        // Absolute: Spin reads a relative path in another way.
        let mut manifest = std::path::absolute(&self.manifest)?;
        if manifest.is_dir() {
            manifest.push("spin.toml");
        }
        let folder = manifest.parent().unwrap_or(Path::new("")).to_owned();
        let environment = match &self.environment {
            None => Environment::of_this_process(),
            Some(variables) => variables.iter().cloned().collect(),
        };
        let working_folder = match &self.working_folder {
            None => folder.clone(),
            Some(folder) => std::path::absolute(folder)?,
        };
        let mut options = Options::new(manifest, working_folder).with_environment(environment);
        let beside = folder.join("runtime-config.toml");
        if let Some(path) = &self.runtime_config {
            options = options.with_runtime_config(std::path::absolute(path)?);
        } else if self.variable(RUNTIME_CONFIG_VARIABLE).is_none() && beside.exists() {
            options = options.with_runtime_config(beside);
        }
        if let Some(folder) = &self.state_dir {
            options = options.with_state_dir(folder);
        }
        Ok(SpinApp::read(&options))
    }
}
