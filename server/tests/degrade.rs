//! Parts go away and come back under the running program: what can go on does, what cannot says what was kept, queues drain by themselves,
//! and nobody restarts anything.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

#[path = "support/ground.rs"]
mod ground;
#[path = "support/own_postgres.rs"]
mod own_postgres;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/program.rs"]
mod program;
#[path = "support/signer.rs"]
mod signer;
#[path = "support/vsftpd.rs"]
mod vsftpd;

#[path = "degrade/database.rs"]
mod database;
#[path = "degrade/disk.rs"]
mod disk;
#[path = "degrade/files.rs"]
mod files;

use program::Reply;
use serde_json::Value;

/// A problem of this code, which says what to do next.
#[track_caller]
fn is_outage(reply: Option<Reply>, code: &str) -> Value {
    let problem = reply.expect("an answer").is(503).json();
    assert_eq!(problem["code"], code, "{problem}");
    for member in ["detail", "next"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
    problem
}
