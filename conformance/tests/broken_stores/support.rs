//! The two backends that are broken.
#![allow(dead_code, reason = "each test target uses its part")]

#[path = "../support/memory.rs"]
pub(crate) mod memory;
#[path = "../support/sqlite.rs"]
pub(crate) mod sqlite;
#[path = "../support/system_calls.rs"]
pub(crate) mod system_calls;
