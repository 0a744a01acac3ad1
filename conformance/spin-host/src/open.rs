//! What an instance has open: stores and swaps, by number.

use std::collections::HashMap;
use std::sync::Arc;

use crate::backend::{Store, Swap};

/// How a component holds a store: `store` of `spin:key-value` and `bucket` of
/// `wasi:keyvalue` are numbers of one table.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct StoreHandle;

/// How a component holds a compare-and-swap.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct SwapHandle;

/// The stores and swaps of one instance.
pub(crate) struct Open {
    pub(crate) stores: Slots<Arc<dyn Store>>,
    /// `swap` takes the component's handle, and Spin leaves its entry here: it ends with
    /// the instance, and so does what it holds, such as a connection to Redis.
    pub(crate) swaps: Slots<OpenSwap>,
}

/// A swap, and what it takes to begin it again.
#[derive(Clone)]
pub(crate) struct OpenSwap {
    pub(crate) swap: Arc<dyn Swap>,
    pub(crate) bucket: u32,
    pub(crate) key: String,
}

impl Open {
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            stores: Slots::new(capacity),
            swaps: Slots::new(capacity),
        }
    }
}

/// A table of limited size. A number comes again only after all others.
pub(crate) struct Slots<T> {
    capacity: u32,
    next: u32,
    taken: HashMap<u32, T>,
}

impl<T> Slots<T> {
    fn new(capacity: u32) -> Self {
        Self {
            capacity,
            next: 0,
            taken: HashMap::new(),
        }
    }

    /// The number that it gets, or `None` where the table is full.
    pub(crate) fn push(&mut self, item: T) -> Option<u32> {
        if self.taken.len() >= self.capacity as usize {
            return None;
        }
        while self.taken.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.taken.insert(number, item);
        Some(number)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.taken.get(&number)
    }

    pub(crate) fn remove(&mut self, number: u32) {
        self.taken.remove(&number);
    }
}
