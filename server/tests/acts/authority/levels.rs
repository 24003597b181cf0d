//! Root and issuing levels: what they issue holds for OpenSSL, before and after a rollover, below an outside authority, and in folders from
//! before there were levels.

use std::fs;

use server::ca::{AuthorityError, Revocation};

use crate::authority::world::{Folder, NOW, block, judged, openssl, person, self_signed, single};

#[test]
fn what_it_issues_holds_for_openssl_until_it_is_revoked() {
    let folder = Folder::new();
    let authority = folder.open(None).unwrap();
    let (der, serial) = person(&authority, NOW);
    let certificate = pades::Certificate::read(&der).unwrap();
    assert_eq!((certificate.common_name().as_str(), certificate.serial()), ("王小明", &serial[..]));
    let chain = pades::certificates_from_pem(&authority.chain_pem(&der).unwrap()).unwrap();
    assert_eq!(chain, [der.clone(), authority.issuing().to_vec()]);
    let good = judged(&folder, &authority, &der, &authority.crls(&[], NOW).unwrap(), NOW);
    assert!(good.0, "{}", good.1);
    for (reason, shown) in [
        ("keyCompromise", Some("Key Compromise")),
        ("superseded", Some("Superseded")),
        ("cessationOfOperation", Some("Cessation Of Operation")),
        ("affiliationChanged", Some("Affiliation Changed")),
        ("privilegeWithdrawn", Some("Privilege Withdrawn")),
        ("lost on the train", None),
    ] {
        let revoked = Revocation { serial: serial.to_vec(), issuer: authority.mark().to_owned(), at: NOW, reason: reason.to_owned() };
        let list = authority.crl(std::slice::from_ref(&revoked), NOW).unwrap();
        let (file, issuer) = (folder.write("one.crl", &list), folder.write("issuing.pem", block("CERTIFICATE", authority.issuing())));
        let (_, text) = openssl(&["crl", "-inform", "DER", "-in", &file, "-verify", "-CAfile", &issuer, "-noout", "-text"]);
        assert!(text.contains("verify OK") && text.to_uppercase().contains(&hex::encode(serial).to_uppercase()), "{text}");
        assert!(shown.map_or(!text.contains("Reason Code"), |shown| text.contains(shown)), "{reason}: {text}");
        let bad = judged(&folder, &authority, &der, &authority.crls(&[revoked], NOW).unwrap(), NOW);
        assert!(!bad.0 && bad.1.contains("certificate revoked"), "{}", bad.1);
    }
    // Another level's revocations are none of this one's, and the list of nobody's level is not there.
    let foreign = Revocation { serial: serial.to_vec(), issuer: "ffff".to_owned(), at: NOW, reason: "superseded".to_owned() };
    assert!(judged(&folder, &authority, &der, &authority.crls(&[foreign], NOW).unwrap(), NOW).0);
    assert!(authority.crl_of("ffff", &[], NOW).unwrap().is_none());
    assert_eq!(authority.crl_of(authority.mark(), &[], NOW).unwrap().unwrap().len(), authority.named_crl(&[], NOW).unwrap().len());
}

#[test]
fn after_a_rollover_both_levels_hold_and_each_signs_its_own_list() {
    let folder = Folder::new();
    let before = folder.open(None).unwrap();
    let (old, old_serial) = person(&before, NOW);
    let pem = folder.rollover(None, NOW + 60).unwrap();
    let after = folder.open(None).unwrap();
    assert_eq!(pades::certificates_from_pem(&pem).unwrap(), [after.issuing().to_vec()]);
    assert_ne!(before.issuing(), after.issuing());
    assert_eq!((before.anchors(), after.intermediates()), (after.anchors(), vec![after.issuing().to_vec(), before.issuing().to_vec()]));
    let (new, _) = person(&after, NOW + 60);
    assert_eq!((after.issuer_of(&old), after.issuer_of(&new)), (Some(before.issuing()), Some(after.issuing())));
    let revoked = [Revocation { serial: old_serial.to_vec(), issuer: before.mark().to_owned(), at: NOW, reason: "keyCompromise".to_owned() }];
    let (none, lists) = (after.crls(&[], NOW + 60).unwrap(), after.crls(&revoked, NOW + 60).unwrap());
    for (der, lists, holds) in [(&old, &none, true), (&new, &none, true), (&old, &lists, false), (&new, &lists, true)] {
        let verdict = judged(&folder, &after, der, lists, NOW + 120);
        assert_eq!(verdict.0, holds, "{}", verdict.1);
    }
    let shown = server::ca::Authority::levels(&folder.ca()).unwrap();
    assert_eq!(shown.iter().map(|level| (level.mark.as_str(), level.is_current)).collect::<Vec<_>>(), [(before.mark(), false), (after.mark(), true)]);
    // The old key may be taken away once its certificates have ended; the new one must stay.
    fs::remove_file(folder.path(&format!("issuing-{}.key", before.mark()))).unwrap();
    assert_eq!(folder.open(None).unwrap().crls(&[], NOW).unwrap().len(), 2);
}

