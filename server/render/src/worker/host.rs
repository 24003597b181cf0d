//! The server's end of one worker: start it, give it work, learn why it ended.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use typst::foundations::Bytes;

use super::{Answer, Bounds, MEMORY_LIMIT, Order, Task, wire};
use crate::renderer::{TemplateError, Work};

/// Beyond the work's own time: start, reading and writing, a busy machine.
const GRACE: Duration = Duration::from_secs(5);
/// Signal numbers, signal(7).
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypesetError {
    /// The template or its values are to blame.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The machine is: no process could be started, or every one was ended by somebody else.
    #[error("no process to typeset in: {0}")]
    Unavailable(String),
}

/// One process. Dropping it ends it.
pub struct Worker {
    child: Child,
    line: UnixStream,
    /// How much it has done.
    pub served: usize,
    /// Memory of its own after the last piece of work, bytes.
    pub memory: u64,
    /// When that was.
    pub last: Instant,
}

/// What a worker is given to do.
pub enum Piece<'a> {
    /// A template and its data.
    LayOut(&'a Work<'a>),
    /// A page of a PDF, 0 is the first.
    Draw { pdf: &'a [u8], page: usize },
}

/// How a piece of work went for the worker.
pub enum Outcome {
    /// The worker can go on.
    Answered(Result<Vec<u8>, TemplateError>),
    /// The work ended it.
    Ended(TemplateError),
    /// It ended, and not by the work.
    Lost(String),
}

impl Worker {
    /// Starts `program argument` with a socket as standard input.
    pub fn start(program: &Path, argument: &str) -> io::Result<Self> {
        let (line, other) = UnixStream::pair()?;
        let mut command = Command::new(program);
        command.arg(argument).stdin(OwnedFd::from(other)).stdout(Stdio::null()).stderr(Stdio::piped()).current_dir("/");
        // One thread each: there are as many workers as cores. A signal from the terminal is for the server, which ends them when it is done.
        command.arg0("signet").env_clear().env("RAYON_NUM_THREADS", "1").process_group(0);
        Ok(Self { child: command.spawn()?, line, served: 0, memory: 0, last: Instant::now() })
    }

    /// Does one piece of work. After anything but [`Outcome::Answered`] the worker is of no more use.
    pub fn run(&mut self, piece: &Piece<'_>, bounds: Bounds) -> Outcome {
        let (task, parts) = match piece {
            Piece::LayOut(work) => {
                let files = work.files.iter().map(|(name, _)| (*name).to_owned()).collect();
                let mut parts = vec![work.template.as_bytes(), work.data.as_bytes()];
                parts.extend(work.files.iter().map(|(_, bytes)| Bytes::as_slice(bytes)));
                (Task::LayOut { ident: work.ident.clone(), files, clock: work.clock, max_pages: bounds.pages }, parts)
            }
            Piece::Draw { pdf, page } => (Task::Draw { page: *page }, vec![*pdf]),
        };
        let order = Order { task, time_limit: bounds.time.as_millis() as u64 };
        let mut line = Timed { line: &self.line, until: Instant::now() + bounds.time + GRACE };
        let answered = wire::send(&mut line, &order, &parts).and_then(|()| wire::receive::<Answer>(&mut line));
        self.served += 1;
        self.last = Instant::now();
        match answered {
            Ok((answer, mut parts)) => {
                self.memory = answer.memory;
                match (answer.error, parts.pop()) {
                    (Some(error), _) => Outcome::Answered(Err(error)),
                    (None, Some(made)) => Outcome::Answered(Ok(made)),
                    (None, None) => Outcome::Lost("its answer was empty".to_owned()),
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Outcome::Ended(TemplateError::too_slow()),
            Err(error) => self.why(&error),
        }
    }

    /// Whether its process is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn why(&mut self, error: &io::Error) -> Outcome {
        // The line broke, so it has ended or is about to.
        let _ = self.child.kill();
        let Ok(status) = self.child.wait() else { return Outcome::Lost(error.to_string()) };
        let mut told = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            let _ = stderr.take(4_096).read_to_string(&mut told);
        }
        match status.signal() {
            Some(SIGXCPU) => Outcome::Ended(TemplateError::too_slow()),
            Some(SIGABRT) if told.contains("memory allocation") => {
                let megabytes = MEMORY_LIMIT >> 20;
                Outcome::Ended(TemplateError::ended(format!(
                    "the template takes more than {megabytes} MB of memory; look for a very large list, table or picture"
                )))
            }
            Some(SIGABRT) if told.contains("overflowed its stack") => {
                Outcome::Ended(TemplateError::ended("the template nests too deeply; look for something that contains or calls itself"))
            }
            _ => Outcome::Lost(format!("it ended with {status} ({error})")),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The line, until a moment.
struct Timed<'a> {
    line: &'a UnixStream,
    until: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.line.set_read_timeout(self.left()?)?;
        self.line.read(into)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.line.set_write_timeout(self.left()?)?;
        self.line.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
