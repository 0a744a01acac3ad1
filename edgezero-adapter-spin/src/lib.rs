//! EdgeZero's stores inside a Fermyon Spin component.
//!
//! [`SpinKvStore`], [`SpinConfigStore`] and [`SpinSecretStore`] implement the
//! traits of `edgezero-store-traits` on spin-sdk. They exist in a component
//! (`wasm32-wasip2`) only: on the host there is no Spin to call, and the crate has
//! no more than the command line, with the feature `cli`.
//!
//! | Contract | On Spin |
//! | --- | --- |
//! | `KvStore` | the key-value store of a label; no TTL; a listing reads Spin's keys and keeps one page, under a `max_list_keys` cap; increments, swaps and batches through `wasi:keyvalue` |
//! | `ConfigStore` | a key-value store of its own, keys letter for letter |
//! | `SecretStore` | the component's variables; one space for every store id |
//!
//! The feature `wasi-keyvalue`, on by default, is for what `spin:key-value` cannot
//! do: see [`SpinKvStore`]. Without it a component does not import that interface.
//!
//! A label must be in `key_value_stores` of the component in spin.toml, and every
//! label but `default` needs a `[key_value_store.<label>]` stanza, with a `path`,
//! in the runtime config file.
#![doc = "```ignore"]
#![doc = include_str!("../examples/notes.rs")]
#![doc = "```"]
#![forbid(unsafe_code)]

// rustdoc and clippy look at the component's code on the host too.
#[cfg(any(target_arch = "wasm32", doc, clippy))]
mod component;

#[cfg(any(target_arch = "wasm32", doc, clippy))]
pub use component::*;

#[cfg(feature = "cli")]
pub mod cli;
