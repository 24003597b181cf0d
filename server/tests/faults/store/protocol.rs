//! What goes over the line: encryption before the password, binary before data, and data only to the server itself.

use server::store::{Store, StoreConfig, StoreError};
use support::machine;
use support::scripted::{At, Fault, How, Scripted};

use crate::store::world::{get, path, put, sample};

async fn round_trip(store: &Store) {
    let (path, bytes) = (path("EXP/2026/a.pdf"), sample(1, 70_000));
    put(store, &path, &bytes).await.unwrap();
    assert_eq!(get(store, &path, &bytes).await.unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_are_these_and_no_others() {
    let (folder, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    machine::make_certificates(own.path());
    for secure in [false, true] {
        let server = Scripted::start(folder.path()).await;
        server.certify(own.path());
        let scheme = if secure { "ftps" } else { "ftp" };
        let url = format!("{scheme}://user:word@localhost:{}/base", server.port);
        round_trip(&Store::connect(&StoreConfig::parse(&url, Some(&own.path().join("ca.pem"))).unwrap())).await;
        let heard = server.heard();
        let verbs: Vec<&str> = heard.iter().map(|line| line.split(' ').next().unwrap()).collect();
        let entry: &[&str] = if secure { &["AUTH", "PBSZ", "PROT", "USER", "PASS", "TYPE"] } else { &["USER", "PASS", "TYPE"] };
        assert_eq!(&verbs[..entry.len()], entry, "nothing is said before it is encrypted");
        assert!(!secure || heard[..3] == ["AUTH TLS", "PBSZ 0", "PROT P"], "{heard:?}");
        assert!(heard.contains(&"TYPE I".to_owned()));
        // Extended passive mode takes no address from the server and gives none to it.
        assert!(verbs.contains(&"EPSV") && !verbs.iter().any(|verb| ["PASV", "PORT", "EPRT", "CCC"].contains(verb)), "{verbs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_goes_to_no_other_machine_that_the_server_names() {
    let folder = tempfile::tempdir().unwrap();
    let server = Scripted::start(folder.path()).await;
    let store = Store::connect(&StoreConfig::parse(&format!("ftp://user:word@127.0.0.1:{}/", server.port), None).unwrap());
    round_trip(&store).await;
    // An answer with an address in it is no answer, and the way to an address that PASV gives is not asked for.
    server.set(Some(Fault { at: At::Command("EPSV"), how: How::Elsewhere, times: u32::MAX }), false);
    let refused = put(&store, &path("EXP/b.pdf"), &sample(2, 100)).await;
    assert!(matches!(&refused, Err(StoreError::Unavailable { cause }) if cause.starts_with("229")), "{refused:?}");
    assert!(server.set(None, false) > 0 && !server.heard().iter().any(|line| line.starts_with("PASV")));
    round_trip(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_need_not_say_what_it_can_do() {
    let folder = tempfile::tempdir().unwrap();
    let server = Scripted::start(folder.path()).await;
    let config = StoreConfig::parse(&format!("ftp://user:word@127.0.0.1:{}/", server.port), None).unwrap();
    server.set(Some(Fault { at: At::Command("FEAT"), how: How::Say("500 unknown\r\n"), times: u32::MAX }), false);
    round_trip(&Store::connect(&config)).await;
    assert_eq!(server.set(Some(Fault { at: At::Command("FEAT"), how: How::Endless("211-and this\r\n"), times: u32::MAX }), true), 1, "it is asked once");
    let store = Store::connect(&config);
    let refused = put(&store, &path("EXP/b.pdf"), &sample(2, 100)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    server.set(None, false);
    round_trip(&store).await;
}
