//! The host's own calls, without the adapter, as a script: for tests that look at the
//! host itself, embedded or real.
//!
//! `POST /bare` takes a JSON list of steps, and answers a JSON list of texts: what each
//! step came to. What a step opens stays open until the last step is done.

mod script;

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::StatusCode;
use spin_sdk::key_value::{Error, Keys, Store};

use self::bindings::wasi::keyvalue::atomics::{self, Cas, CasError};
use self::bindings::wasi::keyvalue::{batch, store};
use crate::{Reply, json, reply};
use script::{Done, Step};

#[allow(missing_docs, unreachable_pub, reason = "generated")]
pub(crate) mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../edgezero-adapter-spin/wit",
        world: "keyvalue",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
        // The adapter's own has the name without it.
        type_section_suffix: "bare",
    });
}

/// How many scripts this instance has run.
static SERVED: AtomicU32 = AtomicU32::new(0);

pub(crate) async fn run(body: Bytes) -> Reply {
    let steps: Vec<Step> = match serde_json::from_slice(&body) {
        Ok(steps) => steps,
        Err(error) => return reply(StatusCode::BAD_REQUEST, error.to_string()),
    };
    SERVED.fetch_add(1, Ordering::Relaxed);
    let mut session = Session::default();
    let mut answers = Vec::new();
    for step in steps {
        answers.push(session.step(step).await);
    }
    json(&answers)
}

/// What a script has open. A step uses what was opened last.
#[derive(Default)]
struct Session {
    stores: Vec<Store>,
    buckets: Vec<store::Bucket>,
    swaps: Vec<Cas>,
    keys: Option<Keys>,
}

impl Session {
    async fn step(&mut self, step: Step) -> String {
        match step {
            Step::Served => SERVED.load(Ordering::Relaxed).to_string(),
            Step::Open { label, times } => {
                for _ in 0..times {
                    match Store::open(&label).await {
                        Ok(store) => self.stores.push(store),
                        Err(error) => return script::failed(self.stores.len(), error),
                    }
                }
                script::opened(self.stores.len())
            }
            Step::OpenBucket { label, times } => {
                for _ in 0..times {
                    match store::open(&label) {
                        Ok(bucket) => self.buckets.push(bucket),
                        Err(error) => return script::failed(self.buckets.len(), error),
                    }
                }
                script::opened(self.buckets.len())
            }
            Step::NewSwap { key, times } => {
                for _ in 0..times {
                    match Cas::new(self.bucket(), &key) {
                        Ok(swap) => self.swaps.push(swap),
                        Err(error) => return script::failed(self.swaps.len(), error),
                    }
                }
                script::opened(self.swaps.len())
            }
            Step::SwapOften { key, value, times } => self.swap_often(&key, &value, times),
            Step::Current => self.swaps[self.swaps.len() - 1].current().done(),
            Step::Swap { value } => match self.swaps.pop() {
                Some(swap) => self.swap(swap, &value).done(),
                None => "no swap is open".to_owned(),
            },
            Step::CloseBuckets => {
                self.buckets.clear();
                script::opened(0)
            }
            Step::Get { key } => self.store().get(key).await.done(),
            Step::Set { key, value } => self.store().set(key, value).await.done(),
            Step::Delete { key } => self.store().delete(key).await.done(),
            Step::Exists { key } => self.store().exists(key).await.done(),
            Step::GetKeys => self.store().get_keys().await.collect().await.done(),
            Step::Clear => self.clear().await.done(),
            Step::BeginKeys => {
                let mut keys = self.store().get_keys().await;
                let first = keys.next().await;
                self.keys = Some(keys);
                match first {
                    Some(_) => "a key".to_owned(),
                    None => "no key".to_owned(),
                }
            }
            Step::EndKeys => match self.keys.take() {
                Some(keys) => keys.collect().await.done(),
                None => "no stream is open".to_owned(),
            },
            Step::DropKeys => match self.keys.take() {
                Some(keys) => {
                    let (stream, end) = keys.into_inner();
                    drop(stream);
                    end.await.done()
                }
                None => "no stream is open".to_owned(),
            },
            Step::ListKeys { cursor } => {
                let listed = self.bucket().list_keys(cursor.as_deref());
                listed.map(|reply| reply.keys).done()
            }
            Step::GetMany { keys } => batch::get_many(self.bucket(), &keys).done(),
            Step::SetMany { pairs } => {
                let pairs = pairs.into_iter().map(|(key, value)| (key, value.into()));
                batch::set_many(self.bucket(), &pairs.collect::<Vec<_>>()).done()
            }
            Step::DeleteMany { keys } => batch::delete_many(self.bucket(), &keys).done(),
            Step::Increment { key, delta } => atomics::increment(self.bucket(), &key, delta).done(),
        }
    }

    async fn clear(&self) -> Result<(), Error> {
        for key in self.store().get_keys().await.collect().await? {
            self.store().delete(key).await?;
        }
        Ok(())
    }

    /// A script opens one before it uses it.
    fn store(&self) -> &Store {
        &self.stores[self.stores.len() - 1]
    }

    fn bucket(&self) -> &store::Bucket {
        &self.buckets[self.buckets.len() - 1]
    }

    /// A swap that failed leaves the one that the host made in its place.
    fn swap(&mut self, swap: Cas, value: &str) -> Result<(), String> {
        atomics::swap(swap, value.as_bytes()).map_err(|error| match error {
            CasError::CasFailed(fresh) => {
                self.swaps.push(fresh);
                "cas-failed".to_owned()
            }
            CasError::StoreError(error) => format!("{error:?}"),
        })
    }

    fn swap_often(&mut self, key: &str, value: &str, times: u32) -> String {
        for done in 0..times {
            let swap = match Cas::new(self.bucket(), key) {
                Ok(swap) => swap,
                Err(error) => return script::failed(done as usize, error),
            };
            if let Err(error) = swap.current() {
                return script::failed(done as usize, error);
            }
            if let Err(error) = self.swap(swap, value) {
                return script::failed(done as usize, error);
            }
        }
        script::opened(times as usize)
    }
}
