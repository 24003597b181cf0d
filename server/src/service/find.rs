//! Finding and reading documents: lists, one, its history, its file.

use app::desk::{FileContent, OpenFile, StoredFile};
use app::model::{Actions, Document, DocumentView, Event, Lang, Number, Page, Query, Sha256, Waiting};

use crate::App;
use crate::caller::Person;
use crate::clock;
use crate::error::{Result, internal, invalid_field, not_found};
use crate::index::{DocumentRow, ListQuery};
use crate::permission::{Permit, ReadOwn, See, Subject, Verb, allowed};
use crate::service::{catalog, pictures, present};
use crate::store::StorePath;

/// One page of documents; the question itself finds only what the caller may see.
///
/// # Errors
/// Malformed times, limits or cursors.
pub async fn list(app: &App, permit: Permit<ReadOwn>, query: Query, lang: Lang) -> Result<Page<Document>> {
    page(app, permit, query, lang, false).await
}

/// The same with no more of the values than a list shows.
///
/// # Errors
/// As [`list`].
pub async fn listed(app: &App, permit: Permit<ReadOwn>, query: Query, lang: Lang) -> Result<Page<Document>> {
    page(app, permit, query, lang, true).await
}

/// What waits for the caller's decision.
///
/// # Errors
/// When the index does not answer.
pub async fn waiting(app: &App, permit: Permit<ReadOwn>) -> Result<Waiting> {
    Ok(present::waiting(app.index.waiting(&present::viewer(permit.person())).await?))
}

async fn page(app: &App, permit: Permit<ReadOwn>, query: Query, lang: Lang, listed: bool) -> Result<Page<Document>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(invalid_field("limit", "A limit is 1 to 200.", "limit 须为 1 至 200。"));
    }
    let query = ListQuery {
        which: query.which,
        type_code: query.type_code,
        status: query.status,
        q: query.q.filter(|q| !q.trim().is_empty()),
        from: query.from.as_deref().map(|text| moment("from", text)).transpose()?.map(|(at, _)| at),
        // A bare day is included whole.
        to: query.to.as_deref().map(|text| moment("to", text)).transpose()?.map(|(at, day)| if day { at.saturating_add(24 * 60 * 60 * 1000) } else { at }),
        limit,
        cursor: query.cursor,
        listed,
    };
    let page = app.index.list(&query, &present::viewer(permit.person())).await?;
    Ok(Page { items: page.items.into_iter().map(|row| present::document(row, lang)).collect(), next: page.next })
}

/// The row of a document that the caller may see; the first step of every act on one.
///
/// # Errors
/// `NotFound`.
pub async fn row(app: &App, person: &Person, number: &Number) -> Result<DocumentRow> {
    app.index.find(number, &present::viewer(person)).await?.ok_or_else(not_found)
}

/// A document with all that its page shows.
///
/// # Errors
/// When the index does not answer.
pub async fn view(app: &App, permit: Permit<See>, row: DocumentRow, lang: Lang) -> Result<DocumentView> {
    let subject = Subject::Document(present::standing(&row, permit.person()));
    let may = |verb| allowed(permit.person(), verb, subject);
    let actions = Actions { decide: may(Verb::Decide), withdraw: may(Verb::Withdraw), correct: may(Verb::Correct) };
    let definition = catalog::known(app, &row.type_code).await?.ok_or_else(|| internal("a document's type is gone"))?.definition;
    let before = match row.edition {
        0 | 1 => None,
        edition => app.index.edition(&row.number, edition - 1).await?.map(|edition| pictures::by_address(&row.number, &definition, edition.fields)),
    };
    let events = events(app, permit, &row).await?;
    let mut document = present::document(row, lang);
    document.fields = pictures::by_address(&document.number, &definition, document.fields);
    Ok(DocumentView { document, definition, actions, events, before })
}

/// A document's history, oldest first.
///
/// # Errors
/// When the index does not answer.
pub async fn events(app: &App, _permit: Permit<See>, row: &DocumentRow) -> Result<Vec<Event>> {
    Ok(app.index.events(&row.number).await?.into_iter().map(present::event).collect())
}

/// A revision of the current edition; its bytes are what their digest says or they do not come.
///
/// # Errors
/// `NotFound` for a revision that is not there; an outage of the store.
pub async fn file(app: &App, _permit: Permit<See>, row: &DocumentRow, revision: Option<u32>) -> Result<StoredFile> {
    let Located { path, size, sha256 } = located(app, row, revision).await?;
    let bytes = app.store.get(&path, size, &sha256).await?;
    Ok(StoredFile { sha256, name: format!("{}.pdf", row.number), bytes })
}

/// The same for sending it on: a large one comes by the disk.
///
/// # Errors
/// As [`file`]; a full disk of this machine.
pub async fn open_file(app: &App, _permit: Permit<See>, row: &DocumentRow, revision: Option<u32>) -> Result<OpenFile> {
    let Located { path, size, sha256 } = located(app, row, revision).await?;
    let content = if size < LARGE {
        FileContent::Memory(app.store.get(&path, size, &sha256).await?)
    } else {
        FileContent::Disk(app.store.fetch(&path, size, &sha256).await?.into_file())
    };
    Ok(OpenFile { sha256, name: format!("{}.pdf", row.number), size, content })
}

/// From this size on a file costs more in memory than the way by the disk costs in time.
const LARGE: u64 = 2 << 20;

/// Where a revision's file is, and what it must be.
struct Located {
    path: StorePath,
    size: u64,
    sha256: Sha256,
}

async fn located(app: &App, row: &DocumentRow, revision: Option<u32>) -> Result<Located> {
    let (path, size, sha256) = match revision {
        Some(revision) if revision != row.revision => {
            let found = app.index.revision(&row.number, row.edition, revision).await?.ok_or_else(not_found)?;
            (found.store_path, found.size, found.sha256)
        }
        _ => (row.store_path.clone(), row.size, row.sha256.clone()),
    };
    Ok(Located { path: path.parse().map_err(internal)?, size, sha256 })
}

fn moment(key: &str, text: &str) -> Result<(i64, bool)> {
    clock::parse(text).ok_or_else(|| invalid_field(key, "A time is RFC 3339 or a day, YYYY-MM-DD.", "时间须为 RFC 3339 或 YYYY-MM-DD 格式。"))
}
