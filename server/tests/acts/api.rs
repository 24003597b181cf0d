//! The public API through the real router: every row of `/api/docs`, error shapes, cross-site, strangers; on SQLite and on PostgreSQL.

mod certificates;
mod documents;
mod edge;
mod functions;
mod markup;
mod openapi;
mod streams;
mod types;
mod weight;
mod world;

// The database has no part in these.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_take_one_media_type_and_survive_the_rest() {
    functions::each_takes_one_media_type_and_survives_the_rest(world::World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_questions_are_refused() {
    functions::long_questions_are_refused(world::World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_files_hold_up_no_other() {
    functions::hanging_files_hold_up_no_other(world::World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_drips_is_given_up() {
    functions::what_drips_is_given_up(world::World::sqlite().await).await;
}

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
    documents::a_document_lives_through_the_api,
    documents::a_stranger_sees_nothing,
    documents::the_same_key_gives_the_same_answer,
    documents::an_answer_lost_with_its_server_is_found_again,
    documents::the_file_is_served_in_parts,
    documents::deliveries_stream_and_resume,
    edge::errors_have_one_shape,
    edge::other_sites_change_nothing,
    edge::everyone_may_ask_for_these,
    edge::pages_carry_a_strict_policy,
    edge::licences_are_open_to_anyone,
    edge::pages_come_whole_to_many_at_once,
    edge::signing_in_is_limited,
    markup::markup_in_any_stored_text_stays_text,
    certificates::every_certificate_is_listed_with_how_it_came,
    certificates::a_renewal_needs_the_old_key_and_a_key_is_nobody_elses,
    certificates::a_revocation_is_the_owners_and_stands_on_the_list,
    types::an_administrator_imports_and_replaces_a_type,
    types::nobody_else_imports_and_what_is_wrong_is_said,
    streams::a_stream_ends_with_its_token,
    streams::a_stream_ends_with_its_session,
    streams::a_stream_ends_with_its_account,
    streams::an_account_has_so_many_streams_and_no_more,
    weight::a_list_leaves_photographs_where_they_are,
    weight::a_picture_is_a_file_of_its_own,
    weight::text_is_compressed_for_who_takes_that,
}
