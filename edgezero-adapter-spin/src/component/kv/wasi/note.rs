//! A note of what was found out about the platform, under a reserved key.
//!
//! Spin 4.1 gives each request of a component on spin-sdk 6.0 an instance of its own. A
//! note saves each of them the trial: one read instead of some 20 calls.
//!
//! A note could lie where the data was copied from another platform, or where Spin was
//! replaced by another version. A wrong note about swaps would lose updates. So:
//!
//! - a note is believed for 30 seconds;
//! - it is believed only where the platform passes or fails the reads that tell what the
//!   note says: a long key, which DynamoDB refuses, and a quotation mark, which ends a
//!   query on Cosmos; and only where a batch of two reads works, which on Redis in Spin
//!   4.1 it does not;
//! - none is written on a platform that counts in decimal and takes the long key: Redis.
//!   Its swap is tried by each instance, so that a Spin that mends it is noticed, and
//!   beside it a Spin that does not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edgezero_store_traits::kv::reserved;

use super::bucket::Bucket;
use super::facts::{Counters, Facts, Swaps};

/// How long a note is believed.
const FRESH: Duration = Duration::from_secs(30);

/// The first word of a note, so that a later form can tell itself apart.
const VERSION: &str = "1";

/// Longer than a key of DynamoDB may be, which is 2,048 bytes.
const LONG: usize = 2100;

fn note_key() -> String {
    reserved::key("note")
}

fn long_key() -> String {
    reserved::key(&"x".repeat(LONG))
}

fn quoted_key() -> String {
    reserved::key("'")
}

/// What a note says that can be believed.
pub(super) fn read(bucket: &Bucket) -> Facts {
    // On SQLite this is the one call.
    let all = [note_key(), long_key(), quoted_key()];
    let (pairs, takes_all_keys) = match bucket.get_many(&all) {
        Ok(pairs) => (pairs, true),
        Err(_) => match bucket.get_many(&[note_key(), reserved::key("missing")]) {
            Ok(pairs) => (pairs, false),
            Err(_) => return Facts::default(),
        },
    };
    let note = pairs.into_iter().find(|(key, _)| *key == note_key());
    let facts = note.and_then(|(_, note)| parse(&note, SystemTime::now()));
    let Some(facts) = facts else {
        return Facts::default();
    };
    let is_so = match facts.counters {
        Some(Counters::Binary) => takes_all_keys,
        Some(Counters::Decimal) => !takes_all_keys && bucket.get(&long_key()).is_err(),
        Some(Counters::Unreadable) => !takes_all_keys && bucket.get(&quoted_key()).is_err(),
        None => false,
    };
    if is_so { facts } else { Facts::default() }
}

/// Leaves a note, where one would be believed. Where that fails, the next instance tries
/// for itself.
pub(super) fn write(bucket: &Bucket, facts: Facts) {
    let is_worth_it = match facts.counters {
        None => false,
        Some(Counters::Binary | Counters::Unreadable) => true,
        Some(Counters::Decimal) => bucket.get(&long_key()).is_err(),
    };
    if is_worth_it {
        let _ = bucket.set(&note_key(), format(facts, SystemTime::now()).as_bytes());
    }
}

fn format(facts: Facts, now: SystemTime) -> String {
    let counters = match facts.counters {
        None => "-",
        Some(Counters::Binary) => "binary",
        Some(Counters::Decimal) => "decimal",
        Some(Counters::Unreadable) => "unreadable",
    };
    let swaps = match facts.swaps {
        None | Some(Swaps::Unsound) => "-",
        // With tickets a creation is sound in any case.
        Some(_) if facts.counters == Some(Counters::Binary) => "overwrites",
        Some(Swaps::CreationOverwrites) => "overwrites",
        Some(Swaps::Sound) => "sound",
    };
    format!("{VERSION} {} {counters} {swaps}", seconds(now))
}

/// `None` for a note that is old, or of another form.
fn parse(note: &[u8], now: SystemTime) -> Option<Facts> {
    let words: Vec<&str> = std::str::from_utf8(note).ok()?.split(' ').collect();
    let [VERSION, written, counters, swaps] = words[..] else {
        return None;
    };
    let age = seconds(now).abs_diff(written.parse().ok()?);
    (age <= FRESH.as_secs()).then_some(Facts {
        counters: match counters {
            "binary" => Some(Counters::Binary),
            "decimal" => Some(Counters::Decimal),
            "unreadable" => Some(Counters::Unreadable),
            _ => None,
        },
        swaps: match swaps {
            "overwrites" => Some(Swaps::CreationOverwrites),
            "sound" => Some(Swaps::Sound),
            _ => None,
        },
    })
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
