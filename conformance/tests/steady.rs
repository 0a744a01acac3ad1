//! A store that keeps the contract passes every case, again and again: in another
//! order each time, and beside the other cases.
//!
//! As many rounds as fit 20 seconds, and 2 at least; 200 where `EDGEZERO_FULL_RUN`
//! is set, and then some in the component too. `EDGEZERO_SEED` runs the orders of an
//! earlier run again.
//!
//! The files are in the folder for temporary ones, on a disk most of the time spent
//! waiting for it: `TMPDIR=/dev/shm` has them in memory.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use conformance::{Case, Fixture, Outcome, suite};
use edgezero_store_traits::BoxError;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use tokio::runtime::Runtime;

use crate::support::embedded::{Embedded, run_in_component};
use crate::support::memory::MemoryFixture;
use crate::support::sqlite::SqliteFixture;

/// So many cases are under way at once.
const AT_ONCE: usize = 16;

const TIME: Duration = Duration::from_secs(20);

/// Runs one case on stores of its own.
type RunCase = fn(Case) -> BoxFuture<'static, Outcome>;

struct Backend {
    name: &'static str,
    run: RunCase,
    /// So many at least; none is enough where a round takes long.
    least: usize,
    /// So many in a full run.
    full: usize,
}

const BACKENDS: [Backend; 4] = [
    Backend {
        name: "memory",
        run: |case| Box::pin(on(case, Ok(MemoryFixture::default()))),
        least: 2,
        full: 200,
    },
    Backend {
        name: "sqlite",
        run: |case| Box::pin(on(case, SqliteFixture::new(false))),
        least: 2,
        full: 200,
    },
    Backend {
        name: "sqlite-ttl",
        run: |case| Box::pin(on(case, SqliteFixture::new(true))),
        least: 2,
        full: 200,
    },
    Backend {
        name: "spin",
        run: |case| Box::pin(async move { run_in_component(&case, Embedded::Sqlite).await }),
        least: 0,
        full: 20,
    },
];

async fn on(case: Case, fixture: Result<impl Fixture, BoxError>) -> Outcome {
    match fixture {
        Ok(fixture) => case.run(&fixture).await,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

fn main() -> ExitCode {
    let full = support::full_run::is_full_run();
    let seed = match std::env::var("EDGEZERO_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => RandomState::new().hash_one(0),
    };
    let trials = BACKENDS.map(|backend| {
        let name = format!("every_case_passes_in_every_round::{}", backend.name);
        Trial::ignorable_test(name, move || {
            if !full && backend.least == 0 {
                let reason = "a round takes long: EDGEZERO_FULL_RUN=1 runs some";
                return Ok(Completion::ignored_with(reason));
            }
            Runtime::new()?.block_on(rounds(&backend, full, seed))?;
            Ok(Completion::Completed)
        })
    });
    let mut arguments = Arguments::from_args();
    // All backends share the time.
    arguments.test_threads.get_or_insert(BACKENDS.len());
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

async fn rounds(backend: &Backend, full: bool, seed: u64) -> Result<(), Failed> {
    let start = Instant::now();
    let (mut rounds, mut passed, mut in_a_round) = (0, 0, None);
    loop {
        let enough = if full {
            rounds >= backend.full
        } else {
            rounds >= backend.least && start.elapsed() > TIME
        };
        if enough {
            break;
        }
        let cases = round(backend, seed.wrapping_add(rounds as u64)).await;
        let cases = cases.map_err(|failed| {
            format!("in round {rounds} of the run with EDGEZERO_SEED={seed}: {failed}")
        })?;
        // A case that does not apply is not a case that passes.
        if cases == 0 || cases != *in_a_round.get_or_insert(cases) {
            return Err(
                format!("{cases} cases passed in round {rounds}, not {in_a_round:?}").into(),
            );
        }
        passed += cases;
        rounds += 1;
    }
    println!(
        "{}: {rounds} rounds, {passed} cases passed, {AT_ONCE} at once, in {:.1?}{}",
        backend.name,
        start.elapsed(),
        if full {
            ""
        } else {
            " (EDGEZERO_FULL_RUN=1 runs more)"
        }
    );
    Ok(())
}

/// All cases once, in the order of this seed; how many passed.
async fn round(backend: &Backend, seed: u64) -> Result<usize, String> {
    let mut cases: Vec<Case> = suite().collect();
    cases.shuffle(&mut SmallRng::seed_from_u64(seed));
    let run = backend.run;
    let mut outcomes = stream::iter(cases)
        .map(|case| async move { (case, tokio::spawn(run(case)).await) })
        .buffer_unordered(AT_ONCE);
    let mut passed = 0;
    let mut failed = Vec::new();
    while let Some((case, outcome)) = outcomes.next().await {
        match outcome {
            Ok(Outcome::Passed) => passed += 1,
            Ok(Outcome::Excluded(_)) => {}
            Ok(Outcome::Failed(message)) => failed.push(format!("{}: {message}", case.name())),
            Err(panic) => failed.push(format!("{}: {panic}", case.name())),
        }
    }
    if failed.is_empty() {
        Ok(passed)
    } else {
        Err(failed.join("\n"))
    }
}
