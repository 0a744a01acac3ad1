//! Apps: their stores by the ids that they declared, whatever platform serves them.
//!
//! An app declares its stores in `edgezero.toml`, and [`app!`](crate::app!) makes an
//! [`App`] of it. A platform runs it with [`Stores`], which its handlers reach by the
//! extractors [`Kv`], [`Config`], [`Secrets`] and [`Typed`]. [`Fetch`] sends requests to
//! other servers, and [`ClientAddress`] is the client's.

mod client;
mod error;
mod extract;
mod fetch;
mod metadata;
mod names;
mod response;
mod stores;

pub use axum;

pub use self::client::ClientAddress;
pub use self::error::AppError;
pub use self::extract::{Config, Kv, Secrets, Typed};
pub use self::fetch::{Fetch, FetchError, MAX_FETCHED_BYTES, SendRequest, server_of};
pub use self::metadata::{App, Metadata, StoreIds};
pub use self::names::{KvName, StartError, StoreNames};
pub use self::response::ErrorReport;
pub use self::stores::{OpenStores, Stores};
