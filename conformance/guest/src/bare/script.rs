//! The steps of a script, and what they come to.

use std::fmt::Debug;

use serde::Deserialize;

/// One step.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(super) enum Step {
    /// How many scripts this instance has run, with this one.
    Served,
    Open {
        label: String,
        #[serde(default = "once")]
        times: u32,
    },
    Get {
        key: String,
    },
    Set {
        key: String,
        value: String,
    },
    Delete {
        key: String,
    },
    Exists {
        key: String,
    },
    GetKeys,
    /// Deletes all keys.
    Clear,
    /// Begins a stream and reads its first key.
    BeginKeys,
    /// Reads the rest of the stream.
    EndKeys,
    /// Drops the stream, and waits for its end.
    DropKeys,
    OpenBucket {
        label: String,
        #[serde(default = "once")]
        times: u32,
    },
    CloseBuckets,
    ListKeys {
        cursor: Option<String>,
    },
    GetMany {
        keys: Vec<String>,
    },
    SetMany {
        pairs: Vec<(String, String)>,
    },
    DeleteMany {
        keys: Vec<String>,
    },
    Increment {
        key: String,
        delta: i64,
    },
    NewSwap {
        key: String,
        #[serde(default = "once")]
        times: u32,
    },
    Current,
    Swap {
        value: String,
    },
    /// Begins, reads and makes a swap, again and again.
    SwapOften {
        key: String,
        value: String,
        times: u32,
    },
}

fn once() -> u32 {
    1
}

pub(super) fn opened(count: usize) -> String {
    count.to_string()
}

/// A step that was done so often before it failed.
pub(super) fn failed(count: usize, error: impl Debug) -> String {
    format!("{count}, then {error:?}")
}

/// What a call came to, as text.
pub(super) trait Done {
    fn done(self) -> String;
}

impl<T: Shown, E: Debug> Done for Result<T, E> {
    fn done(self) -> String {
        match self {
            Ok(value) => value.shown(),
            Err(error) => format!("{error:?}"),
        }
    }
}

/// A value as text: bytes as far as they are text.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for () {
    fn shown(&self) -> String {
        "done".to_owned()
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for i64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Option<Vec<u8>> {
    fn shown(&self) -> String {
        match self {
            Some(value) => format!("{:?}", String::from_utf8_lossy(value)),
            None => "nothing".to_owned(),
        }
    }
}

/// Sorted: hosts promise no order.
impl Shown for Vec<String> {
    fn shown(&self) -> String {
        let mut keys = self.clone();
        keys.sort();
        keys.join(" ")
    }
}

impl Shown for Vec<(String, Option<Vec<u8>>)> {
    fn shown(&self) -> String {
        let pairs = self.iter();
        let pairs: Vec<String> = pairs
            .map(|(key, value)| format!("{key}={}", value.shown()))
            .collect();
        pairs.shown()
    }
}
