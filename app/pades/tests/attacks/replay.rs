//! Signatures that were made for something else, handed in as a decision; and the twin that every ECDSA signature has.

use common::pki::raw;

use crate::builder::{Base, Flavour, parameters, rewritten, signed};
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, ecdsa};
use crate::who::{self, Signer, fang, mallory, ming, root};

/// The CMS as Signet's own pages make it.
fn own(file: &[u8], field: &str, signer: &Signer) -> Vec<u8> {
    let stage = pades::prepare(file, &parameters(field)).unwrap().to_be_signed(&signer.certificate).unwrap();
    let signature = raw(&signer.key(), stage.signed_attributes());
    stage.signed(&signature, &[&root()]).unwrap().cms().to_vec()
}

/// s turned into the order less s.
fn twin(raw: &[u8; 64]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_slice(raw).unwrap();
    let (r, s) = signature.split_scalars();
    p256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_der().as_bytes().to_vec()
}

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "replay");
    let (zero, one) = (&base.zero, &base.one);
    let other = rewritten(zero, Flavour::Table, |all| drop(all.insert(900, b"<</Other true>>".to_vec())));
    let good = own(zero, "head", &ming());
    let hash = "TOTAL-FAILED HASH_FAILURE message-digest";
    let unpredicted = "INDETERMINATE SIG_CONSTRAINTS_FAILURE cms-unpredicted";
    let account = "INDETERMINATE SIG_CONSTRAINTS_FAILURE certificate-account";
    attacks.accept("a CMS of another document", zero, "head", own(&other, "head", &ming()), &ming(), hash);
    attacks.accept("a CMS of another field", zero, "finance", good.clone(), &ming(), hash);
    attacks.accept("a CMS of an earlier step", one, "finance", good.clone(), &ming(), hash);
    attacks.accept("a CMS of a later step", zero, "finance", own(one, "finance", &ming()), &ming(), hash);
    attacks.accept("the same decision once more", one, "head", good.clone(), &ming(), "the signature field “head” is signed already");
    attacks.accept("a field that is not there", zero, "chief", good.clone(), &ming(), "the document has no signature field named “chief”");
    attacks.accept("another person's signature", zero, "head", own(zero, "head", &fang()), &ming(), account);
    attacks.accept(
        "a person of the attacker's authority",
        zero,
        "head",
        own(zero, "head", &mallory()),
        &ming(),
        "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND issuer",
    );
    attacks.accept("the same signature for another account", zero, "head", good.clone(), &fang(), account);
    attacks.accept("nothing", zero, "head", Vec::new(), &ming(), "TOTAL-FAILED FORMAT_FAILURE cms-format");
    attacks.accept("zeros behind it", zero, "head", [&good[..], &[0; 8]].concat(), &ming(), "TOTAL-FAILED FORMAT_FAILURE cms-format");
    attacks.accept("half of it", zero, "head", good[..good.len() / 2].to_vec(), &ming(), "TOTAL-FAILED FORMAT_FAILURE cms-format");
    let digest = pades::prepare(zero, &parameters("head")).unwrap().digest();
    let recipe = Recipe { certificates: vec![ming().certificate, root()], ..Recipe::of(&ming()) };
    for (name, recipe, expected) in [
        (
            "certificates in another order",
            Recipe {
                certificates: reversed(vec![ming().certificate, root()]),
                sort_certificates: false,
                identifier: Some(crate::forge::issuer_and_serial(&ming().certificate)),
                attributes: Some(bound),
                ..recipe.clone()
            },
            unpredicted,
        ),
        ("a certificate more", Recipe { certificates: vec![ming().certificate, root(), fang().certificate], ..recipe.clone() }, unpredicted),
        ("a signing time", Recipe { attributes: Some(timed), ..recipe.clone() }, unpredicted),
        (
            "attributes in another order",
            Recipe { attributes: Some(unordered), sort_attributes: false, ..recipe.clone() },
            "TOTAL-FAILED FORMAT_FAILURE signed-attributes",
        ),
        ("the digest's parameters written out", Recipe { digest_algorithm: null(), digest_set: null(), ..recipe.clone() }, unpredicted),
        ("revocation lists inside", Recipe { crls: crate::forge::der(0xa1, &[&who::trust().crls[0]]), ..recipe.clone() }, unpredicted),
        ("an unsigned attribute", Recipe { unsigned: crate::forge::der(0xa1, &[&crate::forge::signing_time()]), ..recipe.clone() }, unpredicted),
        ("a value of another key", Recipe { seed: 3, ..recipe.clone() }, "TOTAL-FAILED SIG_CRYPTO_FAILURE signature-value"),
    ] {
        attacks.accept(name, zero, "head", recipe.cms(&digest), &ming(), expected);
    }
    // high and low s are both signatures; the field that one of them took is not free for its twin
    let malleated = Recipe { signature: twin, ..recipe.clone() }.cms(&digest);
    assert_ne!(malleated, Recipe { signature: ecdsa, ..recipe }.cms(&digest));
    attacks.accept(
        "the twin of an accepted signature",
        &signed(zero, "head", &ming()),
        "head",
        malleated.clone(),
        &ming(),
        "the signature field “head” is signed already",
    );
    attacks.accept("the twin for another field", zero, "finance", malleated, &ming(), hash);
    outside(&mut attacks);
    attacks.list
}

