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

/// A piece of work.
#[derive(Serialize, Deserialize)]
struct Order {
    task: Task,
    /// Milliseconds.
    time_limit: u64,
}

#[derive(Serialize, Deserialize)]
enum Task {
    /// Makes a PDF. Its parts: the template, its data, its files.
    LayOut { ident: String, files: Vec<String>, clock: i64, max_pages: usize },
    /// Finds out where a page is printed, 0 is the first. Its part: the PDF.
    Draw { page: usize },
}

/// What came of it. One part where it is done: the PDF, or the ink.
#[derive(Serialize, Deserialize)]
struct Answer {
    error: Option<TemplateError>,
    /// Memory of its own that the worker holds now, bytes.
    memory: u64,
}
