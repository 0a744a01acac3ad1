//! What a push changes, and how much of it is shown.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::kv::limits::MAX_PAGE_KEYS;
use edgezero_store_traits::{KvHandle, Label, SecretName};

use super::values::Pair;
use crate::kv::runtime;
use crate::spin_toml::SpinToml;
use crate::typed::Types;

/// What a store holds, by key.
pub(super) type Stored = BTreeMap<String, Bytes>;

/// Everything under a label; nothing where there is no file yet.
pub(super) fn stored(file: &Path, label: &Label) -> anyhow::Result<Stored> {
    let mut stored = Stored::new();
    if !file.exists() {
        return Ok(stored);
    }
    let store = SqliteFile::open(file)?.kv_with_max_list_keys(label.as_str(), 0)?;
    let store = KvHandle::new(Arc::new(store));
    runtime()?.block_on(async {
        let mut cursor = None;
        loop {
            let page = store
                .list_keys_page("", cursor.as_deref(), MAX_PAGE_KEYS)
                .await?;
            let values = store.get_many_bytes(&page.keys).await?;
            let pairs = page.keys.into_iter().zip(values);
            // One deleted in between is none.
            stored.extend(pairs.filter_map(|(key, value)| Some((key, value?))));
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(stored);
            }
        }
    })
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Changed,
    Same,
}

pub(super) fn change(stored: &Stored, pair: &Pair) -> Change {
    match stored.get(&pair.key) {
        None => Change::Added,
        Some(value) if *value == pair.text => Change::Same,
        Some(_) => Change::Changed,
    }
}

/// The stored keys that the file does not have.
pub(super) fn removed(stored: &Stored, pairs: &[Pair]) -> Vec<String> {
    let kept: std::collections::HashSet<&str> = pairs.iter().map(|pair| &*pair.key).collect();
    let gone = stored.keys().filter(|key| !kept.contains(key.as_str()));
    gone.cloned().collect()
}

/// Decides what of a value may be seen.
pub(super) struct Shown<'a> {
    pub(super) types: Option<&'a Types>,
    pub(super) spin_toml: Option<&'a SpinToml>,
}

impl Shown<'_> {
    /// A value, where it is known to be no secret: the name of a secret only where
    /// spin.toml declares it, for it may be the secret itself, put in its name's
    /// place; and without types no value, for any key may be a secret's.
    pub(super) fn value(&self, key: &str, value: &[u8]) -> String {
        let size = || format!("({} bytes)", value.len());
        let (Some(types), Ok(text)) = (self.types, std::str::from_utf8(value)) else {
            return size();
        };
        if types.field(key).is_none() {
            return size();
        }
        if types.is_secret(key) {
            let name = SecretName::new(text).ok();
            let declared = name.filter(|name| {
                let spin_toml = self.spin_toml;
                spin_toml.is_some_and(|spin_toml| spin_toml.variable(name.as_str()).is_some())
            });
            return match declared {
                Some(name) => format!("{name} (a secret's name)"),
                None => "(a secret's name, declared nowhere)".to_owned(),
            };
        }
        let mut short: String = text.chars().take(60).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short.escape_debug().to_string()
    }
}
