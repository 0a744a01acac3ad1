//! Where a server finds its stores, and where it listens.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where a server finds its stores, and where it listens.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    folder: PathBuf,
    file: Option<PathBuf>,
    address: SocketAddr,
}

impl ServeOptions {
    /// The stores of the app whose spin.toml is in `folder`: the file
    /// `.spin/sqlite_key_value.db` there, which `spin up` and a push of values use
    /// too, and the secrets of `.env` there. It listens on 127.0.0.1:3000.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            file: None,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
        }
    }

    /// Keeps the stores in another file.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Listens on another address; port 0 lets the system choose one.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn file(&self) -> PathBuf {
        let default = || self.folder.join(".spin/sqlite_key_value.db");
        self.file.clone().unwrap_or_else(default)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}
