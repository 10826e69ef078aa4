//! The suite that every backend passes, ours and yours.
//!
//! Each test is a public `async fn` of a fresh store, named by what it promises.
//! [`crate::grant_store_tests`] makes a `#[tokio::test]` of each that a [`GrantStore`] must pass,
//! [`crate::store_tests`] of those for a whole [`Store`]; [`processes`] has the races between two
//! processes, which need a second way to open the same store. The crate that calls the macros
//! needs tokio with `macros` and `rt-multi-thread`.
//!
//! ```ignore
//! // Makes an isolated, empty store, with what must live as long as it (a temporary folder, say).
//! // `None` skips the test, and should say so aloud.
//! async fn fresh() -> Option<(Arc<dyn Store>, Folder)> { ... }
//! countersign_store::grant_store_tests!(crate::fresh);
//! countersign_store::store_tests!(crate::fresh);
//! ```
//!
//! The tests in [`histories`] replay what the checked model returns (`countersign_model`); the
//! others say the same and more sentence by sentence, so that a mistake has a name.

pub mod access_tokens;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod device_request_races;
pub mod device_requests;
pub mod endings;
pub mod events;
pub mod full;
pub mod histories;
pub mod housekeeping;
pub mod instance;
pub mod keys;
pub mod listing;
pub mod logout;
pub mod lost_responses;
pub mod personal_tokens;
pub mod principals;
pub mod processes;
pub mod proxy;
pub mod races;
pub mod refresh_tokens;
pub mod registrations;
mod replay;
pub mod resources;
pub mod restoration;
pub mod session_races;
pub mod sessions;
pub mod setup;
pub mod single_use;
pub mod throttle;
pub mod tokens_in_response;
pub mod user_updates;
pub mod users;
mod world;

use std::sync::Arc;

use crate::{GrantStore, Store};

type Whole = Arc<dyn Store>;

/// The part of a whole store that grants live in.
fn grants_of(store: &Whole) -> Arc<dyn GrantStore> {
    store.clone()
}

