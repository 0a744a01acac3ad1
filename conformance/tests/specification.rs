//! The specification and the suite name the same rules.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;

use conformance::suite;

const SPECIFICATION: &str = include_str!("../../edgezero-store-traits/SPECIFICATION.md");

/// The ids of the rules, in bold at the start of their list items.
fn rules() -> Vec<&'static str> {
    SPECIFICATION
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**"))
        .map(|(id, _)| id)
        .collect()
}

#[test]
fn every_rule_has_a_case_and_every_case_has_rules_that_exist() {
    let rules: BTreeSet<_> = rules().into_iter().collect();
    let proved: BTreeSet<_> = suite().flat_map(|case| case.rules()).copied().collect();
    let unproved: Vec<_> = rules.difference(&proved).collect();
    let unknown: Vec<_> = proved.difference(&rules).collect();
    assert!(unproved.is_empty(), "rules without a case: {unproved:?}");
    assert!(unknown.is_empty(), "cases of no rule: {unknown:?}");
    assert!(suite().all(|case| !case.rules().is_empty()));
}

#[test]
fn no_rule_has_the_id_of_another() {
    let all = rules();
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(all.len() > 40, "{} rules found", all.len());
}

#[test]
fn every_rule_that_the_text_mentions_exists() {
    let rules: BTreeSet<_> = rules().into_iter().collect();
    let areas: BTreeSet<_> = rules
        .iter()
        .map(|id| id.rsplit_once('-').unwrap().0)
        .collect();
    let words = SPECIFICATION.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    for word in words {
        if let Some((area, number)) = word.rsplit_once('-')
            && areas.contains(area)
            && number.parse::<u32>().is_ok()
        {
            assert!(
                rules.contains(word),
                "{word} is mentioned and does not exist"
            );
        }
    }
}
