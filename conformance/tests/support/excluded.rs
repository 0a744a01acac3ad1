//! The record of what each leg of the suite excludes.

use conformance::Outcome;

const RECORD: &str = include_str!("../suite/excluded.txt");

/// What a real Spin cannot do on demand: break off a listing, be busy, and fail a
/// request. These are cases, and modules of cases.
const NEEDS_THE_EMBEDDED_HOST: [&str; 5] = [
    "kv::listing::a_listing_that_breaks_off_is_an_error_and_no_short_page",
    "kv::limits::a_busy_platform_is_waited_for_or_unavailable",
    "kv::faults::",
    "config::a_configuration_that_cannot_be_read_is_an_error_and_not_missing",
    "secret::a_secret_that_cannot_be_read_is_an_error_and_not_missing",
];

/// Why `leg` excludes `case`, by the record; `None` where it does not.
pub(crate) fn reason(leg: &str, case: &str) -> Option<&'static str> {
    let mut reason = None;
    for line in RECORD.lines().filter(|line| !line.starts_with('#')) {
        if let Some((of, why)) = line.split_once(": ").filter(|_| !line.starts_with(' ')) {
            reason = (of == leg).then_some(why);
        } else if reason.is_some() && line.trim() == case {
            return reason;
        }
    }
    None
}

/// The outcome, or a failure where the record says otherwise.
pub(crate) fn as_recorded(leg: &str, case: &str, outcome: Outcome) -> Outcome {
    let recorded = reason(leg, case);
    let found = match &outcome {
        Outcome::Failed(_) => return outcome,
        Outcome::Passed => None,
        Outcome::Excluded(why) => Some(in_short(why)),
    };
    if found == recorded {
        return outcome;
    }
    Outcome::Failed(format!(
        "conformance/tests/suite/excluded.txt says {recorded:?} of it, and the run {found:?}"
    ))
}

/// [`as_recorded`], of a leg on a real Spin beside that of the embedded host.
pub(crate) fn as_recorded_for_a_real_spin(leg: &str, case: &str, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Excluded(_) if needs_the_embedded_host(case) => outcome,
        outcome => as_recorded(leg, case, outcome),
    }
}

fn needs_the_embedded_host(case: &str) -> bool {
    NEEDS_THE_EMBEDDED_HOST
        .iter()
        .any(|start| case.starts_with(start))
}

/// The reason without the key and the platform's words.
fn in_short(reason: &str) -> &str {
    if !reason.starts_with("the platform cannot store the key") {
        reason
    } else if reason.contains("it refused a value") {
        "the platform does not hold a value of the case"
    } else {
        "the platform does not hold a key of the case"
    }
}
