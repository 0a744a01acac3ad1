//! The suite as a table of cases by backend.

use std::process::ExitCode;

use super::Backend;
use crate::{Outcome, suite};

pub(super) fn print(backends: &[Backend]) -> ExitCode {
    let cases: Vec<_> = suite().collect();
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
        let outcomes: Vec<_> = backends.iter().map(|backend| backend.run(case)).collect();
        if row == 0 {
            print!("{:case_width$}  {:rules_width$}", "case", "rules");
            for backend in backends {
                print!("  {:1$}", backend.name(), width(backend));
            }
            println!();
        }
        print!("{:case_width$}  {:rules_width$}", case.name(), rules(case));
        for ((backend, tally), outcome) in backends.iter().zip(&mut tallies).zip(outcomes) {
            print!("  {:1$}", tally.count(&outcome), width(backend));
            if let Outcome::Failed(message) = outcome {
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
            cases.len(),
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

fn rules(case: &crate::Case) -> String {
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
