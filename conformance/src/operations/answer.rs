//! What came of a call.

use std::fmt;

use edgezero_store_traits::{KvCapabilities, KvError, KvPage};
use serde::{Deserialize, Serialize};

use super::Blob;

/// What came of an [`Operation`](super::Operation): equal where two stores answered
/// alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was done; there is nothing to tell.
    Done,
    /// A value, or none.
    Value(Option<Blob>),
    /// The values of several keys.
    Values(Vec<Option<Blob>>),
    /// Keys with their values.
    Pairs(Vec<(String, Option<Blob>)>),
    /// Yes or no.
    Flag(bool),
    /// A number, or none.
    Number(Option<i64>),
    /// A page.
    Page {
        /// Its keys.
        keys: Vec<String>,
        /// Its cursor.
        cursor: Cursor,
    },
    /// Pages, and perhaps an error as the last.
    Pages(Vec<Answer>),
    /// What the store can do.
    #[expect(missing_docs, reason = "as in KvCapabilities")]
    Capabilities {
        ttl: bool,
        max_list_keys: Option<u32>,
        increment: bool,
        compare_and_swap: bool,
        transactions: bool,
    },
    /// The call needs a swap handle or a cursor of earlier, and there is none.
    NotMade,
    /// It failed.
    Failed {
        /// The error's `kind()`.
        kind: String,
        /// The error's `status()`.
        status: u16,
    },
}

/// A page's cursor. Its text is the store's own: two are equal where both are there
/// or neither is.
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub Option<String>);

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_some() == other.0.is_some()
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some" } else { "None" })
    }
}

impl From<KvError> for Answer {
    fn from(error: KvError) -> Self {
        Self::Failed {
            kind: error.kind().to_owned(),
            status: error.status(),
        }
    }
}

impl From<KvPage> for Answer {
    fn from(page: KvPage) -> Self {
        Self::Page {
            keys: page.keys,
            cursor: Cursor(page.cursor),
        }
    }
}

impl From<KvCapabilities> for Answer {
    fn from(can: KvCapabilities) -> Self {
        Self::Capabilities {
            ttl: can.ttl,
            max_list_keys: can.max_list_keys.map(u32::from),
            increment: can.increment,
            compare_and_swap: can.compare_and_swap,
            transactions: can.transactions,
        }
    }
}
