//! The certificate authority: made once, opened again, refused when something does not fit, and judged by OpenSSL.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use server::ca::{Authority, AuthorityError, Revocation, new_serial};

const NOW: i64 = 1_795_392_000;

fn open(folder: &Path, passphrase: Option<&str>) -> Result<Authority, AuthorityError> {
    Authority::open(folder, passphrase, "https://signet.example", NOW)
}

fn request() -> pades::Request {
    let key = SigningKey::from_slice(&[2; 32]).unwrap();
    let info = pades::request_info("Nobody", key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    let signature: Signature = key.sign(&info);
    pades::check_request(&pades::request(&info, &signature.to_bytes().into()).unwrap()).unwrap()
}

#[test]
fn an_authority_is_made_once_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    for passphrase in [None, Some("correct horse")] {
        let ca = folder.path().join(if passphrase.is_some() { "locked" } else { "plain" });
        let first = open(&ca, passphrase).unwrap();
        let again = open(&ca, passphrase).unwrap();
        assert_eq!(first.certificate(), again.certificate());
        assert_eq!(fs::metadata(ca.join("ca.key")).unwrap().permissions().mode() & 0o777, 0o600);
        let pem = fs::read_to_string(ca.join("ca.key")).unwrap();
        assert_eq!(pem.contains("ENCRYPTED"), passphrase.is_some());
    }
    let locked = folder.path().join("locked");
    assert!(matches!(open(&locked, Some("wrong")), Err(AuthorityError::PassphraseWrong(_))));
    assert!(matches!(open(&locked, None), Err(AuthorityError::PassphraseMissing(_))));
    let plain = folder.path().join("plain");
    assert!(matches!(open(&plain, Some("any")), Err(AuthorityError::NotEncrypted(_))));
    assert!(matches!(open(&plain, Some("")), Err(AuthorityError::PassphraseEmpty)));
    fs::copy(locked.join("ca.pem"), plain.join("ca.pem")).unwrap();
    assert!(matches!(open(&plain, None), Err(AuthorityError::Mismatch(_))));
    fs::remove_file(plain.join("ca.pem")).unwrap();
    assert!(matches!(open(&plain, None), Err(AuthorityError::Missing(_))));
    fs::set_permissions(plain.join("ca.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open(&plain, None), Err(AuthorityError::Exposed(_))));
    fs::write(plain.join("ca.key"), "nonsense").unwrap();
    fs::set_permissions(plain.join("ca.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(open(&plain, None), Err(AuthorityError::Unreadable(..))));
}

#[test]
fn what_it_issues_holds_for_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let authority = open(&folder.path().join("ca"), None).unwrap();
    let serial = new_serial().unwrap();
    let der = authority.issue(&request(), "王小明", "ming", "C00042", &serial, NOW).unwrap();
    let certificate = pades::Certificate::read(&der).unwrap();
    assert_eq!((certificate.common_name().as_str(), certificate.serial()), ("王小明", &serial[..]));
    assert_eq!(pades::certificates_from_pem(&authority.chain_pem(&der).unwrap()).unwrap().len(), 2);
    let revoked = Revocation { serial: serial.to_vec(), at: NOW, reason: "keyCompromise".to_owned() };
    let list = authority.crl(&[revoked], NOW).unwrap();
    assert!(authority.crl(&[], NOW).unwrap().len() < list.len());
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (root, own, crl) = (write("root.pem", authority.certificate_pem().as_bytes()), write("own.der", &der), write("crl.der", &list));
    let time = NOW.to_string();
    let verified = Command::new("openssl").args(["verify", "-x509_strict", "-attime", &time, "-CAfile", &root, &own]).output();
    let Ok(verified) = verified else { return println!("skipped: openssl is not installed") };
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let listed = Command::new("openssl").args(["crl", "-inform", "DER", "-in", &crl, "-CAfile", &root, "-noout", "-text"]).output().unwrap();
    let text = String::from_utf8_lossy(&listed.stdout).into_owned() + &String::from_utf8_lossy(&listed.stderr);
    assert!(text.contains("verify OK") && text.contains("Key Compromise"), "{text}");
}
