//! The database breaks off, hangs, loses or refuses: nothing acknowledged is lost, nothing is done twice, and it goes on by itself. And browsers
//! that go away at any moment.

mod constraints;
mod disconnects;
mod postgres_faults;
mod sqlite_faults;
mod world;
