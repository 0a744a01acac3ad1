//! Why a server did not start, or ended.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use edgezero_store_traits::app::StartError;

use crate::OpenError;

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A variable of the environment is wrong.
    #[error(transparent)]
    Start(#[from] StartError),

    /// The stores' file cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),

    /// The port is taken.
    #[error("cannot listen on {address}: another program listens on port {}; choose another port", address.port())]
    #[non_exhaustive]
    PortTaken {
        /// What was to be listened on.
        address: SocketAddr,
    },

    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Bind {
        /// What was to be listened on.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },

    /// The file of secrets is no such file.
    #[error("cannot read {}: line {line} is not NAME=value", path.display())]
    #[non_exhaustive]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The number of the line, or of the first one that could be meant.
        line: usize,
    },

    /// The listener, or the file of secrets, failed.
    #[error("the server failed")]
    Io(#[source] io::Error),
}

impl ServeError {
    pub(super) fn bind(address: SocketAddr, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::AddrInUse {
            Self::PortTaken { address }
        } else {
            Self::Bind { address, source }
        }
    }

    /// dotenvy's own message quotes the line, and with it the secret.
    pub(super) fn dot_env(path: &Path, cause: dotenvy::Error) -> Self {
        match cause {
            dotenvy::Error::Io(error) => Self::Io(error),
            dotenvy::Error::LineParse(line, _) => Self::DotEnv {
                path: path.to_owned(),
                line: line_of(path, &line),
            },
            _ => Self::DotEnv {
                path: path.to_owned(),
                line: 1,
            },
        }
    }
}

fn line_of(path: &Path, line: &str) -> usize {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let at = text.lines().position(|found| found.trim() == line.trim());
    at.map_or(1, |at| at + 1)
}
