//! Creating a key by compare-and-swap where the platform's swap overwrites: SQLite.
//!
//! Several instances of a component serve at once, and the SQLite mirror may have the
//! same file. So whoever creates a key holds a ticket while it looks and writes: see
//! [`ticket`].

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::ticket;
use spin_sdk::key_value::Error;

use super::Inner;
use super::bucket::Swapped;
use super::patience::{Tries, is_busy, sleep, when_not_busy};
use super::random;
use super::swap::conflict;

/// How long a creation waits for a ticket: longer than a dead holder's lease.
const PATIENCE: Duration = ticket::LEASE.saturating_add(Duration::from_secs(1));

/// How long an expired ticket is watched before it is taken over. A holder that was
/// only stopped for a while, with its whole host, goes on within that time.
const WATCH: Duration = Duration::from_millis(100);

/// Creates `key`, or answers [`KvError::Conflict`] where it exists.
pub(super) async fn create(store: &Inner, key: &str, value: Bytes) -> Result<(), KvError> {
    let length = value.len();
    match try_create(store, key, value).await {
        Ok(Created::Done) => Ok(()),
        Ok(Created::Exists) => Err(conflict(key)),
        Ok(Created::Held) => Err(held_too_long(key)),
        Err(cause) => Err(store.plain.write_failed(key, length, cause).await),
    }
}

/// How a creation ended.
enum Created {
    Done,
    Exists,
    /// The ticket was held for too long, by another one or by this one.
    Held,
}

async fn try_create(store: &Inner, key: &str, value: Bytes) -> Result<Created, Error> {
    let ticket_key = ticket::key(key);
    let mut tries = Tries::new(PATIENCE);
    let held_since = loop {
        if let Some(since) = take(store, &ticket_key).await? {
            break since;
        }
        // Another one creates this key, or one with the same ticket.
        if store.bucket.exists(key)? {
            return Ok(Created::Exists);
        }
        if !tries.pause().await {
            return Ok(Created::Held);
        }
    };
    let created = write(store, key, &ticket_key, held_since, value).await;
    if !matches!(created, Ok(Created::Done)) && is_in_time(held_since) {
        // Where this fails the ticket expires.
        let _ = store.bucket.set(&ticket_key, &ticket::FREE);
    }
    created
}

/// Whether a write that begins now ends before the ticket expires. A clock that was set
/// back counts as too late.
fn is_in_time(held_since: SystemTime) -> bool {
    let held = SystemTime::now().duration_since(held_since);
    held.is_ok_and(|held| held < ticket::HOLD)
}

/// Takes the ticket; gives the time that it is held from, or `None` where another
/// one holds it.
async fn take(store: &Inner, ticket_key: &str) -> Result<Option<SystemTime>, Error> {
    store.no_stream().await;
    let mut begun = store.bucket.begin(ticket_key)?;
    if begun.current.is_none() {
        // An increment creates it, if it is still missing: the one creation that is
        // sound on SQLite.
        when_not_busy(store, || store.bucket.increment(ticket_key, 0)).await?;
        begun = begun.again()?;
    }
    let stored = begun.current.clone().unwrap_or_default();
    if stored != ticket::FREE {
        if ticket::is_held(&stored, SystemTime::now()) {
            return Ok(None);
        }
        sleep(WATCH).await;
        store.no_stream().await;
        begun = begun.again()?;
        if begun.current.as_deref() != Some(&stored) {
            return Ok(None);
        }
    }
    let now = SystemTime::now();
    match begun.swap(&ticket::hold(now, random::u64())) {
        Ok(Swapped::Done) => Ok(Some(now)),
        Ok(Swapped::Not(_)) => Ok(None),
        Err(cause) if is_busy(&cause) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Looks and writes, with the ticket in hand.
async fn write(
    store: &Inner,
    key: &str,
    ticket_key: &str,
    held_since: SystemTime,
    value: Bytes,
) -> Result<Created, Error> {
    let pairs = [
        (key.to_owned(), value.into()),
        (ticket_key.to_owned(), ticket::FREE.to_vec()),
    ];
    let mut tries = Tries::new(ticket::HOLD);
    loop {
        store.no_stream().await;
        // Nothing is awaited between the look and the write.
        if store.bucket.exists(key)? {
            return Ok(Created::Exists);
        }
        if !is_in_time(held_since) {
            return Ok(Created::Held);
        }
        match store.bucket.set_many(&pairs) {
            Err(cause) if is_busy(&cause) && tries.pause().await => {}
            done => return done.map(|()| Created::Done),
        }
    }
}

fn held_too_long(key: &str) -> KvError {
    KvError::Unavailable {
        message: format!(
            "cannot create the key {key:?}: the ticket for it was held for too long, by another \
             instance or process, or by this one, which was too slow; nothing was written. The \
             ticket expires within 8 seconds: try again"
        ),
        source: None,
    }
}
