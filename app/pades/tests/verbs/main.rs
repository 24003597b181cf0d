//! The verbs of the core, each with files that must pass and more that must not, beside other programs' word about them.
#![allow(clippy::unwrap_used, missing_docs)]

mod anomalies;
mod certified;
mod corpus;
mod flips;
mod foreign;
mod golden;
mod judges;
mod levels;
mod limits;
mod new_field;
mod ocsp;
mod openssl;
mod other_reader;
mod outside;
mod raise;
mod reader;
mod request;
mod revisions;
mod sign;
mod stamp;
mod tsp;
mod wording;
