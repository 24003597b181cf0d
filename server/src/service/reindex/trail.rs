//! The trail comes back from its segments, each proven by its checkpoint.

use std::collections::BTreeMap;

use super::Made;
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, TrailHead, trail_link, trail_seed};
use crate::service::trail::read;
use crate::store::StorePath;

/// Longest segment that is read, bytes.
const SEGMENT: u64 = 256 << 20;

/// Longest note that is read, bytes.
const NOTE: u64 = 4_096;

/// Restores the trail of a database as far as its checkpoints in the store reach.
pub(super) async fn restore(app: &App, database: &str, made: &mut Made) -> Result<()> {
    let mut names = Vec::new();
    for folder in app.store.places().into_iter().map(|place| format!("{place}records/trail/{database}")) {
        names.extend(app.store.list(&folder).await?.into_iter().map(|name| format!("{folder}/{name}")));
    }
    // Where each segment begins; the longest first, where a crash left a shorter one beside it.
    let mut stems: BTreeMap<u64, Vec<(u64, String)>> = BTreeMap::new();
    for stem in names.iter().filter_map(|name| name.strip_suffix(".note")) {
        let mut parts = stem.rsplit('/').next().unwrap_or_default().splitn(3, '-');
        if let (Some(Ok(first)), Some(Ok(last)), Some(_)) = (parts.next().map(str::parse), parts.next().map(str::parse), parts.next()) {
            stems.entry(first).or_default().push((last, stem.to_owned()));
        }
    }
    loop {
        let head = app.index.trail_head(database).await?;
        let Some(mut next) = stems.remove(&(head.position + 1)) else { break };
        next.sort_by(|one, other| other.cmp(one));
        let mut taken = false;
        for (last, stem) in next {
            if taken {
                continue;
            }
            match segment(app, database, &stem, &head).await? {
                Ok(changes) => {
                    app.index.change(database, changes).await?;
                    made.entries += last - head.position;
                    taken = true;
                }
                Err(why) => made.unplaced(format!("{stem}.jsonl"), why),
            }
        }
        if !taken {
            break;
        }
    }
    let reached = app.index.trail_head(database).await?.position;
    for (_, stem) in stems.into_iter().filter(|(first, _)| *first > reached).flat_map(|(_, stems)| stems) {
        made.unplaced(format!("{stem}.jsonl"), format!("the trail goes only as far as entry {reached}; the segment that follows is missing"));
    }
    Ok(())
}

/// The rows of one segment, or why it is not the next one.
async fn segment(app: &App, database: &str, stem: &str, head: &TrailHead) -> Result<std::result::Result<Vec<Change>, String>> {
    let TrailHead { position, origin, hash, .. } = head;
    let position = *position;
    let [note, segment] = ["note", "jsonl"].map(|ending| format!("{stem}.{ending}"));
    let note_path: StorePath = note.parse().map_err(internal)?;
    let segment_path: StorePath = segment.parse().map_err(internal)?;
    let Some(note) = app.store.read(&note_path, NOTE).await? else { return Ok(Err("its checkpoint is missing".to_owned())) };
    let Some(lines) = app.store.read(&segment_path, SEGMENT).await? else { return Ok(Err("the segment is missing".to_owned())) };
    let (Ok(note_text), Ok(text)) = (std::str::from_utf8(&note), std::str::from_utf8(&lines)) else { return Ok(Err("it is no text".to_owned())) };
    let signed = match app.trail_key.verifier().text(note_text) {
        Ok(signed) => read(signed),
        Err(problem) => return Ok(Err(format!("its checkpoint does not count: {problem}; is the authority's folder the right one?"))),
    };
    let Some((signed_origin, end, signed_hash)) = signed else { return Ok(Err("its checkpoint does not say what it covers".to_owned())) };
    // 1. A new trail takes the name of the one that it goes on with.
    let mut hash = if position == 0 { trail_seed(&signed_origin) } else { hash.clone() };
    if position > 0 && signed_origin != *origin {
        return Ok(Err("its checkpoint is of another trail".to_owned()));
    }
    // 2. Every entry follows, and the last one is the one that was signed.
    let mut changes = Vec::new();
    let mut place = position;
    for body in text.lines() {
        place += 1;
        hash = trail_link(&hash, body)?;
        let told: crate::service::history::Told = match serde_json::from_str(body) {
            Ok(told) => told,
            Err(error) => return Ok(Err(format!("entry {place} is none of ours ({error})"))),
        };
        let cells = [("position", Cell::from(place as i64)), ("object", told.object.into()), ("body", body.into()), ("hash", hash.as_str().into())];
        changes.push(Change::Insert("trail", named(cells)));
    }
    if place != end || hash != signed_hash {
        return Ok(Err("its entries are not those that the checkpoint signed".to_owned()));
    }
    // 3. The checkpoint, its files, and the head.
    let at = app.clock.now();
    changes.push(Change::Insert("checkpoints", named([("position", (end as i64).into()), ("note", note_text.into()), ("at", at.into())])));
    for (kind, path, bytes) in [("segment", &segment_path, &lines), ("note", &note_path, &note)] {
        let cells = [
            ("store_path", Cell::from(path.as_str())),
            ("kind", kind.into()),
            ("object", database.into()),
            ("version", (end as i64).into()),
            ("sha256", crate::store::hash(bytes).as_str().into()),
            ("size", (bytes.len() as i64).into()),
            ("created_at", at.into()),
        ];
        changes.push(Change::Insert("records", named(cells)));
    }
    let head = [("origin", Cell::from(signed_origin)), ("position", (end as i64).into()), ("hash", hash.into()), ("checkpointed", (end as i64).into())];
    changes.push(Change::Update("trail_head", named([("id", Cell::Number(1))]), named(head)));
    Ok(Ok(changes))
}

fn named<const N: usize>(cells: [(&str, Cell); N]) -> Cells {
    cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()
}
