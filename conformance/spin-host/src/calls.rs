//! What a component asked of the host, and which of its calls should fail.

mod fault;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

pub use fault::Fault;
pub(crate) use fault::Refusal;

/// A call that a component can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// `spin:key-value` `store.open`.
    Open,
    /// `spin:key-value` `store.get`.
    Get,
    /// `spin:key-value` `store.set`.
    Set,
    /// `spin:key-value` `store.delete`.
    Delete,
    /// `spin:key-value` `store.exists`.
    Exists,
    /// `spin:key-value` `store.get-keys`.
    GetKeys,
    /// One key handed over by the stream of `store.get-keys`. It is counted like a call,
    /// and is none: it is not part of [`Calls::total`] and [`Calls::order`].
    Key,
    /// `wasi:keyvalue` `store.open`.
    BucketOpen,
    /// `wasi:keyvalue` `bucket.get`, `set`, `delete` or `exists`.
    Bucket,
    /// `wasi:keyvalue` `bucket.list-keys`.
    ListKeys,
    /// `wasi:keyvalue` `batch.get-many`.
    GetMany,
    /// `wasi:keyvalue` `batch.set-many`.
    SetMany,
    /// `wasi:keyvalue` `batch.delete-many`.
    DeleteMany,
    /// `wasi:keyvalue` `atomics.increment`.
    Increment,
    /// `wasi:keyvalue` `cas.new` or `cas.current`.
    Cas,
    /// `wasi:keyvalue` `atomics.swap`.
    Swap,
    /// `spin:variables` `get`.
    Variable,
}

/// Whether something happens to a call before it acts, or after it acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The call does nothing.
    Before,
    /// The call does all of its work, and its answer is lost.
    After,
}

/// The record of a host's calls, shared with its instances.
#[derive(Clone, Default)]
pub struct Calls {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    counts: HashMap<Call, u64>,
    total: u64,
    order: Option<Vec<Call>>,
    faults: VecDeque<Fault>,
    /// What happens to the call of this number, counted from the first.
    interruptions: BTreeMap<u64, (When, Interruption)>,
    too_many_requests: bool,
}

#[derive(Clone)]
enum Interruption {
    Kill,
    Fail(String),
}

/// What a call meets on its way.
struct Met {
    number: u64,
    fault: Option<Fault>,
    interruption: Option<(When, Interruption)>,
}

impl Calls {
    /// How often the component made this call so far.
    pub fn count(&self, call: Call) -> u64 {
        self.lock().counts.get(&call).copied().unwrap_or(0)
    }

    /// How many calls the component made so far.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// Begins to list the calls, from none: see [`Calls::order`].
    pub fn list_order(&self) {
        self.lock().order = Some(Vec::new());
    }

    /// The calls since [`Calls::list_order`], in the order in which they began.
    pub fn order(&self) -> Vec<Call> {
        self.lock().order.clone().unwrap_or_default()
    }

    /// Makes the next call of the fault's kind fail. Faults of one kind fire one
    /// after the other, in the order in which they were injected.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Ends the instance that makes the `nth` call from now, of whatever kind; 1 is the
    /// next call. Each request in that instance ends without an answer; other instances
    /// live on.
    pub fn kill_at(&self, nth: u64, when: When) {
        self.interrupt(nth, when, Interruption::Kill);
    }

    /// Makes the `nth` call from now, of whatever kind, fail with `other` and this text;
    /// 1 is the next call.
    pub fn fail_at(&self, nth: u64, when: When, text: &str) {
        self.interrupt(nth, when, Interruption::Fail(text.to_owned()));
    }

    /// Takes back what [`Calls::fail_at`] and [`Calls::kill_at`] asked for. Whether all
    /// of it had happened.
    pub fn stop_failing(&self) -> bool {
        std::mem::take(&mut self.lock().interruptions).is_empty()
    }

    /// Has every call that reaches a backend fail with `other("too many requests")`, as
    /// where an operator limits how many may be under way; `get-keys`, which can answer
    /// no error, ends the instance.
    pub fn too_many_requests(&self, refuse: bool) {
        self.lock().too_many_requests = refuse;
    }

    pub(crate) fn are_too_many(&self) -> bool {
        self.lock().too_many_requests
    }

    /// Counts a call and makes it, with what it should meet.
    pub(crate) async fn make<T, E: Refusal>(
        &self,
        call: Call,
        work: impl Future<Output = wasmtime::Result<Result<T, E>>>,
    ) -> wasmtime::Result<Result<T, E>> {
        let met = self.begin(call);
        if let Some(fault) = met.fault {
            return Ok(Err(E::from_fault(fault)));
        }
        match met.interruption {
            None => work.await,
            Some((when, interruption)) => {
                if when == When::After {
                    // Its answer is lost, whatever it is; its end is not.
                    let _ = work.await?;
                }
                match interruption {
                    Interruption::Fail(text) => Ok(Err(E::other(text))),
                    Interruption::Kill => Err(wasmtime::Error::msg(format!(
                        "killed at call {}, {call:?}, {when:?} it acted",
                        met.number
                    ))),
                }
            }
        }
    }

    /// Counts a key that a stream hands over.
    pub(crate) fn count_key(&self) {
        *self.lock().counts.entry(Call::Key).or_default() += 1;
    }

    /// The fault that waits for a call which sees to it itself.
    pub(crate) fn take(&self, call: Call) -> Option<Fault> {
        let faults = &mut self.lock().faults;
        let at = faults.iter().position(|fault| fault.call() == call)?;
        faults.remove(at)
    }

    fn interrupt(&self, nth: u64, when: When, interruption: Interruption) {
        let mut inner = self.lock();
        let number = inner.total + nth;
        inner.interruptions.insert(number, (when, interruption));
    }

    fn begin(&self, call: Call) -> Met {
        let mut inner = self.lock();
        *inner.counts.entry(call).or_default() += 1;
        inner.total += 1;
        if let Some(order) = &mut inner.order {
            order.push(call);
        }
        let number = inner.total;
        let first = inner.faults.iter().position(|fault| fault.call() == call);
        let fault = first
            .filter(|at| inner.faults[*at].is_refusal())
            .and_then(|at| inner.faults.remove(at));
        Met {
            number,
            fault,
            interruption: inner.interruptions.remove(&number),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock()
    }
}
