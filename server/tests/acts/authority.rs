//! The certificate authority: made once, opened again, refused when something does not fit, rolled over, certified from outside, and judged
//! by OpenSSL.

mod levels;
mod world;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use server::ca::AuthorityError;

use world::{Folder, NOW, key_file};

#[test]
fn an_authority_is_made_once_and_opened_again() {
    for passphrase in [None, Some("correct horse")] {
        let folder = Folder::new();
        let first = folder.open(passphrase).unwrap();
        let again = folder.open(passphrase).unwrap();
        assert_eq!((first.issuing(), first.anchors()), (again.issuing(), again.anchors()));
        assert_eq!(pades::certificates_from_pem(&first.certificate_pem()).unwrap(), [first.anchors()[0].clone(), first.issuing().to_vec()]);
        for key in [folder.path("root.key"), key_file(&folder, first.mark())] {
            assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::read_to_string(&key).unwrap().contains("ENCRYPTED"), passphrase.is_some());
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_repaired() {
    let (locked, plain) = (Folder::new(), Folder::new());
    let mark = locked.open(Some("correct horse")).unwrap().mark().to_owned();
    assert!(matches!(locked.open(Some("wrong")), Err(AuthorityError::PassphraseWrong(_))));
    assert!(matches!(locked.open(None), Err(AuthorityError::PassphraseMissing(_))));
    let own = plain.open(None).unwrap().mark().to_owned();
    assert!(matches!(plain.open(Some("any")), Err(AuthorityError::NotEncrypted(_))));
    assert!(matches!(plain.open(Some("")), Err(AuthorityError::PassphraseEmpty)));
    let key = key_file(&plain, &own);
    let kept = fs::read(&key).unwrap();
    fs::copy(plain.path("root.key"), &key).unwrap();
    assert!(matches!(plain.open(None), Err(AuthorityError::Mismatch(_))));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(plain.open(None), Err(AuthorityError::Exposed(_))));
    fs::write(&key, "nonsense").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(plain.open(None), Err(AuthorityError::Unreadable(..))));
    fs::remove_file(&key).unwrap();
    assert!(matches!(plain.open(None), Err(AuthorityError::Missing(_))));
    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(plain.open(None).is_ok());
    fs::remove_file(plain.path("issuing-1.pem")).unwrap();
    assert!(matches!(plain.open(None), Err(AuthorityError::Missing(_))));
    fs::remove_file(key_file(&locked, &mark)).unwrap();
    assert!(matches!(locked.open(Some("correct horse")), Err(AuthorityError::Missing(_))));
}

#[test]
fn it_starts_without_the_root_key_and_keeps_its_list_current_with_it() {
    let folder = Folder::new();
    let made = folder.open(None).unwrap();
    let until = made.root_crl_until().unwrap().unwrap();
    assert_eq!(until, NOW + 365 * 86_400);
    let away = folder.path("root.key.away");
    fs::rename(folder.path("root.key"), &away).unwrap();
    let later = folder.open_at(None, NOW + 40 * 86_400).unwrap();
    assert_eq!(later.root_crl_until().unwrap(), Some(until));
    assert!(matches!(folder.rollover(None, NOW), Err(AuthorityError::RootAway(_))));
    assert_eq!(later.issuing(), folder.open(None).unwrap().issuing());
    fs::rename(away, folder.path("root.key")).unwrap();
    let later = folder.open_at(None, NOW + 40 * 86_400).unwrap();
    assert_eq!(later.root_crl_until().unwrap(), Some(until + 40 * 86_400));
}

/// In years, when the root's key is needed, it would be too late to notice.
#[test]
fn what_lies_in_the_place_of_the_root_key_must_be_it() {
    for passphrase in [None, Some("correct horse")] {
        let (folder, other) = (Folder::new(), Folder::new());
        folder.open(passphrase).unwrap();
        other.open(None).unwrap();
        let key = folder.path("root.key");
        let kept = fs::read(&key).unwrap();
        for junk in [b"junk".to_vec(), fs::read(folder.path("root.pem")).unwrap(), fs::read(other.path("root.key")).unwrap()] {
            fs::write(&key, junk).unwrap();
            assert!(matches!(folder.open(passphrase), Err(AuthorityError::Unreadable(..) | AuthorityError::Mismatch(_))));
        }
        fs::write(&key, kept).unwrap();
        assert!(folder.open(passphrase).is_ok());
    }
}

#[test]
fn the_passphrase_is_set_changed_and_taken_off() {
    let folder = Folder::new();
    let made = folder.open(None).unwrap();
    let change = |old, new| server::ca::change_passphrase(&folder.ca(), old, new);
    assert_eq!(change(None, Some("first")).unwrap().len(), 2);
    assert_eq!(folder.open(Some("first")).unwrap().issuing(), made.issuing());
    assert!(matches!(change(None, Some("second")), Err(AuthorityError::PassphraseWrong(_))));
    assert!(matches!(change(Some("guess"), Some("second")), Err(AuthorityError::PassphraseWrong(_))));
    assert!(folder.open(Some("first")).is_ok());
    assert_eq!(change(Some("first"), Some("second")).unwrap().len(), 2);
    assert!(matches!(folder.open(Some("first")), Err(AuthorityError::PassphraseWrong(_))));
    // A run that was cut short is finished by the next one.
    assert_eq!(change(Some("first"), Some("second")).unwrap().len(), 0);
    assert_eq!(change(Some("second"), None).unwrap().len(), 2);
    assert_eq!(folder.open(None).unwrap().issuing(), made.issuing());
    assert!(matches!(change(None, Some("")), Err(AuthorityError::PassphraseEmpty)));
    assert!(folder.files().iter().all(|name| !name.contains(".new")));
}
