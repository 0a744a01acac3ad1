//! One debug event per backend call: what, how it went, how long, how large.
//!
//! Never the text of a key or a value, and of a secret not even its length.

use std::time::Instant;

use tracing::{Level, debug, enabled};

use crate::{ConfigError, KvError, SecretError};

const TARGET: &str = "edgezero_store";

/// A backend call under way.
pub(crate) struct Call {
    store: &'static str,
    operation: &'static str,
    key_len: Option<usize>,
    value_len: Option<usize>,
    keys: Option<usize>,
    /// `None` where nobody listens: reading a component's clock costs a host call.
    started: Option<Instant>,
}

impl Call {
    pub(crate) fn start(store: &'static str, operation: &'static str) -> Self {
        Self {
            store,
            operation,
            key_len: None,
            value_len: None,
            keys: None,
            started: enabled!(target: TARGET, Level::DEBUG).then(Instant::now),
        }
    }

    /// The length of the key or of the prefix, in bytes.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.key_len = Some(key.len());
        self
    }

    /// The length of the value that is written, in bytes.
    pub(crate) fn value(mut self, value: &[u8]) -> Self {
        self.value_len = Some(value.len());
        self
    }

    /// How many keys a batch is about.
    pub(crate) fn keys(mut self, keys: usize) -> Self {
        self.keys = Some(keys);
        self
    }

    /// The length of all values of a batch that is written, in bytes.
    pub(crate) fn values(mut self, length: usize) -> Self {
        self.value_len = Some(length);
        self
    }

    /// Reports the end; `measure` adds the size of a good result.
    pub(crate) fn end<T, E: Kind>(
        mut self,
        result: Result<T, E>,
        measure: impl FnOnce(&mut Self, &T),
    ) -> Result<T, E> {
        if let Some(started) = self.started {
            let outcome = match &result {
                Ok(found) => {
                    measure(&mut self, found);
                    "ok"
                }
                Err(error) => error.kind(),
            };
            self.emit(started, outcome);
        }
        result
    }

    /// Apart, so that there is one of it and not one for each type of result.
    fn emit(&self, started: Instant, outcome: &'static str) {
        let elapsed = started.elapsed();
        debug!(
            target: TARGET,
            store = self.store,
            operation = self.operation,
            outcome,
            elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            key_len = self.key_len,
            value_len = self.value_len,
            keys = self.keys,
        );
    }

    pub(crate) fn found_value(&mut self, value: &Option<impl AsRef<[u8]>>) {
        self.value_len = value.as_ref().map(|value| value.as_ref().len());
    }

    /// The length of all values of a batch that was found, in bytes.
    pub(crate) fn found_values(&mut self, values: &[Option<impl AsRef<[u8]>>]) {
        let found = values.iter().flatten();
        self.value_len = Some(found.map(|value| value.as_ref().len()).sum());
    }

    pub(crate) fn found_keys(&mut self, keys: &[String]) {
        self.keys = Some(keys.len());
    }

    /// For a result without a size.
    pub(crate) fn no_size<T>(&mut self, _: &T) {}
}

/// An error that can say its kind in a word.
pub(crate) trait Kind {
    fn kind(&self) -> &'static str;
}

macro_rules! kind {
    ($($error:ty),*) => {$(
        impl Kind for $error {
            fn kind(&self) -> &'static str {
                <$error>::kind(self)
            }
        }
    )*};
}

kind!(KvError, ConfigError, SecretError);
