//! Signatures by themselves and their certificates: more broken than good ones, each with its verdict.

use p256::ecdsa::Signature;

use crate::Digest;
use crate::asn1::{self, encode};
use crate::attributes::signed_attributes;
use crate::certificate::Certificate;
use crate::cms::signed_data;
use crate::examine::{Examined, examine};
use crate::report::SubIndication;
use crate::trust::{Trust, Trusted};

#[path = "../tests/common/pki.rs"]
pub(crate) mod pki;
use pki::{DAY, NOW, authority, certificate, crl, key, person, raw};

const DIGEST: [u8; 32] = [7; 32];

fn root() -> Vec<u8> {
    certificate(&authority("Root", 1, 1), "Root", 1)
}

fn signer() -> Certificate {
    Certificate::read(&certificate(&person("王小明 Ming", 2, 9), "Root", 1)).unwrap()
}

fn der_signature(seed: u8, bytes: &[u8]) -> Vec<u8> {
    Signature::from_slice(&raw(&key(seed), bytes)).unwrap().to_der().as_bytes().to_vec()
}

fn good(chain: &[Certificate]) -> Vec<u8> {
    let signer = signer();
    let attributes = signed_attributes(&DIGEST, signer.der());
    signed_data(&attributes, &der_signature(2, &attributes), &signer, chain)
}

/// Examines `cms` over a document of which only the SHA-256 is known.
fn look(cms: &[u8], digest: [u8; 32]) -> Examined {
    examine(cms, &|algorithm| (algorithm == Digest::Sha256).then(|| digest.to_vec()))
}

fn verdict(cms: &[u8]) -> Option<SubIndication> {
    look(cms, DIGEST).verdict.map(|v| v.sub_indication)
}

#[test]
fn a_good_signature_holds_and_an_independent_reader_agrees() {
    use der::{Decode, Encode};
    let bytes = good(&[Certificate::read(&root()).unwrap()]);
    let examined = look(&bytes, DIGEST);
    assert_eq!(examined.verdict, None);
    assert!(examined.shortcomings.is_empty());
    assert_eq!(examined.signer.unwrap().common_name(), "王小明 Ming");
    let info = ::cms::content_info::ContentInfo::from_der(&bytes).unwrap();
    assert_eq!(info.to_der().unwrap(), bytes);
    let data: ::cms::signed_data::SignedData = info.content.decode_as().unwrap();
    assert_eq!(data.to_der().unwrap(), info.content.to_der().unwrap());
}

#[test]
fn no_byte_may_change() {
    let bytes = good(&[]);
    assert_eq!(verdict(&bytes), None);
    for at in 0..bytes.len() {
        for bit in [0x01, 0x80] {
            let mut broken = bytes.clone();
            broken[at] ^= bit;
            assert!(verdict(&broken).is_some(), "byte {at} changed by {bit:#x} went unnoticed");
        }
    }
    for end in 0..bytes.len() {
        assert_eq!(verdict(&bytes[..end]), Some(SubIndication::FormatFailure), "cut at {end}");
    }
    assert_eq!(verdict(&[bytes, vec![0]].concat()), Some(SubIndication::FormatFailure));
}

#[test]
fn other_documents_and_other_keys_are_told_apart() {
    assert_eq!(look(&good(&[]), [8; 32]).verdict.unwrap().sub_indication, SubIndication::HashFailure);
    let attributes = signed_attributes(&DIGEST, signer().der());
    let foreign = signed_data(&attributes, &der_signature(3, &attributes), &signer(), &[]);
    assert_eq!(verdict(&foreign), Some(SubIndication::SigCryptoFailure));
    // signed under one certificate, presented with another one of the same key
    let other = Certificate::read(&certificate(&person("Other", 2, 10), "Root", 1)).unwrap();
    let swapped = signed_data(&attributes, &der_signature(2, &attributes), &other, &[]);
    assert_eq!(verdict(&swapped), Some(SubIndication::NoSigningCertificateFound));
}

