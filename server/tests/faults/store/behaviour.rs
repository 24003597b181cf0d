//! Everything that must hold on every server.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use server::store::{Content, Refusal, Store, StoreError, hash};

use crate::store::world::{get, names, path, put, sample};

/// The whole of it.
pub async fn behaves(store: &Store, files: &Path) {
    store.check().await.unwrap();
    round_trip(store, files).await;
    concurrent_puts(store, files).await;
    folder_vanishes(store, files).await;
    wrong_bytes(store, files).await;
    large_files(store, files).await;
    cancelled(store, files).await;
    assert!(!names(files).iter().any(|name| name.starts_with('.')), "temporary files were left: {:?}", names(files));
}

async fn round_trip(store: &Store, files: &Path) {
    for (at, length) in [0, 1, 50_000, 3_000_000].into_iter().enumerate() {
        let bytes = sample(at as u64, length);
        let path = path(&format!("EXP/2026/11/EXP-2026-00000{at}/1-0-9f2c41d0a7b3.pdf"));
        assert_eq!(store.size(&path).await.unwrap(), None);
        put(store, &path, &bytes).await.unwrap();
        assert_eq!(fs::read(files.join(path.as_str())).unwrap(), bytes);
        assert_eq!(store.size(&path).await.unwrap(), Some(length as u64));
        assert_eq!(get(store, &path, &bytes).await.unwrap(), bytes);
        // The same again is no mistake: a caller that did not hear the answer repeats itself.
        put(store, &path, &bytes).await.unwrap();
        store.delete(&path).await.unwrap();
        store.delete(&path).await.unwrap();
        assert_eq!(store.size(&path).await.unwrap(), None);
        assert_eq!(get(store, &path, &bytes).await, Err(StoreError::Missing { path: path.clone() }));
    }
    let bytes = sample(9, 100);
    let refused = store.put(&path("input.pdf"), bytes.clone(), &hash(b"other bytes")).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Input, .. })), "{refused:?}");
    assert_eq!(store.size(&path("input.pdf")).await.unwrap(), None);
}

async fn concurrent_puts(store: &Store, files: &Path) {
    let puts = (0..24).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let (path, bytes) = (path(&format!("WO/2026/12/WO-{at}/1-0.pdf")), sample(at, 60_000));
            put(&store, &path, &bytes).await.unwrap();
            assert_eq!(get(&store, &path, &bytes).await.unwrap(), bytes);
        })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    assert_eq!(names(&files.join("WO")).len(), 24);
}

async fn folder_vanishes(store: &Store, files: &Path) {
    let bytes = sample(1, 1000);
    put(store, &path("GONE/2026/a.pdf"), &bytes).await.unwrap();
    fs::remove_dir_all(files.join("GONE")).unwrap();
    assert!(matches!(get(store, &path("GONE/2026/a.pdf"), &bytes).await, Err(StoreError::Missing { .. })));
    put(store, &path("GONE/2026/b.pdf"), &bytes).await.unwrap();
    assert_eq!(get(store, &path("GONE/2026/b.pdf"), &bytes).await.unwrap(), bytes);
}

async fn wrong_bytes(store: &Store, files: &Path) {
    let (path, bytes) = (path("BAD/one.pdf"), sample(2, 400_000));
    put(store, &path, &bytes).await.unwrap();
    let mut flipped = bytes.to_vec();
    flipped[200_000] ^= 1;
    let mut longer = bytes.to_vec();
    longer.extend_from_slice(&[b'x'; 400_000]);
    for wrong in [&flipped[..], &bytes[..399_999], &longer, b""] {
        fs::write(files.join(path.as_str()), wrong).unwrap();
        let got = get(store, &path, &bytes).await;
        assert!(matches!(got, Err(StoreError::Corrupt { .. })), "{} bytes: {got:?}", wrong.len());
    }
    fs::write(files.join(path.as_str()), &bytes).unwrap();
    assert_eq!(get(store, &path, &bytes).await.unwrap(), bytes, "after wrong bytes the store works on");
}

/// Callers go away at every moment; those who stay must never get another's answer.
async fn cancelled(store: &Store, files: &Path) {
    let (kept, bytes) = (path("CANCEL/kept.pdf"), sample(3, 20_000));
    put(store, &kept, &bytes).await.unwrap();
    for at in 0..40_u64 {
        let gone = path(&format!("CANCEL/gone-{at}.pdf"));
        let other = sample(at + 100, 500_000);
        let _ = tokio::time::timeout(Duration::from_micros(at * 400), put(store, &gone, &other)).await;
        let _ = tokio::time::timeout(Duration::from_micros(at * 90), store.size(&gone)).await;
        assert_eq!(store.size(&kept).await.unwrap(), Some(20_000));
        assert_eq!(get(store, &kept, &bytes).await.unwrap(), bytes);
        let whole = fs::read(files.join(gone.as_str()));
        assert!(whole.is_err() || whole.unwrap() == other, "a final name held a part");
    }
    // Sweep as a crash's intents would. An abandoned session may still be at its last command, so not only once.
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        for at in 0..40 {
            store.discard(&path(&format!("CANCEL/gone-{at}.pdf"))).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let left = names(&files.join("CANCEL")).into_iter().filter(|name| name.starts_with('.')).count();
        if left == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{left} temporary files stay");
    }
}

/// In from the disk and out to the disk, checked on the way; what is wrong never comes out.
async fn large_files(store: &Store, files: &Path) {
    let (path, bytes) = (path("LARGE/one.pdf"), sample(8, 5_000_001));
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    let file = std::sync::Arc::new(file);
    let (size, digest) = (bytes.len() as u64, hash(&bytes));
    store.put(&path, Content::Disk(file.clone(), size), &digest).await.unwrap();
    assert_eq!(fs::read(files.join(path.below())).unwrap(), bytes);
    let fetched = store.fetch(&path, size, &digest).await.unwrap();
    assert_eq!(fetched.size(), size);
    let mut whole = vec![0; bytes.len()];
    std::os::unix::fs::FileExt::read_exact_at(&fetched.into_file(), &mut whole, 0).unwrap();
    assert_eq!(whole, bytes);
    store.verify(&path, size, &digest).await.unwrap();

    // A file that is not the one announced is not stored; a short one neither.
    let other = hash(b"other bytes");
    let refused = store.put(&self::path("LARGE/two.pdf"), Content::Disk(file.clone(), size), &other).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Input, .. })), "{refused:?}");
    let refused = store.put(&self::path("LARGE/two.pdf"), Content::Disk(file, size + 1), &digest).await;
    assert!(matches!(refused, Err(StoreError::Local { .. })), "{refused:?}");
    assert_eq!(store.size(&self::path("LARGE/two.pdf")).await.unwrap(), None);

    let mut flipped = bytes.to_vec();
    flipped[4_000_000] ^= 1;
    for wrong in [&flipped[..], &bytes[..4_999_999]] {
        fs::write(files.join(path.below()), wrong).unwrap();
        for result in [store.fetch(&path, size, &digest).await.map(drop), store.verify(&path, size, &digest).await] {
            assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{result:?}");
        }
    }
}
