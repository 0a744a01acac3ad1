//! The stores, on spin-sdk.

mod config;
mod error;
mod kv;
mod secret;

pub use config::SpinConfigStore;
pub use kv::SpinKvStore;
pub use secret::SpinSecretStore;
