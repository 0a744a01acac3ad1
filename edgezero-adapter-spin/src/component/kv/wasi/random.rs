//! Random numbers that differ between the instances of a component.
//!
//! A generator that is seeded by a clock would not do: each instance has a clock of its
//! own, which begins with it.

use std::hash::{BuildHasher, RandomState};

pub(super) fn u64() -> u64 {
    // Its keys come from the host's random numbers, and differ from call to call.
    RandomState::new().hash_one(0_u8)
}

/// At least 0 and less than 1.
pub(super) fn fraction() -> f64 {
    f64::from((u64() >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}
