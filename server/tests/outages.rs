//! The database breaks off, hangs, loses or refuses: nothing acknowledged is lost, nothing is done twice, and it goes on by itself. And browsers
//! that go away at any moment.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "outages/constraints.rs"]
mod constraints;
#[path = "outages/disconnects.rs"]
mod disconnects;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "outages/postgres_faults.rs"]
mod postgres_faults;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "outages/sqlite_faults.rs"]
mod sqlite_faults;
#[path = "outages/world.rs"]
mod world;
