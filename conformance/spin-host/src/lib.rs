//! An embedded Spin host, the tests' own `spin up`.
//!
//! It runs a real component in wasmtime, with WASI 0.2 and 0.3,
//! `spin:key-value@3.0.0`, `wasi:keyvalue@0.2.0-draft2` and
//! `spin:variables@3.0.0`, as Spin 4 does: stores are SQLite files with Spin's
//! table, a component sees only the labels it was given, one instance serves many
//! requests. Two things it does on purpose that Spin
//! does not: keys are listed in shuffled order, because Spin promises none, and it
//! fails when it is told to ([`Fault`]).
//!
//! Its store is written from Spin's documented behaviour and shares no code with
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
mod calls;
mod host;
mod instance;
mod key_value;
mod manifest;
mod serve;
mod storage;
mod variables;
mod wasi_keyvalue;

pub mod component;

pub use calls::{Call, Calls, Fault};
pub use host::{HostError, SpinHost, SpinHostBuilder};
