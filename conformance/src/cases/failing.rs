//! Calls with one of their requests failing.

use edgezero_store_traits::BoxError;

use crate::case::check;
use crate::fixture::{Declined, DynFixture, Fault};

/// So many requests of a call are failed at most, one after the other.
const REQUESTS: u32 = 40;

/// Fails one request of a call after the other.
pub(super) struct Faults<'a> {
    fixture: &'a DynFixture,
    nth: u32,
    fault: Fault,
    ended: bool,
}

impl<'a> Faults<'a> {
    pub(super) fn new(fixture: &'a DynFixture) -> Self {
        Self {
            fixture,
            nth: 0,
            fault: Fault::AfterItActed,
            ended: false,
        }
    }

    /// Goes on to the next request that may fail; `false` after the last.
    pub(super) fn next(&mut self) -> bool {
        self.fault = match self.fault {
            Fault::AfterItActed => {
                self.nth += 1;
                Fault::BeforeItActs
            }
            Fault::BeforeItActs => Fault::AfterItActed,
        };
        !self.ended && self.nth <= REQUESTS
    }

    /// A name that tells this request from the others.
    pub(super) fn name(&self) -> String {
        let when = match self.fault {
            Fault::BeforeItActs => "before",
            Fault::AfterItActed => "after",
        };
        format!("{when}{:02}", self.nth)
    }

    /// Makes the call with the request failing; whether it did fail, too.
    pub(super) async fn fail<T>(
        &mut self,
        call: impl Future<Output = T>,
    ) -> Result<(T, bool), BoxError> {
        if !self.fixture.fail_request(self.nth, self.fault).await? {
            let reason = "the fixture cannot have a request fail";
            return Err(Declined::new(reason).into());
        }
        let done = call.await;
        let failed = self.fixture.stop_failing().await?;
        // The call makes fewer requests.
        self.ended = !failed;
        Ok((done, failed))
    }

    /// As [`Faults::fail`], of a write: its first request must have been one.
    pub(super) async fn fail_write<T>(
        &mut self,
        call: impl Future<Output = T>,
        what: &str,
    ) -> Result<(T, bool), BoxError> {
        let (done, failed) = self.fail(call).await?;
        check!(
            failed || self.nth > 1,
            "the fixture's fail_request did nothing: {what} made no request that failed"
        );
        Ok((done, failed))
    }
}
