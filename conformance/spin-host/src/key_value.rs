//! `spin:key-value@3.0.0`, on the host's files.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Accessor, Destination, FutureReader, HasData, Resource, StreamProducer, StreamReader,
    StreamResult, VecBuffer,
};

use crate::bindings::spin::key_value::key_value::{self, Error};
use crate::calls::{Call, Calls, Fault};
use crate::instance::State;
use crate::storage::File;

/// A store that a component has open: a label of a file.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct OpenStore {
    pub(crate) label: String,
    pub(crate) file: Arc<File>,
}

pub(crate) struct KeyValue;

impl HasData for KeyValue {
    type Data<'a> = &'a mut State;
}

type Reply<T> = wasmtime::Result<Result<T, Error>>;

/// Runs a call on the file, away from the async threads, as often as it is made.
async fn call<U: Send, T: Send + 'static>(
    accessor: &Accessor<U, KeyValue>,
    store: &Resource<OpenStore>,
    call: Call,
    work: impl FnOnce(&OpenStore) -> Result<T, String> + Send + 'static,
) -> Reply<T> {
    let (calls, open) = accessor.with(|mut access| {
        let state = access.get();
        wasmtime::error::Ok((state.calls().clone(), state.table.get(store)?.clone()))
    })?;
    if let Err(fault) = calls.record_key_value(call) {
        return Ok(Err(fault));
    }
    let done = tokio::task::spawn_blocking(move || work(&open)).await?;
    Ok(done.map_err(Error::Other))
}

impl key_value::HostStoreWithStore for KeyValue {
    async fn open<U: Send>(
        accessor: &Accessor<U, Self>,
        label: String,
    ) -> Reply<Resource<OpenStore>> {
        let (calls, files, location) = accessor.with(|mut access| {
            let state = access.get();
            let location = state.config.labels.get(&label).cloned();
            (state.calls().clone(), state.config.files.clone(), location)
        });
        if let Err(fault) = calls.record_key_value(Call::Open) {
            return Ok(Err(fault));
        }
        let Some(location) = location else {
            return Ok(Err(Error::AccessDenied));
        };
        match tokio::task::spawn_blocking(move || files.open(&location)).await? {
            Ok(file) => {
                let store = OpenStore { label, file };
                Ok(Ok(
                    accessor.with(|mut access| access.get().table.push(store))?
                ))
            }
            Err(text) => Ok(Err(Error::Other(text))),
        }
    }

    async fn get<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Reply<Option<Vec<u8>>> {
        call(accessor, &store, Call::Get, move |open| {
            open.file.get(&open.label, &key)
        })
        .await
    }

    async fn set<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Reply<()> {
        call(accessor, &store, Call::Set, move |open| {
            open.file.set(&open.label, &key, &value)
        })
        .await
    }

    async fn delete<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Reply<()> {
        call(accessor, &store, Call::Delete, move |open| {
            open.file.delete(&open.label, &key)
        })
        .await
    }

    async fn exists<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Reply<bool> {
        call(accessor, &store, Call::Exists, move |open| {
            open.file.exists(&open.label, &key)
        })
        .await
    }

    async fn get_keys<U: Send>(
        accessor: &Accessor<U, Self>,
        store: Resource<OpenStore>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let (calls, open) = accessor.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((state.calls().clone(), state.table.get(&store)?.clone()))
        })?;
        let fault = calls.record(Call::GetKeys);
        let listed = tokio::task::spawn_blocking(move || open.file.keys(&open.label)).await?;
        let (keys, end) = match (listed, fault) {
            (Ok(mut keys), Some(Fault::AfterKeys(count, text))) => {
                keys.truncate(count);
                (keys, Err(Error::Other(text)))
            }
            (Ok(_), Some(Fault::StoreTableFull(_))) => (Vec::new(), Err(Error::StoreTableFull)),
            (Ok(_), Some(Fault::NoSuchStore(_))) => (Vec::new(), Err(Error::NoSuchStore)),
            (Ok(_), Some(Fault::Other(_, text))) => (Vec::new(), Err(Error::Other(text))),
            (Ok(keys), _) => (keys, Ok(())),
            (Err(text), _) => (Vec::new(), Err(Error::Other(text))),
        };
        let (send_end, receive_end) = oneshot::channel();
        let stream = KeyStream {
            keys: keys.into_iter(),
            end: Some((send_end, end)),
            calls,
        };
        accessor.with(|mut access| {
            Ok((
                StreamReader::new(&mut access, stream)?,
                // A stream that was dropped half-way has nothing to report.
                FutureReader::new(&mut access, async {
                    wasmtime::error::Ok(receive_end.await.unwrap_or(Ok(())))
                })?,
            ))
        })
    }
}

impl key_value::HostStore for &mut State {
    async fn drop(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl key_value::Host for &mut State {}

/// How a stream of keys ended.
type End = Result<(), Error>;

/// Hands over keys one at a time, as Spin does, and counts them.
struct KeyStream {
    keys: std::vec::IntoIter<String>,
    /// Sent when the last key was taken.
    end: Option<(oneshot::Sender<End>, End)>,
    calls: Calls,
}

impl<D> StreamProducer<D> for KeyStream {
    type Item = String;
    type Buffer = VecBuffer<String>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, String, VecBuffer<String>>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether a key is ready: one always is.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let Some(key) = self.keys.next() else {
            if let Some((sender, end)) = self.end.take() {
                // The component may have dropped the future; it need not know.
                let _ = sender.send(end);
            }
            return Poll::Ready(Ok(StreamResult::Dropped));
        };
        self.calls.record(Call::Key);
        destination.set_buffer(vec![key].into());
        Poll::Ready(Ok(StreamResult::Completed))
    }
}
