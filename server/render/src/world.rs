//! All that a template sees: itself, `data.json`, the files it was given, two fonts and the caller's date. No file system, no network.

use std::collections::HashMap;
use std::panic;
use std::sync::LazyLock;
use std::time::Instant;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Binding, Bytes, Datetime, Duration, Module, Scope};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::fonts::FONTS;

/// Typst's own, without WebAssembly plugins: they run what nobody here has read.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| {
    let mut library = Library::default();
    let known = library.global.scope();
    let mut scope = Scope::new();
    for (name, binding) in known.iter().filter(|(name, _)| *name != "plugin") {
        scope.bind(name.clone(), binding.clone());
    }
    library.global = Module::new("global", scope);
    library.std = Binding::detached(library.global.clone());
    LazyHash::new(library)
});

/// One rendering's surroundings.
pub struct TemplateWorld {
    /// The template.
    pub source: Source,
    /// Data and images by id.
    pub files: HashMap<FileId, Bytes>,
    /// The caller's moment, UTC.
    pub now: Option<Datetime>,
    /// Nothing is answered after this.
    pub deadline: Instant,
}

/// Unwound with when the deadline has passed; the renderer tells it from a real panic.
pub struct DeadlinePassed;

/// The id of the template itself.
pub fn main_id() -> FileId {
    file_id("template.typ").expect("a plain name is a path")
}

/// The id of a file next to the template. `None` for a name that is no plain relative path.
pub fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl TemplateWorld {
    /// Layout asks its world for something all the time, so this is where an endless one can be left.
    fn check_deadline(&self) {
        if Instant::now() > self.deadline {
            panic::resume_unwind(Box::new(DeadlinePassed));
        }
    }
}

impl World for TemplateWorld {
    fn library(&self) -> &LazyHash<Library> {
        self.check_deadline();
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.check_deadline();
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() { Ok(self.source.clone()) } else { Err(not_found(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.check_deadline();
        self.files.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.check_deadline();
        FONTS.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.now
    }
}

fn not_found(id: FileId) -> FileError {
    match id.get().root() {
        VirtualRoot::Package(package) => FileError::Other(Some(format!("packages cannot be loaded here ({package})").into())),
        VirtualRoot::Project => FileError::NotFound(id.get().vpath().get_without_slash().into()),
    }
}
