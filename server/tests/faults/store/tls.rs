//! TLS: never without it where it is asked for, never with a stranger.

use server::store::{Refusal, Store, StoreConfig, StoreError};
use support::machine;
use support::vsftpd::Vsftpd;

use crate::store::world::{path, put, sample};

#[tokio::test(flavor = "multi_thread")]
async fn tls_fails_closed() {
    let Some(secure) = Vsftpd::start(true, &[]) else { return };
    let Some(plain) = Vsftpd::start(false, &[]) else { return };
    let other = tempfile::tempdir().unwrap();
    machine::make_certificates(other.path());
    let stranger = other.path().join("ca.pem");
    let no_tls = plain.url().replace("ftp://", "ftps://");
    for (url, authority) in [(secure.url(), &stranger), (no_tls, &stranger)] {
        let store = Store::connect(&StoreConfig::parse(&url, Some(authority)).unwrap());
        for refused in [store.check().await, put(&store, &path("a.pdf"), &sample(1, 10)).await] {
            assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Tls, .. })), "{refused:?}");
        }
    }
    // And the plain way in is closed on the server that demands TLS: nothing was sent there by mistake.
    let url = secure.url().replace("ftps://", "ftp://");
    let refused = Store::connect(&StoreConfig::parse(&url, None).unwrap()).check().await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_names_the_server_and_has_not_ended() {
    for (names, days) in [("DNS:files.example.org", "2"), ("DNS:localhost", "-1")] {
        let own = tempfile::tempdir().unwrap();
        machine::certificates(own.path(), names, days);
        let both = own.path().join("both.pem");
        let more = [format!("rsa_cert_file={}", both.display()), format!("rsa_private_key_file={}", both.display())];
        let Some(server) = Vsftpd::start(true, &[&more[0], &more[1]]) else { return };
        let store = Store::connect(&StoreConfig::parse(&server.url(), Some(&own.path().join("ca.pem"))).unwrap());
        for refused in [store.check().await, put(&store, &path("a.pdf"), &sample(1, 10)).await] {
            assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Tls, .. })), "{names} {days}: {refused:?}");
        }
        assert!(!server.files().exists(), "nothing was sent");
    }
}
