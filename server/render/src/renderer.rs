//! Template and data become a PDF, within a time and a number of pages. This is the work itself; whose process does it: `worker`.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::syntax::Source;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::fonts::FONTS;
use crate::world::{DeadlinePassed, TemplateWorld, file_id, main_id};

/// A form has a handful of pages; more than this is a template gone astray.
pub const MAX_PAGES: usize = 200;
/// How long laying out may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);
const STACK: usize = 16 << 20;
const KEPT_TEMPLATES: usize = 16;
const EVICT_EVERY: usize = 20;

/// A template stuck in a loop of its own cannot be ended from outside. Its thread is left behind, and this process should end.
static STUCK: AtomicBool = AtomicBool::new(false);
static RENDERED: AtomicUsize = AtomicUsize::new(0);
/// Parsed templates, newest first: documents of one type share what Typst remembers about it.
static TEMPLATES: LazyLock<Mutex<VecDeque<Source>>> = LazyLock::new(Mutex::default);

/// Why a template gave no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}{text}", .line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct TemplateError {
    /// Line of the template, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong, in Typst's words (English), hints after it.
    pub text: String,
    /// Whether the work was ended from outside, for its time or its memory: then Typst could not say where it was.
    pub(crate) ended: bool,
}

impl TemplateError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { line: None, text: text.into(), ended: false }
    }

    pub(crate) fn ended(text: impl Into<String>) -> Self {
        Self { ended: true, ..Self::new(text) }
    }

    pub(crate) fn too_slow() -> Self {
        Self::ended("the template takes too long; look for a loop without an end or a very large table")
    }
}

/// What is laid out.
pub struct Work<'a> {
    /// The template.
    pub template: &'a str,
    /// What it reads as `data.json`.
    pub data: &'a str,
    /// What the PDF's identifier is derived from.
    pub ident: String,
    /// More files that it reads: name, bytes.
    pub files: Vec<(&'a str, Bytes)>,
    /// The template's `datetime.today()` and the PDF's creation date, unix seconds.
    pub clock: i64,
}

