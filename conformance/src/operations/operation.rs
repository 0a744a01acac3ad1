//! One call, and the store that it is made to.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A call to one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The store's label.
    pub label: String,
    /// The cap that the store is opened with; `None` opens it without naming one.
    pub max_list_keys: Option<u32>,
    /// The call.
    pub call: Call,
}

/// A call of [`KvHandle`](edgezero_store_traits::KvHandle), named as its method, or
/// a few of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "its fields are the method's parameters")]
pub enum Call {
    Get {
        key: String,
    },
    Put {
        key: String,
        value: Blob,
    },
    PutWithTtl {
        key: String,
        value: Blob,
        seconds: u64,
    },
    Delete {
        key: String,
    },
    Exists {
        key: String,
    },
    /// `require` of a number.
    Require {
        key: String,
    },
    /// `put` of a number.
    PutNumber {
        key: String,
        number: i64,
    },
    Page {
        prefix: String,
        place: Place,
        limit: usize,
    },
    /// The page after one that was given for this label: `back` 0 is the last.
    NextPage {
        back: usize,
        limit: usize,
    },
    Pages {
        prefix: String,
        limit: usize,
    },
    GetMany {
        keys: Vec<String>,
    },
    PutMany {
        pairs: Vec<(String, Blob)>,
    },
    /// `put_many` of `count` keys: the prefix and a number of four digits.
    Fill {
        prefix: String,
        count: usize,
    },
    DeleteMany {
        keys: Vec<String>,
    },
    Increment {
        key: String,
        delta: i64,
    },
    Counter {
        key: String,
    },
    /// `update` of a number, by adding; `None` declines.
    Update {
        key: String,
        add: Option<i64>,
    },
    /// `read_modify_write_not_atomic` of a number, 0 by default, by adding.
    UpdateNotAtomic {
        key: String,
        add: i64,
    },
    /// `compare_and_swap`, whose handle is kept for the next [`Call::Swap`].
    ReadToSwap {
        key: String,
    },
    /// `swap` on the handle that was kept last, if one is.
    Swap {
        value: Blob,
    },
    Capabilities,
    /// All keys with their values, by `pages` and `get_many`.
    Everything,
}

/// Where a page starts. Counted back, 0 is the last cursor that was given for the
/// label; where none was given yet, it is the first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The first page.
    Start,
    /// A cursor, so many back.
    Given(usize),
    /// A cursor, so many back, without its last letter.
    Cut(usize),
    /// A cursor, so many back, with another letter at this place.
    Edited(usize, usize),
    /// A cursor that nobody gave.
    MadeUp(String),
}

impl Call {
    /// The pairs that [`Call::Fill`] puts.
    pub fn filling(prefix: &str, count: usize) -> Vec<(String, Bytes)> {
        let keys = (0..count).map(|n| format!("{prefix}{n:04}"));
        keys.map(|key| (key, Bytes::from_static(b"full"))).collect()
    }
}

/// The bytes of a value; in JSON a text with one character for each.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Blob(pub Bytes);

impl From<Blob> for String {
    fn from(blob: Blob) -> Self {
        blob.0.iter().copied().map(char::from).collect()
    }
}

impl TryFrom<String> for Blob {
    type Error = std::char::TryFromCharError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        Ok(Self(bytes?.into()))
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 24;
        if self.0.len() <= SHOWN {
            return self.0.fmt(f);
        }
        let start = self.0.slice(..SHOWN);
        write!(f, "{start:?}… ({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn a_value_of_any_bytes_is_the_same_after_json() {
        let value = Blob((0..=255).collect());
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Blob>(&json).unwrap(), value);
        assert!(serde_json::from_str::<Blob>("\"Ā\"").is_err());
    }
}
