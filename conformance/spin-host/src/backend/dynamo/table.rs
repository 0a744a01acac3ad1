//! What the service itself does: one call at a time, with its checks.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::DynamoItem;
use super::error;
use crate::backend::Failure;

const MAX_ITEM_BYTES: usize = 400 * 1024;
const MAX_KEY_BYTES: usize = 2048;
const MAX_READS: usize = 100;
const MAX_WRITES: usize = 25;

pub(super) struct Table {
    pub(super) items: BTreeMap<String, DynamoItem>,
    /// What a read that need not be consistent still sees, for each key that was
    /// written since.
    stale: HashMap<String, Option<DynamoItem>>,
    pub(super) transactions: bool,
    pub(super) stale_lists: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            stale: HashMap::new(),
            transactions: true,
            stale_lists: false,
        }
    }
}

/// One write of a batch.
#[derive(Clone)]
pub(super) enum Write {
    Put(String, Vec<u8>),
    Delete(String),
}

impl Write {
    fn key(&self) -> &str {
        match self {
            Self::Put(key, _) | Self::Delete(key) => key,
        }
    }

    /// As the service quotes a request that it refuses.
    fn quoted(&self) -> String {
        match self {
            Self::Put(key, value) => format!(
                "WriteRequest(putRequest=PutRequest(item={{PK=AttributeValue(s={key}), \
                 VAL=AttributeValue(b={})}}))",
                STANDARD.encode(value)
            ),
            Self::Delete(key) => format!(
                "WriteRequest(deleteRequest=DeleteRequest(key={{PK=AttributeValue(s={key})}}))"
            ),
        }
    }
}

/// An update in a transaction.
pub(super) struct Update<'a> {
    pub(super) key: &'a str,
    pub(super) value: Vec<u8>,
    pub(super) counts_version: bool,
    pub(super) condition: Condition,
}

/// What has to hold for an update.
pub(super) enum Condition {
    Always,
    Value(Vec<u8>),
    Version(u64),
    NoValue,
}

impl Table {
    pub(super) fn get(
        &mut self,
        key: &str,
        consistent: bool,
    ) -> Result<Option<DynamoItem>, Failure> {
        check_key(key)?;
        if !consistent && let Some(stale) = self.stale.remove(key) {
            return Ok(stale);
        }
        Ok(self.items.get(key).cloned())
    }

    pub(super) fn write(&mut self, write: Write) -> Result<(), Failure> {
        check_write(&write)?;
        match write {
            Write::Put(key, value) => self.replace(
                &key,
                Some(DynamoItem {
                    value: Some(value),
                    version: None,
                }),
            ),
            Write::Delete(key) => self.replace(&key, None),
        }
        Ok(())
    }

    pub(super) fn update(&mut self, update: Update<'_>) -> Result<(), Failure> {
        if !self.transactions {
            return Err(error::unknown_operation());
        }
        check_key(update.key)?;
        let old = self.items.get(update.key).cloned().unwrap_or_default();
        let holds = match &update.condition {
            Condition::Always => true,
            Condition::Value(value) => old.value.as_ref() == Some(value),
            Condition::Version(version) => old.version == Some(*version),
            Condition::NoValue => old.value.is_none(),
        };
        if !holds {
            return Err(error::canceled(
                "ConditionalCheckFailed",
                "The conditional request failed",
            ));
        }
        let version = match update.counts_version {
            true => Some(old.version.unwrap_or(0) + 1),
            false => old.version,
        };
        let new = DynamoItem {
            value: Some(update.value),
            version,
        };
        if size(update.key, &new) > MAX_ITEM_BYTES {
            return Err(error::canceled(
                "ValidationError",
                "Item size to update has exceeded the maximum allowed size",
            ));
        }
        self.replace(update.key, Some(new));
        Ok(())
    }

    /// All keys, in no order.
    pub(super) fn scan(&mut self) -> Vec<String> {
        let mut items = self.items.clone();
        if self.stale_lists {
            for (key, stale) in self.stale.drain() {
                match stale {
                    Some(item) => items.insert(key, item),
                    None => items.remove(&key),
                };
            }
        }
        let mut keys: Vec<String> = items.into_keys().collect();
        fastrand::shuffle(&mut keys);
        keys
    }

    fn replace(&mut self, key: &str, item: Option<DynamoItem>) {
        let old = match item {
            Some(item) => self.items.insert(key.to_owned(), item),
            None => self.items.remove(key),
        };
        self.stale.insert(key.to_owned(), old);
    }
}

pub(super) fn check_reads(keys: &[String]) -> Result<(), Failure> {
    if keys.len() > MAX_READS {
        return Err(error::validation(
            "Too many items requested for the BatchGetItem call",
        ));
    }
    check_duplicates(keys.iter().map(String::as_str))?;
    keys.iter().try_for_each(|key| check_key(key))
}

pub(super) fn check_writes(writes: &[Write]) -> Result<(), Failure> {
    if writes.len() > MAX_WRITES {
        let quoted: Vec<String> = writes.iter().map(Write::quoted).collect();
        return Err(error::validation(&format!(
            "1 validation error detected: Value '{{table=[{}]}}' at 'requestItems' failed to \
             satisfy constraint: Map value must satisfy constraint: [Member must have length less \
             than or equal to {MAX_WRITES}, Member must have length greater than or equal to 1]",
            quoted.join(", ")
        )));
    }
    check_duplicates(writes.iter().map(Write::key))?;
    writes.iter().try_for_each(check_write)
}

fn check_duplicates<'a>(keys: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(error::validation(
                "Provided list of item keys contains duplicates",
            ));
        }
    }
    Ok(())
}

fn check_write(write: &Write) -> Result<(), Failure> {
    check_key(write.key())?;
    let Write::Put(key, value) = write else {
        return Ok(());
    };
    if key_size(key) + "VAL".len() + value.len() > MAX_ITEM_BYTES {
        return Err(error::validation(
            "Item size has exceeded the maximum allowed size",
        ));
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), Failure> {
    if key.is_empty() {
        return Err(error::validation(
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty string value. Key: PK",
        ));
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(error::validation(
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum \
             size limit of2048 bytes",
        ));
    }
    Ok(())
}

fn key_size(key: &str) -> usize {
    "PK".len() + key.len()
}

/// In bytes, with the names of the attributes. A number takes one, and one for each two
/// digits.
fn size(key: &str, item: &DynamoItem) -> usize {
    let value = item
        .value
        .as_ref()
        .map_or(0, |value| "VAL".len() + value.len());
    let version = item.version.map_or(0, |version| {
        "VER".len() + 1 + version.to_string().len().div_ceil(2)
    });
    key_size(key) + value + version
}
