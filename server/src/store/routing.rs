//! The store as services hold it: several volumes, each file on the one its path names, new files on one that takes them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::model::Sha256;
use bytes::Bytes;
use futures::future::join_all;
use tokio::sync::Mutex;

use super::config::StoreConfig;
use super::content::Content;
use super::drain::{Drain, Drained};
use super::error::{Refusal, StoreError};
use super::hash;
use super::name::{MAIN, VolumeName};
use super::path::StorePath;
use super::receiver::Spooled;
use super::volume::Volume;

/// What a drained volume is tried with: enough to notice a disk with a few blocks left.
const TRIAL: usize = 256 * 1024;
/// How long a volume may take to say that it is there; a database has as long.
const PATIENCE: Duration = Duration::from_secs(6);

/// The volumes with their connections. Cloning shares them.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    /// By name.
    slots: Vec<Slot>,
    active: VolumeName,
    /// Where large files lie on their way out.
    spool: PathBuf,
    /// The file drained volumes are tried with; other replicas have other names.
    trial: StorePath,
}

struct Slot {
    name: VolumeName,
    volume: Volume,
    drain: Drain,
    /// One trial at a time.
    trying: Mutex<()>,
}

/// A volume, and whether new files may go there.
#[derive(Clone, Debug)]
pub struct VolumeState {
    /// Its name.
    pub name: VolumeName,
    /// Scheme, host, port and base folder.
    pub address: String,
    /// What it answered just now.
    pub answer: Result<(), StoreError>,
    /// Set while it takes no new files because one failed.
    pub drained: Option<Drained>,
}

impl VolumeState {
    /// Why new files do not go there; None when they do.
    pub fn why_not(&self) -> Option<&StoreError> {
        self.answer.as_ref().err().or(self.drained.as_ref().map(|drained| &drained.why))
    }
}

impl Store {
    /// A store of one volume, `main`. Nothing is sent before the first call; [`Self::check`] tells whether it answers.
    pub fn connect(config: &StoreConfig) -> Self {
        Self::open(vec![(VolumeName::main(), config.clone())], VolumeName::main(), std::env::temp_dir())
    }

    /// A store of several volumes; new files go to the `active` one unless told otherwise. Large files on their way out lie in the
    /// folder `spool`, without a name.
    pub fn open(volumes: Vec<(VolumeName, StoreConfig)>, active: VolumeName, spool: PathBuf) -> Self {
        let slot = |(name, config)| Slot { name, volume: Volume::new(config), drain: Drain::default(), trying: Mutex::default() };
        let mut slots: Vec<_> = volumes.into_iter().map(slot).collect();
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        Self { shared: Arc::new(Shared { slots, active, spool, trial: trial_path() }) }
    }

    /// The volumes by name.
    pub fn names(&self) -> impl Iterator<Item = &VolumeName> {
        self.shared.slots.iter().map(|slot| &slot.name)
    }

    /// Whether there is more than one volume.
    pub fn has_several(&self) -> bool {
        self.shared.slots.len() > 1
    }

    /// The volumes in the order in which a new file tries them: the `wished` one or the active one, then the others by name; those that
    /// are drained come last. Never empty.
    pub fn order(&self, wished: Option<&VolumeName>) -> Vec<VolumeName> {
        let first = wished.filter(|wished| self.names().any(|name| name == *wished)).unwrap_or(&self.shared.active);
        let mut slots: Vec<_> = self.shared.slots.iter().collect();
        // The sort is stable, so each group stays in order of name.
        slots.sort_by_key(|slot| (slot.drain.state().is_some(), slot.name != *first));
        slots.into_iter().map(|slot| slot.name.clone()).collect()
    }

    /// Stores `content` under `path`, a name that is used once and never again, on the volume that the path names.
    ///
    /// Whoever sees the final name sees the whole file, proven by size and hash. Safe to repeat. A failure drains the volume.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the content does not hash to `sha256` or the server does not allow it, [`StoreError::Full`],
    /// [`StoreError::Corrupt`] when the server keeps changing the bytes, else [`StoreError::Unavailable`] within the total limit.
    pub async fn put(&self, path: &StorePath, content: impl Into<Content>, sha256: &Sha256) -> Result<(), StoreError> {
        let slot = self.slot(path)?;
        let content = content.into();
        let limits = slot.volume.config().limits;
        let mut limit = limits.for_size(content.size());
        if self.has_several() && slot.drain.state().is_none() {
            // Another volume may take it; the caller should still be there then.
            limit /= 2;
        }
        let result = slot.volume.put(path, &content, sha256, limit).await;
        slot.note(&result);
        result
    }

    /// The file at `path`, when its size and hash are what the index recorded.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Corrupt`] when the bytes are wrong twice, else [`StoreError::Unavailable`] or
    /// [`StoreError::Refused`].
    pub async fn get(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<Bytes, StoreError> {
        self.slot(path)?.volume.get(path, size, sha256).await
    }

    /// The same for a file too large for the memory: it comes on this machine's disk, whole and checked.
    ///
    /// # Errors
    /// As [`Self::get`]; [`StoreError::Local`] when this machine's disk cannot hold it.
    pub async fn fetch(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<Spooled, StoreError> {
        self.slot(path)?.volume.fetch(path, size, sha256, &self.shared.spool).await
    }

    /// Reads the file at `path` and says whether it is what the index recorded; nothing of it is kept.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn verify(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<(), StoreError> {
        self.slot(path)?.volume.verify(path, size, sha256).await
    }

    /// The size of a file in bytes, None when there is none.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn size(&self, path: &StorePath) -> Result<Option<u64>, StoreError> {
        self.slot(path)?.volume.size(path).await
    }

