//! Waiting for a platform that is busy.

use std::time::{Duration, Instant};

use spin_sdk::key_value::Error;
use spin_sdk::wasip3::clocks::monotonic_clock;

use super::{Inner, random};
use crate::component::error::{self, Kind};

/// How long a call is made again while the platform is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(200);

/// Makes the call, and makes it again while the platform is busy: then it wrote
/// nothing. The call comes when no stream of keys is open.
pub(super) async fn when_not_busy<T>(
    store: &Inner,
    mut call: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = Tries::new(PATIENCE);
    loop {
        store.no_stream().await;
        match call() {
            Err(cause) if is_busy(&cause) && tries.pause().await => {}
            done => return done,
        }
    }
}

/// Whether the platform is busy: the call wrote nothing, and may be made again.
pub(super) fn is_busy(cause: &Error) -> bool {
    error::kind(cause) == Some(Kind::Busy)
}

/// Tries with pauses of random length between them, so that two that met once do
/// not meet again. The longest possible pause doubles with every try.
pub(super) struct Tries {
    began: Instant,
    patience: Duration,
    made: u32,
}

impl Tries {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            began: Instant::now(),
            patience,
            made: 0,
        }
    }

    /// Waits before the next try; `false` where the patience has ended.
    pub(super) async fn pause(&mut self) -> bool {
        if self.began.elapsed() >= self.patience {
            return false;
        }
        self.made += 1;
        let longest = Duration::from_millis(1 << self.made.min(16)).min(MAX_PAUSE);
        sleep(longest.mul_f64(random::fraction())).await;
        true
    }
}

pub(super) async fn sleep(duration: Duration) {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    monotonic_clock::wait_for(nanoseconds).await;
}
