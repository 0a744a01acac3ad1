//! Where an adapter's files are, and the commands that stand in for its own.

use serde::Deserialize;

use crate::raw::AdapterSection;

/// One platform's part of the manifest: `[adapters.spin]` or `[adapters.host]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adapter {
    /// `crate`: the folder of the adapter's crate, relative to the manifest.
    pub crate_folder: Option<String>,
    /// `manifest`: the platform's own manifest, spin.toml, relative to this one.
    pub manifest: Option<String>,
    /// `component`: which component of spin.toml is the app, where it has several.
    pub component: Option<String>,
    /// `[adapters.<name>.commands]`.
    pub commands: Commands,
}

/// Command lines for the user's shell, in the place of the built-in commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commands {
    /// `build`.
    pub build: Option<String>,
    /// `serve`.
    pub serve: Option<String>,
    /// `deploy`.
    pub deploy: Option<String>,
    /// `auth-login`.
    pub auth_login: Option<String>,
    /// `auth-logout`.
    pub auth_logout: Option<String>,
    /// `auth-status`.
    pub auth_status: Option<String>,
    /// `push`: where `edgezero config push` writes. No command line.
    pub push: Option<PushTarget>,
}

/// Where `edgezero config push` writes the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushTarget {
    /// `"cloud"`: the platform's own cloud.
    Cloud,
    /// `"local"`: the file that the platform reads on this machine.
    Local,
}

impl From<AdapterSection> for Adapter {
    fn from(section: AdapterSection) -> Self {
        let (adapter, commands) = (section.adapter, section.commands);
        Self {
            crate_folder: adapter.crate_folder,
            manifest: adapter.manifest,
            component: adapter.component,
            commands: Commands {
                build: commands.build,
                serve: commands.serve,
                deploy: commands.deploy,
                auth_login: commands.auth_login,
                auth_logout: commands.auth_logout,
                auth_status: commands.auth_status,
                push: commands.push,
            },
        }
    }
}
