//! Signet's app: the values that cross the wire, the door to the server, the server functions and the pages.
//!
//! The same crate is compiled natively (feature `ssr`) and to WebAssembly (feature `hydrate`).

#![recursion_limit = "512"]

pub mod desk;
pub mod error;
pub mod model;