#[test]
fn a_folder_of_one_level_goes_on_and_gets_its_levels_by_a_rollover() {
    let folder = Folder::today();
    let now = folder.now;
    single(&folder);
    let before = folder.open(None).unwrap();
    assert_eq!((before.anchors(), before.intermediates().len(), before.root_crl().unwrap()), (vec![before.issuing().to_vec()], 0, None));
    let (old, old_serial) = person(&before, now);
    let verdict = judged(&folder, &before, &old, &before.crls(&[], now).unwrap(), now);
    assert!(verdict.0, "{}", verdict.1);
    assert!(matches!(folder.request(false), Err(AuthorityError::NotNow(_))));
    folder.rollover(None, now).unwrap();
    let after = folder.open(None).unwrap();
    let (new, _) = person(&after, now);
    assert_eq!((after.anchors().len(), after.intermediates(), after.issuer_of(&old)), (2, vec![after.issuing().to_vec()], Some(before.issuing())));
    // Revocations from before the levels have no mark; `/crl.der`, which the old certificates name, stays their issuer's list.
    let revoked = [Revocation { serial: old_serial.to_vec(), issuer: String::new(), at: now, reason: "superseded".to_owned() }];
    let lists = after.crls(&revoked, now).unwrap();
    assert!(!judged(&folder, &after, &old, &lists, now).0 && judged(&folder, &after, &new, &lists, now).0);
    assert!(!judged(&folder, &after, &old, &[after.named_crl(&revoked, now).unwrap()], now).0);
    // Its key may be taken away later; what it signed still leads to it.
    fs::remove_file(folder.path("ca.key")).unwrap();
    assert_eq!(folder.open(None).unwrap().anchors(), after.anchors());
}

#[test]
fn an_outside_authority_certifies_the_issuing_key() {
    let folder = Folder::today();
    let now = folder.now;
    let before = folder.open(None).unwrap();
    let (old, _) = person(&before, now);
    for (fresh, algorithm) in [(false, "rsa:3072"), (true, "ec:P-256")] {
        let request = folder.write("issuing.csr", folder.request(fresh).unwrap());
        let (verified, text) = openssl(&["req", "-in", &request, "-verify", "-noout", "-text"]);
        assert!(verified && text.contains("CA:TRUE"), "{text}");
        let answer = outside(&folder, &request, algorithm, "critical,CA:TRUE,pathlen:0");
        // Without the root above it, or as a certificate that may not certify, it is refused and nothing changes.
        let own = answer.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
        assert!(matches!(folder.import(own), Err(AuthorityError::Import(_))));
        assert!(matches!(folder.import(&outside(&folder, &request, algorithm, "critical,CA:FALSE")), Err(AuthorityError::Import(_))));
        assert!(matches!(folder.import(&before.certificate_pem()), Err(AuthorityError::Import(_))));
        assert!(matches!(folder.import("nothing"), Err(AuthorityError::Import(_))));
        let taken = folder.import(&answer).unwrap();
        assert_eq!((taken.root.as_str(), taken.length), ("Outside Root", 2));
        assert!(matches!(folder.import(&answer), Err(AuthorityError::Import(_))));
        let after = folder.open(None).unwrap();
        assert_eq!(after.mark() == before.mark(), !fresh);
        let (new, _) = person(&after, now);
        assert_eq!(pades::Certificate::read(&after.anchors()[0]).unwrap().common_name(), "Outside Root");
        for der in [&old, &new] {
            let pem = |all: Vec<Vec<u8>>| all.iter().map(|der| block("CERTIFICATE", der)).collect::<String>();
            let (anchors, between) = (folder.write("a.pem", pem(after.anchors())), folder.write("b.pem", pem(after.intermediates())));
            let own = folder.write("own.pem", block("CERTIFICATE", der));
            let (holds, text) = openssl(&["verify", "-attime", &now.to_string(), "-CAfile", &anchors, "-untrusted", &between, &own]);
            assert!(holds, "{text}");
        }
    }
}

/// What an outside authority sends back for `request`: the certificate, then its root.
fn outside(folder: &Folder, request: &str, algorithm: &str, constraints: &str) -> String {
    let (key, root, own) = (folder.beside("outside.key"), folder.beside("outside.pem"), folder.beside("certified.pem"));
    let (kind, option) = algorithm.split_once(':').unwrap();
    let option = if kind == "rsa" { format!("rsa_keygen_bits:{option}") } else { format!("ec_paramgen_curve:{option}") };
    let run = |arguments: &[&str]| {
        let (done, text) = openssl(arguments);
        assert!(done, "{text}");
    };
    run(&["genpkey", "-algorithm", &kind.to_uppercase(), "-pkeyopt", &option, "-out", &key]);
    self_signed(folder, &key, "Outside Root", "critical,CA:TRUE", &root);
    let extensions = folder.write(
        "extensions.cnf",
        format!("basicConstraints={constraints}\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"),
    );
    run(&[
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        &root,
        "-CAkey",
        &key,
        "-days",
        "3000",
        "-sha256",
        "-set_serial",
        "77",
        "-extfile",
        &extensions,
        "-out",
        &own,
    ]);
    fs::read_to_string(own).unwrap() + &fs::read_to_string(root).unwrap()
}
