//! The behavioural suite of EdgeZero's stores.
//!
//! A case is an `async fn` over a [`Fixture`]; it knows nothing of the backend and
//! carries the ids of the rules it proves, from the
//! [specification](edgezero_store_traits::specification). The same cases run
//! natively and inside a component.
//!
//! # Running the suite on a backend of your own
//!
//! Add this crate as a dev-dependency, declare a test target with
//! `harness = false`, and give the suite a fixture:
//!
//! ```
//! # #[cfg(feature = "harness")] mod yours {
//! use std::process::ExitCode;
//! use std::sync::Arc;
//!
//! use conformance::{Fixture, harness};
//! # use edgezero_store_traits::{BoxError, ConfigStore, KvStore, SecretStore};
//! # #[derive(Default)] struct MyFixture;
//! # #[async_trait::async_trait]
//! # impl Fixture for MyFixture {
//! #   async fn kv(&self, _: &str) -> Result<Arc<dyn KvStore>, BoxError> { Err("")? }
//! #   async fn kv_with_max_list_keys(&self, _: &str, _: u32) -> Result<Option<Arc<dyn KvStore>>, BoxError> { Err("")? }
//! #   async fn config(&self, _: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> { Err("")? }
//! #   async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> { Err("")? }
//! # }
//! # fn block_on<F: Future>(future: F) -> F::Output { todo!() }
//!
//! fn main() -> ExitCode {
//!     let backend = harness::Backend::new("mine", |case| {
//!         // A new fixture for each case, on the runtime of your choice.
//!         block_on(case.run(&MyFixture::default()))
//!     });
//!     harness::main(&[backend])
//! }
//! # }
//! ```
//!
//! Each case is then a test of its own, `mine::kv::listing::…`; one that the
//! backend's capabilities or its fixture exclude is reported as ignored, with the
//! reason. With `-- --table` the run prints a table of cases by backend instead, and
//! with `-- --rule KV-LIST-1` it runs the cases of one rule.
//!
//! `ADAPTERS.md` beside this crate has a complete crate to start from, and what each
//! method of a fixture needs. [`Case::new`], [`check!`] and [`check_eq!`] make cases of
//! your own.

#![forbid(unsafe_code)]

pub mod fixture;
#[cfg(feature = "harness")]
pub mod harness;
pub mod operations;

mod case;
mod cases;
mod forms;
mod hints;
mod wrapper;

pub use case::{Case, CaseResult, Mismatch, Outcome, Stop, difference, shown};
pub use cases::suite;
pub use fixture::Fixture;
pub use forms::forms_of;
pub use wrapper::{Wrapped, Wrapper};
