//! The suite's fixture on Spin's stores.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use conformance::Fixture;
use conformance::fixture::Fault;
use edgezero_adapter_spin::{SpinConfigStore, SpinKvStore, SpinSecretStore};
use edgezero_store_traits::kv::counter;
use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;
use edgezero_store_traits::{BoxError, ConfigStore, KvStore, SecretStore};
use spin_sdk::key_value::Store;
use spin_sdk::variables;

/// The label that holds a case's configuration.
const CONFIG_LABEL: &str = "app-config";

/// Reading this variable has the embedded host fail in the next listing; a real Spin
/// does not define it.
const FAIL_MID_LISTING: &str = "fail_mid_listing";

/// Reading this variable has the embedded host answer some calls as a busy platform
/// does; a real Spin does not define it.
const BUSY: &str = "busy";

/// Reading this variable, after `fail_before_n3` or the like, has the embedded host fail
/// no more calls, and says whether one failed; a real Spin does not define it.
const STOP_FAILING: &str = "stop_failing";

/// This variable names the platform behind the labels: `redis`, `dynamo`, `cosmos`.
/// Without it, it is SQLite.
const PLATFORM: &str = "platform";

/// One case's stores. Spin's labels are few and fixed, so a label is emptied when
/// the case first opens it.
#[derive(Default)]
pub(crate) struct SpinFixture {
    opened: Mutex<HashSet<String>>,
}

impl SpinFixture {
    async fn empty_at_first(&self, label: &str) -> Result<(), BoxError> {
        let first = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(label.to_owned());
        if first {
            empty(&Store::open(label).await?).await?;
        }
        Ok(())
    }
}

async fn empty(store: &Store) -> Result<(), BoxError> {
    for key in store.get_keys().await.collect().await? {
        store.delete(key).await?;
    }
    Ok(())
}

#[async_trait]
impl Fixture for SpinFixture {
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        self.empty_at_first(label).await?;
        Ok(Arc::new(SpinKvStore::open(label).await?))
    }

    async fn kv_with_max_list_keys(
        &self,
        label: &str,
        max_list_keys: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError> {
        self.empty_at_first(label).await?;
        let store = SpinKvStore::open_with_max_list_keys(label, max_list_keys).await?;
        Ok(Some(Arc::new(store)))
    }

    async fn config(&self, values: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> {
        let store = Store::open(CONFIG_LABEL).await?;
        empty(&store).await?;
        for (key, value) in values {
            store.set(key, value).await?;
        }
        Ok(Arc::new(SpinConfigStore::open(CONFIG_LABEL).await?))
    }

    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> {
        Ok(Arc::new(SpinSecretStore::new()))
    }

    async fn counter_bytes(&self, count: i64) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(match variable(PLATFORM).await?.as_deref() {
            Some("redis" | "dynamo") => Bytes::from(count.to_string()),
            _ => Bytes::copy_from_slice(&counter::to_bytes(count)),
        }))
    }

    async fn unstorable(&self) -> Result<Vec<(String, Bytes)>, BoxError> {
        let large = |length| ("large".to_owned(), Bytes::from(vec![b'x'; length]));
        let with_key = |key: &str| (key.to_owned(), Bytes::from("x"));
        Ok(match variable(PLATFORM).await?.as_deref() {
            Some("dynamo") => vec![large(410_000), large(MAX_VALUE_BYTES)],
            Some("cosmos") => {
                let keys = ["a/b", "a\\b", "a?", "#a", "it's", "50%", "a%41", "blank "];
                let keys = keys.into_iter().map(with_key);
                keys.chain([large(1_000_000), large(MAX_VALUE_BYTES)])
                    .collect()
            }
            _ => Vec::new(),
        })
    }

    async fn make_busy(&self, _label: &str) -> Result<bool, BoxError> {
        Ok(variable(BUSY).await?.is_some())
    }

    async fn fail_request(&self, nth: u32, fault: Fault) -> Result<bool, BoxError> {
        let when = match fault {
            Fault::BeforeItActs => "before",
            Fault::AfterItActed => "after",
        };
        Ok(variable(&format!("fail_{when}_n{nth}")).await?.is_some())
    }

    async fn stop_failing(&self) -> Result<bool, BoxError> {
        Ok(variable(STOP_FAILING).await?.as_deref() == Some("true"))
    }

    async fn fail_mid_listing(&self, _label: &str) -> Result<bool, BoxError> {
        Ok(variable(FAIL_MID_LISTING).await?.is_some())
    }
}

/// A variable's value; `None` where it is not defined.
async fn variable(name: &str) -> Result<Option<String>, BoxError> {
    match variables::get(name).await {
        Ok(value) => Ok(Some(value)),
        Err(variables::Error::Undefined(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
