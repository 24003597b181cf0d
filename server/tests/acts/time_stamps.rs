//! Time stamps, answers about revocation, and the levels of signatures, judged by OpenSSL and pyHanko; on SQLite and PostgreSQL.

pub mod judges;
mod life;
mod openssl;
mod outside;
mod tsa;

/// Runs each test on both kinds of database.
macro_rules! on_both {
    ($($file:ident :: $test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$file::$test(None).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$file::$test(Some(support::postgres::database().await)).await;
            })*
        }
    };
}

on_both! {
    life::each_signature_is_stamped_and_the_last_one_makes_it_last,
    life::a_document_from_before_is_raised_once,
    outside::while_the_authority_is_away_signatures_are_kept_and_raised_later,
}
