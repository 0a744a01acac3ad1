//! Many keys in one call, in parts that every platform takes.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use edgezero_store_traits::{KvError, KvStore};
use spin_sdk::key_value::Error;

use super::SpinKvStore;
use super::facts::Counters;
use super::patience::when_not_busy;
use crate::component::error;
use crate::component::kv::key_limits;
use crate::component::kv::stream;

/// The most keys in one call that reads; DynamoDB takes no more.
const MOST_READS: usize = 100;

/// The most keys in one call that writes; DynamoDB takes no more.
const MOST_WRITES: usize = 25;

impl SpinKvStore {
    pub(super) async fn read_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let plain = &self.inner.plain;
        for key in keys {
            plain.check_key(key, key_limits::spoils_a_read).await?;
        }
        let mut found: HashMap<String, Bytes> = HashMap::with_capacity(keys.len());
        for part in once_each(keys).chunks(MOST_READS) {
            self.inner.no_stream().await;
            // On Redis the host panics on a batch of one key, or answers wrongly, and
            // fails on a larger one.
            let together = match part {
                [_] => None,
                part => match self.inner.bucket.get_many(part) {
                    Ok(pairs) => Some(pairs),
                    // Too large, or another fault, which single reads meet as well.
                    Err(Error::Other(_)) => None,
                    Err(cause) => {
                        return Err(self.failed(&format!("read {} keys", part.len()), cause));
                    }
                },
            };
            if let Some(pairs) = together {
                let pairs = pairs.into_iter();
                found.extend(pairs.map(|(key, value)| (key, Bytes::from(value))));
                continue;
            }
            for key in part {
                if let Some(value) = plain.get_bytes(key).await? {
                    found.insert(key.clone(), value);
                }
            }
        }
        Ok(keys.iter().map(|key| found.get(*key).cloned()).collect())
    }

    pub(super) async fn write_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        let plain = &self.inner.plain;
        for (key, _) in &pairs {
            plain.check_key(key, key_limits::spoils_a_put).await?;
        }
        // Each key once: the interface does not say which of two values wins.
        let last: HashMap<String, Bytes> = pairs.into_iter().collect();
        let mut pairs: Vec<(String, Vec<u8>)> = last
            .into_iter()
            .map(|(key, value)| (key, value.into()))
            .collect();
        // What a platform may refuse comes first, before anything else is written.
        pairs.sort_by_key(|(key, value)| (!key_limits::is_refused(key), Reverse(value.len())));
        let (size, total) = (self.part(pairs.len()).await, pairs.len());
        let mut written = 0;
        for part in pairs.chunks(size) {
            let done = when_not_busy(&self.inner, || self.inner.bucket.set_many(part)).await;
            if let Err(cause) = done {
                if written == 0 && error::is_refused(&cause) {
                    return Err(self.refused(part).await);
                }
                return Err(self.part_failed(
                    "write",
                    "written",
                    written,
                    part.len(),
                    total,
                    cause,
                ));
            }
            written += part.len();
        }
        Ok(())
    }

    /// The error of a batch that the platform refused: of its first key, which is one
    /// that Cosmos does not hold, or else of its largest value.
    async fn refused(&self, part: &[(String, Vec<u8>)]) -> KvError {
        let (first, _) = &part[0];
        if self.inner.plain.refuses(first).await {
            return key_limits::refusal(first);
        }
        let (key, length) = part.iter().fold((first, 0), |largest, (key, value)| {
            if value.len() > largest.1 {
                (key, value.len())
            } else {
                largest
            }
        });
        stream::too_large(key, length)
    }

    pub(super) async fn remove_many(&self, keys: &[&str]) -> Result<(), KvError> {
        let keys = once_each(keys);
        let (size, total) = (self.part(keys.len()).await, keys.len());
        let mut deleted = 0;
        for part in keys.chunks(size) {
            let done = when_not_busy(&self.inner, || self.inner.bucket.delete_many(part)).await;
            done.map_err(|cause| {
                self.part_failed("delete", "deleted", deleted, part.len(), total, cause)
            })?;
            deleted += part.len();
        }
        Ok(())
    }

    /// How many of `keys` one call may write. SQLite takes all of them, in one
    /// transaction.
    async fn part(&self, keys: usize) -> usize {
        if keys <= MOST_WRITES {
            return MOST_WRITES;
        }
        match self.inner.counters().await {
            Ok(Counters::Binary) => keys,
            _ => MOST_WRITES,
        }
    }

    /// The error of a call with `part` of the keys, after `done` of them were done.
    fn part_failed(
        &self,
        verb: &str,
        participle: &str,
        done: usize,
        part: usize,
        total: usize,
        cause: Error,
    ) -> KvError {
        let action = if part == total {
            format!("{verb} {total} keys (some of them may be {participle})")
        } else {
            format!(
                "{verb} {part} of {total} keys ({done} others are {participle}, and some of \
                 these may be)"
            )
        };
        self.failed(&action, cause)
    }
}

fn once_each(keys: &[&str]) -> Vec<String> {
    let mut seen = HashSet::with_capacity(keys.len());
    let first = keys.iter().filter(|key| seen.insert(**key));
    first.map(|key| (*key).to_owned()).collect()
}
