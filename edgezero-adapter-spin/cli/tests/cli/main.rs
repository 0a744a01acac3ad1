//! The `edgezero` command, run as a program.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod app;
mod asking;
mod building;
mod cloud;
mod commands;
mod destinations;
mod existing;
mod foreign;
mod guide;
mod hostile;
mod keys;
mod killed;
mod labels;
mod new;
mod printing;
mod provision;
mod real_spin;
mod secrets;
mod serving;
mod several;
mod terminal;
mod typed;
mod validate;
mod values;

use std::process::ExitCode;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::SecretString;
use libtest_mimic::{Arguments, Trial};

/// The configuration that this program knows when it stands in for an app's own.
#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Settings {
    greeting: String,
    service: Service,
    #[secret]
    api_key: Option<String>,
    #[secret]
    other_key: Option<String>,
    webhooks: Option<Vec<Webhook>>,
    #[secret(store_ref)]
    vault: Option<String>,
    limits: Option<Limits>,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Webhook {
    url: String,
    #[secret]
    token: Option<SecretString>,
}

#[derive(AppConfig)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its description is used")]
struct Limits {
    #[serde(alias = "per-page")]
    page_size: u16,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Service {
    timeout_ms: Option<u32>,
    hosts: Option<Vec<String>>,
    ratio: Option<f64>,
    live: Option<bool>,
}

macro_rules! trials {
    ($($module:ident: $($test:ident)*;)*) => {
        vec![$($(Trial::test(
            concat!(stringify!($module), "::", stringify!($test)),
            || { $module::$test(); Ok(()) },
        ),)*)*]
    };
}

fn main() -> ExitCode {
    match std::env::var(app::TYPED).as_deref() {
        Ok("two") => return edgezero_cli::main::<(Settings, several::Flags)>(),
        Ok("twins") => return edgezero_cli::main::<(Settings, several::Twin)>(),
        Ok("existing") => return edgezero_cli::main::<existing::ReadingRoom>(),
        Ok(_) => return edgezero_cli::main::<Settings>(),
        Err(_) => {}
    }
    let mut trials = trials! {
        asking:
            a_push_at_a_terminal_shows_the_difference_and_asks
            a_push_may_be_told_not_to_ask_or_not_to_show
            a_push_to_the_cloud_asks_without_a_difference
            a_store_that_changes_while_the_question_waits_is_not_written
            a_configuration_in_edgezeros_own_form_is_recognised;
        building:
            a_component_is_built_to_where_spin_looks_for_it
            a_component_that_spin_would_not_find_is_an_error;
        foreign:
            foreign_keys_do_not_stop_a_push_or_a_diff
            a_value_that_spin_cannot_read_is_replaced_by_a_push_of_its_key
            prune_deletes_foreign_keys_too
            kv_shows_and_deletes_any_key
            a_key_that_is_not_utf_8_is_left_out_with_the_command_that_removes_it
            a_table_that_is_not_spins_is_named_with_its_file;
        printing:
            a_closed_pipe_ends_a_command_quietly
            what_reads_the_first_line_only_gets_it
            a_full_disk_is_an_error
            a_command_that_could_not_say_so_changes_nothing
            a_push_that_cannot_be_reported_says_that_it_is_done
            a_value_from_a_pipe_is_stored_whole;
        serving:
            spin_runs_in_the_folder_of_spin_toml
            options_that_name_files_may_follow_the_dashes
            an_option_that_spin_would_get_twice_is_refused
            a_line_that_runs_spin_is_handed_the_names_of_stores
            a_line_of_its_own_finds_the_runtime_config_in_the_environment
            the_app_is_built_before_it_is_served
            what_would_fail_is_said_and_the_app_is_served
            the_app_listens_where_it_is_said
            spin_watches_by_itself
            a_changed_source_is_built_and_started_again_on_this_machine
            every_command_finds_the_manifest_in_a_folder_above;
        cloud:
            pairs_are_handed_over_as_they_are_in_calls_of_96_kib
            what_no_call_can_carry_is_refused_before_any
            a_failure_half_way_names_what_was_set_what_failed_and_what_was_not_tried
            a_missing_login_a_missing_link_and_a_missing_spin_are_answered_with_the_command
            a_dry_run_calls_nothing_and_an_unverified_spin_is_told
            the_manifest_says_where_a_push_goes
            a_label_that_only_this_environment_names_is_refused;
        commands:
            help_and_completions_are_for_a_person
            a_command_line_of_the_manifest_takes_the_built_in_ones_place
            a_command_line_that_fails_says_so_however_it_ends
            what_follows_a_command_line_is_never_a_command
            what_follows_stands_where_the_command_line_has_it_or_at_its_end
            a_variable_that_is_no_text_is_handed_over_as_it_is
            the_manifest_is_named_by_an_option_or_a_variable;
        destinations:
            every_push_arrives_where_the_app_reads_it_or_is_refused_with_the_line_to_add
            a_label_that_is_not_on_this_machine_is_refused_by_every_command
            a_link_whose_target_is_missing_is_followed_within_the_app
            a_path_that_leads_back_from_a_missing_folder_is_the_one_that_spin_makes
            a_path_out_of_the_apps_folder_is_not_written_to
            a_path_out_of_the_apps_folder_is_written_to_where_the_user_says_so
            a_state_folder_is_where_spin_has_it
            the_runtime_config_is_the_same_in_every_command
            a_component_that_may_not_open_the_label_refuses_the_push;
        existing:
            its_files_pass_with_a_note_for_each_key_without_effect
            what_has_to_change_is_said_with_its_line
            the_adapter_axum_is_the_host;
        guide:
            every_command_of_the_readme_works_as_shown;
        hostile:
            a_link_out_of_the_app_is_not_written_through
            a_link_in_the_place_of_sqlites_own_files_is_not_written_through
            a_crate_or_a_manifest_outside_the_app_is_refused_with_its_line
            a_manifest_that_is_a_folder_is_refused_with_its_line
            a_linked_folder_of_crates_is_refused_where_none_is_named
            a_linked_runtime_config_is_read_only_where_the_user_names_it
            an_apps_name_leads_nowhere
            a_path_that_no_file_can_have_is_refused
            nothing_of_a_manifest_reaches_a_shell
            a_file_that_is_huge_or_deep_is_refused
            a_mark_of_byte_order_and_windows_line_ends_stay
            what_is_no_file_of_text_is_refused_and_not_waited_for
            a_new_apps_name_leads_nowhere;
        keys:
            a_value_is_written_read_listed_and_deleted
            bytes_go_in_and_out_as_hex_and_by_file
            a_value_that_must_be_json_is_checked
            values_are_for_a_person_on_a_terminal_and_raw_in_a_pipe
            a_listing_goes_on_at_its_cursor
            an_option_is_not_taken_for_a_value
            an_endless_input_is_too_long_a_value
            the_standard_output_may_be_named_as_a_file
            any_prefix_of_a_key_can_be_listed
            reading_needs_no_permission_to_write
            what_is_missing_is_said_and_nothing_is_made;
        killed:
            a_push_that_is_killed_leaves_the_old_set_or_the_new_one;
        labels:
            every_command_uses_the_label_of_the_manifest
            a_variable_wins_over_the_label_of_the_manifest
            a_variable_that_is_no_text_is_named
            a_label_of_the_manifest_that_spin_refuses_is_named;
        new:
            a_name_that_is_no_crate_name_and_a_full_folder_are_refused
            a_name_whose_file_another_program_reads_is_refused;
        provision:
            labels_are_added_once_and_nothing_else_changes
            stanzas_that_are_missing_are_printed_ready_to_paste
            labels_that_no_store_has_are_mentioned
            secrets_that_are_declared_need_no_advice
            a_list_that_is_missing_is_written_as_its_table_is
            a_dry_run_and_a_read_only_file_change_nothing
            what_could_not_be_written_is_not_said_to_be_done
            the_component_is_found_or_the_error_lists_the_ids;
        secrets:
            no_output_shows_a_secret;
        several:
            each_store_has_its_own_file_and_type
            a_file_goes_into_another_store_only_where_it_is_named
            validate_checks_each_store_by_its_type
            a_stores_variables_have_its_id
            a_type_for_no_store_or_for_the_same_one_is_an_error
            a_store_without_a_type_is_said;
        terminal:
            no_name_in_spin_toml_moves_the_cursor
            no_text_of_a_runtime_config_moves_the_cursor
            no_path_of_the_manifest_moves_the_cursor
            nothing_that_spin_says_moves_the_cursor
            no_key_of_a_store_moves_the_cursor_and_a_pipe_has_it_as_it_is
            no_key_or_value_turns_the_direction_of_writing
            an_empty_key_is_seen
            what_a_message_says_to_run_is_quoted_for_sh;
        typed:
            secrets_that_spin_would_not_hand_over_are_found
            two_keys_may_name_one_secret
            secrets_in_an_array_are_checked_each_at_its_line
            a_secret_store_that_is_not_declared_is_an_error
            a_text_that_looks_like_a_secret_is_a_warning_without_the_text
            a_key_that_no_field_reads_is_a_warning_or_an_error_with_a_hint;
        validate:
            all_findings_are_told_in_one_run_with_file_and_line
            a_sound_app_has_no_findings
            a_manifest_that_cannot_be_read_is_a_finding_with_file_and_line
            what_keeps_spin_from_starting_is_found
            the_advice_for_a_manifest_of_another_form_works
            stores_that_share_their_keys_and_late_reads_are_found
            variables_that_configure_no_store_are_found
            a_component_that_is_not_built_is_a_note
            a_state_folder_without_a_name_is_found_where_it_is_written
            a_component_in_its_trigger_is_changed_by_hand
            a_file_that_is_a_folder_is_named
            without_types_it_says_so;
        values:
            tables_are_flattened_and_arrays_are_json
            a_variable_takes_a_values_place_and_has_its_type
            a_variable_sets_a_key_that_the_file_leaves_out
            a_problem_with_a_variables_value_names_the_variable
            a_push_of_bad_values_names_each_and_writes_none
            prune_deletes_what_the_file_no_longer_has
            prune_is_refused_where_another_store_has_the_label
            diff_answers_with_a_code_of_its_own_for_an_error
            a_value_of_another_kind_than_the_field_is_refused
            diff_tells_what_a_push_would_change
            a_push_that_is_repeated_changes_nothing;
    };
    let unreadable = Trial::test("hostile::a_file_that_may_not_be_read_is_named", || {
        hostile::a_file_that_may_not_be_read_is_named();
        Ok(())
    });
    let closed = Trial::test(
        "hostile::a_store_that_may_not_be_read_is_not_taken_for_a_missing_one",
        || {
            hostile::a_store_that_may_not_be_read_is_not_taken_for_a_missing_one();
            Ok(())
        },
    );
    let nobody_cannot = !hostile::nobody_can_run_it();
    trials.extend([unreadable, closed].map(|trial| trial.with_ignored_flag(nobody_cannot)));
    let on_spin = trials! {
        real_spin:
            a_new_app_answers_alike_in_spin_and_on_the_host
            another_runtime_config_is_served_as_it_is_pushed;
    };
    let no_spin = real_spin::program().is_none();
    trials.extend(
        on_spin
            .into_iter()
            .map(|trial| trial.with_ignored_flag(no_spin)),
    );
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
