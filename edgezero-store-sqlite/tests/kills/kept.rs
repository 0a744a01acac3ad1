//! What a file must hold after all that its writers acknowledged.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use rusqlite::Connection;

/// How many tasks write at once.
pub(crate) const TASKS: usize = 8;
/// How many keys a batch has.
pub(crate) const BATCH: usize = 8;

/// What a task does; each is done the first, the second, the third time and so on,
/// and only after the last time was acknowledged.
pub(crate) const KINDS: [Kind; 4] = [Kind::Put, Kind::Batch, Kind::Increment, Kind::PutOrDelete];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Puts how often it was done.
    Put,
    /// Puts that under several keys in one batch.
    Batch,
    /// Adds one to a counter.
    Increment,
    /// Puts it at an odd time, and deletes it at an even one.
    PutOrDelete,
}

impl Kind {
    pub(crate) fn key(self, task: usize) -> String {
        format!("{task}/{self:?}")
    }
}

pub(crate) fn batch_key(task: usize, n: usize) -> String {
    format!("{}/{n}", Kind::Batch.key(task))
}

/// The value that says `times`, of some length.
pub(crate) fn value(times: u64, len: usize) -> String {
    format!("{times} {:.<len$}", "")
}

/// How often each task did each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept([[u64; KINDS.len()]; TASKS]);

impl Kept {
    pub(crate) fn times(&self, task: usize) -> [u64; KINDS.len()] {
        self.0[task]
    }

    /// Takes in the writer's lines: task, kind and how often. How many they are.
    pub(crate) fn acknowledge(&mut self, lines: &str) -> u64 {
        let mut count = 0;
        // What follows the last line break was not acknowledged whole.
        let whole = lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for line in whole.lines() {
            let numbers: Vec<u64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
            let [task, kind, times] = numbers[..] else {
                panic!("the writer said {line:?}");
            };
            let known = &mut self.0[task as usize][kind as usize];
            assert_eq!(times, *known + 1, "task {task}, {:?}", KINDS[kind as usize]);
            *known = times;
            count += 1;
        }
        count
    }

    /// Compares with the file, where each task may have come to do one more of a
    /// kind without acknowledging it, and takes that in. How often that was so.
    pub(crate) fn compare(&mut self, path: &Path) -> usize {
        let stored = stored(path);
        let mut more = 0;
        for (task, kept) in self.0.iter_mut().enumerate() {
            for (kind, times) in KINDS.into_iter().zip(kept) {
                let found = found(&stored, task, kind, *times);
                assert!(
                    found == *times || found == *times + 1,
                    "task {task} acknowledged {kind:?} {times} times, and {found} are there"
                );
                more += usize::from(found != *times);
                *times = found;
            }
        }
        more
    }
}

/// How often the task did it, as the file has it.
fn found(stored: &HashMap<String, Vec<u8>>, task: usize, kind: Kind, acknowledged: u64) -> u64 {
    let number = |key: &str| stored.get(key).map(|value| says(value));
    let key = kind.key(task);
    match kind {
        Kind::Put => number(&key).unwrap_or(0),
        Kind::Batch => {
            let all: Vec<_> = (0..BATCH)
                .map(|n| number(&batch_key(task, n)).unwrap_or(0))
                .collect();
            let whole = all.iter().all(|times| *times == all[0]);
            assert!(whole, "a batch of task {task} is there in part: {all:?}");
            all[0]
        }
        Kind::Increment => stored.get(&key).map_or(0, |bytes| {
            u64::from_le_bytes(bytes.as_slice().try_into().unwrap())
        }),
        Kind::PutOrDelete => match number(&key) {
            Some(times) => times,
            // Deleted at this time or at the next. A put that was lost would look the
            // same: that none is, the other kinds show.
            None => acknowledged.next_multiple_of(2),
        },
    }
}

/// What [`value`] made.
fn says(value: &[u8]) -> u64 {
    let text = std::str::from_utf8(value).unwrap();
    let (times, rest) = text.split_once(' ').unwrap();
    assert!(rest.bytes().all(|byte| byte == b'.'), "{text}");
    times.parse().unwrap()
}

fn stored(path: &Path) -> HashMap<String, Vec<u8>> {
    let connection = Connection::open(path).unwrap();
    if !connection.table_exists(None, "spin_key_value").unwrap() {
        return HashMap::new();
    }
    let mut rows = connection
        .prepare("SELECT key, value FROM spin_key_value")
        .unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for times in self.0.as_flattened() {
            write!(f, "{times} ")?;
        }
        Ok(())
    }
}

impl FromStr for Kept {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut kept = Self::default();
        for (times, word) in kept.0.as_flattened_mut().iter_mut().zip(text.split(' ')) {
            *times = word.parse()?;
        }
        Ok(kept)
    }
}
