//! Operations run one after the other, with what the later ones need of the earlier.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvHandle, KvStore, KvSwapHandle};
use futures_util::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use super::{Answer, Blob, Call, Cursor, Operation, Place};

/// Opens the stores of one backend.
#[async_trait]
pub trait Stores: Send + Sync {
    /// Opens the store of `label`; `None` opens it without naming a cap.
    async fn open(
        &self,
        label: &str,
        max_list_keys: Option<u32>,
    ) -> Result<Arc<dyn KvStore>, KvError>;
}

/// Operations to run, with the cursors that were given before, by whomever.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said above")]
pub struct Work {
    pub given: Givens,
    pub operations: Vec<Operation>,
}

/// A cursor, and the listing that it belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "their names say it")]
pub struct Given {
    pub label: String,
    pub prefix: String,
    pub cursor: String,
}

/// The cursors that were given so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Givens(Vec<Given>);

impl Givens {
    /// The cursor for this label that was given before `back` others.
    pub fn back(&self, label: &str, back: usize) -> Option<&Given> {
        let of_label = self.0.iter().rev().filter(|given| given.label == label);
        of_label.cycle().nth(back)
    }

    /// Keeps the cursor of a page.
    pub fn keep(&mut self, operation: &Operation, answer: &Answer) {
        let Answer::Page {
            cursor: Cursor(Some(cursor)),
            ..
        } = answer
        else {
            return;
        };
        let label = operation.label.clone();
        let prefix = match &operation.call {
            Call::Page { prefix, .. } => Some(prefix.clone()),
            Call::NextPage { back, .. } => {
                self.back(&label, *back).map(|given| given.prefix.clone())
            }
            _ => None,
        };
        self.0.extend(prefix.map(|prefix| Given {
            label,
            prefix,
            cursor: cursor.clone(),
        }));
    }
}

/// The handles of one caller, each opened when it is first used.
pub struct Session<S> {
    stores: S,
    handles: HashMap<(String, Option<u32>), KvHandle>,
    given: Givens,
    swap: Option<KvSwapHandle>,
}

impl<S: Stores> Session<S> {
    /// A session without handles.
    pub fn new(stores: S) -> Self {
        Self {
            stores,
            handles: HashMap::new(),
            given: Givens::default(),
            swap: None,
        }
    }

    /// Runs all of the work.
    pub async fn run(&mut self, work: Work) -> Vec<Answer> {
        self.given = work.given;
        let mut answers = Vec::with_capacity(work.operations.len());
        for operation in work.operations {
            let answer = self.answer(&operation).await.unwrap_or_else(Answer::from);
            self.given.keep(&operation, &answer);
            answers.push(answer);
        }
        answers
    }

    async fn handle(&mut self, operation: &Operation) -> Result<KvHandle, KvError> {
        let name = (operation.label.clone(), operation.max_list_keys);
        if let Some(kv) = self.handles.get(&name) {
            return Ok(kv.clone());
        }
        let kv = KvHandle::new(self.stores.open(&name.0, name.1).await?);
        self.handles.insert(name, kv.clone());
        Ok(kv)
    }

