//! CMS that says the same in another encoding, or says more, less or twice what it should (RFC 5652, X.690).

use crate::builder::Base;
use crate::case::{Attack, Attacks};
use crate::forge::{
    ECDSA_SHA1, ID_DATA, Made, Recipe, SHA1, attribute, content_type, der, dictionary, integer, message_digest, sealed, signing_certificate, signing_time,
};
use crate::forging::filled;
use crate::who::{self, ming};

/// Elements by their tags, each as tag, header length and whole length.
fn header(bytes: &[u8]) -> (usize, usize) {
    match bytes[1] {
        0x82 => (4, 4 + (usize::from(bytes[2]) << 8 | usize::from(bytes[3]))),
        0x81 => (3, 3 + usize::from(bytes[2])),
        short => (2, 2 + usize::from(short)),
    }
}

/// The outer sequence in BER's indefinite form.
fn indefinite(cms: Vec<u8>) -> Vec<u8> {
    let (start, _) = header(&cms);
    [&[0x30, 0x80], &cms[start..], &[0, 0]].concat()
}

/// The outer length in one byte more than needed.
fn long_length(cms: Vec<u8>) -> Vec<u8> {
    let (start, whole) = header(&cms);
    let length = whole - start;
    [&[0x30, 0x83, 0, (length >> 8) as u8, length as u8], &cms[start..]].concat()
}

fn long_length_inside(cms: Vec<u8>) -> Vec<u8> {
    // the OID of SignedData with a two-byte length
    let (start, whole) = header(&cms);
    let oid = &cms[start..start + 11];
    der(0x30, &[&[6, 0x81, 9], &oid[2..], &cms[start + 11..whole]])
}

fn another_type(cms: Vec<u8>) -> Vec<u8> {
    let mut cms = cms;
    let (start, _) = header(&cms);
    // envelopedData
    cms[start + 10] = 3;
    cms
}

fn something_behind(cms: Vec<u8>) -> Vec<u8> {
    let (start, whole) = header(&cms);
    der(0x30, &[&cms[start..whole], &[5, 0]])
}

fn behind(cms: Vec<u8>) -> Vec<u8> {
    [cms, vec![5, 0]].concat()
}

fn without_explicit(cms: Vec<u8>) -> Vec<u8> {
    let (start, _) = header(&cms);
    let inside = &cms[start + 11..];
    let (inner, _) = header(inside);
    der(0x30, &[&cms[start..start + 11], &inside[inner..]])
}

fn only_half(cms: Vec<u8>) -> Vec<u8> {
    cms[..cms.len() / 2].to_vec()
}

fn a_set(cms: Vec<u8>) -> Vec<u8> {
    let mut cms = cms;
    cms[0] = 0x31;
    cms
}

fn high_tag(cms: Vec<u8>) -> Vec<u8> {
    let (start, _) = header(&cms);
    [&[0x3f, 0x10, 0x82, cms[2], cms[3]], &cms[start..]].concat()
}

fn padded(raw: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&der(2, &[&[0, 0], &raw[..32]]), &integer(&raw[32..])])
}

fn raw(raw: &[u8; 64]) -> Vec<u8> {
    raw.to_vec()
}

fn with_a_third(raw: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&integer(&raw[..32]), &integer(&raw[32..]), &integer(&[1])])
}

fn with_something_behind(raw: &[u8; 64]) -> Vec<u8> {
    [crate::forge::ecdsa(raw), vec![0]].concat()
}

fn zeros(_: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&[2, 1, 0], &[2, 1, 0]])
}

fn ones(_: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&[2, 1, 1], &[2, 1, 1]])
}

fn negative(raw: &[u8; 64]) -> Vec<u8> {
    let mut first = raw[..32].to_vec();
    first[0] |= 0x80;
    der(0x30, &[&der(2, &[&first]), &integer(&raw[32..])])
}

fn swapped(raw: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&integer(&raw[32..]), &integer(&raw[..32])])
}

fn empty(_: &[u8; 64]) -> Vec<u8> {
    Vec::new()
}

fn ber_length(raw: &[u8; 64]) -> Vec<u8> {
    let plain = crate::forge::ecdsa(raw);
    [&[0x30, 0x81], &plain[1..]].concat()
}

