//! What a case needs of a backend.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::counter;
use edgezero_store_traits::{BoxError, ConfigStore, KvStore, SecretStore};

/// The label that nearly every case uses.
pub const LABEL: &str = "default";

/// A second label, for the cases about two stores.
pub const OTHER_LABEL: &str = "second";

/// The store id under which [`SECRETS`] are defined.
pub const SECRET_STORE_ID: &str = "default";

/// The secrets that must be defined while the suite runs: name and value.
///
/// They are fixed, because many platforms define secrets at deployment only. No
/// other secret may be defined whose name starts with `conformance` or has at most
/// five characters, or is the letter `a` 512 times: the cases ask for those.
pub const SECRETS: &[(&str, &str)] = &[
    ("conformance_plain", "correct horse battery staple"),
    ("conformance_unicode", "ключ 🔑 ŝlosilo"),
    ("conformance_v2", "{\"json\": \"\\u0000 and % $ { braces\"}"),
    ("conformance_blanks", " \tblanks  around it \t"),
];

/// A second store id, for the case about two secret stores.
pub const OTHER_SECRET_STORE_ID: &str = "second";

/// The secrets that must be defined under [`OTHER_SECRET_STORE_ID`] where
/// [`Fixture::has_separate_secret_stores`]; elsewhere none of them is.
pub const OTHER_SECRETS: &[(&str, &str)] = &[("conformance_plain", "quite another phrase")];

/// Opens the stores of one backend for one case.
///
/// A case gets a fixture of its own. What the fixture returns is used only while
/// that case runs.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// Opens the key-value store `label`, which is [`LABEL`] or [`OTHER_LABEL`],
    /// as an app would, with the backend's defaults.
    ///
    /// When a case opens a label for the first time, the store is empty; when it
    /// opens it again, it is the same store.
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError>;

    /// Opens the same store as [`Fixture::kv`] with a cap on listings, in keys; 0
    /// is no cap. `None` from a backend that has no such cap.
    async fn kv_with_max_list_keys(
        &self,
        label: &str,
        max_list_keys: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError>;

    /// Opens a configuration store that holds exactly these keys and values, put
    /// there the way a deployment tool would. Values may be no UTF-8.
    async fn config(&self, values: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError>;

    /// Opens a secret store in which [`SECRETS`] are defined under
    /// [`SECRET_STORE_ID`].
    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError>;

    /// Whether each store id has secrets of its own, and not one space of secrets
    /// serves them all.
    fn has_separate_secret_stores(&self) -> bool {
        false
    }

    /// Lets `duration` pass for the backend's TTLs: sleeps, or moves the
    /// backend's clock. Only backends with TTL are asked; some durations are over
    /// a minute.
    async fn pass_time(&self, duration: Duration) -> Result<(), BoxError> {
        Err(format!("this fixture cannot let {duration:?} pass").into())
    }

    /// The bytes in which the platform's own increment stores this count: what `get`
    /// gives for the counter, and what another program puts for it. `None` where that
    /// is not known; then the cases about it are excluded.
    async fn counter_bytes(&self, count: i64) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(Bytes::copy_from_slice(&counter::to_bytes(count))))
    }

    /// Keys, with a value each, that the contract allows and the platform cannot hold:
    /// a key with a character that the platform refuses, a value that is too large.
    /// At least one for each such limit, by itself beyond it.
    ///
    /// Where there are some, a case that meets
    /// [`KvError::PlatformLimit`](edgezero_store_traits::KvError::PlatformLimit) is
    /// excluded, with the limit as the reason. Elsewhere it fails.
    async fn unstorable(&self) -> Result<Vec<(String, Bytes)>, BoxError> {
        Ok(Vec::new())
    }

    /// Has another writer keep the platform busy for a moment: long enough that the next
    /// writes to `label` meet it, and short enough that a call waits for its end.
    /// `false` where the fixture cannot; then the case about it is excluded.
    async fn make_busy(&self, label: &str) -> Result<bool, BoxError> {
        let _ = label;
        Ok(false)
    }

    /// Has the platform fail in the middle of a listing of `label`, after it named
    /// some keys and before it named all: the next listing that reads every key,
    /// through a store that is opened afterwards. `false` where the fixture cannot;
    /// then the case about it is excluded.
    async fn fail_mid_listing(&self, label: &str) -> Result<bool, BoxError> {
        let _ = label;
        Ok(false)
    }
}