#[test]
fn two_certificates_that_could_be_meant_are_refused() {
    let double = Certificate::read(&certificate(&person("Double", 4, 9), "Root", 1)).unwrap();
    assert_eq!(verdict(&good(&[double])), Some(SubIndication::NoSigningCertificateFound));
    let same_key = Certificate::read(&certificate(&person("Double", 2, 11), "Root", 1)).unwrap();
    assert_eq!(verdict(&good(&[same_key])), Some(SubIndication::NoSigningCertificateFound));
}

#[test]
fn a_high_s_is_as_good() {
    let attributes = signed_attributes(&DIGEST, signer().der());
    let signature = Signature::from_slice(&raw(&key(2), &attributes)).unwrap();
    let (r, s) = signature.split_scalars();
    let twin = Signature::from_scalars(r, -s).unwrap();
    assert_ne!(twin, signature);
    assert_eq!(verdict(&signed_data(&attributes, twin.to_der().as_bytes(), &signer(), &[])), None);
}

#[test]
fn content_inside_indefinite_lengths_and_doubled_attributes_are_refused() {
    let bytes = good(&[]);
    let mut ber = bytes.clone();
    ber[1] = 0x80;
    assert_eq!(verdict(&ber), Some(SubIndication::FormatFailure));
    for doubled in [true, false] {
        let attributes = signed_attributes(&DIGEST, signer().der());
        let mut list = asn1::whole(&attributes, asn1::SET).unwrap().inside();
        let (first, second, third) = (list.any().unwrap().raw, list.any().unwrap().raw, list.any().unwrap().raw);
        let set = if doubled { encode(asn1::SET, &[first, second, second, third]) } else { encode(asn1::SET, &[first, third]) };
        let cms = signed_data(&set, &der_signature(2, &set), &signer(), &[]);
        assert_eq!(verdict(&cms), Some(SubIndication::FormatFailure));
    }
    // the content within: found by its identifier, the second id-data of the file
    let at = bytes.windows(13).position(|w| w[..2] == [0x30, 0x0b] && w[2..] == *crate::attributes::ID_DATA).unwrap();
    let inside = encode(asn1::SEQUENCE, &[crate::attributes::ID_DATA, &[0xa0, 0x03, 0x04, 0x01, 0x41]]);
    let parts = [&bytes[..at], &inside, &bytes[at + 13..]].concat();
    let grown = regrow(&parts, inside.len() - 13);
    assert_eq!(verdict(&grown), Some(SubIndication::FormatFailure));
    assert_eq!(look(&grown, DIGEST).verdict.unwrap().finding.text, "the signature carries its own content instead of covering the document");
}

#[test]
fn the_set_of_attributes_has_one_order() {
    let sorted = signed_attributes(&DIGEST, signer().der());
    let mut list = asn1::whole(&sorted, asn1::SET).unwrap().inside();
    let (first, second, third) = (list.any().unwrap().raw, list.any().unwrap().raw, list.any().unwrap().raw);
    let turned = encode(asn1::SET, &[third, first, second]);
    // sent in another order, whichever was signed; some readers would sort it again, others not
    assert_eq!(verdict(&signed_data(&turned, &der_signature(2, &turned), &signer(), &[])), Some(SubIndication::FormatFailure));
    assert_eq!(verdict(&signed_data(&turned, &der_signature(2, &sorted), &signer(), &[])), Some(SubIndication::FormatFailure));
    // sent in the one, signed in the other
    assert_eq!(verdict(&signed_data(&sorted, &der_signature(2, &turned), &signer(), &[])), Some(SubIndication::SigCryptoFailure));
}

