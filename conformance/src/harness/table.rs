//! The suite as a table of cases by backend.

use std::process::ExitCode;

use super::Backend;
use super::arguments::Selection;
use crate::{Case, Outcome};

pub(super) fn print(backends: &[Backend], selection: &Selection) -> ExitCode {
    let cases = rows(backends, selection);
    let case_width = cases
        .iter()
        .map(|case| case.name().len())
        .max()
        .unwrap_or(0);
    let rules_width = cases
        .iter()
        .map(|case| rules(case).len())
        .max()
        .unwrap_or(0);
    let width = |backend: &Backend| backend.name().len().max("excluded".len());

    let mut tallies = vec![Tally::default(); backends.len()];
    let mut failures = Vec::new();
    for (row, case) in cases.iter().enumerate() {
        // Before the line is begun: a backend may have something to say first.
        let outcome = |backend: &Backend| {
            let its = backend.cases().find(|its| its.name() == case.name());
            its.map(|its| backend.run(&its))
        };
        let outcomes: Vec<_> = backends.iter().map(outcome).collect();
        if row == 0 {
            print!("{:case_width$}  {:rules_width$}", "case", "rules");
            for backend in backends {
                print!("  {:1$}", backend.name(), width(backend));
            }
            println!();
        }
        print!("{:case_width$}  {:rules_width$}", case.name(), rules(case));
        for ((backend, tally), outcome) in backends.iter().zip(&mut tallies).zip(outcomes) {
            let word = outcome.as_ref().map_or("", |outcome| tally.count(outcome));
            print!("  {word:0$}", width(backend));
            if let Some(Outcome::Failed(message)) = outcome {
                failures.push(format!("{}::{}: {message}", backend.name(), case.name()));
            }
        }
        println!();
    }

    println!();
    for (backend, tally) in backends.iter().zip(&tallies) {
        println!(
            "{}: {} cases, {} passed, {} excluded, {} failed",
            backend.name(),
            tally.passed + tally.excluded + tally.failed,
            tally.passed,
            tally.excluded,
            tally.failed
        );
    }
    for failure in &failures {
        println!("\n{failure}");
    }
    if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The suite's cases, and then each backend's own.
fn rows(backends: &[Backend], selection: &Selection) -> Vec<Case> {
    let mut rows: Vec<Case> = Vec::new();
    for case in backends.iter().flat_map(Backend::cases) {
        let is_new = !rows.iter().any(|row| row.name() == case.name());
        if is_new && selection.has_row(&case) {
            rows.push(case);
        }
    }
    rows
}

fn rules(case: &Case) -> String {
    case.rules().join(" ")
}

#[derive(Clone, Copy, Default)]
struct Tally {
    passed: usize,
    excluded: usize,
    failed: usize,
}

impl Tally {
    fn count(&mut self, outcome: &Outcome) -> &'static str {
        let (count, word) = match outcome {
            Outcome::Passed => (&mut self.passed, "pass"),
            Outcome::Excluded(_) => (&mut self.excluded, "excluded"),
            Outcome::Failed(_) => (&mut self.failed, "FAIL"),
        };
        *count += 1;
        word
    }
}
