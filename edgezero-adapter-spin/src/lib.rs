//! EdgeZero's stores inside a Fermyon Spin component.
//!
//! [`SpinKvStore`], [`SpinConfigStore`] and [`SpinSecretStore`] implement the
//! traits of `edgezero-store-traits` on spin-sdk. They work in a component
//! (`wasm32-wasip2`). The crate also compiles for the host, so that rustdoc, Clippy and
//! an editor see it there, but a call panics: there is no Spin to answer it.
//!
//! | Contract | On Spin |
//! | --- | --- |
//! | `KvStore` | the key-value store of a label; no TTL; a listing reads Spin's keys and keeps one page, under a `max_list_keys` cap; increments, swaps and batches through `wasi:keyvalue` |
//! | `ConfigStore` | a key-value store of its own, keys letter for letter |
//! | `SecretStore` | the component's variables; one space for every store id |
//!
//! The feature `wasi-keyvalue`, on by default, is for what `spin:key-value` cannot
//! do: see [`SpinKvStore`]. Without it a component does not import that interface. The
//! feature `fetch` lets an app send requests to other servers:
//! [`Fetch`](edgezero_store_traits::app::Fetch).
//!
//! A label must be in `key_value_stores` of the component in spin.toml, and every
//! label but `default` needs a `[key_value_store.<label>]` stanza in the runtime config
//! file. A stanza of type `spin` needs a `path`.
//!
//! # What holds on which platform
//!
//! The stanza's `type` decides where Spin keeps a store. The platforms differ. The
//! adapter keeps the contract on each, or refuses with an explicit error and changes
//! nothing; what a platform limits is `PlatformLimit`. A test compares this table with
//! what the suite finds in the embedded host, and the suite runs on a real Spin too
//! (not on Cosmos DB, which is from the source of Spin and of its client).
//!
#![doc = include_str!("../PLATFORMS.md")]
//!
//! - Two labels on one Redis database share their keys: give each a database of its own.
//! - An `aws_dynamo` stanza without `consistent_read = true` lets a read see an older
//!   value. DynamoDB's listings are never consistent.
//! - `update` is `Unsupported` on Redis because its swap in Spin 4.1 writes and then
//!   reports a conflict. The adapter tries the swap out before it uses it, so a Spin that
//!   mends it is noticed.
//! - The adapter keeps a few keys of its own in a store, which no listing shows:
//!   [`kv::reserved`](edgezero_store_traits::kv::reserved).
#![doc = "```no_run"]
#![doc = include_str!("../examples/notes.rs")]
#![doc = "```"]
#![forbid(unsafe_code)]

mod component;

pub use component::*;
