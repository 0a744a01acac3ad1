//! What the specification says comes of a call: a map, and its rules.
//!
//! Nothing here calls the code under test, whose answers it foretells.

use std::collections::BTreeMap;

use bytes::Bytes;
use conformance::operations::{Answer, Blob, Call, Cursor, Operation, Place};

use crate::rules::{Refusal, supported, valid_key, valid_listing};
use crate::sequence::Actor;

/// What a caller's backend can do, and who it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) actor: Actor,
    pub(crate) ttl: bool,
    pub(crate) increment: bool,
    pub(crate) compare_and_swap: bool,
    pub(crate) transactions: bool,
}

/// The stores of all labels, as they should be.
#[derive(Default)]
pub(crate) struct Model {
    entries: BTreeMap<(String, String), Entry>,
    given: Vec<Given>,
    to_swap: BTreeMap<Actor, ToSwap>,
    /// In seconds.
    now: u64,
}

struct Entry {
    value: Bytes,
    expires_at: Option<u64>,
}

/// A cursor that was given: the last key of its page.
struct Given {
    label: String,
    prefix: String,
    last: String,
}

struct ToSwap {
    label: String,
    key: String,
    current: Option<Bytes>,
}

impl Model {
    /// Lets time pass.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now += seconds;
    }

    /// The time, in seconds from the sequence's start.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Drops what the actor read in order to swap it.
    pub(crate) fn forget_swap(&mut self, actor: Actor) {
        self.to_swap.remove(&actor);
    }

    /// What comes of the caller's call.
    pub(crate) fn answer(&mut self, caller: Caller, operation: &Operation) -> Answer {
        if !matches!(operation.label.as_str(), "default" | "second") {
            return Refusal::Validation.into();
        }
        let view = View {
            caller,
            label: &operation.label,
            cap: match operation.max_list_keys {
                None => Some(1000),
                Some(0) => None,
                Some(cap) => Some(cap as usize),
            },
        };
        self.try_answer(&view, &operation.call)
            .unwrap_or_else(Answer::from)
    }

    fn try_answer(&mut self, view: &View<'_>, call: &Call) -> Result<Answer, Refusal> {
        Ok(match call {
            Call::Get { key } => {
                valid_key(key)?;
                Answer::Value(self.get(view, key).cloned().map(Blob))
            }
            Call::Put { key, value } => {
                valid_key(key)?;
                self.put(view, key, value.0.clone())
            }
            Call::PutWithTtl {
                key,
                value,
                seconds,
            } => self.put_with_ttl(view, key, &value.0, *seconds)?,
            Call::Delete { key } => {
                valid_key(key)?;
                self.delete(view, key)
            }
            Call::Exists { key } => {
                valid_key(key)?;
                Answer::Flag(self.get(view, key).is_some())
            }
            Call::Require { key } => {
                let number = self.number(view, key)?.ok_or(Refusal::NotFound)?;
                Answer::Number(Some(number))
            }
            Call::PutNumber { key, number } => {
                valid_key(key)?;
                self.put(view, key, number.to_string().into())
            }
            Call::Page {
                prefix,
                place,
                limit,
            } => self.page(view, prefix, place, *limit)?,
            Call::NextPage { back, limit } => match self.given_back(view.label, *back) {
                None => Answer::NotMade,
                Some(given) => {
                    let prefix = given.prefix.clone();
                    self.page(view, &prefix, &Place::Given(*back), *limit)?
                }
            },
            Call::Pages { prefix, limit } => self.pages(view, prefix, *limit),
            Call::GetMany { keys } => {
                keys.iter().try_for_each(|key| valid_key(key))?;
                let value = |key| self.get(view, key).cloned().map(Blob);
                Answer::Values(keys.iter().map(|key| value(key)).collect())
            }
            Call::PutMany { pairs } => {
                pairs.iter().try_for_each(|(key, _)| valid_key(key))?;
                for (key, Blob(value)) in pairs {
                    self.put(view, key, value.clone());
                }
                Answer::Done
            }
            Call::Fill { prefix, count } => {
                for (key, value) in Call::filling(prefix, *count) {
                    self.put(view, &key, value);
                }
                Answer::Done
            }
            Call::DeleteMany { keys } => {
                keys.iter().try_for_each(|key| valid_key(key))?;
                for key in keys {
                    self.delete(view, key);
                }
                Answer::Done
            }
            Call::Increment { key, delta } => {
                valid_key(key)?;
                supported(view.caller.increment)?;
                let sum = self.counter(view, key)?.checked_add(*delta);
                let sum = sum.ok_or(Refusal::CounterOverflow)?;
                self.put(view, key, sum.to_le_bytes().to_vec().into());
                Answer::Number(Some(sum))
            }
            Call::Counter { key } => {
                valid_key(key)?;
                Answer::Number(Some(self.counter(view, key)?))
            }
            Call::Update { key, add } => {
                valid_key(key)?;
                supported(view.caller.compare_and_swap)?;
                let number = self.number(view, key)?;
                match add {
                    None => Answer::Number(None),
                    Some(add) => self.put_sum(view, key, number, *add),
                }
            }
            Call::UpdateNotAtomic { key, add } => {
                let number = self.number(view, key)?;
                self.put_sum(view, key, number, *add)
            }
            Call::ReadToSwap { key } => {
                valid_key(key)?;
                supported(view.caller.compare_and_swap)?;
                let current = self.get(view, key).cloned();
                let to_swap = ToSwap {
                    label: view.label.to_owned(),
                    key: key.clone(),
                    current: current.clone(),
                };
                self.to_swap.insert(view.caller.actor, to_swap);
                Answer::Value(current.map(Blob))
            }
            Call::Swap { value } => match self.to_swap.remove(&view.caller.actor) {
                None => Answer::NotMade,
                Some(to_swap) => {
                    let view = View {
                        label: &to_swap.label,
                        ..*view
                    };
                    if self.get(&view, &to_swap.key) != to_swap.current.as_ref() {
                        return Err(Refusal::Conflict);
                    }
                    self.put(&view, &to_swap.key, value.0.clone())
                }
            },
            Call::Capabilities => Answer::Capabilities {
                ttl: view.caller.ttl,
                max_list_keys: view.cap.and_then(|cap| u32::try_from(cap).ok()),
                increment: view.caller.increment,
                compare_and_swap: view.caller.compare_and_swap,
                transactions: view.caller.transactions,
            },
            Call::Everything => {
                let keys = self.matching(view, "")?;
                let pair = |key: &String| (key.clone(), self.get(view, key).cloned().map(Blob));
                Answer::Pairs(keys.iter().map(pair).collect())
            }
        })
    }

    fn get(&self, view: &View<'_>, key: &str) -> Option<&Bytes> {
        let entry = self.entries.get(&view.name(key))?;
        view.sees(entry, self.now).then_some(&entry.value)
    }

    /// A put without a TTL, which ends the one that was (KV-TTL-4).
    fn put(&mut self, view: &View<'_>, key: &str, value: Bytes) -> Answer {
        let entry = Entry {
            value,
            expires_at: None,
        };
        self.entries.insert(view.name(key), entry);
        Answer::Done
    }

    fn put_with_ttl(
        &mut self,
        view: &View<'_>,
        key: &str,
        value: &Bytes,
        seconds: u64,
    ) -> Result<Answer, Refusal> {
        valid_key(key)?;
        if !(60..=365 * 24 * 60 * 60).contains(&seconds) {
            return Err(Refusal::Validation);
        }
        supported(view.caller.ttl)?;
        // What expired is gone for Spin as well now.
        let now = self.now;
        self.entries.retain(|_, entry| entry.lives(now));
        let entry = Entry {
            value: value.clone(),
            expires_at: Some(self.now + seconds),
        };
        self.entries.insert(view.name(key), entry);
        Ok(Answer::Done)
    }

    fn delete(&mut self, view: &View<'_>, key: &str) -> Answer {
        self.entries.remove(&view.name(key));
        Answer::Done
    }

    /// The JSON number under the key.
    fn number(&self, view: &View<'_>, key: &str) -> Result<Option<i64>, Refusal> {
        valid_key(key)?;
        let number = self
            .get(view, key)
            .map(|value| serde_json::from_slice(value));
        number.transpose().map_err(|_| Refusal::Serialization)
    }

    fn put_sum(&mut self, view: &View<'_>, key: &str, number: Option<i64>, add: i64) -> Answer {
        let sum = number.unwrap_or(0).wrapping_add(add);
        self.put(view, key, sum.to_string().into());
        Answer::Number(Some(sum))
    }

    fn counter(&self, view: &View<'_>, key: &str) -> Result<i64, Refusal> {
        match self.get(view, key).map(|value| value[..].try_into()) {
            None => Ok(0),
            Some(Ok(bytes)) => Ok(i64::from_le_bytes(bytes)),
            Some(Err(_)) => Err(Refusal::NotACounter),
        }
    }

    /// The keys that start with the prefix, in order, unless they are too many.
    fn matching(&self, view: &View<'_>, prefix: &str) -> Result<Vec<String>, Refusal> {
        let entries = self.entries.iter();
        let seen = entries.filter(|((label, key), entry)| {
            label == view.label && key.starts_with(prefix) && view.sees(entry, self.now)
        });
        let keys: Vec<String> = seen.map(|((_, key), _)| key.clone()).collect();
        match view.cap {
            Some(cap) if keys.len() > cap => Err(Refusal::LimitExceeded),
            _ => Ok(keys),
        }
    }

    fn page(
        &mut self,
        view: &View<'_>,
        prefix: &str,
        place: &Place,
        limit: usize,
    ) -> Result<Answer, Refusal> {
        valid_listing(prefix, limit)?;
        let after = self.after(view.label, prefix, place)?;
        let mut keys = self.matching(view, prefix)?;
        keys.retain(|key| after.as_ref().is_none_or(|after| key > after));
        let more = keys.len() > limit;
        keys.truncate(limit);
        let last = keys.last().filter(|_| more).cloned();
        self.given.extend(last.map(|last| Given {
            label: view.label.to_owned(),
            prefix: prefix.to_owned(),
            last,
        }));
        Ok(page(keys, more))
    }

    /// The key that the page comes after.
    fn after(&self, label: &str, prefix: &str, place: &Place) -> Result<Option<String>, Refusal> {
        let given = match place {
            Place::Start => return Ok(None),
            Place::MadeUp(_) => return Err(Refusal::Validation),
            Place::Given(back) | Place::Cut(back) | Place::Edited(back, _) => {
                self.given_back(label, *back)
            }
        };
        match given {
            None => Ok(None),
            Some(given) if matches!(place, Place::Given(_)) && given.prefix == prefix => {
                Ok(Some(given.last.clone()))
            }
            Some(_) => Err(Refusal::Validation),
        }
    }

    fn given_back(&self, label: &str, back: usize) -> Option<&Given> {
        let given: Vec<&Given> = self.given.iter().filter(|g| g.label == label).collect();
        let back = back.checked_rem(given.len())?;
        Some(given[given.len() - 1 - back])
    }

    fn pages(&self, view: &View<'_>, prefix: &str, limit: usize) -> Answer {
        let keys = valid_listing(prefix, limit).and_then(|()| self.matching(view, prefix));
        let keys = match keys {
            Ok(keys) => keys,
            Err(refusal) => return Answer::Pages(vec![refusal.into()]),
        };
        if keys.is_empty() {
            return Answer::Pages(vec![page(keys, false)]);
        }
        let last = (keys.len() - 1) / limit;
        let pages = keys.chunks(limit).enumerate();
        let pages = pages.map(|(number, keys)| page(keys.to_vec(), number < last));
        Answer::Pages(pages.collect())
    }
}

/// A store as one caller has it open.
struct View<'a> {
    caller: Caller,
    label: &'a str,
    cap: Option<usize>,
}

impl View<'_> {
    fn name(&self, key: &str) -> (String, String) {
        (self.label.to_owned(), key.to_owned())
    }

    /// To a backend without TTL, what expired is there until it is cleared away.
    fn sees(&self, entry: &Entry, now: u64) -> bool {
        !self.caller.ttl || entry.lives(now)
    }
}

impl Entry {
    fn lives(&self, now: u64) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

fn page(keys: Vec<String>, more: bool) -> Answer {
    Answer::Page {
        keys,
        cursor: Cursor(more.then(String::new)),
    }
}
