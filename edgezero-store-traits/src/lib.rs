//! EdgeZero's stores: one contract for an app's key-value pairs, configuration
//! and secrets, whatever platform serves them.
//!
//! An app author codes against the handles, which check input and speak types:
//! [`KvHandle`], [`ConfigHandle`], [`SecretHandle`]. An adapter author implements
//! the traits behind them: [`KvStore`], [`ConfigStore`], [`SecretStore`]. What
//! either may rely on is written, rule by rule, in the [`specification`]; the
//! `conformance` crate runs every rule against a backend.
//!
//! ```
//! use edgezero_store_traits::{KvError, KvHandle};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Session {
//!     user: String,
//! }
//!
//! async fn greet(sessions: &KvHandle, id: &str) -> Result<String, KvError> {
//!     // A missing key is a 404 here, and `None` from `get`.
//!     let session: Session = sessions.require(id).await?;
//!     Ok(format!("Hello, {}", session.user))
//! }
//! ```
//!
//! A whole app, its stores declared in `edgezero.toml` and its routes an axum
//! router, is in `app` (with the feature of that name); its configuration as a
//! struct in [`app_config`].
//!
//! The crate does no I/O, needs no runtime and builds for the host and for
//! `wasm32-wasip2` alike.

#![forbid(unsafe_code)]

// The macros name this crate, also in here.
extern crate self as edgezero_store_traits;

#[cfg(feature = "app")]
pub mod app;
pub mod app_config;
pub mod config;
pub mod kv;
pub mod secret;
pub mod store_label;

mod error;
mod json;
mod label;
mod trace;

#[doc = include_str!("../SPECIFICATION.md")]
pub mod specification {}

#[cfg(feature = "app")]
pub use app::{App, AppError};
pub use app_config::{AppConfig, AppConfigError};
pub use async_trait::async_trait;
pub use bytes;
pub use config::{ConfigError, ConfigHandle, ConfigStore, text_from_kv, texts_from_kv};
pub use edgezero_store_macros::AppConfig;
#[cfg(feature = "app")]
pub use edgezero_store_macros::app;
pub use error::BoxError;
pub use json::JsonError;
pub use kv::{KvCapabilities, KvError, KvHandle, KvPage, KvStore, KvSwap, KvSwapHandle};
pub use label::{InvalidLabel, Label};
pub use secrecy;
pub use secret::{InvalidSecretName, SecretError, SecretHandle, SecretName, SecretStore};
