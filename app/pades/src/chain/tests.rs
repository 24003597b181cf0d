//! What NIST's suite does not ask: addresses and unknown kinds in name constraints, extensions that cannot be read, policies in masses.

use crate::asn1::{self, encode};
use crate::certificate::Certificate;
use crate::chain::{Rules, find};
use crate::name;
use crate::pki::{NOW, key, raw};

/// An extension under `id-ce`: number, criticality, value.
type Extension = (u8, bool, Vec<u8>);

fn extension((number, critical, value): &Extension) -> Vec<u8> {
    let critical: &[u8] = if *critical { &[1, 1, 0xff] } else { &[] };
    encode(asn1::SEQUENCE, &[&[6, 3, 0x55, 0x1d, *number], critical, &encode(asn1::OCTET_STRING, &[value])])
}

/// A certificate made by hand, so that it may say anything.
fn made(subject: (&str, u8), issuer: (&str, u8), authority: bool, more: &[Extension]) -> Certificate {
    use spki::EncodePublicKey;
    let name = crate::certificate::common_name;
    let spki = key(subject.1).verifying_key().to_public_key_der().unwrap();
    let mut extensions: Vec<Extension> = vec![(15, true, if authority { vec![3, 2, 1, 0x06] } else { vec![3, 2, 6, 0xc0] })];
    if authority {
        extensions.push((19, true, vec![0x30, 3, 1, 1, 0xff]));
    }
    extensions.extend_from_slice(more);
    let list: Vec<Vec<u8>> = extensions.iter().map(extension).collect();
    let list = encode(asn1::SEQUENCE, &list.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let validity = encode(asn1::SEQUENCE, &[&encode(asn1::UTC_TIME, &[b"260101000000Z"]), &encode(asn1::UTC_TIME, &[b"360101000000Z"])]);
    let algorithm = crate::algorithm::ECDSA_WITH_SHA256;
    let parts: [&[u8]; 8] =
        [&[0xa0, 3, 2, 1, 2], &[2, 1, 7], algorithm, &name(issuer.0), &validity, &name(subject.0), spki.as_bytes(), &encode(0xa3, &[&list])];
    let tbs = encode(asn1::SEQUENCE, &parts);
    let signature = crate::algorithm::der_from_raw(&raw(&key(issuer.1), &tbs)).unwrap();
    let der = encode(asn1::SEQUENCE, &[&tbs, algorithm, &encode(asn1::BIT_STRING, &[&[0], &signature])]);
    Certificate::read(&der).unwrap()
}

/// Root, an authority with `above`, and a signer with `below`: the fault found, or an empty text.
fn judged(above: &[Extension], below: &[Extension]) -> String {
    let root = made(("Root", 1), ("Root", 1), true, &[]);
    let between = made(("Between", 2), ("Root", 1), true, above);
    let signer = made(("Ming", 3), ("Between", 2), false, below);
    match find(&signer, &[between], &[root], &Rules::new(|_| Ok(()), NOW)) {
        Ok(chain) => {
            assert_eq!(chain.len(), 3);
            String::new()
        }
        Err(verdict) => verdict.finding.rule,
    }
}

fn general(tag: u8, value: &[u8]) -> Vec<u8> {
    encode(tag, &[value])
}

fn alternative(names: &[Vec<u8>]) -> Extension {
    (17, false, encode(asn1::SEQUENCE, &names.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// Name constraints: permitted (0xA0) or excluded (0xA1) bases.
fn constraint(kind: u8, bases: &[Vec<u8>]) -> Extension {
    let subtrees: Vec<Vec<u8>> = bases.iter().map(|base| encode(asn1::SEQUENCE, &[base])).collect();
    (30, true, encode(asn1::SEQUENCE, &[&encode(kind, &subtrees.iter().map(Vec::as_slice).collect::<Vec<_>>())]))
}

#[test]
fn constraints_by_kind_of_name() {
    let (permitted, excluded) = (0xa0, 0xa1);
    let network = general(0x87, &[192, 0, 2, 0, 255, 255, 255, 0]);
    let six: Vec<u8> = [[0x20, 1, 0x0d, 0xb8].to_vec(), vec![0; 12], vec![0xff; 4], vec![0; 12]].concat();
    let url = |text: &str| general(0x86, text.as_bytes());
    let person = general(0xa4, &crate::certificate::common_name("Ming"));
    let other = general(0xa0, &[6, 1, 42, 0xa0, 2, 5, 0]);
    let good = [
        (constraint(permitted, std::slice::from_ref(&network)), vec![general(0x87, &[192, 0, 2, 9])]),
        (constraint(excluded, std::slice::from_ref(&network)), vec![general(0x87, &[192, 0, 3, 9])]),
        (constraint(permitted, &[general(0x87, &six)]), vec![general(0x87, &[&[0x20, 1, 0x0d, 0xb8][..], &[7; 12]].concat())]),
        (constraint(permitted, &[general(0x82, b"signet.example"), general(0x82, b"other.example")]), vec![general(0x82, b"a.other.example")]),
        (constraint(permitted, &[url(".signet.example")]), vec![url("https://a.signet.example/x")]),
        (constraint(permitted, std::slice::from_ref(&person)), vec![general(0x81, b"ming@signet.example")]),
        // what is limited does not occur
        (constraint(permitted, std::slice::from_ref(&other)), vec![general(0x82, b"a.example")]),
    ];
    for (above, below) in good {
        assert_eq!(judged(std::slice::from_ref(&above), &[alternative(&below)]), "", "{above:02x?}");
    }
    let bad = [
        (constraint(permitted, std::slice::from_ref(&network)), vec![general(0x87, &[192, 0, 3, 9])]),
        (constraint(permitted, std::slice::from_ref(&network)), vec![general(0x87, &[192, 0, 2, 9]), general(0x87, &[192, 0, 3, 9])]),
        (constraint(permitted, std::slice::from_ref(&network)), vec![general(0x87, &[7; 16])]),
        (constraint(excluded, std::slice::from_ref(&network)), vec![general(0x87, &[192, 0, 2, 9])]),
        (constraint(permitted, &[general(0x82, b"signet.example")]), vec![general(0x82, b"signet.example.org")]),
        (constraint(permitted, &[url("signet.example")]), vec![url("https://192.0.2.1/")]),
        (constraint(excluded, &[url("signet.example")]), vec![url("urn:x")]),
        (constraint(excluded, std::slice::from_ref(&person)), vec![general(0x82, b"a.example")]),
        (constraint(permitted, std::slice::from_ref(&other)), vec![other.clone()]),
        (constraint(excluded, std::slice::from_ref(&other)), vec![other.clone()]),
        (constraint(permitted, &[general(0x82, b"signet.example")]), vec![general(0x82, &[0xff, 0xfe])]),
    ];
    for (above, below) in bad {
        assert_eq!(judged(std::slice::from_ref(&above), &[alternative(&below)]), "name-constraints", "{above:02x?}");
    }
}

#[test]
fn constraints_that_cannot_be_read_permit_nothing() {
    let base = general(0x82, b"signet.example");
    let raw = |value: Vec<u8>| (30, true, value);
    let subtree = |parts: &[&[u8]]| raw(encode(asn1::SEQUENCE, &[&encode(0xa0, &[&encode(asn1::SEQUENCE, parts)])]));
    for broken in [
        raw(vec![0x30, 0]),
        raw(vec![0x30, 2, 0xa0, 0]),
        raw(vec![]),
        raw(vec![0x30, 0x80, 0, 0]),
        subtree(&[]),
        subtree(&[&base, &[0x80, 1, 1]]),
        subtree(&[&base, &[0x81, 1, 9]]),
        constraint(0xa0, &[general(0x87, &[192, 0, 2, 0])]),
        constraint(0xa0, &vec![base.clone(); 129]),
    ] {
        assert_eq!(judged(std::slice::from_ref(&broken), &[]), "name-constraints", "{broken:02x?}");
    }
    // more names than are compared
    let names = vec![general(0x82, b"a.signet.example"); 129];
    assert_eq!(judged(&[constraint(0xa0, &[base])], &[alternative(&names)]), "name-constraints");
}

#[test]
fn unknown_conditions_and_unreadable_policies_are_refused() {
    assert_eq!(judged(&[], &[]), "");
    assert_eq!(judged(&[], &[(99, false, vec![5, 0])]), "");
    assert_eq!(judged(&[], &[(99, true, vec![5, 0])]), "extension-unknown");
    assert_eq!(judged(&[(99, true, vec![5, 0])], &[]), "extension-unknown");
    for (number, value) in [(32, vec![0x30, 0]), (33, vec![0x30, 0]), (36, vec![0x30, 0]), (54, vec![2, 1, 0xff]), (36, vec![0x30, 3, 0x80, 1, 0xff])] {
        assert_eq!(judged(&[(number, true, value)], &[]), "policy", "{number}");
    }
    let twice = encode(asn1::SEQUENCE, &[&[0x30, 4, 6, 2, 0x2a, 3], &[0x30, 4, 6, 2, 0x2a, 3]]);
    assert_eq!(judged(&[(32, true, twice)], &[]), "policy");
}

fn policy(number: u8) -> Vec<u8> {
    vec![6, 2, 0x2a, number]
}

/// Policies, each mapped to all the others.
fn masses(count: u8) -> [Extension; 3] {
    let policies: Vec<Vec<u8>> = (1..=count).map(|n| encode(asn1::SEQUENCE, &[&policy(n)])).collect();
    let pairs: Vec<Vec<u8>> = (1..=count).flat_map(|a| (1..=count).map(move |b| encode(asn1::SEQUENCE, &[&policy(a), &policy(b)]))).collect();
    let list = |parts: &[Vec<u8>]| encode(asn1::SEQUENCE, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
    [(32, true, list(&policies)), (33, true, list(&pairs)), (36, true, vec![0x30, 3, 0x80, 1, 0])]
}

#[test]
fn policies_that_all_lead_to_each_other_stay_few() {
    // a tree would have 11 to the 6th leaves
    let root = made(("Root", 1), ("Root", 1), true, &[]);
    let name = |n: u8| if n == 1 { "Root".to_owned() } else { format!("Level {n}") };
    let pool: Vec<Certificate> = (2..7).map(|n| made((&name(n), n), (&name(n - 1), n - 1), true, &masses(11))).collect();
    let signer = |policies: &[Extension]| made(("Ming", 99), ("Level 6", 6), false, policies);
    let rules = Rules::new(|_| Ok(()), NOW);
    let own = |n| vec![(32, true, encode(asn1::SEQUENCE, &[&encode(asn1::SEQUENCE, &[&policy(n)])]))];
    assert_eq!(find(&signer(&own(5)), &pool, std::slice::from_ref(&root), &rules).unwrap().len(), 7);
    assert_eq!(find(&signer(&own(50)), &pool, std::slice::from_ref(&root), &rules).unwrap_err().finding.rule, "policy");
    assert_eq!(find(&signer(&[]), &pool, std::slice::from_ref(&root), &rules).unwrap_err().finding.rule, "policy");
    // more mappings than are read
    assert_eq!(judged(&masses(12), &own(5)), "policy");
}

#[test]
fn a_name_is_the_same_in_other_letters() {
    let upper = made(("MING", 3), ("Root", 1), false, &[]);
    let lower = made(("ming", 3), ("Root", 1), false, &[]);
    assert!(name::same(upper.subject(), lower.subject()) && upper.subject() != lower.subject());
}
