//! Turns to create a key, for a platform that cannot create one atomically.
//!
//! Spin's SQLite store has a swap that compares an existing value soundly. A swap of
//! a *missing* key overwrites what came in between. So whoever creates a key there
//! takes a ticket first: a [reserved key](super::reserved) that exists, and is
//! therefore swapped soundly.
//!
//! 1. Swap the ticket from [`FREE`], or from a value that has
//!    [expired](is_held), to [`hold`].
//! 2. Look whether the key is still missing.
//! 3. In one batch, write the key and set the ticket to [`FREE`].
//!
//! Step 3 begins within [`HOLD`] of the time that the ticket names. A holder that
//! dies leaves a ticket that expires after [`LEASE`].
//!
//! The Spin adapter and the SQLite mirror share a file, so both keep to this. A
//! plain put takes no ticket: one that comes between steps 2 and 3 is overwritten.

use std::hash::Hasher;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use siphasher::sip::SipHasher13;

use super::reserved;

/// How long a ticket is held at most, counted from the time that it names.
///
/// A write may wait 5 seconds for SQLite's lock. A holder that begins its write
/// within [`HOLD`] has therefore written, or failed, before its ticket expires.
pub const LEASE: Duration = Duration::from_millis(8_000);

/// How long a holder may take until it begins its write.
pub const HOLD: Duration = Duration::from_millis(2_000);

/// A ticket that nobody holds.
pub const FREE: [u8; 8] = [0; 8];

/// How many tickets a store has. Two keys may share one; then they are created one
/// after the other.
const TICKETS: u64 = 64;

/// The bits below the time in a ticket, which tell apart two holders in one
/// millisecond.
const HOLDER_BITS: u32 = 20;

/// The reserved key of the ticket for `key`.
///
/// ```
/// use edgezero_store_traits::kv::{reserved, ticket};
///
/// assert!(reserved::is_reserved(&ticket::key("user/7")));
/// ```
pub fn key(key: &str) -> String {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write(key.as_bytes());
    reserved::key(&format!("create:{:02x}", hasher.finish() % TICKETS))
}

/// A ticket that is held from `now` on. Two calls give different tickets, also in
/// one millisecond: `holder` is a random number.
pub fn hold(now: SystemTime, holder: u64) -> [u8; 8] {
    let holder = (holder & ((1 << HOLDER_BITS) - 1)) as i64;
    (milliseconds(now) << HOLDER_BITS | holder.max(1)).to_le_bytes()
}

/// Whether a stored ticket is held at `now`: it is not [`FREE`], and the time that
/// it names is at most [`LEASE`] away. A time further in the future is not believed:
/// a clock was wrong.
///
/// ```
/// use edgezero_store_traits::kv::ticket;
/// use std::time::SystemTime;
///
/// let now = SystemTime::now();
/// let held = ticket::hold(now, 7);
/// assert!(ticket::is_held(&held, now));
/// assert!(!ticket::is_held(&held, now + 2 * ticket::LEASE));
/// assert!(!ticket::is_held(&ticket::FREE, now));
/// ```
pub fn is_held(ticket: &[u8], now: SystemTime) -> bool {
    let Ok(ticket) = ticket.try_into() else {
        return false;
    };
    let ticket = i64::from_le_bytes(ticket);
    let age = milliseconds(now).abs_diff(ticket >> HOLDER_BITS);
    ticket != 0 && u128::from(age) <= LEASE.as_millis()
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX) & (i64::MAX >> HOLDER_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_ticket_expires_after_the_lease_and_a_time_far_ahead_is_not_believed() {
        let lease = 8_000;
        let held = hold(at(1_000_000), 5);
        for now in [1_000_000, 1_000_000 + lease, 1_000_000 - lease] {
            assert!(is_held(&held, at(now)), "{now}");
        }
        for now in [0, 1_000_001 + lease, 999_999 - lease, 1 << 50] {
            assert!(!is_held(&held, at(now)), "{now}");
        }
    }

    #[test]
    fn a_ticket_is_never_free_and_two_holders_differ() {
        assert_ne!(hold(UNIX_EPOCH, 0), FREE);
        assert_ne!(hold(at(7), 1), hold(at(7), 2));
        assert_eq!(hold(at(7), 1), hold(at(7), 1 + (1 << HOLDER_BITS)));
    }

    #[test]
    fn what_is_not_8_bytes_is_not_held() {
        for ticket in [&b""[..], b"1234567", b"123456789"] {
            assert!(!is_held(ticket, UNIX_EPOCH), "{ticket:?}");
        }
    }

    /// Two programs of different versions share a file: the keys may not change.
    #[test]
    fn the_keys_of_tickets_are_stable_and_at_most_64() {
        let keys: std::collections::BTreeSet<_> =
            (0..10_000).map(|n| key(&n.to_string())).collect();
        assert_eq!(keys.len(), 64);
        assert_eq!(key("visits"), reserved::key("create:32"));
    }
}
