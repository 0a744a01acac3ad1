//! Measurements, and what came out: one after the other, by criterion, or in turn.

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
    is_quick: bool,
    pub(crate) runtime: Runtime,
    /// Nanoseconds of one operation, or what [`Unit::of`] says.
    pub(crate) results: BTreeMap<Measured, f64>,
}

/// What criterion keeps of a measurement.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl Bench {
    pub(crate) fn new(criterion: Criterion, runtime: Runtime, is_quick: bool) -> Self {
        let output = tempfile::tempdir().unwrap();
        Self {
            criterion: criterion.output_directory(output.path()),
            output,
            filter: env::args()
                .skip(1)
                .find(|argument| !argument.starts_with('-')),
            is_quick,
            runtime,
            results: BTreeMap::new(),
        }
    }

    /// Whether `operation`, which criterion does not measure, was asked for.
    pub(crate) fn runs(&self, operation: &str) -> bool {
        let filter = self.filter.as_deref();
        filter.is_none_or(|filter| operation.contains(filter))
    }

    /// Keeps what was counted, and not measured.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn count(&mut self, what: Measured, count: usize) {
        self.results.insert(what, count as f64);
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
        let times = rounds.map(|(time, rounds)| time / rounds).collect();
        #[expect(clippy::cast_precision_loss, reason = "1,000,000 at most")]
        let time = median(times) / operations as f64;
        self.results.insert(what, time);
    }

    /// Measures `sides` in turn, about `turn` each, again and again: what one finds a
    /// disk or another program busy with, the next one meets too.
    pub(crate) fn measure_in_turn<const N: usize>(&mut self, turn: Turn, sides: [Side<'_>; N]) {
        let (turns, turn) = match (turn, self.is_quick) {
            (Turn::Short, false) => (31, 150),
            (Turn::Short, true) => (5, 60),
            (Turn::Long, false) => (5, 3_000),
            (Turn::Long, true) => (3, 400),
        };
        let turn = Duration::from_millis(turn);
        let asked_for = sides.into_iter().filter(|side| self.runs(side.what.0));
        let mut sides: Vec<_> = asked_for
            .map(|mut side| {
                eprintln!("{}: {}, in turn", side.what.0, side.what.1);
                let rounds = rounds_within(turn, |rounds| (side.run)(&self.runtime, rounds));
                (side, rounds, Vec::new())
            })
            .collect();
        for _ in 0..turns {
            for (side, rounds, times) in &mut sides {
                let taken = (side.run)(&self.runtime, *rounds);
                #[expect(clippy::cast_precision_loss, reason = "some thousands")]
                times.push(taken.as_secs_f64() * 1e9 / *rounds as f64);
            }
        }
        for (side, _, times) in sides {
            #[expect(clippy::cast_precision_loss, reason = "1,000,000 at most")]
            let time = median(times) / side.operations as f64;
            self.results.insert(side.what, time);
        }
    }
}

/// How long one is measured before the next.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    /// For what costs the same each time.
    Short,
    /// For writes: it has room for more than one checkpoint, whose cost is a part of
    /// theirs, and may fall into the next turn.
    Long,
}

/// One of those that are measured in turn: see [`Bench::measure`].
pub(crate) struct Side<'a> {
    pub(crate) what: Measured,
    pub(crate) operations: usize,
    pub(crate) run: Run<'a>,
}

/// Does so many rounds, and tells how long they took.
type Run<'a> = Box<dyn FnMut(&Runtime, u64) -> Duration + 'a>;

/// How many rounds take about that long, from a run that does.
fn rounds_within(time: Duration, mut run: impl FnMut(u64) -> Duration) -> u64 {
    let mut rounds = 1;
    while run(rounds) < time {
        rounds *= 2;
    }
    rounds
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// What a result is a number of.
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    Count,
}

impl Unit {
    pub(crate) fn of(operation: &str) -> Self {
        if operation.contains("memory") {
            Self::Bytes
        } else if ["counted", "keys read", "host calls"]
            .iter()
            .any(|count| operation.contains(count))
        {
            Self::Count
        } else {
            Self::Nanoseconds
        }
    }
}

/// How long `run` takes.
pub(crate) fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}
