//! Three processes over one PostgreSQL, one FTP server and one authority's folder behave as one server; and of any number who race on them, one
//! wins: two thousand rounds of eight (`SIGNET_RACES` for another number).
#![allow(clippy::unwrap_used, missing_docs)]

mod as_one;
mod killed;
mod races;
mod signer;
mod world;
