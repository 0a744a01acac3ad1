//! `wasi:keyvalue@0.2.0-draft2`, on the host's files: one call for many keys, and
//! writes that depend on what is stored.

use wasmtime::component::Resource;

use crate::bindings::spin::key_value::key_value::Error as KeyValueError;
use crate::bindings::wasi::keyvalue::atomics::{self, CasError};
use crate::bindings::wasi::keyvalue::batch;
use crate::bindings::wasi::keyvalue::store::{self, Error, KeyResponse};
use crate::calls::{Call, Fault};
use crate::instance::State;
use crate::key_value::OpenStore;

type Bucket = Resource<OpenStore>;
type Reply<T> = wasmtime::Result<Result<T, Error>>;

/// A swap in the making: the value that was read last.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct Cas {
    bucket: OpenStore,
    key: String,
    current: Option<Vec<u8>>,
}

/// Runs work on a file away from the async threads.
async fn blocking<T: Send + 'static>(
    bucket: OpenStore,
    work: impl FnOnce(&OpenStore) -> Result<T, String> + Send + 'static,
) -> Reply<T> {
    let done = tokio::task::spawn_blocking(move || work(&bucket)).await?;
    Ok(done.map_err(Error::Other))
}

impl State {
    fn fault(&self, call: Call) -> Result<(), Error> {
        let fault = self.calls().record_key_value(call);
        fault.map_err(|fault| match fault {
            KeyValueError::NoSuchStore => Error::NoSuchStore,
            KeyValueError::AccessDenied => Error::AccessDenied,
            KeyValueError::StoreTableFull => Error::Other("store table full".to_owned()),
            KeyValueError::Other(text) => Error::Other(text),
        })
    }

    async fn on_bucket<T: Send + 'static>(
        &mut self,
        call: Call,
        bucket: &Bucket,
        work: impl FnOnce(&OpenStore) -> Result<T, String> + Send + 'static,
    ) -> Reply<T> {
        if let Err(fault) = self.fault(call) {
            return Ok(Err(fault));
        }
        blocking(self.table.get(bucket)?.clone(), work).await
    }
}

impl store::Host for &mut State {
    async fn open(&mut self, label: String) -> Reply<Bucket> {
        if let Err(fault) = self.fault(Call::BucketOpen) {
            return Ok(Err(fault));
        }
        let Some(location) = self.config.labels.get(&label).cloned() else {
            return Ok(Err(Error::AccessDenied));
        };
        let files = self.config.files.clone();
        match tokio::task::spawn_blocking(move || files.open(&location)).await? {
            Ok(file) => Ok(Ok(self.table.push(OpenStore { label, file })?)),
            Err(text) => Ok(Err(Error::Other(text))),
        }
    }
}

impl store::HostBucket for &mut State {
    async fn get(&mut self, bucket: Bucket, key: String) -> Reply<Option<Vec<u8>>> {
        self.on_bucket(Call::Bucket, &bucket, move |open| {
            open.file.get(&open.label, &key)
        })
        .await
    }

    async fn set(&mut self, bucket: Bucket, key: String, value: Vec<u8>) -> Reply<()> {
        self.on_bucket(Call::Bucket, &bucket, move |open| {
            open.file.set(&open.label, &key, &value)
        })
        .await
    }

    async fn delete(&mut self, bucket: Bucket, key: String) -> Reply<()> {
        self.on_bucket(Call::Bucket, &bucket, move |open| {
            open.file.delete(&open.label, &key)
        })
        .await
    }

    async fn exists(&mut self, bucket: Bucket, key: String) -> Reply<bool> {
        self.on_bucket(Call::Bucket, &bucket, move |open| {
            open.file.exists(&open.label, &key)
        })
        .await
    }

    async fn list_keys(&mut self, bucket: Bucket, cursor: Option<String>) -> Reply<KeyResponse> {
        if cursor.is_some() {
            return Ok(Err(Error::Other("this host gives no cursor".to_owned())));
        }
        let keys = self.on_bucket(Call::ListKeys, &bucket, |open| {
            open.file.list_keys(&open.label)
        });
        Ok(keys.await?.map(|keys| KeyResponse { keys, cursor: None }))
    }

    async fn drop(&mut self, bucket: Bucket) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for &mut State {
    async fn get_many(
        &mut self,
        bucket: Bucket,
        keys: Vec<String>,
    ) -> Reply<Vec<(String, Option<Vec<u8>>)>> {
        let found = self.on_bucket(Call::GetMany, &bucket, move |open| {
            open.file.get_many(&open.label, &keys)
        });
        let some = |(key, value)| (key, Some(value));
        Ok(found
            .await?
            .map(|found| found.into_iter().map(some).collect()))
    }

    async fn set_many(&mut self, bucket: Bucket, pairs: Vec<(String, Vec<u8>)>) -> Reply<()> {
        self.on_bucket(Call::SetMany, &bucket, move |open| {
            open.file.set_many(&open.label, &pairs)
        })
        .await
    }

    async fn delete_many(&mut self, bucket: Bucket, keys: Vec<String>) -> Reply<()> {
        self.on_bucket(Call::DeleteMany, &bucket, move |open| {
            open.file.delete_many(&open.label, &keys)
        })
        .await
    }
}

impl atomics::Host for &mut State {
    async fn increment(&mut self, bucket: Bucket, key: String, delta: i64) -> Reply<i64> {
        let sum = self.on_bucket(Call::Increment, &bucket, move |open| {
            open.file.increment(&open.label, &key, delta)
        });
        match sum.await? {
            Ok(Some(sum)) => Ok(Ok(sum)),
            Ok(None) => Err(wasmtime::Error::msg(
                "Spin's host panics here: the value to increment is not 8 bytes long",
            )),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn swap(
        &mut self,
        cas: Resource<Cas>,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), CasError>> {
        let mut cas = self.table.delete(cas)?;
        let swapped = match self.calls().record(Call::Swap) {
            Some(Fault::Conflict) => false,
            Some(Fault::NoSuchStore(_)) => {
                return Ok(Err(CasError::StoreError(Error::NoSuchStore)));
            }
            Some(Fault::Other(_, text)) => {
                return Ok(Err(CasError::StoreError(Error::Other(text))));
            }
            _ => {
                let asked = cas.clone();
                let swapped = blocking(cas.bucket.clone(), move |open| {
                    let old = asked.current.as_deref();
                    open.file.swap(&open.label, &asked.key, old, &value)
                });
                match swapped.await? {
                    Ok(swapped) => swapped,
                    Err(error) => return Ok(Err(CasError::StoreError(error))),
                }
            }
        };
        if swapped {
            return Ok(Ok(()));
        }
        cas.current = None;
        Ok(Err(CasError::CasFailed(self.table.push(cas)?)))
    }
}

impl atomics::HostCas for &mut State {
    async fn new(&mut self, bucket: Bucket, key: String) -> Reply<Resource<Cas>> {
        if let Err(fault) = self.fault(Call::Cas) {
            return Ok(Err(fault));
        }
        let cas = Cas {
            bucket: self.table.get(&bucket)?.clone(),
            key,
            current: None,
        };
        Ok(Ok(self.table.push(cas)?))
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Reply<Option<Vec<u8>>> {
        if let Err(fault) = self.fault(Call::Cas) {
            return Ok(Err(fault));
        }
        let asked = self.table.get(&cas)?.clone();
        let found = blocking(asked.bucket, move |open| {
            open.file.get(&open.label, &asked.key)
        });
        let found = found.await?;
        if let Ok(value) = &found {
            self.table.get_mut(&cas)?.current = value.clone();
        }
        Ok(found)
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}