/// r plus the order of P-256 where it fits: the same number to whoever reduces it.
fn too_large(raw: &[u8; 64]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca,
        0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (mut sum, mut carry) = ([0_u8; 33], 0);
    for at in (0..32).rev() {
        let total = u16::from(raw[at]) + u16::from(ORDER[at]) + carry;
        sum[at + 1] = total as u8;
        carry = total >> 8;
    }
    sum[0] = carry as u8;
    der(0x30, &[&integer(&sum), &integer(&raw[32..])])
}

const BER: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE cms-encoding";

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "CMS");
    let good = Recipe::of(&ming());
    let failed = |rule: &str| format!("TOTAL-FAILED FORMAT_FAILURE {rule}");
    let mut cases: Vec<(&str, Recipe, String)> = Vec::new();
    for (name, after, rule) in [
        ("another content type", another_type as fn(Vec<u8>) -> Vec<u8>, "cms-format"),
        ("something behind inside", something_behind, "cms-format"),
        ("something behind", behind, "contents"),
        ("no explicit tag", without_explicit, "cms-format"),
        ("cut in half", only_half, "cms-format"),
        ("a set", a_set, "contents"),
        ("a tag of two bytes", high_tag, "contents"),
    ] {
        cases.push((name, Recipe { after, ..good.clone() }, failed(rule)));
    }
    // the same CMS in BER: nothing speaks against it, but it is no PAdES signature
    for (name, after) in [
        ("indefinite length", indefinite as fn(Vec<u8>) -> Vec<u8>),
        ("length with a leading zero", long_length),
        ("long length of an identifier", long_length_inside),
    ] {
        cases.push((name, Recipe { after, ..good.clone() }, BER.into()));
    }
    let crypto = "TOTAL-FAILED SIG_CRYPTO_FAILURE signature-value";
    let forged = Recipe { after: indefinite, signature: ones, ..good.clone() };
    cases.push(("indefinite length around a value of another key", forged, crypto.into()));
    for (name, signature) in [
        ("r with a zero in front", padded as fn(&[u8; 64]) -> Vec<u8>),
        ("r and s without DER", raw),
        ("a third number", with_a_third),
        ("bytes behind r and s", with_something_behind),
        ("r and s zero", zeros),
        ("r and s one", ones),
        ("r negative", negative),
        ("r and s exchanged", swapped),
        ("no signature value", empty),
        ("BER in the signature value", ber_length),
        ("r beyond the order", too_large),
    ] {
        cases.push((name, Recipe { signature, ..good.clone() }, crypto.into()));
    }
    for (name, attributes, expected) in [
        ("no attributes", (|_, _| vec![]) as Made, failed("signed-attributes")),
        ("no content type", |d, c| vec![message_digest(d), signing_certificate(c)], failed("signed-attributes")),
        ("no digest", |_, c| vec![content_type(), signing_certificate(c)], failed("signed-attributes")),
        ("content type twice", |d, c| vec![content_type(), content_type(), message_digest(d), signing_certificate(c)], failed("signed-attributes")),
        ("digest twice", |d, c| vec![content_type(), message_digest(d), message_digest(d), signing_certificate(c)], failed("signed-attributes")),
        (
            "another digest beside",
            |d, c| vec![content_type(), message_digest(d), message_digest(&[0; 32]), signing_certificate(c)],
            failed("signed-attributes"),
        ),
        (
            "two values of the digest",
            |d, c| vec![content_type(), attribute(&message_digest(d)[2..13], &[&der(4, &[d]), &der(4, &[&[0; 32]])]), signing_certificate(c)],
            failed("signed-attributes"),
        ),
        ("no value of the digest", |d, c| vec![content_type(), attribute(&message_digest(d)[2..13], &[]), signing_certificate(c)], failed("signed-attributes")),
        (
            "digest an integer",
            |d, c| vec![content_type(), attribute(&message_digest(d)[2..13], &[&integer(d)]), signing_certificate(c)],
            failed("signed-attributes"),
        ),
        (
            "another type of content",
            |d, c| vec![attribute(&content_type()[2..13], &[&[6, 1, 0x2a]]), message_digest(d), signing_certificate(c)],
            failed("signed-attributes"),
        ),
        ("another digest", |_, c| vec![content_type(), message_digest(&[7; 32]), signing_certificate(c)], "TOTAL-FAILED HASH_FAILURE message-digest".into()),
        ("digest cut short", |d, c| vec![content_type(), message_digest(&d[..16]), signing_certificate(c)], "TOTAL-FAILED HASH_FAILURE message-digest".into()),
        ("digest empty", |_, c| vec![content_type(), message_digest(&[]), signing_certificate(c)], "TOTAL-FAILED HASH_FAILURE message-digest".into()),
        ("certificate not bound", |d, _| vec![content_type(), message_digest(d)], "INDETERMINATE SIG_CONSTRAINTS_FAILURE signing-certificate".into()),
        (
            "certificate bound twice",
            |d, c| vec![content_type(), message_digest(d), signing_certificate(c), signing_certificate(c)],
            failed("signed-attributes"),
        ),
        (
            "another certificate bound",
            |d, _| vec![content_type(), message_digest(d), signing_certificate(b"other")],
            "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND signing-certificate".into(),
        ),
        (
            "signing time, which is reported",
            |d, c| vec![content_type(), message_digest(d), signing_certificate(c), signing_time()],
            "TOTAL-PASSED signing-time".into(),
        ),
    ] {
        cases.push((name, Recipe { attributes: Some(attributes), ..good.clone() }, expected));
    }
    let order = Recipe { sort_attributes: false, attributes: Some(|d, c| vec![signing_certificate(c), message_digest(d), content_type()]), ..good.clone() };
    cases.push(("attributes in no order", order, failed("signed-attributes")));
    let inside = der(0x30, &[ID_DATA, &der(0xa0, &[&der(4, &[b"approved"])])]);
    cases.push(("content of its own", Recipe { content: inside, ..good.clone() }, failed("cms-format")));
    cases.push(("content of another type", Recipe { content: der(0x30, &[&[6, 1, 0x2a]]), ..good.clone() }, failed("cms-format")));
    cases.push(("no signer", Recipe { signers: 0, ..good.clone() }, failed("cms-format")));
    cases.push(("two signers", Recipe { signers: 2, ..good.clone() }, failed("cms-format")));
    for (name, signer, version) in [
        ("version nought", "signer of version nought", [2, 1, 0]),
        ("version three", "signer of version three", [2, 1, 3]),
        ("version five", "signer of version five", [2, 1, 5]),
    ] {
        cases.push((name, Recipe { version: version.to_vec(), ..good.clone() }, failed("cms-format")));
        cases.push((signer, Recipe { signer_version: version.to_vec(), ..good.clone() }, failed("cms-format")));
    }
    cases.push(("version padded", Recipe { version: vec![2, 2, 0, 1], ..good.clone() }, failed("cms-format")));
    cases.push(("two digest algorithms", Recipe { digest_set: [SHA1, crate::forge::SHA256].concat(), ..good.clone() }, failed("cms-format")));
    cases.push(("no digest algorithm", Recipe { digest_set: Vec::new(), ..good.clone() }, failed("cms-format")));
    let weak = "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE signature-algorithm";
    cases.push((
        "SHA-1 as the digest",
        Recipe { digest_set: SHA1.to_vec(), digest_algorithm: SHA1.to_vec(), ..good.clone() },
        weak.replace("signature", "digest"),
    ));
    cases.push(("SHA-1 in the signature", Recipe { signature_algorithm: ECDSA_SHA1.to_vec(), ..good.clone() }, weak.into()));
    cases.push((
        "parameters in the signature's algorithm",
        Recipe { signature_algorithm: der(0x30, &[&crate::forge::ECDSA_SHA256[2..], &[5, 0]]), ..good.clone() },
        weak.into(),
    ));
    cases.push((
        "RSA over an EC key",
        Recipe { signature_algorithm: der(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], &[5, 0]]), ..good.clone() },
        weak.into(),
    ));
    cases.push(("unsigned attributes that are none", Recipe { unsigned: der(0xa1, &[&[5, 0]]), ..good.clone() }, failed("cms-unsigned-attributes")));
    cases.push((
        "a certificate of another kind",
        Recipe { certificates: vec![ming().certificate, der(0xa1, &[&[5, 0]])], ..good.clone() },
        failed("cms-format"),
    ));
    for (name, recipe, expected) in cases {
        let file = sealed(&filled(&attacks, dictionary("")), &recipe);
        attacks.verdict(name, file.clone(), &expected);
        let zero = attacks.base.zero.clone();
        let expected = if name.starts_with("indefinite") || expected == BER { failed("cms-encoding") } else { expected };
        let expected = if expected.starts_with("TOTAL-PASSED") { "INDETERMINATE SIG_CONSTRAINTS_FAILURE signing-time".to_owned() } else { expected };
        attacks.outside(&format!("{name}, as a decision"), &zero, file, "head", &who::ming(), &expected);
    }
    attacks.list
}
