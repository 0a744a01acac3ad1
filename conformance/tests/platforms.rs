//! The table of what holds on which platform says what the suite finds.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use conformance::suite;
use support::excluded;

const TABLE: &str = include_str!("../../edgezero-adapter-spin/PLATFORMS.md");
const README: &str = include_str!("../../README.md");

/// The legs, in the order of the table's columns.
const LEGS: [&str; 4] = ["spin", "spin-redis", "spin-dynamo", "spin-cosmos"];

/// What the suite finds of the rules on a leg: the first word of a cell. A case counts
/// for the first of its rules.
fn found(rules: &[&str], leg: &str) -> &'static str {
    let cases: Vec<_> = suite()
        .filter(|case| rules.contains(&case.rules()[0]))
        .collect();
    assert!(!cases.is_empty(), "{rules:?} have no case");
    let excluded = cases
        .iter()
        .filter(|case| excluded::reason(leg, &case.name()).is_some())
        .count();
    match excluded {
        0 => "yes",
        all if all == cases.len() => "no",
        _ => "limited",
    }
}

#[test]
fn the_table_says_what_the_suite_finds() {
    let mut rows = 0;
    // Without the head and the row of the types.
    for line in TABLE.lines().skip(3) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [what, rules, columns @ ..] = &cells[..] else {
            panic!("not a row: {line}");
        };
        let rules: Vec<_> = rules.split(' ').collect();
        assert_eq!(columns.len(), LEGS.len(), "{line}");
        for (cell, leg) in columns.iter().zip(LEGS) {
            let word = cell.split([':', ',', ' ']).next().unwrap();
            assert_eq!(word, found(&rules, leg), "{what}, {leg}: {cell}");
        }
        rows += 1;
    }
    assert!(rows >= 11, "{rows} rows");
}

#[test]
fn the_readme_has_the_same_table() {
    assert!(
        README.contains(TABLE.trim()),
        "copy PLATFORMS.md into README.md"
    );
}

#[test]
fn every_exclusion_in_the_record_is_of_a_case() {
    for leg in LEGS {
        let excluded = suite().filter(|case| excluded::reason(leg, &case.name()).is_some());
        assert!(excluded.count() >= 10, "{leg}");
    }
    assert_eq!(excluded::reason("spin", "kv::no_such_case"), None);
}
