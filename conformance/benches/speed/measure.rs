//! One measurement after the other, by criterion, and what came out.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What was measured: the operation, and on whom.
pub(crate) type Measured = (&'static str, &'static str);

pub(crate) struct Bench {
    criterion: Criterion,
    output: TempDir,
    /// What the name of an operation must contain.
    filter: Option<String>,
    pub(crate) runtime: Runtime,
    /// Nanoseconds of one operation; bytes, for memory.
    pub(crate) results: BTreeMap<Measured, f64>,
}

/// What criterion keeps of a measurement.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl Bench {
    pub(crate) fn new(criterion: Criterion, runtime: Runtime) -> Self {
        let output = tempfile::tempdir().unwrap();
        Self {
            criterion: criterion.output_directory(output.path()),
            output,
            filter: env::args()
                .skip(1)
                .find(|argument| !argument.starts_with('-')),
            runtime,
            results: BTreeMap::new(),
        }
    }

    /// Whether `operation`, which criterion does not measure, was asked for.
    pub(crate) fn runs(&self, operation: &str) -> bool {
        let filter = self.filter.as_deref();
        filter.is_none_or(|filter| operation.contains(filter))
    }

    /// Measures `run`, which does so many rounds of `operations` each and tells how
    /// long they took.
    pub(crate) fn measure(
        &mut self,
        what: Measured,
        operations: usize,
        mut run: impl FnMut(&Runtime, u64) -> Duration,
    ) {
        let (operation, who) = what;
        let mut group = self.criterion.benchmark_group(operation);
        group
            .sample_size(20)
            .sampling_mode(SamplingMode::Flat)
            .warm_up_time(Duration::from_millis(500))
            .bench_function(who, |bencher| {
                bencher.iter_custom(|rounds| run(&self.runtime, rounds));
            });
        group.finish();
        let sample = self.output.path().join(operation).join(who);
        let Ok(sample) = fs::read(sample.join("new/sample.json")) else {
            // Not among those that were asked for.
            return;
        };
        let sample: Sample = serde_json::from_slice(&sample).unwrap();
        let rounds = sample.times.iter().zip(&sample.iters);
        let mut times: Vec<f64> = rounds.map(|(time, rounds)| time / rounds).collect();
        times.sort_by(f64::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "1,000,000 at most")]
        let time = times[times.len() / 2] / operations as f64;
        self.results.insert(what, time);
    }
}

/// How long `run` takes.
pub(crate) fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}
