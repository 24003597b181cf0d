//! The public API through the real router: every row of `/api/docs`, error shapes, cross-site, strangers; on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "api/documents.rs"]
mod documents;
#[path = "api/edge.rs"]
mod edge;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "api/world.rs"]
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
    documents::a_document_lives_through_the_api,
    documents::a_stranger_sees_nothing,
    documents::the_same_key_gives_the_same_answer,
    documents::the_file_is_served_in_parts,
    documents::deliveries_stream_and_resume,
    edge::errors_have_one_shape,
    edge::other_sites_change_nothing,
    edge::everyone_may_ask_for_these,
    edge::pages_carry_a_strict_policy,
    edge::signing_in_is_limited,
}
