//! Calls and listings of one label, apart.
//!
//! While a stream of keys is open, Spin's SQLite store keeps its one connection locked.
//! Another call of the same instance would wait for the connection, and with it the
//! whole instance: nobody would read the stream to its end, and both would wait for
//! ever. So a store opens a stream when no other call of the instance is under way, and
//! the others wait for its end.

use async_lock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

#[derive(Default)]
pub(super) struct Gate(RwLock<()>);

impl Gate {
    /// A call begins; it lasts as long as what this gives.
    pub(super) async fn call(&self) -> RwLockReadGuard<'_, ()> {
        self.0.read().await
    }

    /// A stream of keys is opened; it is open as long as what this gives is kept.
    pub(super) async fn stream(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.write().await
    }
}
