//! What the tests of the server stand on: throwaway databases and file servers, the real program, a Signet in this process, signers.
#![allow(clippy::unwrap_used, missing_docs, clippy::new_without_default, clippy::return_self_not_must_use, reason = "tests alone use it")]

pub mod ground;
pub mod line;
pub mod machine;
pub mod own_postgres;
pub mod postgres;
pub mod proftpd;
pub mod program;
pub mod proxy;
pub mod pureftpd;
pub mod scripted;
pub mod signer;
pub mod vsftpd;
pub mod world;
