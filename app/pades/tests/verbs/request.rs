//! Certificate requests: what a browser's key signs, and what is refused.

use common::pki::{DAY, NOW, authority, certificate, key, person, raw};
use der::pem::LineEnding;
use pades::{Error, check_authority, check_request, is_issued_by, request, request_info, split_anchors};
use spki::EncodePublicKey;

fn spki(seed: u8) -> Vec<u8> {
    key(seed).verifying_key().to_public_key_der().unwrap().into_vec()
}

fn rule(result: Result<impl std::fmt::Debug, Error>) -> String {
    match result.unwrap_err() {
        Error::Refused { rule, .. } => rule.to_owned(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_request_is_built_and_checked_in_der_and_pem() {
    let info = request_info("王小明", &spki(2)).unwrap();
    let der = request(&info, &raw(&key(2), &info)).unwrap();
    let checked = check_request(&der).unwrap();
    assert_eq!(checked.subject, "王小明");
    assert_eq!(checked.spki, spki(2));
    let pem = der::pem::encode_string("CERTIFICATE REQUEST", LineEnding::LF, &der).unwrap();
    assert_eq!(check_request(pem.as_bytes()).unwrap(), checked);
    let point = key(2).verifying_key().to_sec1_point(false);
    assert_eq!(request_info("王小明", point.as_bytes()).unwrap(), info);
}

#[test]
fn a_request_without_the_key_is_refused() {
    let info = request_info("Ming", &spki(2)).unwrap();
    assert_eq!(rule(request(&info, &raw(&key(3), &info))), "request-signature");
    assert_eq!(rule(request(&info, &[0; 64])), "request-signature");
    assert_eq!(rule(request(&info, &[0xff; 64])), "request-signature");
}

#[test]
fn the_old_key_signs_for_the_new_one_and_for_nothing_else() {
    let old = certificate(&person("Ming", 2, 9), "Root", 1);
    let info = request_info("Ming", &spki(3)).unwrap();
    let checked = check_request(&request(&info, &raw(&key(3), &info)).unwrap()).unwrap();
    let signature = raw(&key(2), &checked.der);
    checked.countersigned_by(&old, &signature).unwrap();
    let der = p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der();
    checked.countersigned_by(&old, der.as_bytes()).unwrap();
    // The wrong key, other bytes, no signature, no certificate.
    assert_eq!(rule(checked.countersigned_by(&old, &raw(&key(3), &checked.der))), "request-countersignature");
    assert_eq!(rule(checked.countersigned_by(&old, &raw(&key(2), &info))), "request-countersignature");
    for wrong in [&[][..], &[0; 64], &[0xff; 64], &[0x30; 70], &signature[..63]] {
        assert_eq!(rule(checked.countersigned_by(&old, wrong)), "request-countersignature");
    }
    assert!(checked.countersigned_by(b"none", &signature).is_err());
    for at in 0..64 {
        let mut broken = signature;
        broken[at] ^= 1;
        assert!(checked.countersigned_by(&old, &broken).is_err(), "byte {at}");
    }
}

#[test]
fn authorities_are_told_apart_and_their_chains_checked() {
    let root = certificate(&authority("Root", 1, 1), "Root", 1);
    let issuing = certificate(&authority("Issuing", 2, 2), "Root", 1);
    let own = certificate(&person("Ming", 3, 3), "Issuing", 2);
    let stranger = certificate(&authority("Issuing", 4, 4), "Root", 4);
    assert!(is_issued_by(&issuing, &root) && is_issued_by(&root, &root) && !is_issued_by(&stranger, &root) && !is_issued_by(&own, &root));
    let (anchors, others) = split_anchors(vec![issuing.clone(), root.clone(), stranger.clone(), own.clone()]);
    assert_eq!((anchors, others), (vec![root.clone(), stranger.clone()], vec![issuing.clone(), own.clone()]));
    assert_eq!(split_anchors(vec![issuing.clone()]), (vec![issuing.clone()], vec![]));
    let check = |chain: &[&Vec<u8>], at| check_authority(&chain.iter().map(|der| (*der).clone()).collect::<Vec<_>>(), at);
    check(&[&issuing, &root], NOW).unwrap();
    for (chain, at) in [
        (&[][..], NOW),
        (&[&own, &issuing, &root], NOW),
        (&[&stranger, &root], NOW),
        (&[&issuing, &root], NOW + 8_000 * DAY),
        (&[&issuing, &root], NOW - 200 * DAY),
    ] {
        assert!(matches!(check(chain, at), Err(Error::Signature { .. })), "{}", chain.len());
    }
}

#[test]
fn no_byte_of_a_request_may_change() {
    let info = request_info("Ming", &spki(2)).unwrap();
    let der = request(&info, &raw(&key(2), &info)).unwrap();
    for at in 0..der.len() {
        let mut broken = der.clone();
        broken[at] ^= 1;
        assert!(check_request(&broken).is_err(), "byte {at}");
        assert!(check_request(&der[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn other_keys_and_names_are_refused() {
    assert_eq!(rule(request_info("", &spki(2))), "request-subject");
    assert_eq!(rule(request_info(&"长".repeat(65), &spki(2))), "request-subject");
    assert_eq!(rule(request_info("Ming", &[])), "request-key");
    assert_eq!(rule(request_info("Ming", &[4; 65])), "request-key");
    let mut off_curve = spki(2);
    *off_curve.last_mut().unwrap() ^= 1;
    assert_eq!(rule(request_info("Ming", &off_curve)), "request-key");
    assert_eq!(rule(check_request(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), "request-format");
    assert_eq!(rule(check_request(&vec![0x30; 20_000])), "request-format");
    assert_eq!(rule(check_request(b"")), "request-format");
}
