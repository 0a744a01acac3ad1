//! Apps: their stores by the ids that they declared, whatever platform serves them.
//!
//! An app declares its stores in `edgezero.toml`, and [`app!`](crate::app!) makes an
//! [`App`] of it. A platform runs it with [`Stores`], which its handlers reach by the
//! extractors [`Kv`], [`Config`], [`Secrets`] and [`Typed`].

mod error;
mod extract;
mod metadata;
mod names;
mod response;
mod stores;

pub use axum;

pub use self::error::AppError;
pub use self::extract::{Config, Kv, Secrets, Typed};
pub use self::metadata::{App, Metadata, StoreIds};
pub use self::names::{KvName, StartError, StoreNames};
pub use self::response::ErrorReport;
pub use self::stores::{OpenStores, Stores};
