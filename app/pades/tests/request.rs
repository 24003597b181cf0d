//! Certificate requests: what a browser's key signs, and what is refused.

#[path = "common/pki.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod pki;

use der::pem::LineEnding;
use pades::{Error, check_request, request, request_info};
use pki::{key, raw};
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