    /// Removes a file; one that is gone already is fine.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is still there afterwards.
    pub async fn delete(&self, path: &StorePath) -> Result<(), StoreError> {
        self.slot(path)?.volume.delete(path).await
    }

    /// Removes what an unfinished [`Self::put`] may have left: the file and its temporary names. For the sweep.
    ///
    /// # Errors
    /// As [`Self::delete`].
    pub async fn discard(&self, path: &StorePath) -> Result<(), StoreError> {
        self.slot(path)?.volume.discard(path).await
    }

    /// Does at least one volume answer, let us in and take files?
    ///
    /// # Errors
    /// What keeps the first one from doing so.
    pub async fn check(&self) -> Result<(), StoreError> {
        let states = self.look().await;
        let mut reasons = Vec::with_capacity(states.len());
        for state in &states {
            match state.why_not() {
                None => return Ok(()),
                Some(why) => reasons.push(why.clone()),
            }
        }
        reasons.into_iter().next().map_or(Ok(()), Err)
    }

    /// Asks every volume whether it answers. One that was drained because it did not, and does now, is tried at once.
    pub async fn look(&self) -> Vec<VolumeState> {
        join_all(self.shared.slots.iter().map(|slot| async move {
            let answer = tokio::time::timeout(PATIENCE, slot.volume.check()).await;
            let answer = answer.unwrap_or_else(|_| Err(StoreError::Unavailable { cause: format!("no answer within {} seconds", PATIENCE.as_secs()) }));
            if answer.is_ok() && slot.drain.state().is_some_and(|drained| drained.why.is_transient()) {
                // One that takes its bytes slowly is tried on by `tend`.
                let _ = tokio::time::timeout(PATIENCE, self.try_out(slot)).await;
            }
            VolumeState { name: slot.name.clone(), address: slot.volume.config().address(), answer, drained: slot.drain.state() }
        }))
        .await
    }

    /// Tries each drained volume whose pause is over with a small file; how many take files again.
    pub async fn tend(&self) -> usize {
        let due = self.shared.slots.iter().filter(|slot| slot.drain.state().is_some_and(|drained| drained.next <= Instant::now()));
        join_all(due.map(|slot| self.try_out(slot))).await.into_iter().filter(|healed| *healed).count()
    }

    /// Stores and removes a small file; true when the volume takes files again.
    async fn try_out(&self, slot: &Slot) -> bool {
        let Ok(_trying) = slot.trying.try_lock() else { return false };
        let path = self.shared.trial.on(&slot.name);
        let content = Bytes::from_static(&[b'\n'; TRIAL]);
        let digest = hash(&content);
        let limit = slot.volume.config().limits.total;
        let result = slot.volume.put(&path, &content.into(), &digest, limit).await;
        // Whether it was stored or not, nothing of it may stay.
        if let Err(error) = slot.volume.discard(&path).await {
            tracing::debug!(volume = %slot.name, %error, "the trial's file was not removed; the next trial has the same name");
        }
        slot.note(&result);
        result.is_ok()
    }

    /// The volume of a path. A volume that is no longer configured keeps its files, but nobody can reach them.
    /// The volume of this name.
    pub(super) fn volume(&self, name: &str) -> Result<&Volume, StoreError> {
        let slot = self.shared.slots.iter().find(|slot| slot.name.as_str() == name);
        let cause = || format!("there is no volume {name}");
        slot.map(|slot| &slot.volume).ok_or_else(|| StoreError::Refused { refusal: Refusal::Configuration, cause: cause() })
    }

    fn slot(&self, path: &StorePath) -> Result<&Slot, StoreError> {
        let volume = path.volume();
        self.shared.slots.iter().find(|slot| slot.name.as_str() == volume).ok_or_else(|| {
            let place = if volume == MAIN { String::new() } else { format!("_{}", volume.to_ascii_uppercase()) };
            let cause = format!("{path} lies on the volume {volume}, which is not configured; set SIGNET_FTP{place}_URL");
            StoreError::Refused { refusal: Refusal::Configuration, cause }
        })
    }
}

impl Slot {
    /// Drains or heals the volume after a put.
    fn note(&self, result: &Result<(), StoreError>) {
        match result {
            Ok(()) => {
                if self.drain.heal() {
                    tracing::info!(volume = %self.name, "the volume takes new files again");
                }
            }
            Err(error) if error.is_of_volume() => {
                if self.drain.fail(error.clone(), self.volume.config().limits.pause) {
                    tracing::warn!(volume = %self.name, %error, "the volume takes no new files for now");
                }
            }
            Err(_) => {}
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shared.slots.iter().map(|slot| (slot.name.as_str(), slot.volume.config()))).finish()
    }
}

/// `signet-trial-1a2b3c4d.bin` in the base folder.
fn trial_path() -> StorePath {
    let mut random = [0; 4];
    // Without randomness two replicas at worst disturb each other's trial, which is then repeated.
    let _ = getrandom::fill(&mut random);
    StorePath::new([format!("signet-trial-{}.bin", hex::encode(random))]).expect("letters, digits and dashes")
}
