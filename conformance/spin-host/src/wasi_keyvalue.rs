//! `wasi:keyvalue@0.2.0-draft2`, on the host's backends: one call for many keys, and
//! writes that depend on what is stored.

mod swap;

use std::sync::Arc;

use wasmtime::component::Resource;

use crate::backend::{Failure, Pair, Store};
use crate::bindings::wasi::keyvalue::batch;
use crate::bindings::wasi::keyvalue::store::{self, Error, KeyResponse};
use crate::calls::Call;
use crate::instance::State;
use crate::key_value::{TOO_MANY_REQUESTS, answer};
use crate::open::StoreHandle;

type Bucket = Resource<StoreHandle>;
type Reply<T> = wasmtime::Result<Result<T, Error>>;

fn too_many() -> Error {
    Error::Other(TOO_MANY_REQUESTS.to_owned())
}

impl State {
    /// Makes a call on an open store.
    async fn on_bucket<T, F>(
        &mut self,
        call: Call,
        bucket: &Bucket,
        work: impl FnOnce(Arc<dyn Store>) -> F + Send,
    ) -> Reply<T>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let calls = self.calls().clone();
        let made = async {
            let Some(store) = self.open.stores.get(bucket.rep()).cloned() else {
                return Ok(Err(Error::NoSuchStore));
            };
            if calls.are_too_many() {
                return Ok(Err(too_many()));
            }
            answer(work(store).await)
        };
        calls.make(call, made).await
    }
}

impl store::Host for &mut State {
    async fn open(&mut self, label: String) -> Reply<Bucket> {
        let config = self.config.clone();
        let opened = async {
            let Some(backend) = config.backends.get(&label) else {
                return Ok(Err(Error::AccessDenied));
            };
            let store = match answer(backend.open(&label, config.max_reply).await)? {
                Ok(store) => store,
                Err(error) => return Ok(Err(error)),
            };
            let slot = self.open.stores.push(store);
            Ok(slot
                .map(Resource::new_own)
                .ok_or_else(|| Error::Other("store table full".to_owned())))
        };
        config.calls.make(Call::BucketOpen, opened).await
    }
}

impl store::HostBucket for &mut State {
    async fn get(&mut self, bucket: Bucket, key: String) -> Reply<Option<Vec<u8>>> {
        let work = |store: Arc<dyn Store>| async move { store.get(&key).await };
        self.on_bucket(Call::Bucket, &bucket, work).await
    }

    async fn set(&mut self, bucket: Bucket, key: String, value: Vec<u8>) -> Reply<()> {
        let work = |store: Arc<dyn Store>| async move { store.set(&key, &value).await };
        self.on_bucket(Call::Bucket, &bucket, work).await
    }

    async fn delete(&mut self, bucket: Bucket, key: String) -> Reply<()> {
        let work = |store: Arc<dyn Store>| async move { store.delete(&key).await };
        self.on_bucket(Call::Bucket, &bucket, work).await
    }

    async fn exists(&mut self, bucket: Bucket, key: String) -> Reply<bool> {
        let work = |store: Arc<dyn Store>| async move { store.exists(&key).await };
        self.on_bucket(Call::Bucket, &bucket, work).await
    }

    async fn list_keys(&mut self, bucket: Bucket, cursor: Option<String>) -> Reply<KeyResponse> {
        if cursor.is_some() {
            let error = "list_keys: cursor not supported";
            return Ok(Err(Error::Other(error.to_owned())));
        }
        let work = |store: Arc<dyn Store>| async move { store.list_keys().await };
        let keys = self.on_bucket(Call::ListKeys, &bucket, work).await?;
        Ok(keys.map(|keys| KeyResponse { keys, cursor: None }))
    }

    async fn drop(&mut self, bucket: Bucket) -> wasmtime::Result<()> {
        self.open.stores.remove(bucket.rep());
        Ok(())
    }
}

/// A batch of nothing does not reach the backend, nor the limit of calls under way.
impl batch::Host for &mut State {
    async fn get_many(&mut self, bucket: Bucket, keys: Vec<String>) -> Reply<Vec<Pair>> {
        if keys.is_empty() {
            return self.nothing(Call::GetMany, &bucket).await;
        }
        let work = |store: Arc<dyn Store>| async move { store.get_many(keys).await };
        self.on_bucket(Call::GetMany, &bucket, work).await
    }

    async fn set_many(&mut self, bucket: Bucket, pairs: Vec<(String, Vec<u8>)>) -> Reply<()> {
        if pairs.is_empty() {
            return self.nothing(Call::SetMany, &bucket).await;
        }
        let work = |store: Arc<dyn Store>| async move { store.set_many(pairs).await };
        self.on_bucket(Call::SetMany, &bucket, work).await
    }

    async fn delete_many(&mut self, bucket: Bucket, keys: Vec<String>) -> Reply<()> {
        if keys.is_empty() {
            return self.nothing(Call::DeleteMany, &bucket).await;
        }
        let work = |store: Arc<dyn Store>| async move { store.delete_many(keys).await };
        self.on_bucket(Call::DeleteMany, &bucket, work).await
    }
}

impl State {
    async fn nothing<T: Default>(&mut self, call: Call, bucket: &Bucket) -> Reply<T> {
        let store = self.open.stores.get(bucket.rep());
        let done = store.map(|_| T::default()).ok_or(Error::NoSuchStore);
        let calls = self.calls().clone();
        calls.make(call, async { Ok(done) }).await
    }
}
