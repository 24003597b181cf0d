//! The worker: one piece of work after the other from its standard input, a socket, until that is closed.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use typst::foundations::Bytes;

use super::{Answer, MEMORY_LIMIT, Order, Task, wire};
use crate::fonts::FONTS;
use crate::ink::Ink;
use crate::renderer::{self, Renderer, TemplateError, Work};

/// Serves until standard input is closed. Nothing else is read, nothing is opened, nothing is written but answers.
pub fn serve() -> ExitCode {
    match begin().and_then(|line| answer_all(&line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("signet: this is a part of `signet serve`, which starts it by itself ({error})");
            ExitCode::FAILURE
        }
    }
}

fn begin() -> io::Result<UnixStream> {
    let line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    line.peer_addr()?;
    // 1. The kernel's limits, before the first byte from elsewhere: memory, no files, no dump with somebody's document in it.
    for (resource, most) in [(Resource::Data, MEMORY_LIMIT), (Resource::Fsize, 0), (Resource::Core, 0), (Resource::Nofile, 16)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    // 2. Where the machine runs out of memory, this is what it can do without. It may be forbidden; then the kernel chooses by size.
    let _ = std::fs::write("/proc/self/oom_score_adj", "800");
    // In lists of processes it is not called "exe", after the way it was started.
    let _ = std::fs::write("/proc/self/comm", "signet-typeset");
    // 3. What a template makes fail is told in the answer, not on standard error.
    std::panic::set_hook(Box::new(|_| {}));
    // 4. Whoever wants the answer may be gone while the work goes on.
    let end = line.try_clone()?;
    thread::Builder::new().name("end".to_owned()).stack_size(64 << 10).spawn(move || {
        hung_up(end.as_fd());
        std::process::exit(0);
    })?;
    LazyLock::force(&FONTS);
    Ok(line)
}

/// Returns when the other side has closed.
fn hung_up(line: BorrowedFd) {
    loop {
        let mut watched = [PollFd::from_borrowed_fd(line, PollFlags::RDHUP)];
        match poll(&mut watched, None) {
            Ok(_) if watched[0].revents().intersects(PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR) => return,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

fn answer_all(mut line: &UnixStream) -> io::Result<()> {
    loop {
        let (order, parts): (Order, Vec<Vec<u8>>) = match wire::receive(&mut line) {
            Ok(order) => order,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        limit_time(Duration::from_millis(order.time_limit))?;
        let (error, made) = match done(&order, parts) {
            Ok(made) => (None, Some(made)),
            Err(error) => (Some(error), None),
        };
        let parts: Vec<&[u8]> = made.iter().map(Vec::as_slice).collect();
        wire::send(&mut line, &Answer { error, memory: own_memory() }, &parts)?;
        if renderer::is_stuck() {
            return Ok(());
        }
    }
}

fn done(order: &Order, parts: Vec<Vec<u8>>) -> Result<Vec<u8>, TemplateError> {
    let mut parts = parts.into_iter();
    let without = || TemplateError::new("the order came without its parts");
    match &order.task {
        Task::LayOut { ident, files, clock, max_pages } => {
            let mut text = || parts.next().and_then(|part| String::from_utf8(part).ok()).ok_or_else(without);
            let (template, data) = (text()?, text()?);
            let files = files.iter().map(String::as_str).zip(parts.map(Bytes::new)).collect();
            let renderer = Renderer::new().with_limits(Duration::from_millis(order.time_limit), *max_pages);
            renderer.lay_out(Work { template: &template, data: &data, ident: ident.clone(), files, clock: *clock })
        }
        Task::Draw { page } => {
            let pdf = parts.next().ok_or_else(without)?;
            // a panic is the drawer's, and as good as any other reason
            let drawn = catch_unwind(|| Ink::of(pdf, *page)).unwrap_or(Err("the drawer gave up"));
            Ok(drawn.map_err(TemplateError::new)?.to_bytes())
        }
    }
}

/// The kernel ends this process (`SIGXCPU`) where the work takes so much more processor time and two seconds.
fn limit_time(more: Duration) -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec as u64;
    Ok(setrlimit(Resource::Cpu, Rlimit { current: Some(used + more.as_secs() + 2), maximum: None })?)
}

/// Resident memory that is no file's, bytes (proc_pid_statm(5)); 0 where the kernel does not say.
fn own_memory() -> u64 {
    let pages = || -> Option<u64> {
        let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
        let mut columns = statm.split(' ').skip(1).map(|column| column.parse::<u64>().ok());
        let (resident, shared) = (columns.next()??, columns.next()??);
        resident.checked_sub(shared)
    };
    pages().unwrap_or_default() * rustix::param::page_size() as u64
}
