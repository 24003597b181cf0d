//! Three processes over one PostgreSQL, one FTP server and one authority's folder behave as one server; and of any number who race on them, one
//! wins: two thousand rounds of eight (`SIGNET_RACES` for another number).
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "replicas/as_one.rs"]
mod as_one;
#[path = "replicas/killed.rs"]
mod killed;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "replicas/races.rs"]
mod races;
#[path = "replicas/signer.rs"]
mod signer;
#[path = "support/vsftpd.rs"]
mod vsftpd;
#[path = "replicas/world.rs"]
mod world;
