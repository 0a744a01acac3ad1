//! What goes wrong around a file: an error that says what, nothing lost, and a store
//! that works again when the cause is gone.
//!
//! Some faults belong to a process: the test starts this program again for them.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "../support/mod.rs"]
mod support;

mod full;
mod left;
mod read_only;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;

use crate::support::JOURNALS;

/// What another process does: its name, and how it is done with a path and a
/// journal.
type Role = (&'static str, fn(&str, &str));

const ROLES: [Role; 4] = [
    ("--as-limited", full::limited),
    ("--as-on-small-disk", full::on_small_disk),
    ("--as-user", read_only::as_user),
    ("--as-holder", left::holder),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, name, path, journal] = &arguments[..]
        && let Some((_, role)) = ROLES.into_iter().find(|(role, _)| role == name)
    {
        role(path, journal);
        return ExitCode::SUCCESS;
    }
    let trials = JOURNALS
        .into_iter()
        .flat_map(|journal| {
            [
                trial(
                    "a_limit_on_the_size_of_a_file_is_unavailable_until_it_is_raised",
                    journal,
                    full::limit,
                ),
                trial(
                    "a_full_disk_is_unavailable_until_there_is_room",
                    journal,
                    full::disk,
                ),
                trial(
                    "a_folder_that_becomes_read_only_loses_nothing",
                    journal,
                    read_only::folder,
                ),
            ]
        })
        .chain([
            trial("a_log_that_a_killed_process_left_is_read", "wal", left::log),
            trial(
                "a_log_without_its_file_does_not_get_into_a_new_file",
                "wal",
                left::log_without_file,
            ),
            trial(
                "a_journal_without_its_file_does_not_get_into_a_new_file",
                "delete",
                left::journal_without_file,
            ),
            trial(
                "openers_at_once_of_a_file_that_only_a_log_is_left_of_agree",
                "wal",
                left::openers_at_once,
            ),
            trial(
                "a_new_file_is_not_opened_while_another_process_uses_the_deleted_one",
                "wal",
                left::held,
            ),
            trial(
                "a_file_that_is_back_is_gone_on_with_whether_another_process_uses_it_or_not",
                "wal",
                left::held_and_back,
            ),
            trial(
                "a_log_of_a_deleted_file_does_not_get_into_a_copy_that_replaces_it",
                "wal",
                left::held_and_replaced,
            ),
            trial(
                "a_log_that_another_process_uses_stays_when_its_moved_file_is_closed",
                "wal",
                left::held_and_closed,
            ),
            trial(
                "a_log_of_a_file_stays_when_a_link_to_it_leads_elsewhere",
                "wal",
                left::held_behind_a_link,
            ),
        ])
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

type Test = fn(&str) -> Result<Completion, Failed>;

fn trial(name: &str, journal: &'static str, test: Test) -> Trial {
    Trial::ignorable_test(format!("{name}::{journal}"), move || test(journal))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(work)
}
