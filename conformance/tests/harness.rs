//! How a case ends, and what is said of it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use conformance::fixture::{Declined, DynFixture};
use conformance::harness::Backend;
use conformance::{Case, CaseResult, Fixture, Outcome, check_eq, check_keys};
use edgezero_store_traits::{BoxError, ConfigStore, KvStore, SecretStore};

/// A fixture without stores, which counts how often it is cleaned up.
#[derive(Default)]
struct Bare(AtomicUsize);

#[async_trait]
impl Fixture for Bare {
    async fn kv(&self, _: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        Err("no store".into())
    }

    async fn kv_with_max_list_keys(
        &self,
        _: &str,
        _: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError> {
        Ok(None)
    }

    async fn config(&self, _: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> {
        Err(Declined::new("no configuration").into())
    }

    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> {
        Err(Declined::new("no secrets").into())
    }

    async fn clean_up(&self) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Runs a case that does not wait; how it ended, and how often it was cleaned up.
fn run(case: Case) -> (Outcome, usize) {
    let fixture = Bare::default();
    let outcome = {
        let running = pin!(case.run(&fixture));
        match running.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("it waits"),
        }
    };
    (outcome, fixture.0.into_inner())
}

fn failure(case: Case) -> String {
    match run(case) {
        (Outcome::Failed(message), 1) => message,
        other => panic!("{other:?}"),
    }
}

async fn helper(found: u8) -> Result<(), BoxError> {
    check_eq!(found, 1, "the number");
    Ok(())
}

const HELPER_LINE: u32 = line!() + 3;

async fn uses_a_helper(_: &DynFixture) -> CaseResult {
    helper(2).await?;
    Ok(())
}

#[test]
fn a_check_that_fails_in_a_helper_is_reported_at_the_cases_line() {
    let message = failure(Case::new("mine::helper", &["M-1"], |fixture| {
        Box::pin(uses_a_helper(fixture))
    }));
    let place = format!("{}:{HELPER_LINE}", file!());
    assert!(message.contains(&place), "{message}");
    assert!(message.contains("found:    2"), "{message}");
    assert!(!message.contains("unexpected error"), "{message}");
}

async fn lists_too_few(_: &DynFixture) -> CaseResult {
    check_keys!(["a", "c"], ["a", "b", "c"], "the keys listed");
    Ok(())
}

#[test]
fn a_failed_listing_says_which_keys_are_missing() {
    let message = failure(Case::new("mine::list", &["M-1"], |fixture| {
        Box::pin(lists_too_few(fixture))
    }));
    assert!(message.contains("2 keys found, 3 expected"), "{message}");
    assert!(message.contains("1 missing: \"b\""), "{message}");
}

async fn panics(_: &DynFixture) -> CaseResult {
    panic!("a planted panic")
}

#[test]
fn a_case_that_panics_fails_with_the_text_and_is_cleaned_up_after() {
    let message = failure(Case::new("mine::panics", &["M-1"], |fixture| {
        Box::pin(panics(fixture))
    }));
    assert!(message.contains("a planted panic"), "{message}");
}

async fn needs_a_configuration(fixture: &DynFixture) -> CaseResult {
    fixture.config(&[]).await?;
    Ok(())
}

#[test]
fn a_case_whose_fixture_declines_is_excluded_for_that_reason() {
    let (outcome, cleaned) = run(Case::new("mine::config", &["M-1"], |fixture| {
        Box::pin(needs_a_configuration(fixture))
    }));
    assert_eq!(outcome, Outcome::Excluded("no configuration".to_owned()));
    assert_eq!(cleaned, 1);
}

#[test]
fn a_case_that_hangs_fails_with_its_name_after_the_limit() {
    let hangs = Backend::new("mine", |_| {
        loop {
            std::thread::park();
        }
    });
    let hangs = hangs.limit(Duration::from_millis(20));
    let case = hangs.cases().next().unwrap();
    let Outcome::Failed(message) = hangs.run(&case) else {
        panic!("it did not fail");
    };
    let name = format!("mine::{}", case.name());
    assert!(message.contains(&name), "{message}");
    assert!(message.contains("did not end within 20ms"), "{message}");
}
