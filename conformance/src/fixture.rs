//! What a case needs of a backend.

use std::any::Any;
use std::error::Error;
use std::fmt;
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

/// A fixture of any backend, as a case gets it.
pub type DynFixture = dyn Fixture;

impl DynFixture {
    /// The fixture as your own type, for a case of your own that needs more of it than
    /// [`Fixture`] has.
    ///
    /// # Errors
    /// [`Declined`] where it is another type: the case is of another backend, and is
    /// excluded.
    pub fn downcast<F: Fixture>(&self) -> Result<&F, Declined> {
        let any: &dyn Any = self;
        any.downcast_ref()
            .ok_or_else(|| Declined::new("the case is of another backend"))
    }
}

/// What a fixture answers where it cannot do what a case needs: the case is excluded,
/// for this reason. Any method of a [`Fixture`] may.
#[derive(Clone, Debug)]
pub struct Declined(String);

impl Declined {
    /// Excludes the case for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Declined {}

/// When a request to the platform fails: see [`Fixture::fail_request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request does not reach the platform.
    BeforeItActs,
    /// The platform does what was asked, and its answer is lost.
    AfterItActed,
}

/// Opens the stores of one backend for one case.
///
/// A case gets a fixture of its own. What the fixture returns is used only while
/// that case runs. Four methods are required. The others have a default that declines:
/// the cases that need them are then excluded, with the reason.
#[async_trait]
pub trait Fixture: Any + Send + Sync {
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

    /// Lets `duration` pass for the backend's TTLs. Only backends with TTL are asked.
    /// Most cases need 1 to 10 minutes, one of them 366 days, in several steps.
    ///
    /// There are two ways to do it, and neither waits. Move the backend's clock
    /// forward, where you can set it. Or shorten every TTL that the platform has
    /// stored by `duration`, and remove what has then expired: on Redis that is a
    /// `PTTL` and a `PEXPIRE` for each key. `duration` has milliseconds.
    ///
    /// A fixture that can do neither may wait for a short `duration` and decline a
    /// long one: `Err(Declined::new("it would take 366 days").into())`. The default
    /// declines every one.
    async fn pass_time(&self, duration: Duration) -> Result<(), BoxError> {
        let _ = duration;
        Err(Declined::new("the fixture cannot let time pass").into())
    }

    /// Has one request to the platform fail: the `nth` from now, 1 being the next,
    /// whichever store and whichever call makes it. Later requests work again. `false`
    /// where the fixture cannot; then the cases about failures are excluded.
    ///
    /// A request is what the adapter sends to the platform and can lose on the way.
    ///
    /// - **Over a network** put a TCP proxy between the adapter and the platform, and
    ///   count the requests that pass it. To fail one before the platform acts, close
    ///   the connection in place of passing the request on. To fail one after it acted,
    ///   pass it on, wait for the reply, and close the connection in place of passing
    ///   the reply on.
    /// - **On the same machine** wrap the function by which the adapter calls the
    ///   platform (a method of a trait, a system call), and give an error before or
    ///   after the call.
    async fn fail_request(&self, nth: u32, fault: Fault) -> Result<bool, BoxError> {
        let _ = (nth, fault);
        Ok(false)
    }

    /// Takes back [`fail_request`](Fixture::fail_request), and says whether the request
    /// came and failed.
    async fn stop_failing(&self) -> Result<bool, BoxError> {
        Ok(false)
    }

    /// Cleans up after the case, however it ended, unless it hung: deletes its keys or
    /// its tables, stops its server. The default does nothing.
    async fn clean_up(&self) -> Result<(), BoxError> {
        Ok(())
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
