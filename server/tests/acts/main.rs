//! What Signet does, each part through its public face and on both kinds of database: the API, the authority, the index, the services, time
//! stamps, typesetting in processes of its own, and what brings everything back.
#![allow(clippy::unwrap_used, missing_docs)]

mod api;
mod authority;
mod index;
mod recovery;
mod service;
mod time_stamps;
mod typesetting;
