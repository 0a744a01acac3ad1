//! The suite catches stores that do not keep the contract: each of these is right
//! but for one thing, and fails the case whose name says what.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod batch;
mod batch_parts;
mod broken;
mod cap;
mod concurrency;
mod config;
mod counters;
mod cursor;
mod failures;
mod flaw;
mod hang;
mod index;
mod keys;
mod labels;
mod limits;
mod listing;
mod log;
mod once;
mod scan;
mod secrets;
mod support;
mod swap;
mod swap_values;
mod swap_versions;
mod swaps_open;
mod ttl;
mod ttl_exact;
mod two_steps;
mod values;

use std::collections::BTreeSet;
use std::process::ExitCode;

use conformance::{Case, Outcome, suite};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Builder;

use crate::broken::BrokenFixture;
use crate::flaw::{Flaw, On, RIGHT};

const SUBJECTS: &[(&str, &[Flaw])] = &[
    ("values", values::FLAWS),
    ("keys", keys::FLAWS),
    ("listing", listing::FLAWS),
    ("cursor", cursor::FLAWS),
    ("cap", cap::FLAWS),
    ("ttl", ttl::FLAWS),
    ("labels", labels::FLAWS),
    ("limits", limits::FLAWS),
    ("batch", batch::FLAWS),
    ("counters", counters::FLAWS),
    ("swap", swap::FLAWS),
    ("concurrency", concurrency::FLAWS),
    ("index", index::FLAWS),
    ("swap_values", swap_values::FLAWS),
    ("swap_versions", swap_versions::FLAWS),
    ("swaps_open", swaps_open::FLAWS),
    ("batch_parts", batch_parts::FLAWS),
    ("two_steps", two_steps::FLAWS),
    ("failures", failures::FLAWS),
    ("once", once::FLAWS),
    ("scan", scan::FLAWS),
    ("ttl_exact", ttl_exact::FLAWS),
    ("config", config::FLAWS),
    ("secrets", secrets::FLAWS),
    ("log", log::FLAWS),
];

const RIGHT_IN_MEMORY: &Flaw = &RIGHT;
const RIGHT_WITH_TTL: &Flaw = &Flaw {
    on: On::MemoryWithTtl,
    ..RIGHT
};
const RIGHT_ON_SQLITE: &Flaw = &Flaw {
    on: On::Sqlite,
    ..RIGHT
};

fn main() -> ExitCode {
    let flaws = SUBJECTS.iter().flat_map(|(subject, flaws)| {
        flaws.iter().map(move |flaw| {
            let name = format!("{subject}::{}", flaw.name);
            Trial::test(name, move || is_caught(flaw))
        })
    });
    let right = [RIGHT_IN_MEMORY, RIGHT_WITH_TTL, RIGHT_ON_SQLITE].map(|flaw| {
        let name = format!("a_store_without_a_flaw_passes_every_case::{:?}", flaw.on);
        Trial::test(name, move || passes_every_case(flaw))
    });
    let names = Trial::test("each_flaw_has_a_name_of_its_own_and_cases", names);
    let trials = flaws.chain(right).chain([names]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// One thread, so that a race takes the same course each time.
fn run(flaw: &'static Flaw, case: &Case) -> Result<Outcome, Failed> {
    let fixture = BrokenFixture::new(flaw)?;
    let case = case.run(&fixture);
    Ok(match flaw.on {
        On::Memory | On::MemoryWithTtl => hang::to_its_end(case)
            .unwrap_or_else(|| Outcome::Failed("it hangs: nothing will wake it".to_owned())),
        On::Sqlite => Builder::new_current_thread().build()?.block_on(case),
    })
}

fn is_caught(flaw: &'static Flaw) -> Result<(), Failed> {
    for name in flaw.fails {
        let case = suite().find(|case| case.name() == *name);
        let case = case.ok_or_else(|| format!("there is no case {name}"))?;
        match run(flaw, &case)? {
            Outcome::Failed(_) => {}
            outcome => return Err(format!("{name} does not catch it: {outcome:?}").into()),
        }
    }
    Ok(())
}

fn passes_every_case(flaw: &'static Flaw) -> Result<(), Failed> {
    for case in suite() {
        if let Outcome::Failed(message) = run(flaw, &case)? {
            return Err(format!("{}: {message}", case.name()).into());
        }
    }
    Ok(())
}

fn names() -> Result<(), Failed> {
    let mut names = BTreeSet::new();
    for (subject, flaws) in SUBJECTS {
        for flaw in *flaws {
            if !names.insert((subject, flaw.name)) {
                return Err(format!("two flaws are named {subject}::{}", flaw.name).into());
            }
            if flaw.fails.is_empty() {
                return Err(format!("{subject}::{} names no case", flaw.name).into());
            }
        }
    }
    Ok(())
}
