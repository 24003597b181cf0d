//! What the tests of the store share.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use server::store::{EmbeddedServer, Store, StoreConfig, StoreError, StorePath, hash};
use support::vsftpd::Vsftpd;
use tempfile::TempDir;

/// Bytes that an ASCII transfer would change, different for each seed.
pub fn sample(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if state >> 61 == 0 { b'\n' } else { (state >> 33) as u8 }
    };
    (0..length).map(byte).collect()
}

pub fn path(text: &str) -> StorePath {
    text.parse().unwrap()
}

pub async fn put(store: &Store, path: &StorePath, bytes: &Bytes) -> Result<(), StoreError> {
    store.put(path, bytes.clone(), &hash(bytes)).await
}

pub async fn get(store: &Store, path: &StorePath, bytes: &Bytes) -> Result<Bytes, StoreError> {
    store.get(path, bytes.len() as u64, &hash(bytes)).await
}

/// Every file below `folder`, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(self::names(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names
}

pub async fn embedded() -> (EmbeddedServer, Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedServer::start(folder.path()).await.unwrap();
    let store = Store::connect(&server.config());
    (server, store, folder)
}

pub fn store_of(server: &Vsftpd) -> Store {
    Store::connect(&StoreConfig::parse(&server.url(), server.authority().as_deref()).unwrap())
}

/// A store on one server, and where that keeps its files.
pub fn store(url: &str, authority: Option<&Path>) -> Store {
    Store::connect(&StoreConfig::parse(url, authority).unwrap())
}
