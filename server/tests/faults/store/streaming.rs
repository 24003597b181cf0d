//! Large files pass through little memory: measured from outside, in a process that does nothing else.

use std::io::Write as _;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use server::store::{Content, EmbeddedServer, Store, StoreConfig, hash};
use sha2::{Digest, Sha256};
use support::vsftpd::Vsftpd;

use crate::store::world::{path, sample};

const SIZE: u64 = 200 << 20;
/// Most memory that a process may have held, for everything, in KiB.
const MOST: u64 = 64 << 10;

#[test]
fn two_hundred_megabytes_pass_through_the_embedded_server_in_little_memory() {
    measure(&[]);
}

#[test]
fn two_hundred_megabytes_pass_through_vsftpd_in_little_memory() {
    for tls in [false, true] {
        let Some(server) = Vsftpd::start(tls, &[]) else { return };
        let authority = server.authority().unwrap_or_default();
        measure(&[("SIGNET_TEST_URL", server.url()), ("SIGNET_TEST_CA", authority.display().to_string())]);
    }
}

/// Runs [`passes`] in a process of its own and reads how much memory that had at most.
fn measure(environment: &[(&str, String)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    // A test is called by its path without the crate.
    let passes = module_path!().split_once("::").expect("a path").1.to_owned() + "::passes";
    command.args(["--exact", &passes, "--ignored", "--nocapture"]).envs(environment.iter().map(|(name, value)| (*name, value)));
    let output = command.env("SIGNET_TEST_PASSES", "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let peak: u64 = text.lines().find_map(|line| line.split_once("peak KiB ")?.1.trim().parse().ok()).expect("the process says what it needed");
    println!("200 MB in and out: {} MiB at most", peak >> 10);
    assert!(peak < MOST, "{peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above in a process of its own"]
async fn passes() {
    if std::env::var_os("SIGNET_TEST_PASSES").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_embedded, store) = match std::env::var("SIGNET_TEST_URL") {
        Ok(url) => {
            let authority = std::env::var_os("SIGNET_TEST_CA").filter(|path| !path.is_empty()).map(PathBuf::from);
            (None, Store::connect(&StoreConfig::parse(&url, authority.as_deref()).unwrap()))
        }
        Err(_) => {
            let server = EmbeddedServer::start(&folder.path().join("files")).await.unwrap();
            let store = Store::connect(&server.config());
            (Some(server), store)
        }
    };
    // A file that no piece of it resembles another.
    let mut file = tempfile::tempfile_in(folder.path()).unwrap();
    let mut digest = Sha256::new();
    for at in 0..SIZE >> 20 {
        let piece = sample(at, 1 << 20);
        digest.update(&piece);
        file.write_all(&piece).unwrap();
    }
    let digest = hex::encode(digest.finalize()).parse().unwrap();
    let path = path("LARGE/2026/one.pdf");
    store.put(&path, Content::Disk(Arc::new(file), SIZE), &digest).await.unwrap();
    store.verify(&path, SIZE, &digest).await.unwrap();
    let fetched = store.fetch(&path, SIZE, &digest).await.unwrap().into_file();
    for at in [0, 77, (SIZE >> 20) - 1] {
        let mut piece = vec![0; 1 << 20];
        fetched.read_exact_at(&mut piece, at << 20).unwrap();
        assert_eq!(hash(&piece), hash(&sample(at, 1 << 20)));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB").to_owned();
    println!("\npeak KiB {peak}");
}
