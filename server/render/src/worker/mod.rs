//! Typesetting in processes of its own: what a template does there with memory and time ends that process, never the server.
//!
//! A [`Typesetter`] starts them (the same program, with one argument) and gives them work; [`serve`] is what runs inside.

mod host;
mod inside;
mod pool;
mod prefix;
mod wire;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use host::TypesetError;
pub use inside::serve;
pub use pool::Typesetter;

use crate::renderer::{MAX_PAGES, TIME_LIMIT, TemplateError};

/// What a worker may hold, bytes (`RLIMIT_DATA`): several times what the largest documents take.
pub const MEMORY_LIMIT: u64 = 768 << 20;

/// How far one piece of work may go.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    time: Duration,
    pages: usize,
}

const USUAL: Bounds = Bounds { time: TIME_LIMIT, pages: MAX_PAGES };

/// A piece of work. Its parts: the template, its data, its files.
#[derive(Serialize, Deserialize)]
struct Order {
    ident: String,
    files: Vec<String>,
    clock: i64,
    /// Milliseconds.
    time_limit: u64,
    max_pages: usize,
}

/// What came of it. One part where it is done: the PDF.
#[derive(Serialize, Deserialize)]
struct Answer {
    error: Option<TemplateError>,
    /// Memory of its own that the worker holds now, bytes.
    memory: u64,
}