/// Tests for everything that decides about a grant. `$fresh` is the whole path of an async function
/// that returns `Option<(Arc<dyn GrantStore>, Place)>` (or `dyn Store`): an empty store that no one
/// else uses and what must live as long (a folder that goes when it is dropped, `()`), or `None` to
/// skip.
#[macro_export]
macro_rules! grant_store_tests {
    ($fresh:path) => {
        $crate::suite_tests! {
            $fresh;
            codes {
                a_code_is_redeemed_once_and_its_replay_ends_the_grant,
                a_replay_is_found_however_old_the_code,
                a_wrong_secret_is_unknown_and_changes_nothing,
                another_clients_redemption_changes_nothing,
                a_wrong_verifier_burns_an_unused_code,
                a_wrong_redirect_uri_burns_an_unused_code,
                a_code_without_a_challenge_takes_no_verifier,
                a_wrong_proof_to_a_used_code_changes_nothing,
                a_code_is_good_strictly_before_its_end,
                a_code_is_no_longer_good_than_its_grant,
                a_grant_without_refresh_begins_no_family,
                a_grant_reads_back_as_it_was_written,
                finishing_an_authorization_again_replaces_its_unused_code,
                a_used_or_ended_authorization_is_done,
                no_client_replaces_another_clients_code,
                deleting_all_codes_ends_grants_with_an_unused_code,
            }
            tokens_in_response {
                a_response_with_a_code_and_a_token_gives_both,
                a_token_in_the_response_outlives_the_code,
                a_response_without_a_code_leaves_nothing_to_redeem,
                tokens_that_are_out_keep_their_user_scope_and_parents,
                tokens_under_a_withdrawn_consent_do_not_come_back,
            }
            refresh_tokens {
                a_rotation_is_repeated_strictly_before_the_end_of_its_grace,
                a_used_successor_ends_the_grace,
                without_a_sealed_successor_there_is_no_grace,
                a_guess_is_unknown_and_changes_nothing,
                another_clients_refresh_changes_nothing,
                refresh_tokens_grow_idle_and_old,
                reuse_is_found_before_age,
                a_retry_within_the_grace_is_no_longer_good_than_the_grant,
                without_rotation_a_token_stays_and_its_idle_lifetime_starts_again,
                an_ended_grant_refreshes_nothing,
                a_bound_family_takes_no_other_key,
                a_repetition_with_another_key_is_reuse,
                a_held_back_fault_costs_no_token_and_hides_no_reuse,
                what_the_caller_had_read_changes_no_outcome,
            }
            endings {
                a_users_end_ends_all_of_their_grants,
                a_clients_end_ends_all_of_its_grants,
                a_withdrawn_consent_ends_the_users_grants_to_the_client,
                logout_ends_online_grants_and_offline_ones_survive,
                the_end_of_a_client_session_ends_its_online_grants,
                what_is_granted_after_an_ending_is_alive,
                a_disabled_parent_refuses_even_under_its_own_epoch,
                a_grant_ends_once_and_for_its_own_client_only,
                every_cause_of_an_end_reads_back,
                ending_what_is_not_there_changes_nothing,
                a_replaced_code_is_measured_by_its_own_parents,
            }
            access_tokens {
                an_opaque_token_is_written_by_the_act_that_returns_it,
                a_refused_act_writes_no_access_token,
                an_opaque_token_belongs_to_its_id_and_kind,
                a_jwt_needs_no_row_but_its_grant,
                a_jwt_that_must_be_kept_needs_its_row,
                a_denied_token_is_refused_and_no_other,
                a_check_finds_age_before_endings_and_endings_before_denials,
                no_token_is_good_longer_than_its_grant,
                a_clients_own_token_lives_with_the_client,
            }
            sessions {
                a_cookie_is_good_by_its_secret_strictly_before_its_end,
                a_session_ends_with_its_user,
                a_renewed_session_is_the_same_with_a_new_secret,
                an_earlier_cookie_signs_no_one_in_and_names_its_session,
                a_session_is_renewed_by_its_own_user_under_the_epoch_of_the_proof,
                a_session_that_ended_with_its_user_is_not_renewed,
                an_expired_session_is_not_renewed,
                an_ended_session_is_not_renewed,
                a_new_session_ends_the_one_that_it_replaces,
                a_start_that_is_repeated_brings_no_ended_session_back,
                a_session_reads_back_as_it_was_written,
                a_client_has_one_client_session_under_a_browser_session,
                a_sid_finds_the_session_that_it_names,
                ending_a_session_names_its_client_sessions_once,
                an_ended_client_session_is_replaced_by_one_with_another_sid,
                nothing_joins_an_ended_or_another_epochs_session,
            }
            consents {
                a_consent_grows_under_one_epoch,
                a_consent_to_a_client_that_looks_otherwise_begins_anew,
                a_grant_may_rest_on_a_consent_without_changing_it,
                a_skipped_consent_remembers_nothing_and_promotes_nothing,
                what_rests_on_no_consent_is_invalid_from_the_start,
                a_consent_given_again_does_not_revive_what_ended,
                a_users_consents_are_listed_by_client,
            }
            principals {
                a_sub_and_a_client_id_are_never_equal,
                names_are_compared_as_bytes,
                a_client_reads_back_as_it_was_written,
                the_standing_of_a_user_follows_every_act,
                the_standing_of_a_client_follows_every_act,
                a_deleted_subject_is_gone_and_its_name_stays_taken,
            }
            histories {
                every_history_of_four_moves_returns_what_the_model_returns,
                histories_of_five_moves_return_what_the_model_returns,
                long_histories_at_random_return_what_the_model_returns,
            }
            races {
                of_64_redemptions_one_wins_and_the_first_loser_ends_the_grant,
                of_64_rotations_one_wins_and_the_others_get_its_successor,
                of_64_rotations_without_a_grace_one_wins_and_the_first_loser_is_reuse,
                of_64_repeats_at_once_all_get_one_successor,
                an_ending_is_carried_out_in_a_storm_of_rotations,
                of_64_ends_of_a_grant_one_ends_it,
                of_64_issues_of_a_grant_one_code_is_good,
                of_two_clients_that_issue_one_grant_one_has_it,
                a_code_is_redeemed_or_replaced_but_never_both,
                a_grant_that_ended_does_not_come_back_by_a_replacement,
                what_races_with_an_ending_has_ended_once_that_returns,
                of_64_withdrawals_one_withdraws,
                of_64_scopes_that_are_allowed_at_once_all_are_remembered,
                of_64_disablings_and_enablings_none_is_undone_unseen,
                of_64_deletions_of_a_user_one_deletes,
                of_64_claims_to_a_name_one_holds,
            }
            session_races {
                after_64_renewals_at_once_there_is_one_session_and_one_current_cookie,
                a_session_that_is_ended_beside_renewals_stays_ended,
                of_64_ends_of_a_session_one_names_its_client_sessions,
                a_sign_in_beside_an_ending_of_the_user_has_ended_once_that_returns,
                of_64_who_join_and_end_client_sessions_none_leaves_two,
            }
        }
    };
}

