//! An embedded Spin host, the tests' own `spin up`.
//!
//! It runs a real component in wasmtime, with WASI 0.2 and 0.3,
//! `spin:key-value@3.0.0`, `wasi:keyvalue@0.2.0-draft2` and
//! `spin:variables@3.0.0`, as Spin 4.1 does: on each of Spin's four key-value backends,
//! with what is odd about each ([`backend`]); a component sees only the labels it was
//! given; several instances serve at once. Two things it does on purpose that Spin does
//! not: keys are listed in shuffled order, because Spin promises none, and it fails or
//! ends an instance when a test asks for it ([`Calls`]).
//!
//! It is written from Spin's behaviour and shares no code with
//! `edgezero-store-sqlite`, so that one proves the other.
//!
//! ```no_run
//! use edgezero_spin_host::SpinHost;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let host = SpinHost::builder("target/app.wasm")
//!     .key_value("default", ".spin/sqlite_key_value.db")
//!     .variable("greeting", "Hello")
//!     .build()?;
//! let response = host.handle(http::Request::get("/").body(Default::default())?).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod bindings;
mod builder;
mod calls;
mod host;
mod instance;
mod key_value;
mod manifest;
mod open;
mod redis_server;
mod runtime;
mod serve;
mod spin_process;
mod variables;
mod wasi_keyvalue;

pub mod backend;
pub mod component;

pub use builder::SpinHostBuilder;
pub use calls::{Call, Calls, Fault, When};
pub use host::{HostError, SpinHost};
pub use redis_server::{RedisServer, RedisServerError};
pub use spin_process::{SpinProcess, SpinProcessError};
