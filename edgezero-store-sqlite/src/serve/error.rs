//! Why a server did not start, or ended.

use std::io;
use std::net::SocketAddr;

use edgezero_spin_app::{Finding, Store};
use edgezero_store_traits::app::StartError;

use crate::OpenError;

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// `spin up` would not start with these files, or spin.toml has no such component.
    #[error("Spin would not run this app:{}", listed(findings))]
    #[non_exhaustive]
    Refused {
        /// Why, and what else is wrong.
        findings: Vec<Finding>,
    },

    /// A label that the app uses is not on this machine.
    #[error(
        "the label {label:?} is kept on {backend}, which this program cannot open; give it another \
         runtime config, in which the label has type = \"spin\" and a path"
    )]
    #[non_exhaustive]
    Backend {
        /// The label.
        label: String,
        /// What it is kept on, without a password.
        backend: String,
    },

    /// A variable of the environment is wrong.
    #[error(transparent)]
    Start(#[from] StartError),

    /// A variable of the environment does not say where to listen.
    #[error("cannot listen: {variable} is {value:?}, which is not {expected}")]
    #[non_exhaustive]
    Address {
        /// The variable.
        variable: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        expected: &'static str,
    },

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

    /// The listener failed, or a folder is not there.
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

    pub(super) fn refused(findings: &[Finding]) -> Self {
        Self::Refused {
            findings: findings.to_vec(),
        }
    }

    pub(super) fn backend(store: &Store) -> Self {
        Self::Backend {
            label: store.label().to_owned(),
            backend: store.backend().to_string(),
        }
    }
}

fn listed(findings: &[Finding]) -> String {
    let findings = findings.iter();
    findings.map(|finding| format!("\n  {finding}")).collect()
}