fn outside(attacks: &mut Attacks<'_>) {
    let (zero, one, two) = (attacks.base.zero.clone(), attacks.base.one.clone(), attacks.base.two.clone());
    let failed = |rule: &str| format!("TOTAL-FAILED FORMAT_FAILURE {rule}");
    attacks.outside("file: the same decision once more", &one, one.clone(), "head", &ming(), &failed("prefix"));
    attacks.outside("file: without the first signature", &one, signed(&zero, "finance", &fang()), "finance", &fang(), &failed("prefix"));
    attacks.outside("file: cut back", &two, one.clone(), "finance", &fang(), &failed("prefix"));
    attacks.outside("file: two revisions at once", &zero, two.clone(), "finance", &fang(), &failed("revisions"));
    attacks.outside("file: two revisions at once, first field", &zero, two.clone(), "head", &ming(), &failed("revisions"));
    attacks.outside("file: the other field", &zero, signed(&zero, "finance", &ming()), "head", &ming(), &failed("field-empty"));
    attacks.outside("file: another person", &one, two, "finance", &ming(), "INDETERMINATE SIG_CONSTRAINTS_FAILURE certificate-account");
    attacks.outside("file: blanks behind", &zero, [&one[..], b"\n"].concat(), "head", &ming(), &failed("after-end"));
    attacks.outside("file: three megabytes behind", &zero, [&one[..], &vec![b' '; 3 << 20]].concat(), "head", &ming(), &failed("tail-size"));
    let mut changed = one.clone();
    changed[200] ^= 1;
    attacks.outside("file: a changed beginning", &zero, changed, "head", &ming(), &failed("prefix"));
}

fn reversed(mut certificates: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    certificates.sort();
    certificates.reverse();
    certificates
}

fn null() -> Vec<u8> {
    crate::forge::der(0x30, &[&crate::forge::SHA256[2..], &[5, 0]])
}

fn bound(digest: &[u8], _: &[u8]) -> Vec<Vec<u8>> {
    vec![crate::forge::content_type(), crate::forge::message_digest(digest), crate::forge::signing_certificate(&ming().certificate)]
}

fn timed(digest: &[u8], certificate: &[u8]) -> Vec<Vec<u8>> {
    vec![crate::forge::content_type(), crate::forge::message_digest(digest), crate::forge::signing_certificate(certificate), crate::forge::signing_time()]
}

fn unordered(digest: &[u8], certificate: &[u8]) -> Vec<Vec<u8>> {
    vec![crate::forge::signing_certificate(certificate), crate::forge::message_digest(digest), crate::forge::content_type()]
}
