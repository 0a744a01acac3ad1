//! Writes that are interrupted, by their caller or by the platform, and what is left
//! of them.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvCapabilities, KvError, KvHandle, KvStore};

use crate::Mismatch;
use crate::case::{check, check_eq};
use crate::fixture::{DynFixture, LABEL};

/// The TTL that a key had before.
pub(super) const OLD_TTL: Duration = Duration::from_secs(600);
/// The TTL that a put gives.
pub(super) const NEW_TTL: Duration = Duration::from_secs(60);

/// A value that no text holds by chance.
pub(super) const SECRET: &str = "planted_5ecret";

const OLD: &str = "old planted_5ecret";
const NEW: &str = "new planted_5ecret";
const OLD_COUNT: i64 = 5;

/// So many keys are in a batch.
const BATCH: usize = 12;

/// So many polls of a call are tried at most.
pub(super) const POLLS: usize = 8;

/// Polls a call so many times, and then drops it.
pub(super) async fn drop_after<T>(polls: usize, call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    let mut made = 0;
    poll_fn(|context| {
        if made == polls {
            return Poll::Ready(None);
        }
        made += 1;
        match call.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if made == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What a key is before a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Was {
    Missing,
    There,
    /// There with [`OLD_TTL`].
    Expiring,
}

/// A call that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Put,
    PutWithTtl,
    Delete,
    Increment,
    Swap,
    Update,
    PutMany,
    DeleteMany,
}

impl Write {
    pub(super) const ALL: [Self; 8] = [
        Self::Put,
        Self::PutWithTtl,
        Self::Delete,
        Self::Increment,
        Self::Swap,
        Self::Update,
        Self::PutMany,
        Self::DeleteMany,
    ];

    pub(super) fn is_supported(self, can: KvCapabilities) -> bool {
        match self {
            Self::PutWithTtl => can.ttl,
            Self::Increment => can.increment,
            Self::Swap | Self::Update => can.compare_and_swap,
            _ => true,
        }
    }

    pub(super) fn is_batch(self) -> bool {
        matches!(self, Self::PutMany | Self::DeleteMany)
    }

    /// Whether it changes something where the keys were like this.
    pub(super) fn may_change(self, was: Was) -> bool {
        was != Was::Missing || !matches!(self, Self::Delete | Self::DeleteMany)
    }

    fn writes_json(self) -> bool {
        self == Self::Update
    }

    fn old_value(self) -> Bytes {
        let json = format!("\"{OLD}\"");
        Bytes::from(if self.writes_json() {
            json
        } else {
            OLD.to_owned()
        })
    }

    fn new_value(self) -> Bytes {
        let json = format!("\"{NEW}\"");
        Bytes::from(if self.writes_json() {
            json
        } else {
            NEW.to_owned()
        })
    }

    async fn make(self, kv: &KvHandle, keys: &[String]) -> Result<(), KvError> {
        let key = &keys[0];
        match self {
            Self::Put => kv.put_bytes(key, self.new_value()).await,
            Self::PutWithTtl => kv.put_bytes_with_ttl(key, self.new_value(), NEW_TTL).await,
            Self::Delete => kv.delete(key).await,
            Self::Increment => kv.increment(key, 1).await.map(drop),
            Self::Swap => kv.compare_and_swap(key).await?.swap(self.new_value()).await,
            Self::Update => kv
                .update(key, |_: Option<String>| Some(NEW.to_owned()))
                .await
                .map(drop),
            Self::PutMany => {
                let pairs = keys.iter().map(|key| (key.clone(), self.new_value()));
                kv.put_many_bytes(pairs.collect()).await
            }
            Self::DeleteMany => kv.delete_many(keys).await,
        }
    }
}

/// A write on keys of its own.
pub(super) struct Attempt {
    pub(super) write: Write,
    was: Was,
    keys: Vec<String>,
    before: Vec<Option<Bytes>>,
    /// What the call returned; `None` where it was dropped.
    pub(super) result: Option<Result<(), KvError>>,
}

/// A store that is looked at by every call that reads.
pub(super) struct Watched {
    pub(super) kv: KvHandle,
    store: Arc<dyn KvStore>,
    pub(super) can: KvCapabilities,
}

impl Watched {
    pub(super) async fn open(fixture: &DynFixture) -> Result<Self, BoxError> {
        let store = fixture.kv(LABEL).await?;
        let kv = KvHandle::new(store.clone());
        let can = kv.check_capabilities().await?;
        Ok(Self { kv, store, can })
    }

    /// Gets the keys of a write ready; `name` tells it from the others.
    pub(super) async fn prepare(
        &self,
        write: Write,
        was: Was,
        name: &str,
    ) -> Result<Attempt, BoxError> {
        let key = |n| format!("{write:?}-{was:?}-{name}-{n:02}");
        let count = if write.is_batch() { BATCH } else { 1 };
        let keys: Vec<_> = (0..count).map(key).collect();
        let mut pairs = Vec::new();
        for key in &keys {
            match was {
                Was::Missing => {}
                _ if write == Write::Increment => {
                    self.kv.increment(key, OLD_COUNT).await?;
                    if was == Was::Expiring {
                        let stored = self.kv.get_bytes(key).await?.unwrap_or_default();
                        self.kv.put_bytes_with_ttl(key, stored, OLD_TTL).await?;
                    }
                }
                Was::There => pairs.push((key.clone(), write.old_value())),
                Was::Expiring => {
                    self.kv
                        .put_bytes_with_ttl(key, write.old_value(), OLD_TTL)
                        .await?;
                }
            }
        }
        self.kv.put_many_bytes(pairs).await?;
        Ok(Attempt {
            write,
            was,
            before: self.kv.get_many_bytes(&keys).await?,
            keys,
            result: None,
        })
    }

    /// Makes the write.
    pub(super) fn make(&self, attempt: &Attempt) -> impl Future<Output = Result<(), KvError>> {
        let (kv, write, keys) = (self.kv.clone(), attempt.write, attempt.keys.clone());
        async move { write.make(&kv, &keys).await }
    }

    /// What the keys under a prefix hold, once every call that reads says the same. An
    /// interrupted write may still be on its way for a moment.
    async fn values(&self, prefix: &str, keys: &[String]) -> Result<Vec<Option<Bytes>>, BoxError> {
        const LOOKS: u32 = 30;
        const PAUSE: Duration = Duration::from_millis(10);
        let mut looks = 0;
        loop {
            looks += 1;
            let (values, disagreement) = self.look(prefix, keys).await?;
            match disagreement {
                None => return Ok(values),
                Some(text) if looks == LOOKS => return Err(Mismatch::new(text).into()),
                Some(_) => self.store.pause(PAUSE).await,
            }
        }
    }

    async fn look(
        &self,
        prefix: &str,
        keys: &[String],
    ) -> Result<(Vec<Option<Bytes>>, Option<String>), BoxError> {
        let many = self.kv.get_many_bytes(keys).await?;
        let listed = super::list(&self.kv, prefix).await?;
        let mut values = Vec::with_capacity(keys.len());
        let mut disagreement = None;
        for (key, many) in keys.iter().zip(many) {
            let value = self.kv.get_bytes(key).await?;
            let exists = self.kv.exists(key).await?;
            let listed = listed.binary_search(key).is_ok();
            let there = |is_there| if is_there { "a value" } else { "no value" };
            if many != value || exists != value.is_some() || listed != value.is_some() {
                disagreement.get_or_insert_with(|| {
                    format!(
                        "what is left of the key {key:?} depends on the call: get gives {}, \
                         get_many {}, exists says {exists}, and it is {}listed",
                        there(value.is_some()),
                        there(many.is_some()),
                        if listed { "" } else { "not " },
                    )
                });
            }
            values.push(value);
        }
        Ok((values, disagreement))
    }

    /// Checks that each attempt was made or not made, and which: all of its keys where
    /// `whole`, else each of them.
    pub(super) async fn outcomes(
        &self,
        attempts: &[Attempt],
        whole: bool,
    ) -> Result<Vec<Vec<bool>>, BoxError> {
        // A write of the same caller: what was sent before it is done now.
        self.kv.put_bytes("fence", "x").await?;
        let mut outcomes = Vec::new();
        let Some(first) = attempts.first() else {
            return Ok(outcomes);
        };
        let keys: Vec<_> = attempts.iter().flat_map(|a| a.keys.clone()).collect();
        let prefix = format!("{:?}-{:?}-", first.write, first.was);
        let mut values = self.values(&prefix, &keys).await?.into_iter();
        for attempt in attempts {
            let now: Vec<_> = values.by_ref().take(attempt.keys.len()).collect();
            outcomes.push(self.outcome(attempt, &now, whole).await?);
        }
        Ok(outcomes)
    }

    async fn outcome(
        &self,
        attempt: &Attempt,
        now: &[Option<Bytes>],
        whole: bool,
    ) -> Result<Vec<bool>, BoxError> {
        let what = format!("{:?} of {:?}", attempt.write, attempt.keys[0]);
        let mut made = Vec::new();
        for ((key, now), before) in attempt.keys.iter().zip(now).zip(&attempt.before) {
            let is_made = match attempt.write {
                Write::Increment => {
                    let old = if before.is_some() { OLD_COUNT } else { 0 };
                    let count = self.kv.counter(key).await?;
                    check!(
                        count == old || count == old + 1,
                        "one increment of {key:?}, which was {old}, made it {count}"
                    );
                    count == old + 1
                }
                Write::Delete | Write::DeleteMany if now != before => now.is_none(),
                // Of a missing key, which changes nothing.
                Write::Delete | Write::DeleteMany => now.is_none() && attempt.is_ok(),
                write => *now == Some(write.new_value()),
            };
            check!(
                is_made || now == before,
                "{key:?} is neither as before nor as {what} makes it: found {}",
                crate::shown(now)
            );
            made.push(is_made);
        }
        let count = made.iter().filter(|made| **made).count();
        // A delete of a missing key changes nothing.
        let may_change = attempt.before.iter().zip(now).any(|(b, n)| b != n);
        if whole && may_change {
            check!(
                count == made.len(),
                "{what} was made in part: {count} of its {} keys, {:?} is as before",
                made.len(),
                attempt.keys[made.iter().position(|made| !made).unwrap_or(0)]
            );
        }
        if let Some(Ok(())) = &attempt.result {
            check!(
                count == made.len(),
                "{what} returned Ok, and {} of its {} keys are as before",
                made.len() - count,
                made.len()
            );
        }
        Ok(made)
    }

    /// Checks that each key has the TTL of what it holds: after [`NEW_TTL`], and after
    /// [`OLD_TTL`].
    pub(super) async fn check_ttls(
        &self,
        fixture: &DynFixture,
        groups: &[Vec<Attempt>],
    ) -> Result<(), BoxError> {
        let mut made = Vec::new();
        for attempts in groups {
            made.push(self.outcomes(attempts, false).await?);
        }
        let mut passed = Duration::ZERO;
        for until in [NEW_TTL, OLD_TTL] {
            let until = until + Duration::from_secs(1);
            fixture.pass_time(until - passed).await?;
            passed = until;
            for (attempts, made) in groups.iter().zip(&made) {
                for (attempt, made) in attempts.iter().zip(made) {
                    self.check_ttl(attempt, made, passed).await?;
                }
            }
        }
        Ok(())
    }

    async fn check_ttl(
        &self,
        attempt: &Attempt,
        made: &[bool],
        passed: Duration,
    ) -> Result<(), BoxError> {
        for ((key, before), made) in attempt.keys.iter().zip(&attempt.before).zip(made) {
            let ttl = match (made, attempt.write, attempt.was) {
                (true, Write::Delete | Write::DeleteMany, _) => Some(Duration::ZERO),
                (true, Write::PutWithTtl, _) => Some(NEW_TTL),
                (true, ..) => None,
                (false, _, Was::Missing) => Some(Duration::ZERO),
                (false, _, Was::There) => None,
                (false, _, Was::Expiring) => Some(OLD_TTL),
            };
            let is_there = self.kv.exists(key).await?;
            let holds = if *made {
                "the new value"
            } else if before.is_some() {
                "the old value"
            } else {
                "no value"
            };
            check_eq!(
                is_there,
                ttl.is_none_or(|ttl| ttl > passed),
                "{key:?} held {holds} with the TTL {ttl:?}; whether it is there {passed:?} later"
            );
        }
        Ok(())
    }
}

impl Attempt {
    fn is_ok(&self) -> bool {
        matches!(self.result, Some(Ok(())))
    }

    /// Whether a text says what the write was about: its key, or how many keys.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        let named = |key: &String| text.contains(key.as_str());
        let count = self.keys.len();
        self.keys.iter().any(named) || count > 1 && text.contains(&format!("{count} keys"))
    }
}
