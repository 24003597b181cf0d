//! Checkpoints of the audit trail: signed notes over its newest hash, written into the store with the entries since the one before. One
//! replica at a time writes them: every minute when something is new, when the server closes, and by command.

use std::fmt::Write as _;
use std::sync::Weak;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use bytes::Bytes;

use crate::App;
use crate::error::{Result, internal};
use crate::index::{IndexError, NewCheckpoint, NewRecord, TrailHead, trail_link, trail_seed};
use crate::service::{keep, secret};

const EVERY: Duration = Duration::from_mins(1);

/// How long a closing server may take to write its last checkpoints.
const LAST: Duration = Duration::from_secs(5);

/// How long a checkpoint is in one replica's hand at most, milliseconds; the files' own lease is as long.
const LEASE: i64 = 10 * 60 * 1000;

/// Entries in one segment at most.
const SEGMENT: u32 = 5_000;

/// Writes checkpoints each minute until the app is gone.
pub async fn run(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        if let Err(error) = checkpoint(&app).await {
            tracing::warn!(%error, "the trail's checkpoint is written later");
        }
    }
}

/// The last checkpoints of a server that closes. What cannot be written now is written by the next start.
pub async fn close(app: &App) {
    match tokio::time::timeout(LAST, checkpoint(app)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the trail's last checkpoint was not written"),
        Err(_) => tracing::warn!("the trail's last checkpoint was not written in time"),
    }
}

/// Writes what is new of every database's trail; how many entries are now in the store that were not.
///
/// # Errors
/// When index or store does not answer; a trail that does not hold is not signed.
pub async fn checkpoint(app: &App) -> Result<u64> {
    let (mut written, mut failed) = (0, None);
    for database in app.index.database_names() {
        // One that is away, or whose trail does not hold, keeps the others from nothing.
        match segments(app, &database).await {
            Ok(entries) => written += entries,
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(written), Err)
}

async fn segments(app: &App, database: &str) -> Result<u64> {
    let mut written = 0;
    let mut now = app.clock.now();
    while app.index.take_checkpoint(database, now, now + LEASE).await? {
        match segment(app, database).await {
            Ok(entries) => written += entries,
            Err(error) => {
                app.index.release_checkpoint(database).await?;
                return Err(error);
            }
        }
        now = app.clock.now();
    }
    Ok(written)
}

/// The text of a checkpoint: the trail's name, how many entries it covers, and the hash of the last one.
pub fn text(origin: &str, position: u64, hash: &str) -> Result<String> {
    let hash = hex::decode(hash).map_err(internal)?;
    Ok(format!("{origin}\n{position}\n{}\n", Base64::encode_string(&hash)))
}

/// What a checkpoint's text says: name, entries, hash.
pub fn read(text: &str) -> Option<(String, u64, String)> {
    let mut lines = text.lines();
    let (origin, position, hash) = (lines.next()?, lines.next()?, lines.next()?);
    let hash = Base64::decode_vec(hash).ok().filter(|hash| hash.len() == 32)?;
    Some((origin.to_owned(), position.parse().ok()?, hex::encode(hash)))
}

async fn segment(app: &App, database: &str) -> Result<u64> {
    // 1. The entries since the checkpoint before, and the hash that they follow.
    let TrailHead { origin, checkpointed, .. } = app.index.trail_head(database).await?;
    let mut hash = match checkpointed {
        0 => trail_seed(&origin),
        position => app.index.trail(database, position - 1, 1).await?.pop().map(|row| row.hash).ok_or_else(|| broken(database, position))?,
    };
    let entries = app.index.trail(database, checkpointed, SEGMENT).await?;
    // 2. Nothing is signed that does not follow.
    let mut lines = String::new();
    let mut position = checkpointed;
    for entry in &entries {
        position += 1;
        hash = trail_link(&hash, &entry.body)?;
        if entry.position != position || entry.hash != hash {
            return Err(broken(database, position));
        }
        let _ = writeln!(lines, "{}", entry.body);
    }
    if entries.is_empty() {
        return Err(broken(database, position + 1));
    }
    // 3. Both files, then one commit.
    let note = app.trail_key.note(&text(&origin, position, &hash)?);
    let stem = format!("{:012}-{position:012}-{}", checkpointed + 1, secret::suffix()?);
    let segment = file(app, database, &stem, "jsonl", "segment", position, lines.into()).await?;
    let signed = file(app, database, &stem, "note", "note", position, note.clone().into()).await?;
    let new = NewCheckpoint { position, note, at: app.clock.now(), records: vec![segment.clone(), signed.clone()] };
    if let Err(error) = app.index.commit_checkpoint(database, new).await {
        if !matches!(error, IndexError::Unknown(_)) {
            keep::give_up_in(app, database, &segment.file).await;
            keep::give_up_in(app, database, &signed.file).await;
        }
        return Err(error.into());
    }
    Ok(entries.len() as u64)
}

async fn file(app: &App, database: &str, stem: &str, ending: &str, kind: &'static str, version: u64, bytes: Bytes) -> Result<NewRecord> {
    let file = keep::record(app, database, &["records", "trail", database, &format!("{stem}.{ending}")], bytes).await?;
    Ok(NewRecord { kind, object: database.to_owned(), version, file })
}

fn broken(database: &str, position: u64) -> crate::error::Error {
    internal(format_args!("the trail of database {database} does not hold at entry {position}; no checkpoint was signed. Run `signet fsck`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_three_lines() {
        let hash = "00".repeat(31) + "ff";
        let text = text("signet/main/ab", 12, &hash).unwrap();
        assert_eq!(text, "signet/main/ab\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8=\n");
        assert_eq!(read(&text), Some(("signet/main/ab".to_owned(), 12, hash)));
        assert_eq!(read("signet/main/ab\nx\nAAAA\n"), None);
    }
}
