//! Operations in a session of their own, for tests that compare stores.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::operations::{Session, Stores};
use edgezero_adapter_spin::SpinKvStore;
use edgezero_store_traits::{KvError, KvStore};
use http::StatusCode;

use crate::{Reply, json, reply};

struct SpinStores;

#[async_trait]
impl Stores for SpinStores {
    async fn open(
        &self,
        label: &str,
        max_list_keys: Option<u32>,
    ) -> Result<Arc<dyn KvStore>, KvError> {
        let store = match max_list_keys {
            None => SpinKvStore::open(label).await?,
            Some(max) => SpinKvStore::open_with_max_list_keys(label, max).await?,
        };
        Ok(Arc::new(store))
    }
}

/// Runs the work in the body, and answers the answers.
pub(crate) async fn run(body: Bytes) -> Reply {
    match serde_json::from_slice(&body) {
        Ok(work) => json(&Session::new(SpinStores).run(work).await),
        Err(error) => reply(StatusCode::BAD_REQUEST, error.to_string()),
    }
}
