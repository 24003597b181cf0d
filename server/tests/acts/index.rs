//! The index, the same on SQLite and on PostgreSQL, and on both at once.

mod deciding;
mod lists;
mod mailbox;
mod many;
mod merging;
mod people;
mod races;
mod visibility;
mod world;

/// Runs each test on both kinds of database.
macro_rules! on_both {
    ($($file:ident :: $test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$file::$test(super::world::World::sqlite().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$file::$test(super::world::World::postgres().await).await;
            })*
        }
    };
}

on_both! {
    races::one_matter_has_one_live_document,
    races::one_number_has_one_document,
    races::sequences_never_repeat,
    races::one_step_has_one_decision,
    races::the_same_request_creates_once,
    races::a_key_in_doubt_is_asked_first_for_thirty_days,
    races::given_up_intents_cannot_be_committed,
    races::vanished_callers_leave_nothing_open,
    races::replicas_may_start_together,
    deciding::a_route_goes_step_by_step_to_its_end,
    deciding::all_of_a_step_must_sign,
    deciding::a_rejected_document_is_corrected_under_its_number,
    deciding::withdrawing_frees_the_matter,
    deciding::what_was_seen_must_still_be_so,
    deciding::what_waits_on_a_volume_that_is_away_holds_up_no_other,
    visibility::only_those_concerned_see_a_document,
    visibility::all_steps_ask_the_accounts_of_their_creation,
    lists::pages_of_several_databases_merge_in_order,
    lists::the_inbox_comes_longest_waiting_first,
    lists::filters_and_search,
    many::every_page_is_what_a_plain_question_gives,
    many::an_index_from_before_gets_its_lists,
    mailbox::deliveries_come_in_order_and_are_read_up_to_a_cursor,
    mailbox::a_reader_misses_nothing_while_others_commit,
    mailbox::a_delivery_wakes_its_creator,
    people::logins_are_unique_and_sessions_end,
    people::tries_to_sign_in_are_counted_at_once,
    people::tokens_certificates_and_offers,
    people::a_type_never_moves,
}

mod on_three {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_over_three_databases_are_one_list() {
        super::merging::pages_over_three_databases_are_one_list(super::world::World::mixed().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn inserts_between_pages_move_nothing() {
        super::merging::inserts_between_pages_move_nothing(super::world::World::mixed().await).await;
    }
}
