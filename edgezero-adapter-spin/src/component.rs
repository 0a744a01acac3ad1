//! The stores, on spin-sdk.

mod config;
mod error;
mod kv;
#[cfg(feature = "app")]
mod run;
mod secret;

pub use config::SpinConfigStore;
pub use kv::{SpinKvStore, SpinStreamStore};
#[cfg(feature = "app")]
pub use run::run_app;
pub use secret::SpinSecretStore;
