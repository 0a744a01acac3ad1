//! `spin:key-value@3.0.0`, on the host's backends.

mod stream;

use std::sync::Arc;

use tokio::sync::mpsc;
use wasmtime::component::{Accessor, FutureReader, HasData, Resource, StreamReader};

use crate::backend::{Failure, KeyStream, Store};
use crate::bindings::spin::key_value::key_value::{self, Error};
use crate::calls::{Call, Fault, Refusal};
use crate::instance::State;
use crate::open::StoreHandle;
use stream::Producer;

pub(crate) const TOO_MANY_REQUESTS: &str = "too many requests";

pub(crate) struct KeyValue;

impl HasData for KeyValue {
    type Data<'a> = &'a mut State;
}

type Reply<T> = wasmtime::Result<Result<T, Error>>;

/// A backend's answer, as the component gets it. A panic ends the instance.
pub(crate) fn answer<T, E: Refusal>(done: Result<T, Failure>) -> wasmtime::Result<Result<T, E>> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Other(text)) => Ok(Err(E::other(text))),
        Err(Failure::Panic(text)) => Err(wasmtime::Error::msg(text)),
    }
}

/// Makes a call on an open store.
async fn on_store<U, T, F>(
    accessor: &Accessor<U, KeyValue>,
    store: &Resource<StoreHandle>,
    call: Call,
    work: impl FnOnce(Arc<dyn Store>) -> F + Send,
) -> Reply<T>
where
    U: Send,
    F: Future<Output = Result<T, Failure>> + Send,
{
    let (calls, store) = accessor.with(|mut access| {
        let state = access.get();
        let store = state.open.stores.get(store.rep()).cloned();
        (state.calls().clone(), store)
    });
    let made = async {
        let Some(store) = store else {
            return Ok(Err(Error::NoSuchStore));
        };
        if calls.are_too_many() {
            return Ok(Err(Error::Other(TOO_MANY_REQUESTS.to_owned())));
        }
        answer(work(store).await)
    };
    calls.make(call, made).await
}

impl key_value::HostStoreWithStore for KeyValue {
    async fn open<U: Send>(
        accessor: &Accessor<U, Self>,
        label: String,
    ) -> Reply<Resource<StoreHandle>> {
        let config = accessor.with(|mut access| access.get().config.clone());
        let opened = async {
            let Some(backend) = config.backends.get(&label) else {
                return Ok(Err(Error::AccessDenied));
            };
            let store = match answer(backend.open(&label, config.max_reply).await)? {
                Ok(store) => store,
                Err(error) => return Ok(Err(error)),
            };
            let slot = accessor.with(|mut access| access.get().open.stores.push(store));
            Ok(slot.map(Resource::new_own).ok_or(Error::StoreTableFull))
        };
        config.calls.make(Call::Open, opened).await
    }

    async fn get<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<StoreHandle>,
        key: String,
    ) -> Reply<Option<Vec<u8>>> {
        let work = |store: Arc<dyn Store>| async move { store.get(&key).await };
        on_store(accessor, &store, Call::Get, work).await
    }

    async fn set<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<StoreHandle>,
        key: String,
        value: Vec<u8>,
    ) -> Reply<()> {
        let work = |store: Arc<dyn Store>| async move { store.set(&key, &value).await };
        on_store(accessor, &store, Call::Set, work).await
    }

    async fn delete<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<StoreHandle>,
        key: String,
    ) -> Reply<()> {
        let work = |store: Arc<dyn Store>| async move { store.delete(&key).await };
        on_store(accessor, &store, Call::Delete, work).await
    }

    async fn exists<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<StoreHandle>,
        key: String,
    ) -> Reply<bool> {
        let work = |store: Arc<dyn Store>| async move { store.exists(&key).await };
        on_store(accessor, &store, Call::Exists, work).await
    }

    /// Has no error to answer but the future's: a refusal before the stream ends the
    /// instance.
    async fn get_keys<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<StoreHandle>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let (calls, store) = accessor.with(|mut access| {
            let state = access.get();
            let store = state.open.stores.get(store.rep()).cloned();
            (state.calls().clone(), store)
        });
        let listed = async {
            let Some(store) = store else {
                return Err(Error::NoSuchStore.into());
            };
            if calls.are_too_many() {
                return Err(Error::Other(TOO_MANY_REQUESTS.to_owned()).into());
            }
            Ok(Ok(store.key_stream().await))
        };
        let listed = calls.make(Call::GetKeys, listed).await?;
        let KeyStream { keys, end } = match listed {
            Ok(listed) => listed,
            Err(error) => {
                let (_, none) = mpsc::channel(1);
                return hand_over(accessor, Producer::new(none, calls), async {
                    Ok(Err(error))
                });
            }
        };
        let mut producer = Producer::new(keys, calls.clone());
        if let Some(Fault::AfterKeys(count, text)) = calls.take(Call::GetKeys) {
            producer.end_after(count);
            return hand_over(accessor, producer, async { Ok(Err(Error::Other(text))) });
        }
        hand_over(accessor, producer, async {
            // Without an end, the host has panicked.
            answer(end.await?)
        })
    }
}

type Keys = (StreamReader<String>, FutureReader<Result<(), Error>>);

fn hand_over<U: Send>(
    accessor: &Accessor<U, KeyValue>,
    keys: Producer,
    end: impl Future<Output = Reply<()>> + Send + 'static,
) -> wasmtime::Result<Keys> {
    accessor.with(|mut access| {
        Ok((
            StreamReader::new(&mut access, keys)?,
            FutureReader::new(&mut access, end)?,
        ))
    })
}

impl key_value::HostStore for &mut State {
    async fn drop(&mut self, store: Resource<StoreHandle>) -> wasmtime::Result<()> {
        self.open.stores.remove(store.rep());
        Ok(())
    }
}

impl key_value::Host for &mut State {}
