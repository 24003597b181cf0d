//! NIST's Public Key Interoperability Test Suite: every case, from building the path to asking its revocation lists.
//!
//! A case is accepted when a path is found and kept, all its certificates are valid, and current lists say of each that it is good. No case that
//! must fail may be accepted; a case that should pass and does not is listed in `REFUSED` with the reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::certificate::Certificate;
use crate::chain::{Policies, Rules, find};
use crate::revocation::{RevocationList, Status, status};

/// 2020-01-01: after all certificates began that are meant to be valid, and before they end.
const AT: i64 = 1_577_836_800;

/// Valid cases that are refused here, and why.
const REFUSED: [(&str, &str); 2] = [("40104", "DSA is not on the list of algorithms"), ("40105", "DSA is not on the list of algorithms")];

#[derive(Deserialize)]
struct Case {
    id: String,
    name: String,
    cert: String,
    #[serde(default)]
    other_certs: Vec<String>,
    #[serde(default)]
    crls: Vec<String>,
    #[serde(default)]
    params: Parameters,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    class: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    user_initial_policy_set: Option<Vec<String>>,
    initial_explicit_policy: bool,
    initial_policy_mapping_inhibit: bool,
    initial_any_policy_inhibit: bool,
}

fn folder() -> Option<PathBuf> {
    // beside the project's root, wherever that was checked out
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().skip(3);
    root.map(|up| up.join("shared/corpus/pkits")).find(|folder| folder.join("pkits.json").is_file())
}

/// Why a case is not accepted.
enum Refusal {
    Path(String),
    Revoked,
    /// No current list says that the certificate is good.
    NoList,
}

fn judge(folder: &Path, case: &Case) -> Result<(), Refusal> {
    let read = |kind: &str, name: &str| std::fs::read(folder.join(kind).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let certificate = |name: &str| Certificate::parse(&read("certs", name)).map_err(|text| Refusal::Path(format!("{name}: {text}")));
    let anchor = certificate("TrustAnchorRootCertificate.crt")?;
    let signer = certificate(&case.cert)?;
    let others: Vec<Certificate> = case.other_certs.iter().filter_map(|name| certificate(name).ok()).collect();
    let accepted = case.params.user_initial_policy_set.as_ref();
    let accepted = accepted.map(|set| set.iter().map(|oid| const_oid::ObjectIdentifier::new_unwrap(oid).as_bytes().to_vec()).collect());
    let policies = Policies {
        accepted,
        explicit: case.params.initial_explicit_policy,
        inhibit_mapping: case.params.initial_policy_mapping_inhibit,
        inhibit_any: case.params.initial_any_policy_inhibit,
    };
    let rules = Rules { policies, ..Rules::new(|_| Ok(()), AT) };
    let chain = find(&signer, &others, &[anchor], &rules).map_err(|verdict| Refusal::Path(verdict.finding.text))?;
    if let Some(outside) = chain.iter().find(|certificate| !certificate.valid_at(AT)) {
        return Err(Refusal::Path(format!("{} is not valid at that time", outside.common_name())));
    }
    let lists: Vec<Vec<u8>> = case.crls.iter().map(String::as_str).chain(["TrustAnchorRootCRL.crl"]).map(|name| read("crls", name)).collect();
    let lists: Vec<RevocationList<'_>> = lists.iter().filter_map(|der| RevocationList::parse(der).ok()).collect();
    for depth in 0..chain.len() - 1 {
        match status(&chain, depth, &lists, &others, AT) {
            Status::Good => {}
            Status::Revoked(_) => return Err(Refusal::Revoked),
            Status::Stale | Status::Unknown => return Err(Refusal::NoList),
        }
    }
    Ok(())
}

#[test]
fn no_case_is_accepted_that_must_fail() {
    let Some(folder) = folder() else {
        println!("skipped: no corpus/pkits beside the project");
        return;
    };
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(folder.join("pkits.json")).unwrap()).unwrap();
    assert_eq!(cases.len(), 246);
    // by section: accepted as they should, refused as they should, refused although valid
    let mut table: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let row = table.entry(&case.id[..3]).or_default();
        let listed = REFUSED.iter().find(|(id, _)| *id == case.id);
        match (judge(&folder, case), &case.error, listed) {
            (Ok(()), None, None) => row[0] += 1,
            (Err(refusal), Some(failure), None) => {
                row[1] += 1;
                let kind = match (&refusal, failure.class.as_str()) {
                    (Refusal::Path(_), "PathValidationError") | (Refusal::Revoked, "RevokedError") => continue,
                    (Refusal::NoList, "InsufficientRevinfoError" | "StaleRevinfoError") => continue,
                    (Refusal::Path(text), _) => text.as_str(),
                    (Refusal::Revoked, _) => "revoked",
                    (Refusal::NoList, _) => "no list",
                };
                wrong.push(format!("{} {} refused for {kind}, not for {}", case.id, case.name, failure.class));
            }
            (Err(_), None, Some(_)) => row[2] += 1,
            (Ok(()), Some(failure), _) => wrong.push(format!("{} {} accepted, must fail with {}", case.id, case.name, failure.class)),
            (Err(_), None, None) => wrong.push(format!("{} {} refused", case.id, case.name)),
            (_, _, Some((_, why))) => wrong.push(format!("{} {} is listed as refused ({why}) and is not", case.id, case.name)),
        }
    }
    println!("section  accepted  refused  refused though valid");
    for (section, [accepted, refused, unsupported]) in &table {
        println!("4.{:<6} {accepted:>8} {refused:>8} {unsupported:>8}", section[1..].trim_start_matches('0'));
    }
    let sum = |column: usize| table.values().map(|row| row[column]).sum::<usize>();
    println!("all      {:>8} {:>8} {:>8}", sum(0), sum(1), sum(2));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