/// Makes PDFs. Cheap to make and to share: fonts and caches are one per process.
#[derive(Clone, Copy, Debug)]
pub struct Renderer {
    time_limit: Duration,
    max_pages: usize,
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl Renderer {
    /// A renderer with the usual limits: 20 seconds and 200 pages. Reads the fonts, so that the first document does not wait for it.
    pub fn new() -> Self {
        LazyLock::force(&FONTS);
        Self { time_limit: TIME_LIMIT, max_pages: MAX_PAGES }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, time_limit: Duration, max_pages: usize) -> Self {
        self.time_limit = time_limit;
        self.max_pages = max_pages;
        self
    }

    /// Lays out `template`, which reads `data` as `data.json` and `files` (name, bytes) by their names, and nothing else.
    /// `clock` (unix seconds) is the template's `datetime.today()` and the PDF's creation date; the same arguments give the same
    /// bytes. Blocks for 5 to 50 ms as a rule, at most for the time limit.
    ///
    /// # Errors
    /// Typst's own first complaint with its line; too many pages; the time limit.
    pub fn pdf(&self, template: &str, data: &Value, files: &[(&str, &[u8])], clock: i64) -> Result<Vec<u8>, TemplateError> {
        let files = files.iter().map(|(name, bytes)| (*name, Bytes::new(bytes.to_vec()))).collect();
        self.lay_out(Work { template, data: &data.to_string(), ident: ident(data), files, clock })
    }

    /// The same, of what came from elsewhere.
    pub(crate) fn lay_out(&self, work: Work) -> Result<Vec<u8>, TemplateError> {
        let mut given = HashMap::new();
        for (name, bytes) in work.files {
            given.insert(file_id(name).ok_or_else(|| TemplateError::new(format!("{name} is not a file name")))?, bytes);
        }
        let id = file_id("data.json").expect("a plain name is a path");
        given.insert(id, Bytes::from_string(work.data.to_owned()));
        let world = TemplateWorld { source: parsed(work.template), files: given, now: moment(work.clock), deadline: Instant::now() + self.time_limit };
        let (ident, max_pages) = (work.ident, self.max_pages);
        let result = within(self.time_limit + Duration::from_secs(1), move || compile(&world, ident, max_pages));
        if RENDERED.fetch_add(1, Ordering::Relaxed) % EVICT_EVERY == EVICT_EVERY - 1 {
            comemo::evict(10);
        }
        result
    }
}

/// Number and edition: editions of one document differ, and each is the same whenever it is made.
pub(crate) fn ident(data: &Value) -> String {
    format!("{}/{}", data["number"].as_str().unwrap_or_default(), data["edition"])
}

/// Whether a template was left running.
pub(crate) fn is_stuck() -> bool {
    STUCK.load(Ordering::Relaxed)
}

fn compile(world: &TemplateWorld, ident: String, max_pages: usize) -> Result<Vec<u8>, TemplateError> {
    let document: PagedDocument = typst::compile(world).output.map_err(|problems| complaint(world, &problems))?;
    let pages = document.pages().len();
    if pages > max_pages {
        return Err(TemplateError::new(format!("the document has {pages} pages; at most {max_pages} are allowed")));
    }
    let moment = world.now.map(Timestamp::new_utc);
    let written = |standards: PdfStandards| {
        let (ident, creator) = (Smart::Custom(ident.clone()), Smart::Custom(Some("Signet".to_owned())));
        typst_pdf::pdf(&document, &PdfOptions { ident, creator, timestamp: moment, standards, tagged: true, ..PdfOptions::default() })
    };
    // What PDF/A forbids (a character no font has, say) must not keep anyone from creating a document: it is made without that claim.
    written(ARCHIVAL.clone()).or_else(|_| written(PdfStandards::default())).map_err(|problems| complaint(world, &problems))
}

/// PDF/A-2b (ISO 19005-2): it can still be read when no program of today is left.
static ARCHIVAL: LazyLock<PdfStandards> = LazyLock::new(|| PdfStandards::new(&[PdfStandard::V_1_7, PdfStandard::A_2b]).expect("PDF/A-2 is made of PDF 1.7"));

/// Runs `work` on a thread of its own and waits for `limit`.
fn within(limit: Duration, work: impl FnOnce() -> Result<Vec<u8>, TemplateError> + Send + 'static) -> Result<Vec<u8>, TemplateError> {
    let (done, result) = mpsc::sync_channel(0);
    let spawned = thread::Builder::new().name("render".to_owned()).stack_size(STACK).spawn(move || {
        // Nobody listens any more where this thread was given up.
        let _ = done.send(panic::catch_unwind(AssertUnwindSafe(work)));
    });
    if let Err(problem) = spawned {
        return Err(TemplateError::new(format!("no thread to render on: {problem}")));
    }
    match result.recv_timeout(limit) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) if panic.is::<DeadlinePassed>() => Err(TemplateError::too_slow()),
        Ok(Err(panic)) => Err(TemplateError::new(format!("the template made the typesetter fail: {}", panic_text(panic.as_ref())))),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            STUCK.store(true, Ordering::Relaxed);
            Err(TemplateError::too_slow())
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn complaint(world: &TemplateWorld, problems: &[SourceDiagnostic]) -> TemplateError {
    let Some(first) = problems.first() else { return TemplateError::new("the template failed without saying why") };
    let line = (first.span.id() == Some(main_id()))
        .then(|| world.range(first.span))
        .flatten()
        .and_then(|range| world.source.lines().byte_to_line(range.start))
        .map(|line| line + 1);
    let mut text = first.message.to_string();
    for hint in &first.hints {
        text.push_str("; ");
        text.push_str(&hint.v);
    }
    TemplateError { line, ..TemplateError::new(text) }
}

fn parsed(template: &str) -> Source {
    let mut kept = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = kept.iter().position(|source| source.text() == template) {
        let source = kept.remove(place).expect("the place was found a line above");
        kept.push_front(source.clone());
        return source;
    }
    let source = Source::new(main_id(), template.to_owned());
    kept.push_front(source.clone());
    kept.truncate(KEPT_TEMPLATES);
    source
}

/// Unix seconds as a Typst moment in UTC (civil-from-days, H. Hinnant).
fn moment(clock: i64) -> Option<Datetime> {
    let (days, second) = (clock.div_euclid(86_400), clock.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Datetime::from_ymd_hms(i32::try_from(year).ok()?, month as u8, day as u8, (second / 3_600) as u8, (second / 60 % 60) as u8, (second % 60) as u8)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CLOCK: i64 = 1_795_428_000;

    fn render(template: &str) -> Result<Vec<u8>, TemplateError> {
        Renderer::new().pdf(template, &json!({ "number": "EXP-2026-000001", "edition": 1, "word": "济南" }), &[], CLOCK)
    }

    #[test]
    fn a_moment_is_a_day_and_a_time() {
        let now = moment(CLOCK).unwrap();
        assert_eq!((now.year(), now.month(), now.day(), now.hour()), (Some(2026), Some(11), Some(23), Some(10)));
        assert_eq!(moment(-1).unwrap().year(), Some(1969));
        assert!(moment(i64::MAX).is_none());
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let template = "#let data = json(\"data.json\")\n#set text(font: \"Noto Serif CJK SC\")\n#data.word #datetime.today().display()";
        let first = render(template).unwrap();
        assert!(first.starts_with(b"%PDF-1.7"));
        comemo::evict(0);
        assert_eq!(first, render(template).unwrap());
    }

    #[test]
    fn documents_are_pdf_a_unless_a_character_has_no_glyph() {
        let claims = |pdf: &[u8]| String::from_utf8_lossy(pdf).contains("<pdfaid:part>2</pdfaid:part>");
        assert!(claims(&render("#set text(font: \"Noto Serif CJK SC\")\n济南 Jinan").unwrap()));
        assert!(!claims(&render("#set text(font: \"Noto Serif CJK SC\")\n\u{1F9FE}").unwrap()));
    }

    #[test]
    fn a_bad_template_names_its_line() {
        let error = render("#let a = 1\n\n#unknown()").unwrap_err();
        assert_eq!(error.line, Some(3));
        assert!(error.text.contains("unknown"), "{error}");
    }

    #[test]
    fn nothing_but_the_given_files_can_be_read() {
        for template in [
            "#read(\"/etc/passwd\")",
            "#read(\"../Cargo.toml\")",
            "#import \"@preview/cetz:0.3.0\"",
            "#plugin(\"data.json\")",
            "#std.plugin(\"data.json\")",
            "#image(\"other.svg\")",
            "#include \"data.json\"",
        ] {
            assert!(render(template).is_err(), "{template}");
        }
        assert!(render("#read(\"data.json\")").is_ok());
    }

    #[test]
    fn endless_templates_are_left() {
        let renderer = Renderer::new().with_limits(Duration::from_millis(300), 5);
        let data = json!({});
        assert!(renderer.pdf("#let f(x) = f(x)\n#f(1)", &data, &[], CLOCK).is_err());
        assert!(renderer.pdf("#while true {}", &data, &[], CLOCK).is_err());
        let pages = renderer.pdf("#for i in range(6) [#i #pagebreak(weak: true)]", &data, &[], CLOCK).unwrap_err();
        assert!(pages.text.contains("pages") || pages.text.contains("long"), "{pages}");
        let slow = "#let f(n) = range(n).map(i => range(n).map(j => calc.sin(i * j)).sum()).sum()\n#for i in range(9000) [#f(900 + i) ]";
        assert!(renderer.pdf(slow, &data, &[], CLOCK).unwrap_err().text.contains("long"));
    }
}