#[test]
fn attributes_with_two_values_none_or_other_types_are_refused() {
    let sorted = signed_attributes(&DIGEST, signer().der());
    let mut list = asn1::whole(&sorted, asn1::SET).unwrap().inside();
    let (first, second, third) = (list.any().unwrap().raw, list.any().unwrap().raw, list.any().unwrap().raw);
    let mut parts = asn1::whole(second, asn1::SEQUENCE).unwrap().inside();
    let id = parts.next(asn1::OID).unwrap().raw;
    let with = |values: &[u8]| {
        let set = encode(asn1::SET, &[first, &encode(asn1::SEQUENCE, &[id, values]), third]);
        verdict(&signed_data(&set, &der_signature(2, &set), &signer(), &[]))
    };
    let digest = encode(asn1::OCTET_STRING, &[&DIGEST]);
    assert_eq!(with(&encode(asn1::SET, &[&digest])), None);
    for broken in [
        encode(asn1::SET, &[&digest, &digest]),
        encode(asn1::SET, &[]),
        encode(asn1::SEQUENCE, &[&digest]),
        encode(asn1::SET, &[&encode(0x24, &[&digest])]),
        encode(asn1::SET, &[&encode(asn1::BIT_STRING, &[&[0], &DIGEST])]),
        [encode(asn1::SET, &[&digest]), vec![5, 0]].concat(),
    ] {
        assert_eq!(with(&broken), Some(SubIndication::FormatFailure), "{broken:02x?}");
    }
    let short = encode(asn1::SET, &[&encode(asn1::OCTET_STRING, &[&DIGEST[..31]])]);
    assert_eq!(with(&short), Some(SubIndication::HashFailure));
}

#[test]
fn signature_values_have_one_form() {
    let attributes = signed_attributes(&DIGEST, signer().der());
    let raw = raw(&key(2), &attributes);
    let number = |bytes: &[u8], padding: &[u8]| {
        let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
        encode(asn1::INTEGER, &[padding, sign, bytes])
    };
    let (r, s) = raw.split_at(32);
    let value = |r: &[u8], s: &[u8]| verdict(&signed_data(&attributes, &encode(asn1::SEQUENCE, &[r, s]), &signer(), &[]));
    assert!(r[0] != 0 && s[0] != 0, "this key and message give full numbers");
    assert_eq!(value(&number(r, &[]), &number(s, &[])), None);
    assert_eq!(value(&number(r, &[0]), &number(s, &[])), Some(SubIndication::SigCryptoFailure));
    assert_eq!(value(&number(r, &[]), &number(s, &[0])), Some(SubIndication::SigCryptoFailure));
    assert_eq!(value(&number(s, &[]), &number(r, &[])), Some(SubIndication::SigCryptoFailure));
    assert_eq!(value(&[], &number(r, &[])), Some(SubIndication::SigCryptoFailure));
    assert_eq!(value(&number(r, &[]), &[&number(s, &[])[..], &[5, 0]].concat()), Some(SubIndication::SigCryptoFailure));
    // r || s itself is WebCrypto's form, not CMS's
    assert_eq!(verdict(&signed_data(&attributes, &raw, &signer(), &[])), Some(SubIndication::SigCryptoFailure));
}

/// Corrects the three outer lengths (two bytes each) after the inside grew.
fn regrow(bytes: &[u8], by: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in [2, 17, 21] {
        let length = (usize::from(out[at]) << 8 | usize::from(out[at + 1])) + by;
        out[at] = (length >> 8) as u8;
        out[at + 1] = length as u8;
    }
    out
}

fn judge(signer: &[u8], trust: &Trust, claimed: i64) -> Result<Vec<String>, SubIndication> {
    let signer = Certificate::read(signer).unwrap();
    let remarks = Trusted::read(trust).unwrap().judge(&signer, &[], Some(claimed)).map_err(|v| v.sub_indication)?;
    Ok(remarks.into_iter().map(|finding| finding.rule).collect())
}

fn trust(crls: Vec<Vec<u8>>) -> Trust {
    Trust { anchors: vec![root()], crls, at: NOW, ..Trust::default() }
}