/// Tests for the rest of a whole [`Store`](crate::Store). `$fresh` returns
/// `Option<(Arc<dyn Store>, Place)>`.
#[macro_export]
macro_rules! store_tests {
    ($fresh:path) => {
        $crate::suite_tests! {
            $fresh;
            clients {
                an_update_replaces_metadata_and_revision,
                an_update_of_a_client_that_changed_meanwhile_changes_nothing,
                resealed_secrets_change_a_client_to_no_one,
                a_standing_follows_every_change,
                what_ended_stays_ended_when_a_client_is_enabled,
                a_deleted_clients_id_is_never_given_again,
                clients_are_listed_by_id_in_pages,
            }
            users {
                an_account_reads_back_as_it_was_written,
                the_parameters_of_stored_hashes_are_listed_once_each,
                no_username_is_anothers_email,
                a_name_that_no_account_can_have_is_refused,
                a_sub_is_never_used_twice,
                a_new_password_and_the_ending_after_it_end_everything_of_the_user,
                a_better_hash_replaces_the_one_that_was_verified_only,
                an_account_has_the_status_of_its_subject,
                a_deleted_user_is_gone_with_all_that_hung_below,
                users_are_listed_by_sub_in_pages,
            }
            user_updates {
                an_update_changes_the_fields_that_it_names,
                another_address_is_not_verified_and_a_late_verification_is_refused,
                an_update_takes_no_name_of_another_account,
                no_name_is_another_accounts_sub,
                a_new_administrator_voids_the_setup_link_for_good,
                of_64_updates_of_different_claims_none_is_lost,
                of_64_accounts_that_want_one_name_one_gets_it,
            }
            registrations {
                a_registration_reads_back_and_goes_with_its_client,
                an_initial_access_token_registers_as_often_as_it_says,
                a_taken_id_uses_no_initial_access_token,
                of_64_who_register_with_a_token_for_one_client_one_does,
                a_registration_token_is_replaced_once_its_successor_is_used,
                a_voucher_is_given_and_withdrawn_and_nothing_else_changes,
                of_64_rotations_of_a_registration_token_one_has_the_current_one,
            }
            device_requests {
                a_device_request_reads_back_as_it_was_written,
                a_user_code_is_one_requests_while_that_is_kept,
                a_device_that_polls_too_early_has_to_wait_longer,
                a_poll_with_a_wrong_secret_or_by_another_client_changes_nothing,
                a_device_request_is_good_strictly_before_its_end,
                an_approval_writes_a_grant_under_the_consent,
                a_device_code_is_no_code_and_no_other_clients,
                a_device_request_is_answered_once,
                a_request_ends_with_everything_of_its_client,
                the_acts_on_a_device_request_are_told_and_polls_are_not,
                a_device_request_is_kept_as_long_as_a_form_may_name_it,
            }
            device_request_races {
                of_64_redemptions_of_a_device_code_one_wins,
                of_64_answers_to_a_device_request_one_counts,
                of_64_polls_at_once_one_is_in_time,
                of_64_requests_for_a_user_code_one_gets_it,
            }
            setup {
                a_setup_link_is_good_strictly_before_its_end,
                a_new_setup_link_voids_the_one_before,
                no_link_is_good_once_there_is_an_administrator,
                a_refused_account_leaves_the_link_good,
                of_64_who_open_the_setup_link_one_is_the_administrator,
                of_64_accounts_of_one_name_one_is_made,
            }
            keys {
                keys_read_back_in_every_state,
                a_key_is_the_first_of_its_algorithm_once,
                a_key_that_signs_or_is_to_is_not_deleted,
                an_act_that_is_refused_changes_nothing,
                a_key_is_resealed_if_it_is_still_what_was_read,
                of_64_first_keys_one_is_the_first,
                of_64_replicas_that_rotate_at_once_one_does,
                of_64_keys_that_are_imported_at_once_one_is_the_next,
            }
            resources {
                resources_read_back_by_identifier,
                an_update_of_a_resource_needs_the_version_that_was_read,
                a_deleted_resource_is_gone_and_may_be_declared_again,
                an_origin_is_one_resource_with_and_without_its_slash,
                of_64_who_declare_one_resource_one_does,
            }
            throttle {
                attempts_are_allowed_refused_and_regained,
                an_attempt_counts_against_all_of_its_counters_or_against_none,
                a_counter_that_ran_ahead_refuses_no_longer_than_its_window,
                a_settled_attempt_is_forgotten_or_given_back_in_its_own_window,
                of_64_attempts_at_once_five_are_allowed,
            }
            single_use {
                a_value_is_used_once_for_each_purpose_and_party,
                a_use_is_remembered_an_hour_past_its_end_and_then_collected,
                what_is_forgotten_does_not_depend_on_the_collector,
                of_64_uses_at_once_one_is_the_first,
            }
            events {
                the_acts_on_a_grant_tell_what_they_changed,
                every_way_to_end_a_grant_tells_its_cause,
                endings_above_a_grant_are_told,
                management_is_told,
                what_is_no_change_of_state_is_not_told,
                a_claim_is_one_claimants_until_it_runs_out,
                no_event_is_claimed_by_two,
            }
            logout {
                client_sessions_are_listed_by_sid_in_pages,
                a_listed_client_session_says_what_above_it_has_ended,
                a_call_is_due_until_it_is_finished,
                what_has_waited_longest_is_claimed_first,
                no_call_is_claimed_by_two,
                calls_are_dropped_by_age_and_by_number_for_each_client,
            }
            personal_tokens {
                a_personal_token_reads_back_and_is_accepted_until_its_end,
                a_users_tokens_have_names_of_their_own_and_a_limit,
                an_update_moves_name_and_end_of_a_token,
                no_one_changes_another_users_token,
                a_revoked_token_ends_once_with_all_that_was_issued_under_it,
                a_personal_token_ends_with_its_user_and_not_with_a_session,
                a_history_is_read_in_pages_and_collected_an_hour_after_its_end,
                of_64_tokens_made_at_once_no_more_than_the_limit_are,
                of_64_revocations_one_revokes,
            }
            housekeeping {
                an_unused_code_is_collected_an_hour_after_its_end,
                a_used_code_is_remembered_while_its_grant_lives,
                a_record_is_kept_as_long_as_a_form_may_name_it,
                a_sealed_successor_goes_an_hour_after_its_grace,
                an_access_token_is_collected_an_hour_after_its_end,
                a_denial_is_collected_an_hour_after_its_end,
                a_session_is_collected_an_hour_after_its_end,
                the_outbox_keeps_its_newest_events_within_its_limits,
                collecting_leaves_what_has_no_end,
            }
            listing {
                grants_are_listed_by_user_client_and_session_in_pages,
                a_listed_grant_says_what_has_ended_of_it,
                sessions_are_listed_by_user_in_pages,
            }
            restoration {
                attack_76_nothing_of_a_restored_backup_becomes_valid_again,
            }
            instance {
                the_first_instance_stays,
                what_is_sealed_under_the_master_key_is_replaced_once,
                of_64_that_start_at_once_all_adopt_one_instance,
                an_idle_store_is_ready,
            }
        }
    };
}

/// One `#[tokio::test]` for each named function of the suite.
#[doc(hidden)]
#[macro_export]
macro_rules! suite_tests {
    ($fresh:path; $($module:ident { $($name:ident,)+ })+) => {$(
        mod $module {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some((store, _place)) = $fresh().await {
                    $crate::suite::$module::$name(store).await;
                }
            }
        )+}
    )+};
}
