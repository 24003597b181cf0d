//! Signet's server: everything behind the pages and the public API.

pub mod config;
