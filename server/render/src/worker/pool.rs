//! Workers that wait for work, renewed before they grow large.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use typst::foundations::Bytes;

use super::host::{Outcome, Piece, TypesetError, Worker};
use super::{Bounds, USUAL, prefix};
use crate::ink::Ink;
use crate::renderer::{TemplateError, Work, ident};

/// What a worker does before another takes its place: Typst remembers what it has laid out.
const WORN_BY: usize = 400;
/// Memory of its own with which another takes its place, bytes.
const WORN_AT: u64 = 80 << 20;
/// How long one more than needed waits.
const REST: Duration = Duration::from_mins(1);
/// How long a part of a template may take where the line is looked for that does not end.
const PROBE: Duration = Duration::from_secs(2);
/// How long a page may take to draw: a usual one takes some milliseconds.
const DRAW: Duration = Duration::from_secs(5);
/// Work whose worker was ended from outside is given to another so many times.
const TRIES: usize = 2;

/// Makes PDFs in worker processes. Cheap to clone: clones share their workers, and the last one ends them.
#[derive(Clone)]
pub struct Typesetter {
    shared: Arc<Shared>,
}

struct Shared {
    program: PathBuf,
    argument: String,
    idle: Mutex<Vec<Worker>>,
    usual: Bounds,
}

impl Typesetter {
    /// Workers are this program, called with `argument`, which must lead to [`super::serve`].
    pub fn of_this_program(argument: &str) -> Self {
        // Not its path: that may be another version by now.
        Self::new(PathBuf::from("/proc/self/exe"), argument)
    }

    /// Workers are `program`, called with `argument`.
    pub fn new(program: PathBuf, argument: &str) -> Self {
        Self { shared: Arc::new(Shared { program, argument: argument.to_owned(), idle: Mutex::default(), usual: USUAL }) }
    }

    /// The same program, with workers of its own and another limit than 20 seconds a document.
    #[must_use]
    pub fn with_time_limit(&self, time: Duration) -> Self {
        let Shared { program, argument, usual, .. } = &*self.shared;
        let usual = Bounds { time, ..*usual };
        Self { shared: Arc::new(Shared { program: program.clone(), argument: argument.clone(), idle: Mutex::default(), usual }) }
    }

    /// Starts a worker, so that the first document does not wait for one.
    pub fn warm(&self) {
        let mut idle = self.idle();
        if idle.is_empty()
            && let Ok(worker) = self.start()
        {
            idle.push(worker);
        }
    }

    /// Ends the workers that are more than one and had nothing to do for long.
    pub fn rest(&self) {
        let mut idle = self.idle();
        let latest = idle.pop();
        let now = Instant::now();
        idle.retain(|worker| now.duration_since(worker.last) < REST);
        idle.extend(latest);
    }

    /// As [`crate::Renderer::pdf`], in a worker. Blocks; as many calls at a time are as many processes: the caller limits them.
    ///
    /// # Errors
    /// What the renderer says; a template that took more memory or time than it may; no process to be had.
    pub fn pdf(&self, template: &str, data: &Value, files: &[(&str, &[u8])], clock: i64) -> Result<Vec<u8>, TypesetError> {
        self.made(&Piece::LayOut(&work(template, data, files, clock, &data.to_string())), self.shared.usual)
    }

    /// Where page `page` of a PDF is printed, 0 is the first; none where that cannot be found out, whatever the PDF did to its worker.
    ///
    /// # Errors
    /// No process to be had.
    pub fn drawn(&self, pdf: &[u8], page: usize) -> Result<Option<Ink>, TypesetError> {
        match self.made(&Piece::Draw { pdf, page }, Bounds { time: DRAW, ..self.shared.usual }) {
            Ok(bytes) => Ok(Ink::from_bytes(&bytes)),
            Err(TypesetError::Template(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same for a template that nobody has tried yet: where it had to be ended the error still names a line, which takes
    /// some more seconds.
    ///
    /// # Errors
    /// As [`Self::pdf`].
    pub fn tried(&self, template: &str, data: &Value, files: &[(&str, &[u8])], clock: i64) -> Result<Vec<u8>, TypesetError> {
        let text = data.to_string();
        let whole = work(template, data, files, clock, &text);
        let usual = self.shared.usual;
        match self.made(&Piece::LayOut(&whole), usual) {
            Err(TypesetError::Template(error)) if error.ended => {
                let ends = |part: &str| {
                    let work = Work { template: part, ident: whole.ident.clone(), files: whole.files.clone(), ..whole };
                    matches!(
                        self.made(&Piece::LayOut(&work), Bounds { time: PROBE.min(usual.time), ..usual }),
                        Err(TypesetError::Template(TemplateError { ended: true, .. }))
                    )
                };
                Err(TemplateError { line: prefix::line(template, ends), ..error }.into())
            }
            other => other,
        }
    }

    fn made(&self, piece: &Piece<'_>, bounds: Bounds) -> Result<Vec<u8>, TypesetError> {
        let mut why = String::new();
        for _ in 0..TRIES {
            let mut worker = self.take().map_err(|error| TypesetError::Unavailable(error.to_string()))?;
            match worker.run(piece, bounds) {
                Outcome::Answered(answer) => {
                    self.give_back(worker);
                    return Ok(answer?);
                }
                Outcome::Ended(error) => return Err(error.into()),
                Outcome::Lost(reason) => why = reason,
            }
        }
        Err(TypesetError::Unavailable(why))
    }

    fn take(&self) -> std::io::Result<Worker> {
        while let Some(mut worker) = { self.idle().pop() } {
            if worker.is_alive() {
                return Ok(worker);
            }
        }
        self.start()
    }

    fn give_back(&self, worker: Worker) {
        if worker.served < WORN_BY && worker.memory < WORN_AT {
            self.idle().push(worker);
        } else {
            drop(worker);
            self.warm();
        }
    }

    fn start(&self) -> std::io::Result<Worker> {
        Worker::start(&self.shared.program, &self.shared.argument)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work<'a>(template: &'a str, data: &Value, files: &[(&'a str, &[u8])], clock: i64, text: &'a str) -> Work<'a> {
    let files = files.iter().map(|(name, bytes)| (*name, Bytes::new(bytes.to_vec()))).collect();
    Work { template, data: text, ident: ident(data), files, clock }
}