    async fn answer(&mut self, operation: &Operation) -> Result<Answer, KvError> {
        let kv = self.handle(operation).await?;
        Ok(match &operation.call {
            Call::Get { key } => Answer::Value(kv.get_bytes(key).await?.map(Blob)),
            Call::Put { key, value } => done(kv.put_bytes(key, value.0.clone()).await?),
            Call::PutWithTtl {
                key,
                value,
                seconds,
            } => {
                let ttl = std::time::Duration::from_secs(*seconds);
                done(kv.put_bytes_with_ttl(key, value.0.clone(), ttl).await?)
            }
            Call::Delete { key } => done(kv.delete(key).await?),
            Call::Exists { key } => Answer::Flag(kv.exists(key).await?),
            Call::Require { key } => Answer::Number(Some(kv.require(key).await?)),
            Call::PutNumber { key, number } => done(kv.put(key, number).await?),
            Call::Page {
                prefix,
                place,
                limit,
            } => {
                let cursor = self.cursor(&operation.label, place);
                kv.list_keys_page(prefix, cursor.as_deref(), *limit)
                    .await?
                    .into()
            }
            Call::NextPage { back, limit } => match self.given.back(&operation.label, *back) {
                None => Answer::NotMade,
                Some(given) => kv
                    .list_keys_page(&given.prefix, Some(&given.cursor), *limit)
                    .await?
                    .into(),
            },
            Call::Pages { prefix, limit } => {
                let pages = kv.pages(prefix, *limit);
                let answer = |page| Result::map_or_else(page, Answer::from, Answer::from);
                Answer::Pages(pages.map(answer).collect().await)
            }
            Call::GetMany { keys } => {
                let values = kv.get_many_bytes(keys).await?;
                Answer::Values(values.into_iter().map(|value| value.map(Blob)).collect())
            }
            Call::PutMany { pairs } => {
                let pairs = pairs.iter().map(|(key, Blob(value))| (key.clone(), value));
                let pairs = pairs.map(|(key, value)| (key, value.clone())).collect();
                done(kv.put_many_bytes(pairs).await?)
            }
            Call::Fill { prefix, count } => {
                done(kv.put_many_bytes(Call::filling(prefix, *count)).await?)
            }
            Call::DeleteMany { keys } => done(kv.delete_many(keys).await?),
            Call::Increment { key, delta } => {
                Answer::Number(Some(kv.increment(key, *delta).await?))
            }
            Call::Counter { key } => Answer::Number(Some(kv.counter(key).await?)),
            Call::Update { key, add } => {
                let sum = |number: Option<i64>| {
                    add.map(|add| number.unwrap_or_default().wrapping_add(add))
                };
                Answer::Number(kv.update(key, sum).await?)
            }
            Call::UpdateNotAtomic { key, add } => {
                let sum = |number: i64| number.wrapping_add(*add);
                let updated = kv.read_modify_write_not_atomic(key, 0, sum).await?;
                Answer::Number(Some(updated))
            }
            Call::ReadToSwap { key } => {
                let swap = kv.compare_and_swap(key).await?;
                let current = swap.current().cloned().map(Blob);
                self.swap = Some(swap);
                Answer::Value(current)
            }
            Call::Swap { value } => match self.swap.take() {
                None => Answer::NotMade,
                Some(swap) => done(swap.swap(value.0.clone()).await?),
            },
            Call::Capabilities => kv.capabilities().into(),
            Call::Everything => everything(&kv).await?,
        })
    }

    fn cursor(&self, label: &str, place: &Place) -> Option<String> {
        let given = |back: &usize| Some(self.given.back(label, *back)?.cursor.clone());
        match place {
            Place::Start => None,
            Place::Given(back) => given(back),
            Place::Cut(back) => given(back).map(|mut cursor| {
                cursor.pop();
                cursor
            }),
            Place::Edited(back, at) => given(back).map(|cursor| edited(&cursor, *at)),
            Place::MadeUp(cursor) => Some(cursor.clone()),
        }
    }
}

fn done((): ()) -> Answer {
    Answer::Done
}

/// The cursor with another letter at this place, counted around.
fn edited(cursor: &str, at: usize) -> String {
    let at = at.checked_rem(cursor.chars().count()).unwrap_or(0);
    let other = |letter| if letter == 'A' { 'B' } else { 'A' };
    let letters = cursor.chars().enumerate();
    letters
        .map(|(n, letter)| if n == at { other(letter) } else { letter })
        .collect()
}

async fn everything(kv: &KvHandle) -> Result<Answer, KvError> {
    let pages: Vec<_> = kv.pages("", 1000).try_collect().await?;
    let keys: Vec<String> = pages.into_iter().flat_map(|page| page.keys).collect();
    let values: Vec<Option<Bytes>> = kv.get_many_bytes(&keys).await?;
    let values = values.into_iter().map(|value| value.map(Blob));
    Ok(Answer::Pairs(keys.into_iter().zip(values).collect()))
}
