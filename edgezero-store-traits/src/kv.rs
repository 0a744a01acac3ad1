//! Key-value stores: the trait, the handle, and what a backend builds them from.

pub mod batch;
pub mod counter;
pub mod limits;
pub mod reserved;
pub mod ticket;

mod capabilities;
pub mod cursor;
mod error;
mod handle;
mod listing;
mod store;
mod swap;

pub use capabilities::KvCapabilities;
pub use error::KvError;
pub use handle::{KvHandle, KvSwapHandle};
pub use listing::PageSelector;
pub use store::{KvPage, KvStore};
pub use swap::KvSwap;
