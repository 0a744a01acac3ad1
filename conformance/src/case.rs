//! A case, and how one ends.

mod check;
mod keys;
mod stop;

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub use self::check::{Mismatch, shown};
pub(crate) use self::check::{cases, check, check_eq, check_err, check_keys};
pub use self::keys::difference;
pub use self::stop::Stop;
use self::stop::Why;
use crate::fixture::DynFixture;
use crate::hints;

/// One case of the suite, or one of your own.
///
/// ```
/// use conformance::fixture::{DynFixture, LABEL};
/// use conformance::{Case, CaseResult, check_eq};
/// use edgezero_store_traits::KvHandle;
///
/// async fn a_put_is_read(fixture: &DynFixture) -> CaseResult {
///     let kv = KvHandle::new(fixture.kv(LABEL).await?);
///     kv.put_bytes("key", "value").await?;
///     let found = kv.get_bytes("key").await?;
///     check_eq!(found, Some("value".into()), "the value under \"key\"");
///     Ok(())
/// }
///
/// let case = Case::new("mine::a_put_is_read", &["MINE-1"], |fixture| {
///     Box::pin(a_put_is_read(fixture))
/// });
/// assert_eq!(case.name(), "mine::a_put_is_read");
/// ```
#[derive(Clone, Copy)]
pub struct Case {
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    pub(crate) rules: &'static [&'static str],
    pub(crate) run: Run,
}

/// What runs a case.
pub(crate) type Run = for<'a> fn(&'a DynFixture) -> BoxFuture<'a, CaseResult>;

/// What a case's function returns.
pub type CaseResult = Result<(), Stop>;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "message", rename_all = "lowercase")]
pub enum Outcome {
    /// The backend keeps the rules.
    Passed,
    /// The backend's capabilities or its fixture exclude the case, for this reason.
    Excluded(String),
    /// The backend breaks a rule, or the fixture failed: where and how.
    Failed(String),
}

impl Case {
    /// A case of your own: its name, the ids of the rules that it proves, and what it
    /// does with a fixture.
    pub const fn new(
        name: &'static str,
        rules: &'static [&'static str],
        run: for<'a> fn(&'a DynFixture) -> BoxFuture<'a, CaseResult>,
    ) -> Self {
        Self {
            module: "",
            function: name,
            rules,
            run,
        }
    }

    /// The case's name: its place in the suite and what it asserts, as in
    /// `kv::listing::keys_are_in_byte_order`.
    pub fn name(&self) -> String {
        match self.module.rsplit_once("::cases::") {
            Some((_, place)) => format!("{place}::{}", self.function),
            None => self.function.to_owned(),
        }
    }

    /// The ids of the rules that the case proves.
    pub fn rules(&self) -> &'static [&'static str] {
        self.rules
    }

    /// Runs the case on a fixture that no other case uses, and then the fixture's
    /// [`clean_up`](crate::Fixture::clean_up), also after a failure or a panic.
    pub async fn run(&self, fixture: &DynFixture) -> Outcome {
        let outcome = self.outcome(fixture).await;
        match (fixture.clean_up().await, outcome) {
            (Ok(()), outcome) => outcome,
            (Err(error), Outcome::Failed(message)) => {
                Outcome::Failed(format!("{message}\n  and clean_up failed: {error}"))
            }
            (Err(error), _) => Outcome::Failed(format!("clean_up failed: {error}")),
        }
    }

    async fn outcome(&self, fixture: &DynFixture) -> Outcome {
        let mut running = (self.run)(fixture);
        // A backend that panics fails this case, and is cleaned up after as any.
        let ended = poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
                Ok(poll) => poll.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(panic_message(&*panic))),
            }
        });
        let Stop { why, at } = match ended.await {
            Ok(Ok(())) => return Outcome::Passed,
            Ok(Err(stop)) => stop,
            Err(message) => return Outcome::Failed(format!("it panicked: {message}")),
        };
        let at = format!("\n  at {}:{}", at.file(), at.line());
        match why {
            Why::Excluded(reason) => Outcome::Excluded(reason),
            Why::PlatformLimit(message) => match fixture.unstorable().await {
                Ok(pairs) if !pairs.is_empty() => Outcome::Excluded(message),
                Ok(_) => Outcome::Failed(message + &at),
                Err(error) => Outcome::Failed(error.to_string()),
            },
            Why::Failed(message) => {
                Outcome::Failed(message + &at + &hints::of(self.function).unwrap_or_default())
            }
        }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "see the output above".to_owned())
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name(), self.rules)
    }
}
