//! Certificate confusion: the signature is sound, but whose is it?

use common::pki::{DAY, NOW, Wish, authority, certificate, person};

use crate::builder::Base;
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, issuer_and_serial, sealed};
use crate::forging::filled;
use crate::who::{self, Signer, false_root, mallory, ming, root};

const ROOT: &str = "Signet Authority";

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "certificates");
    let recipe = Recipe::of(&ming());
    let with = |certificates: Vec<Vec<u8>>| Recipe { certificates, ..recipe.clone() };
    let own = ming().certificate;
    let by = |wish: Wish<'_>, seed: u8| Signer { certificate: certificate(&wish, ROOT, seed), seed: wish.seed };
    let same_serial = certificate(&person("Ming", 5, 9), ROOT, 1);
    let same_key = certificate(&person("Other", 2, 11), ROOT, 1);
    let reissued = certificate(&person("Ming", 2, 9), ROOT, 67);
    let none = "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND ";
    let chain = "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND ";
    let uses = "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE ";
    let cases: Vec<(&str, Recipe, String)> = vec![
        ("attacker's authority of the same name", Recipe::of(&mallory()), format!("{chain}chain-not-found")),
        (
            "attacker's authority comes along",
            Recipe { certificates: vec![mallory().certificate, false_root()], ..Recipe::of(&mallory()) },
            format!("{chain}chain-not-found"),
        ),
        (
            "attacker signs itself",
            Recipe::of(&Signer { certificate: certificate(&person("Ming", 66, 9), "Ming", 66), seed: 66 }),
            format!("{chain}chain-not-found"),
        ),
        ("the authority's own key", Recipe::of(&Signer { certificate: root(), seed: 1 }), format!("{uses}key-usage")),
        ("two certificates of one number", with(vec![own.clone(), same_serial.clone()]), format!("{none}signer-ambiguous")),
        ("two certificates of one key", with(vec![own.clone(), same_key.clone()]), format!("{none}signer-ambiguous")),
        ("certificate issued again by the attacker", with(vec![reissued.clone()]), format!("{chain}chain-not-found")),
        ("certificate issued again beside the real one", with(vec![own.clone(), reissued]), format!("{none}signer-ambiguous")),
        (
            "another key under the same name and number",
            Recipe { seed: 66, ..with(vec![own.clone()]) },
            "TOTAL-FAILED SIG_CRYPTO_FAILURE signature-value".into(),
        ),
        (
            "certificate exchanged for another of the key",
            Recipe { attributes: Some(bound_to_ming), ..with(vec![same_key]) },
            format!("{none}signing-certificate"),
        ),
        (
            "certificate exchanged for another of the number",
            Recipe { attributes: Some(bound_to_ming), ..with(vec![same_serial]) },
            format!("{none}signing-certificate"),
        ),
        (
            "certificate of another person",
            Recipe { attributes: Some(bound_to_ming), ..with(vec![who::fang().certificate]) },
            format!("{none}signing-certificate"),
        ),
        ("no certificate", Recipe { identifier: Some(issuer_and_serial(&own)), ..with(vec![root()]) }, format!("{none}signer-missing")),
        (
            "only the signer of another number",
            Recipe { identifier: Some(issuer_and_serial(&who::fang().certificate)), ..with(vec![own.clone()]) },
            format!("{none}signer-missing"),
        ),
        ("a stray certificate", with(vec![own.clone(), certificate(&person("Stray", 70, 70), "Nobody", 71)]), format!("{uses}certificate-stray")),
        ("the attacker's authority beside the real chain", with(vec![own.clone(), root(), false_root()]), format!("{uses}certificate-stray")),
        (
            "a person issued by a person",
            Recipe::of(&Signer { certificate: certificate(&person("Below", 7, 12), "Ming", 2), seed: 7 }),
            format!("{chain}chain-not-found"),
        ),
        (
            "a person issued by a person who comes along",
            Recipe {
                certificates: vec![certificate(&person("Below", 7, 12), "Ming", 2), own.clone()],
                ..Recipe::of(&Signer { certificate: certificate(&person("Below", 7, 12), "Ming", 2), seed: 7 })
            },
            format!("{uses}basic-constraints"),
        ),
        ("a certificate for encryption", Recipe::of(&by(Wish { usage: 0b100, ..person("Ming", 2, 20) }, 1)), format!("{uses}key-usage")),
        ("a certificate without a use", Recipe::of(&by(Wish { usage: 0, ..person("Ming", 2, 21) }, 1)), format!("{uses}key-usage")),
        (
            "a certificate that has ended",
            Recipe::of(&by(Wish { from: NOW - 9 * DAY, to: NOW - DAY, ..person("Ming", 2, 22) }, 1)),
            "TOTAL-FAILED EXPIRED validity".into(),
        ),
        (
            "a certificate still to begin",
            Recipe::of(&by(Wish { from: NOW + DAY, to: NOW + 9 * DAY, ..person("Ming", 2, 23) }, 1)),
            "TOTAL-FAILED NOT_YET_VALID validity".into(),
        ),
        ("a revoked certificate", Recipe::of(&by(person("Ming", 2, 77), 1)), "TOTAL-FAILED REVOKED revoked".into()),
        (
            "a certificate that is no DER",
            with(vec![own.clone(), vec![0x30, 0x03, 0x02, 0x01, 0x01]]),
            "TOTAL-FAILED FORMAT_FAILURE certificate-unreadable".into(),
        ),
        (
            "an authority below a person",
            Recipe {
                certificates: vec![certificate(&person("Deep", 8, 30), "Between", 9), certificate(&authority("Between", 9, 31), "Ming", 2), own.clone()],
                ..Recipe::of(&Signer { certificate: certificate(&person("Deep", 8, 30), "Between", 9), seed: 8 })
            },
            format!("{uses}basic-constraints"),
        ),
        (
            "a circle of authorities",
            Recipe {
                certificates: vec![
                    certificate(&person("Round", 8, 32), "A", 9),
                    certificate(&authority("A", 9, 33), "B", 10),
                    certificate(&authority("B", 10, 34), "A", 9),
                ],
                ..Recipe::of(&Signer { certificate: certificate(&person("Round", 8, 32), "A", 9), seed: 8 })
            },
            format!("{chain}chain-not-found"),
        ),
    ];
    for (name, recipe, expected) in cases {
        let file = sealed(&filled(&attacks, dictionary("")), &recipe);
        attacks.verdict(name, file.clone(), &expected);
        // whoever decides must hold the very certificate of the account, from the one authority
        let decision = match expected.rsplit(' ').next() {
            Some("chain-not-found" | "basic-constraints") => format!("{chain}issuer"),
            Some("key-usage" | "validity" | "revoked") => "INDETERMINATE SIG_CONSTRAINTS_FAILURE certificate-account".to_owned(),
            _ => expected,
        };
        attacks.outside(&format!("{name}, as a decision"), &base.zero, file, "head", &ming(), &decision);
    }
    attacks.list
}

/// Attributes that bind Ming's certificate, whichever comes along.
fn bound_to_ming(digest: &[u8], _: &[u8]) -> Vec<Vec<u8>> {
    vec![crate::forge::content_type(), crate::forge::message_digest(digest), crate::forge::signing_certificate(&ming().certificate)]
}
