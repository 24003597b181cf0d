//! What "file first, then one commit" needs of the world around it: files, intents, time, chance.
//!
//! The server's own parts are one such world. The simulation of the tests is another, where replies get lost, actors die between two
//! steps, and clocks jump; both run the very same protocol of `keep` and `sweep`.

use std::future::Future;

use app::model::{Sha256, TypeCode};
use bytes::Bytes;

use crate::App;
use crate::error::{Result, internal};
use crate::index::{Index, IndexError, IntentRow, NewFile, NewIntent, new_id};
use crate::service::{catalog, secret};
use crate::store::{Store, StoreError, StorePath, VolumeName};

/// Everything the protocol touches.
pub trait World: Sync {
    /// Where files are.
    type Files: Files;
    /// Where intents are.
    type Intents: Intents;

    /// Where files are.
    fn files(&self) -> &Self::Files;
    /// Where intents are.
    fn intents(&self) -> &Self::Intents;
    /// Unix time in milliseconds.
    fn now(&self) -> i64;
    /// A row id never given before.
    fn id(&self) -> String;
    /// The end of a stored file's name, never given before.
    fn suffix(&self) -> Result<String>;
    /// The volume that the type names, asked only where there is a choice.
    fn wished(&self, code: &TypeCode) -> impl Future<Output = Result<Option<VolumeName>>> + Send;
    /// The SHA-256 of a file, computed where it holds nobody up.
    fn digest(&self, bytes: Bytes) -> impl Future<Output = Result<Sha256>> + Send;
}

/// A store of whole files under names used once.
pub trait Files: Sync {
    /// The volumes to try for a new file, in order; at least one.
    fn order(&self, wished: Option<&VolumeName>) -> Vec<VolumeName>;
    /// Stores a file; its final name only ever holds the whole bytes.
    fn put(&self, path: &StorePath, bytes: Bytes, sha256: &Sha256) -> impl Future<Output = std::result::Result<(), StoreError>> + Send;
    /// Removes a file and what an unfinished `put` may have left.
    fn discard(&self, path: &StorePath) -> impl Future<Output = std::result::Result<(), StoreError>> + Send;
}

/// The rows that say what is about to become true (see `index::intents`).
pub trait Intents: Sync {
    /// Announces a file.
    fn begin_intent(&self, code: &TypeCode, new: NewIntent) -> impl Future<Output = std::result::Result<(), IndexError>> + Send;
    /// Gives an intent up: no commit can name its file from now on.
    fn abandon_intent(&self, code: &TypeCode, file: &NewFile, at: i64) -> impl Future<Output = std::result::Result<(), IndexError>> + Send;
    /// Gives up what is over and gives what was given up.
    fn expired_intents(&self, now: i64, limit: u32) -> impl Future<Output = std::result::Result<Vec<IntentRow>, IndexError>> + Send;
    /// Puts an intent that was given up behind others: its file cannot be removed now.
    fn postpone_intent(&self, database: &str, id: &str, until: i64) -> impl Future<Output = std::result::Result<(), IndexError>> + Send;
    /// Whether a document's row names this path.
    fn path_in_use(&self, database: &str, path: &str) -> impl Future<Output = std::result::Result<bool, IndexError>> + Send;
    /// Notes that the file of a given-up intent was removed.
    fn swept_intent(&self, database: &str, id: &str, now: i64) -> impl Future<Output = std::result::Result<(), IndexError>> + Send;
}

impl World for App {
    type Files = Store;
    type Intents = Index;

    fn files(&self) -> &Store {
        &self.store
    }

    fn intents(&self) -> &Index {
        &self.index
    }

    fn now(&self) -> i64 {
        self.clock.now()
    }

    fn id(&self) -> String {
        new_id()
    }

    fn suffix(&self) -> Result<String> {
        secret::suffix()
    }

    async fn wished(&self, code: &TypeCode) -> Result<Option<VolumeName>> {
        if !self.store.has_several() {
            return Ok(None);
        }
        let volume = catalog::known(self, code).await?.and_then(|known| known.definition.volume);
        Ok(volume.and_then(|volume| volume.parse().ok()))
    }

    async fn digest(&self, bytes: Bytes) -> Result<Sha256> {
        // So few that another thread would cost more.
        if bytes.len() <= 128 << 10 {
            return Ok(secret::file_digest(&bytes));
        }
        tokio::task::spawn_blocking(move || secret::file_digest(&bytes)).await.map_err(internal)
    }
}

impl Files for Store {
    fn order(&self, wished: Option<&VolumeName>) -> Vec<VolumeName> {
        Store::order(self, wished)
    }

    async fn put(&self, path: &StorePath, bytes: Bytes, sha256: &Sha256) -> std::result::Result<(), StoreError> {
        Store::put(self, path, bytes, sha256).await
    }

    async fn discard(&self, path: &StorePath) -> std::result::Result<(), StoreError> {
        Store::discard(self, path).await
    }
}

impl Intents for Index {
    async fn begin_intent(&self, code: &TypeCode, new: NewIntent) -> std::result::Result<(), IndexError> {
        Index::begin_intent(self, code, new).await
    }

    async fn abandon_intent(&self, code: &TypeCode, file: &NewFile, at: i64) -> std::result::Result<(), IndexError> {
        Index::abandon_intent(self, code, file, at).await
    }

    async fn expired_intents(&self, now: i64, limit: u32) -> std::result::Result<Vec<IntentRow>, IndexError> {
        Index::expired_intents(self, now, limit).await
    }

    async fn postpone_intent(&self, database: &str, id: &str, until: i64) -> std::result::Result<(), IndexError> {
        Index::postpone_intent(self, database, id, until).await
    }

    async fn path_in_use(&self, database: &str, path: &str) -> std::result::Result<bool, IndexError> {
        Index::path_in_use(self, database, path).await
    }

    async fn swept_intent(&self, database: &str, id: &str, now: i64) -> std::result::Result<(), IndexError> {
        Index::swept_intent(self, database, id, now).await
    }
}
