//! Increments and swaps.

use std::sync::Arc;

use wasmtime::component::Resource;

use super::{Bucket, Reply, too_many};
use crate::backend::{Store, Swapped};
use crate::bindings::wasi::keyvalue::atomics::{self, CasError};
use crate::bindings::wasi::keyvalue::store::Error;
use crate::calls::{Call, Fault};
use crate::instance::State;
use crate::key_value::answer;
use crate::open::{OpenSwap, SwapHandle};

type Cas = Resource<SwapHandle>;

impl State {
    /// Begins a swap; its number.
    async fn begin_swap(&mut self, bucket: u32, key: String) -> Reply<u32> {
        let Some(store) = self.open.stores.get(bucket).cloned() else {
            return Ok(Err(Error::NoSuchStore));
        };
        let swap = match answer(store.compare_and_swap(&key).await)? {
            Ok(swap) => swap,
            Err(error) => return Ok(Err(error)),
        };
        let slot = self.open.swaps.push(OpenSwap { swap, bucket, key });
        Ok(slot.ok_or_else(|| Error::Other("too many compare_and_swaps opened".to_owned())))
    }

    async fn read_swap(&mut self, number: u32) -> Reply<Option<Vec<u8>>> {
        let Some(open) = self.open.swaps.get(number).cloned() else {
            return Ok(Err(Error::Other("invalid compare and swap".to_owned())));
        };
        if self.calls().are_too_many() {
            return Ok(Err(too_many()));
        }
        answer(open.swap.current().await)
    }

    /// A new swap of what the failed one wanted to write over, which has read already.
    async fn retry_of(&mut self, failed: OpenSwap) -> Reply<u32> {
        let number = match self.begin_swap(failed.bucket, failed.key).await? {
            Ok(number) => number,
            Err(error) => return Ok(Err(error)),
        };
        let read = self.read_swap(number).await?;
        Ok(read.map(|_| number))
    }
}

impl atomics::Host for &mut State {
    async fn increment(&mut self, bucket: Bucket, key: String, delta: i64) -> Reply<i64> {
        let work = |store: Arc<dyn Store>| async move { store.increment(&key, delta).await };
        self.on_bucket(Call::Increment, &bucket, work).await
    }

    /// Takes the component's handle, and leaves the entry in the table.
    async fn swap(&mut self, cas: Cas, value: Vec<u8>) -> wasmtime::Result<Result<(), CasError>> {
        let calls = self.calls().clone();
        let made = async {
            let Some(open) = self.open.swaps.get(cas.rep()).cloned() else {
                let error = Error::Other("invalid compare and swap".to_owned());
                return Ok(Err(CasError::StoreError(error)));
            };
            if calls.are_too_many() {
                return Ok(Err(CasError::StoreError(too_many())));
            }
            let swapped = match calls.take(Call::Swap) {
                Some(Fault::Conflict) => Swapped::CasFailed,
                _ => match answer(open.swap.swap(value).await)? {
                    Ok(swapped) => swapped,
                    Err(error) => return Ok(Err(error)),
                },
            };
            if swapped == Swapped::Done {
                return Ok(Ok(()));
            }
            Ok(Err(match self.retry_of(open).await? {
                Ok(number) => CasError::CasFailed(Resource::new_own(number)),
                Err(error) => CasError::StoreError(error),
            }))
        };
        calls.make(Call::Swap, made).await
    }
}

impl atomics::HostCas for &mut State {
    async fn new(&mut self, bucket: Bucket, key: String) -> Reply<Cas> {
        let calls = self.calls().clone();
        let begun = async {
            let number = self.begin_swap(bucket.rep(), key).await?;
            Ok(number.map(Resource::new_own))
        };
        calls.make(Call::Cas, begun).await
    }

    async fn current(&mut self, cas: Cas) -> Reply<Option<Vec<u8>>> {
        let calls = self.calls().clone();
        calls.make(Call::Cas, self.read_swap(cas.rep())).await
    }

    async fn drop(&mut self, cas: Cas) -> wasmtime::Result<()> {
        self.open.swaps.remove(cas.rep());
        Ok(())
    }
}
