//! EdgeZero's stores on the host: a mirror of Spin's, on Spin's own file.
//!
//! [`SqliteFile`] opens the SQLite file that `spin up` keeps its key-value stores
//! in (`.spin/sqlite_key_value.db` beside spin.toml, for the label `default`), or
//! makes one that Spin can open. A running Spin app and the mirror may use one
//! file at once: what one writes, the other reads.
//!
//! The mirror does as Spin does, down to what Spin refuses: no TTL, the same cap
//! on listings, no value that Spin could not read. An app that passes here passes
//! there. A counter that both increment is one counter.
//!
//! ```
//! use std::sync::Arc;
//!
//! use edgezero_store_sqlite::SqliteFile;
//! use edgezero_store_traits::KvHandle;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join(".spin/sqlite_key_value.db");
//! let file = SqliteFile::open(&path)?;
//! let sessions = KvHandle::new(Arc::new(file.kv("sessions")?));
//! sessions.put("ada", &42).await?;
//! assert_eq!(sessions.get::<u32>("ada").await?, Some(42));
//! # Ok(())
//! # }
//! ```
//!
//! Calls need a tokio runtime: writes, and long reads, run on its threads for
//! blocking work.

#![forbid(unsafe_code)]

mod config;
mod database;
mod file;
mod kv;
mod open;
mod secret;
#[cfg(feature = "serve")]
pub mod serve;
mod sql;
mod synchronous;
mod time;

pub use config::SqliteConfigStore;
pub use file::{SqliteFile, SqliteFileOptions};
pub use kv::{SqliteKvStore, Stored};
pub use open::OpenError;
pub use secret::VariableSecretStore;
#[cfg(feature = "serve")]
pub use serve::{ServeOptions, serve};
pub use synchronous::Synchronous;
