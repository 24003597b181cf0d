//! Parts go away and come back under the running program: what can go on does, what cannot says what was kept, queues drain by themselves,
//! and nobody restarts anything.

mod database;
mod disk;
mod files;

use serde_json::Value;
use support::program::Reply;

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