#[test]
fn chains_end_at_an_authority_that_may_sign_certificates() {
    let ming = certificate(&person("Ming", 2, 9), "Root", 1);
    assert_eq!(judge(&ming, &trust(vec![]), NOW), Ok(vec!["revocation-not-checked".to_owned()]));
    let forged = certificate(&person("Ming", 2, 9), "Root", 5);
    assert_eq!(judge(&forged, &trust(vec![]), NOW), Err(SubIndication::NoCertificateChainFound));
    let elsewhere = Trust { anchors: vec![certificate(&authority("Root", 6, 1), "Root", 6)], ..trust(vec![]) };
    assert_eq!(judge(&ming, &elsewhere, NOW), Err(SubIndication::NoCertificateChainFound));
    for usage in [0b0, 0b100, 0b10_0000] {
        let wrong = certificate(&pki::Wish { usage, ..person("Ming", 2, 9) }, "Root", 1);
        assert_eq!(judge(&wrong, &trust(vec![]), NOW), Err(SubIndication::ChainConstraintsFailure), "usage {usage:#b}");
    }
    // a person's certificate must not issue another one's
    let person_issued = certificate(&person("Below", 7, 12), "Ming", 2);
    let with_person = Trust { intermediates: vec![ming], ..trust(vec![]) };
    assert_eq!(judge(&person_issued, &with_person, NOW), Err(SubIndication::ChainConstraintsFailure));
    // an authority in between is fine
    let between = certificate(&authority("Between", 8, 13), "Root", 1);
    let below = certificate(&person("Below", 7, 12), "Between", 8);
    let with_between = Trust { intermediates: vec![between], ..trust(vec![]) };
    assert!(judge(&below, &with_between, NOW).is_ok());
}

#[test]
fn times_outside_validity() {
    let ended = certificate(&pki::Wish { from: NOW - 10 * DAY, to: NOW - DAY, ..person("Ming", 2, 9) }, "Root", 1);
    assert_eq!(judge(&ended, &trust(vec![]), NOW - 2 * DAY), Err(SubIndication::OutOfBoundsNoPoe));
    let list = crl(&root(), 1, NOW - DAY, NOW + DAY, &[]);
    assert_eq!(judge(&ended, &trust(vec![list]), NOW - 2 * DAY), Err(SubIndication::OutOfBoundsNotRevoked));
    assert_eq!(judge(&ended, &trust(vec![]), NOW), Err(SubIndication::Expired));
    let ming = certificate(&person("Ming", 2, 9), "Root", 1);
    assert_eq!(judge(&ming, &trust(vec![]), NOW - 2 * DAY), Err(SubIndication::NotYetValid));
    assert_eq!(judge(&ming, &trust(vec![]), NOW + DAY), Err(SubIndication::SigConstraintsFailure));
}

#[test]
fn revocation() {
    let ming = certificate(&person("Ming", 2, 9), "Root", 1);
    let revoked = crl(&root(), 1, NOW - DAY, NOW + DAY, &[(3, NOW - DAY), (9, NOW - 3600)]);
    assert_eq!(judge(&ming, &trust(vec![revoked.clone()]), NOW - 60), Err(SubIndication::Revoked));
    assert_eq!(judge(&ming, &trust(vec![revoked]), NOW - 7200), Err(SubIndication::RevokedNoPoe));
    let clean = crl(&root(), 1, NOW - DAY, NOW + DAY, &[(3, NOW - DAY)]);
    assert_eq!(judge(&ming, &trust(vec![clean]), NOW), Ok(vec![]));
    let stale = crl(&root(), 1, NOW - 9 * DAY, NOW - 2 * DAY, &[]);
    assert_eq!(judge(&ming, &trust(vec![stale]), NOW), Ok(vec!["revocation-stale".to_owned()]));
    // a list that another key signed in the authority's name is as good as none, in either direction
    let forged = crl(&root(), 5, NOW - DAY, NOW + DAY, &[(9, NOW - 3600)]);
    assert_eq!(judge(&ming, &trust(vec![forged]), NOW), Ok(vec!["revocation-not-checked".to_owned()]));
    assert!(Trusted::read(&trust(vec![vec![0x30, 0x00]])).is_err());
}
