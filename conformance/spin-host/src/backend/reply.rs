//! How much Spin's host hands to a component at once.

use super::{Failure, Pair};

/// The most that one reply may hold, in bytes: Spin's own limit.
pub const MAX_REPLY_BYTES: usize = 128 << 20;

/// The limit of one store.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaxReply(pub(super) usize);

impl MaxReply {
    /// Spin counts what a value takes in its memory, with the `Option` around it.
    pub(super) fn value(self, value: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Failure> {
        let length = value.as_ref().map_or(0, Vec::len);
        self.check(size_of::<Option<Vec<u8>>>() + length)?;
        Ok(value)
    }

    pub(super) fn keys(self, keys: Vec<String>) -> Result<Vec<String>, Failure> {
        let each = keys.iter().map(|key| size_of::<String>() + key.len());
        self.check(size_of::<Vec<String>>() + each.sum::<usize>())?;
        Ok(keys)
    }

    pub(super) fn pairs(self, pairs: Vec<Pair>) -> Result<Vec<Pair>, Failure> {
        let each = pairs
            .iter()
            .map(|(key, value)| size_of::<Pair>() + key.len() + value.as_ref().map_or(0, Vec::len));
        self.check(size_of::<Vec<Pair>>() + each.sum::<usize>())?;
        Ok(pairs)
    }

    /// A key of a stream: each is a reply of its own.
    pub(super) fn key(self, key: &str, refusal: &str) -> Result<(), Failure> {
        if key.len() > self.0 {
            let text = format!("{refusal} exceeds limit of {} bytes", self.0);
            return Err(Failure::Other(text));
        }
        Ok(())
    }

    fn check(self, bytes: usize) -> Result<(), Failure> {
        if bytes > self.0 {
            let text = format!("query result exceeds limit of {} bytes", self.0);
            return Err(Failure::Other(text));
        }
        Ok(())
    }
}
