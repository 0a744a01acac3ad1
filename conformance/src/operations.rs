//! Calls of a [`KvHandle`](edgezero_store_traits::KvHandle) as data: made up in one
//! place, run in another, answered as data.
//!
//! A test runs the same [`Operation`]s natively, in a component and in another
//! process, through the same [`Session`], and compares the [`Answer`]s.

mod answer;
mod operation;
mod session;

pub use answer::{Answer, Cursor};
pub use operation::{Blob, Call, Operation, Place};
pub use session::{Given, Givens, Session, Stores, Work};
