//! The cases, by subject.

mod kv;

use crate::Case;

/// Every case of the suite, in the specification's order.
pub fn suite() -> impl Iterator<Item = Case> {
    kv::CASES.iter().copied().flatten().copied()
}
