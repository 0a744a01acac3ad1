//! Secrets: values by name, defined by whoever runs the app.

mod error;
mod handle;
mod name;
mod store;

pub use error::SecretError;
pub use handle::SecretHandle;
pub use name::{InvalidSecretName, SecretName};
pub use store::SecretStore;
