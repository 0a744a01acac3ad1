//! The cases, by subject.

mod config;
mod errors;
mod failing;
mod kv;
mod secret;
mod tracing;

use crate::Case;

/// Every case of the suite, in the specification's order.
pub fn suite() -> impl Iterator<Item = Case> {
    let others = [
        config::CASES,
        secret::CASES,
        errors::CASES,
        self::tracing::CASES,
    ];
    kv::CASES.iter().copied().chain(others).flatten().copied()
}
