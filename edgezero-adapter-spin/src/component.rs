//! The stores, on spin-sdk.

mod config;
mod error;
#[cfg(feature = "app")]
#[cfg_attr(feature = "fetch", path = "component/fetch.rs")]
#[cfg_attr(not(feature = "fetch"), path = "component/no_fetch.rs")]
mod fetch;
mod kv;
#[cfg(feature = "app")]
mod run;
mod secret;

pub use config::SpinConfigStore;
pub use kv::{SpinKvStore, SpinStreamStore};
#[cfg(feature = "app")]
pub use run::run_app;
pub use secret::SpinSecretStore;
