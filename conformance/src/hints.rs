//! The usual causes of a failure, from the stores in `tests/broken_stores`.

/// The usual causes when the case of this name fails, as a line for its message.
pub(crate) fn of(case: &str) -> Option<String> {
    let (_, causes) = HINTS.iter().find(|(name, _)| *name == case)?;
    Some(format!("\n  usual causes: {causes}"))
}

const HINTS: &[(&str, &str)] = &[
    (
        "a_key_is_listed_by_whatever_call_it_was_made",
        "an index of keys that increment, a creating swap, a batch or a put with TTL does not \
         maintain",
    ),
    (
        "a_key_is_gone_from_the_listing_by_whatever_call_it_was_removed",
        "an index of keys that delete or delete_many does not maintain",
    ),
    (
        "a_key_stays_listed_by_whatever_call_its_ttl_ended",
        "an entry in the index that keeps the TTL which the write took from the value",
    ),
    (
        "an_expired_key_is_listed_again_by_whatever_call_it_was_made",
        "an entry in the index that is taken for there because it has not been removed yet",
    ),
    (
        "a_value_that_differs_behind_a_nul_or_in_its_form_is_another",
        "a script or a statement that compares the values as text, as numbers or up to the \
         first NUL; compare bytes, or a version",
    ),
    (
        "a_swap_of_any_bytes_that_did_not_change_succeeds",
        "the expected value is changed on its way to the platform: by an encoding, or by a \
         format string",
    ),
    (
        "a_value_that_was_deleted_and_put_again_is_another",
        "a version that starts again when the key is deleted, or that a batch or a put does \
         not change; use a version that is never given twice, or compare the values",
    ),
    (
        "a_value_that_expired_and_was_put_again_is_another",
        "a version that starts again when the value expires",
    ),
    (
        "a_hundred_swaps_may_be_open_at_once",
        "an open swap holds a connection of a pool, or another thing that is limited",
    ),
    (
        "open_swaps_do_not_keep_other_calls_waiting",
        "an open swap holds a lock, a transaction or a connection; remember what was read, and \
         compare when the swap is made",
    ),
    (
        "a_batch_is_seen_whole_or_not_at_all",
        "the pairs are sent one by one, or in a pipeline without a transaction",
    ),
    (
        "the_largest_put_many_is_seen_whole_or_not_at_all",
        "a batch is written in parts of 25, 100 or 1,000 keys; if the platform takes no more in \
         one step, `transactions` is false",
    ),
    (
        "the_largest_delete_many_is_seen_whole_or_not_at_all",
        "a batch is deleted in parts; if the platform takes no more in one step, `transactions` \
         is false",
    ),
    (
        "the_largest_get_many_sees_one_state_of_the_store",
        "a batch is read in parts; if the platform reads no more in one step, `transactions` is \
         false",
    ),
    (
        "a_batch_of_many_megabytes_is_seen_whole_or_not_at_all",
        "a batch is split by its size; if the platform takes no more in one step, \
         `transactions` is false",
    ),
    (
        "a_batch_that_fails_is_done_whole_or_not_at_all",
        "a batch is several requests, and one of them failed",
    ),
    (
        "the_largest_batch_that_fails_is_done_whole_or_not_at_all",
        "a large batch is several requests, and one of them failed",
    ),
    (
        "the_largest_batch_that_is_dropped_is_done_whole_or_not_at_all",
        "a large batch is several requests, and the call was dropped between two of them",
    ),
    (
        "a_dropped_batch_is_done_whole_or_not_at_all",
        "a batch is several requests, and the call was dropped between two of them",
    ),
    (
        "a_dropped_write_is_done_or_not_done_for_every_call_that_reads",
        "a value and its entry in an index are two requests, or a put is a delete and a write; \
         or a lock that a dropped call does not give back",
    ),
    (
        "a_dropped_write_leaves_no_value_with_the_ttl_of_another",
        "the value and its TTL are two requests (SET, then PEXPIRE); send both in one",
    ),
    (
        "a_write_that_fails_is_done_or_not_done_for_every_call_that_reads",
        "a value and its entry in an index are two requests; or an error of the platform is \
         ignored",
    ),
    (
        "a_write_that_fails_leaves_no_value_with_the_ttl_of_another",
        "the value and its TTL are two requests (SET, then PEXPIRE); send both in one",
    ),
    (
        "a_read_that_fails_is_an_error_and_not_a_missing_value",
        "an error is turned into None, false or 0: by unwrap_or_default, ok() or a catch-all arm",
    ),
    (
        "a_listing_that_fails_is_an_error_and_not_a_short_one",
        "a stream of keys that ends with an error is taken for one that is complete",
    ),
    (
        "a_read_whose_request_fails_is_unavailable_and_not_another_error",
        "all failures are mapped to Internal; a broken connection is Unavailable",
    ),
    (
        "a_write_whose_request_fails_is_unavailable_and_not_another_error",
        "all failures are mapped to Internal; a broken connection is Unavailable",
    ),
    (
        "the_error_of_a_failed_request_names_the_key_and_holds_no_value",
        "the platform's text is the message or the source of the error, and quotes the request; \
         or the message does not say which key",
    ),
    (
        "an_increment_whose_answer_is_lost_is_not_counted_twice",
        "a client that makes failed requests again; turn that off for increments",
    ),
    (
        "a_swap_whose_answer_is_lost_is_not_a_conflict_with_itself",
        "a client that makes failed requests again: the second finds the value of the first. \
         Or every failure of a swap is mapped to Conflict",
    ),
    (
        "a_key_is_listed_once_while_thousands_of_others_come_and_go",
        "the platform's scan names a key twice while its table grows or shrinks; use \
         kv::PageSelector",
    ),
    (
        "no_key_comes_twice_in_pages_while_others_come_and_go",
        "the cursor is a place in the platform's scan, or two of a key take two places of a \
         page; use kv::PageSelector",
    ),
    (
        "a_ttl_is_exact_to_a_quarter_of_a_second",
        "the TTL is rounded to seconds; use milliseconds, or keep the exact end beside the value",
    ),
    (
        "a_ttl_of_many_days_is_exact_to_a_quarter_of_a_second",
        "the TTL is rounded to seconds or minutes, or is counted in a float of 32 bits",
    ),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_hint_is_of_a_case() {
        for (name, _) in super::HINTS {
            let is_its = |case: crate::Case| case.name().ends_with(&format!("::{name}"));
            assert!(crate::suite().any(is_its), "there is no case {name}");
        }
    }
}
