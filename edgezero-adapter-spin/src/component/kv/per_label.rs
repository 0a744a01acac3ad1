//! What an instance of the component keeps about a label, for all stores that it opens
//! with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use edgezero_store_traits::Label;

pub(super) struct PerLabel<T>(Mutex<BTreeMap<Label, Arc<T>>>);

impl<T: Default> PerLabel<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    pub(super) fn of(&self, label: &Label) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(label.clone()).or_default().clone()
    }
}
