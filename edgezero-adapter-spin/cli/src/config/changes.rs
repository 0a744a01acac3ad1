//! What a push changes, and how much of it is shown.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use edgezero_store_sqlite::{SqliteFile, Stored};
use edgezero_store_traits::app_config::FieldKind;
use edgezero_store_traits::kv::limits::MAX_PAGE_KEYS;
use edgezero_store_traits::{KvHandle, Label, SecretName};

use super::envelope;
use super::values::Pair;
use crate::document::is_there;
use crate::kv::{runtime, unreadable};
use crate::spin::Spin;
use crate::typed::Types;

/// What a label holds of a configuration. Of other keys, only their names are read.
#[derive(Default, PartialEq)]
pub(super) struct Before {
    values: HashMap<String, Stored>,
    /// Whether the store's id is the key of a configuration in EdgeZero's own form.
    pub(super) has_envelope: bool,
    /// The keys that the configuration does not have, in order; only where they were asked
    /// for.
    pub(super) others: Vec<String>,
    /// Keys that are not UTF-8; only where the other keys were asked for.
    unreadable: Vec<Vec<u8>>,
}

impl Before {
    /// Nothing, where there is no file yet. `id` is that of the store, and `with_others` asks
    /// for the other keys.
    pub(super) fn read(
        file: &Path,
        label: &Label,
        id: &str,
        pairs: &[Pair],
        with_others: bool,
    ) -> anyhow::Result<Self> {
        if !is_there(file)? {
            return Ok(Self::default());
        }
        let store = SqliteFile::open_read_only(file)?.kv_with_max_list_keys(label.as_str(), 0)?;
        let store = store.skip_unreadable_keys();
        let keys: Vec<&str> = pairs.iter().map(|pair| &*pair.key).collect();
        let runtime = runtime()?;
        let found = runtime.block_on(store.look(&keys))?;
        let under_id = runtime.block_on(store.look(&[id]))?;
        let has_envelope = under_id
            .iter()
            .any(|stored| matches!(stored, Stored::Value(value) if envelope::is_one(value)));
        let mut others = Vec::new();
        if with_others {
            let handle = KvHandle::new(Arc::new(store.clone()));
            let mut cursor = None;
            loop {
                let page = handle.list_keys_page("", cursor.as_deref(), MAX_PAGE_KEYS);
                let page = runtime.block_on(page)?;
                others.extend(page.keys);
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        let values: HashMap<_, _> = pairs.iter().map(|p| p.key.clone()).zip(found).collect();
        others.retain(|key| !values.contains_key(key));
        Ok(Self {
            values,
            has_envelope,
            others,
            unreadable: store.skipped_keys(),
        })
    }

    /// Says what of the label is neither shown nor written.
    pub(super) fn say_unreadable(&self, label: &Label, file: &Path) -> anyhow::Result<()> {
        unreadable::say(&self.unreadable, label, file)
    }

    /// Whether a push of `pairs` changes nothing.
    pub(super) fn has_all(&self, pairs: &[Pair]) -> bool {
        self.others.is_empty() && pairs.iter().all(|pair| self.change(pair) == Change::Same)
    }

    pub(super) fn change(&self, pair: &Pair) -> Change {
        match self.values.get(&pair.key) {
            None | Some(Stored::Missing) => Change::Added,
            Some(Stored::Value(value)) if *value == pair.text => Change::Same,
            Some(_) => Change::Changed,
        }
    }

    /// The value of a key; a value that Spin cannot read is none.
    pub(super) fn value(&self, key: &str) -> Option<&Bytes> {
        match self.values.get(key) {
            Some(Stored::Value(value)) => Some(value),
            _ => None,
        }
    }
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Changed,
    Same,
}
/// Decides what of a value may be seen.
pub(super) struct Shown<'a> {
    pub(super) types: Option<&'a Types>,
    pub(super) spin: &'a Spin,
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
        let Some(field) = types.field(key) else {
            return size();
        };
        if field.kind == FieldKind::Secret {
            let name = SecretName::new(text).ok();
            let declared = name.filter(|name| {
                let manifest = self.spin.app.manifest();
                manifest.is_some_and(|file| file.get(&["variables", name.as_str()]).is_some())
            });
            return match declared {
                Some(name) => format!("{name} (a secret's name)"),
                None => "(a secret's name, declared nowhere)".to_owned(),
            };
        }
        if field.holds_secrets {
            return format!("{}, with the names of secrets", size());
        }
        let mut short: String = text.chars().take(60).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short.escape_debug().to_string()
    }
}
