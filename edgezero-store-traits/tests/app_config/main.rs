//! An app's configuration, read into a struct.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod edgezero;
mod fields;
mod lists;
mod messages;
#[cfg(feature = "validator")]
mod rules;
mod secrets;
mod serde_attributes;
mod stores;
#[cfg(feature = "validator")]
mod whole;
