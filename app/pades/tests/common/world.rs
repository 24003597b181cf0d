//! A small world around a document: an authority with people, a time-stamp authority of its own, and files of every level.

use pades::tsp::{self, Imprint, TstInfo};
use pades::{Evidence, Trust, add_time_stamp, dss, prepare, prepare_time_stamp, signature_value};
use sha2::{Digest, Sha256};

use crate::file::{original, parameters};
use crate::pki::{DAY, NOW, Wish, authority, certificate, crl, key, person, raw};

/// When the first signature is stamped; the second one a minute later, the document an hour later.
pub const STAMPED: i64 = NOW + 60;
pub const CLOSED: i64 = NOW + 3_600;

/// The user authority, its people (9 and 10), and who signs what.
pub fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

/// The authority of time, apart from the other one.
pub fn time_root() -> Vec<u8> {
    certificate(&authority("Time Authority", 5, 2), "Time Authority", 5)
}

/// A person's certificate until `to`.
pub fn ming_until(to: i64) -> Vec<u8> {
    certificate(&Wish { to, ..person("王小明 Ming", 2, 9) }, "Signet Authority", 1)
}

pub fn ming() -> Vec<u8> {
    ming_until(NOW + 700 * DAY)
}

/// The stamping certificate until `to`.
pub fn stamper_until(to: i64) -> Vec<u8> {
    let from = NOW - 90 * DAY;
    certificate(&Wish { usage: 0b1, purpose: Some("1.3.6.1.5.5.7.3.8"), from, to, ..person("Signet Time", 6, 40) }, "Time Authority", 5)
}

pub fn stamper() -> Vec<u8> {
    stamper_until(NOW + 3_000 * DAY)
}

/// The users' revocation list.
pub fn people_list(from: i64, revoked: &[(u8, i64)]) -> Vec<u8> {
    crl(&root(), 1, from, from + 7 * DAY, revoked)
}

/// The time authority's revocation list.
pub fn time_list(from: i64, revoked: &[(u8, i64)]) -> Vec<u8> {
    crl(&time_root(), 5, from, from + 7 * DAY, revoked)
}

/// Trust in both authorities at `at`, and no evidence besides.
pub fn trust_at(at: i64) -> Trust {
    Trust { anchors: vec![root()], time_stamp_anchors: vec![time_root()], at, ..Trust::default() }
}

/// A token over `hash` at `at` by the certificate given.
pub fn token_by(hash: [u8; 32], at: i64, certificate: &[u8]) -> Vec<u8> {
    let info = TstInfo {
        policy: "1.3.6.1.4.1.55555.1.1".to_owned(),
        imprint: Imprint::sha256(hash),
        serial: vec![1, (at % 251) as u8],
        at,
        accuracy: None,
        ordering: false,
        nonce: None,
    };
    let stage = tsp::token(&info, certificate).unwrap();
    let signature = raw(&key(6), stage.signed_attributes());
    stage.signed(&signature, &[&time_root()]).unwrap()
}

pub fn token(hash: [u8; 32], at: i64) -> Vec<u8> {
    token_by(hash, at, &stamper())
}

/// Signs `field` with the certificate of key 2.
pub fn signed_by(original: &[u8], field: &str, certificate: &[u8]) -> Vec<u8> {
    let mut parameters = parameters(field);
    parameters.contents_reserve = 8_192;
    let stage = prepare(original, &parameters).unwrap().to_be_signed(certificate).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    [original, stage.signed(&signature, &[&root()]).unwrap().tail()].concat()
}

/// Puts a time stamp into the signature of `field`.
pub fn stamped(file: &[u8], field: &str, at: i64) -> Vec<u8> {
    let value = signature_value(file, field).unwrap();
    add_time_stamp(file, field, &token(Sha256::digest(&value).into(), at)).unwrap()
}

/// Adds a document time stamp.
pub fn closed(file: &[u8], field: &str, at: i64) -> Vec<u8> {
    let prepared = prepare_time_stamp(file, field, 4_096).unwrap();
    let token = token(prepared.imprint(), at);
    prepared.embed(&token).unwrap()
}

/// All that a verifier will need, known at `at`.
pub fn evidence(at: i64) -> Evidence {
    Evidence { certificates: vec![root(), ming(), time_root(), stamper()], crls: vec![people_list(at, &[]), time_list(at, &[])], ocsps: Vec::new() }
}

/// Two signatures.
pub fn b_b() -> Vec<u8> {
    signed_by(&signed_by(&original(), "head", &ming()), "finance", &ming())
}

/// Two signatures, each with a time stamp.
pub fn b_t() -> Vec<u8> {
    let first = stamped(&signed_by(&original(), "head", &ming()), "head", STAMPED);
    stamped(&signed_by(&first, "finance", &ming()), "finance", STAMPED + 60)
}

/// The same with validation data.
pub fn b_lt() -> Vec<u8> {
    dss(&b_t(), &evidence(STAMPED + 120)).unwrap()
}

/// The same with a document time stamp.
pub fn b_lta() -> Vec<u8> {
    closed(&b_lt(), "time-1", CLOSED)
}
