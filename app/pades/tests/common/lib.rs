//! What the tests of the core stand on: people with keys and certificates, small files, files of every level, other programs.
#![allow(missing_docs, clippy::unwrap_used)]

pub mod file;
pub mod pki;
pub mod tool;
pub mod world;
