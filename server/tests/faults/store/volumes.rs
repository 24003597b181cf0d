//! Several volumes: each file where its path says, new ones where there is room.

use std::time::Duration;

use server::store::{EmbeddedServer, Limits, Refusal, Store, StoreConfig, StoreError, VolumeName};
use tempfile::TempDir;

use crate::store::world::{get, names, path, put, sample};

fn name(text: &str) -> VolumeName {
    text.parse().unwrap()
}

/// Short limits: a volume that is away is known to be so at once, and tried again soon.
fn limits() -> Limits {
    Limits { pause: Duration::from_millis(50), ..Limits::patient(Duration::from_secs(2)) }
}

struct Two {
    store: Store,
    folders: [TempDir; 2],
    servers: [Option<EmbeddedServer>; 2],
}

async fn two(active: &str) -> Two {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let servers = [EmbeddedServer::start(folders[0].path()).await.unwrap(), EmbeddedServer::start(folders[1].path()).await.unwrap()];
    let volumes = ["main", "archive2"].into_iter().zip(&servers).map(|(volume, server)| (name(volume), server.config().with_limits(limits()))).collect();
    Two { store: Store::open(volumes, name(active), std::env::temp_dir()), folders, servers: servers.map(Some) }
}

fn order(store: &Store, wished: Option<&str>) -> Vec<String> {
    store.order(wished.map(name).as_ref()).iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_lies_on_the_volume_that_its_path_names() {
    let Two { store, folders, servers: _servers } = two("main").await;
    let (here, there, bytes) = (path("EXP/a.pdf"), path("archive2:EXP/a.pdf"), sample(1, 3000));
    put(&store, &there, &bytes).await.unwrap();
    assert_eq!((names(folders[0].path()).len(), names(folders[1].path())), (0, vec!["a.pdf".to_owned()]));
    assert_eq!(get(&store, &there, &bytes).await.unwrap(), bytes);
    assert_eq!(get(&store, &here, &bytes).await, Err(StoreError::Missing { path: here.clone() }));
    put(&store, &here, &bytes).await.unwrap();
    store.delete(&there).await.unwrap();
    assert_eq!((store.size(&here).await.unwrap(), store.size(&there).await.unwrap()), (Some(3000), None));
    let unknown = put(&store, &path("archive9:EXP/a.pdf"), &bytes).await;
    assert!(
        matches!(&unknown, Err(StoreError::Refused { refusal: Refusal::Configuration, cause }) if cause.contains("SIGNET_FTP_ARCHIVE9_URL")),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_try_the_wished_volume_then_the_active_one_then_the_others() {
    let two = two("archive2").await;
    assert_eq!(order(&two.store, None), ["archive2", "main"]);
    assert_eq!(order(&two.store, Some("main")), ["main", "archive2"]);
    assert_eq!(order(&two.store, Some("gone")), ["archive2", "main"], "a volume that is no longer configured is nobody's wish");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_volume_is_drained_and_comes_back_by_itself() {
    let Two { store, folders, mut servers } = two("main").await;
    let bytes = sample(2, 2000);
    put(&store, &path("EXP/a.pdf"), &bytes).await.unwrap();
    // A file where a folder would be: the volume can be read and takes nothing new.
    std::fs::write(folders[0].path().join("WO"), b"in the way").unwrap();
    let refused = put(&store, &path("WO/a.pdf"), &bytes).await.unwrap_err();
    assert!(refused.is_of_volume(), "{refused:?}");
    assert_eq!(order(&store, None), ["archive2", "main"]);
    assert_eq!(order(&store, Some("main")), ["archive2", "main"], "a wish does not bring files to a drained volume");
    assert_eq!(get(&store, &path("EXP/a.pdf"), &bytes).await.unwrap(), bytes, "it is still read");
    let states = store.look().await;
    let told: Vec<_> = states.iter().map(|state| (state.name.as_str(), state.answer.is_ok(), state.why_not().map(StoreError::kind))).collect();
    assert_eq!(told, [("archive2", true, None), ("main", true, Some(refused.kind()))]);
    store.check().await.unwrap();
    assert_eq!(store.tend().await, 0, "its pause is not over");
    tokio::time::sleep(limits().pause).await;
    assert_eq!(store.tend().await, 1, "a trial file goes in, so it takes files");
    assert_eq!(order(&store, None), ["main", "archive2"]);
    let mut left = names(folders[0].path());
    left.sort();
    assert_eq!(left, ["WO", "a.pdf"], "nothing of the trial stays");

    // The whole server goes away; the other one goes on.
    servers[0].take().unwrap().stop().await;
    assert!(matches!(put(&store, &path("EXP/b.pdf"), &bytes).await, Err(StoreError::Unavailable { .. })));
    assert_eq!(order(&store, None)[0], "archive2");
    put(&store, &path("archive2:EXP/b.pdf"), &bytes).await.unwrap();
    store.check().await.unwrap();
    servers[1].take().unwrap().stop().await;
    assert!(matches!(store.check().await, Err(StoreError::Unavailable { .. })), "no volume takes files");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_volume_a_failure_hinders_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedServer::start(folder.path()).await.unwrap();
    let store = Store::connect(&StoreConfig::with_limits(server.config(), limits()));
    let bytes = sample(3, 2000);
    std::fs::write(folder.path().join("WO"), b"in the way").unwrap();
    put(&store, &path("WO/a.pdf"), &bytes).await.unwrap_err();
    assert_eq!(order(&store, None), ["main"]);
    put(&store, &path("EXP/a.pdf"), &bytes).await.unwrap();
    assert!(store.look().await[0].why_not().is_none(), "a file that went in ends the drain");
}
