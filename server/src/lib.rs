//! Signet's server: everything behind the pages and the public API.

pub mod ca;
pub mod caller;
pub mod clock;
pub mod config;
pub mod error;
pub mod index;
pub mod permission;
pub mod store;
pub mod types;
