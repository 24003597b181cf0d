//! Levels and verdicts over time (ETSI EN 319 142-1 §6.3, EN 319 102-1 §5): what holds now, what held then, and every way it does not.

use common::file::original;
use common::pki::{DAY, NOW, Wish, certificate, key, person, raw};
use common::world::*;
use pades::ocsp::{self, Answer, CertificateStatus};
use pades::{EntryKind, Evidence, Indication, Report, SubIndication, Trust, add_time_stamp, dss, prepare_time_stamp, signature_value, verify};
use sha2::{Digest, Sha256};

const YEAR: i64 = 365 * DAY;

fn levels(report: &Report) -> Vec<&str> {
    report.signatures.iter().filter(|entry| entry.kind == EntryKind::Signature).map(|entry| entry.level.as_str()).collect()
}

fn rules(report: &Report) -> Vec<String> {
    report.signatures.iter().flat_map(|entry| entry.findings.iter().map(|finding| finding.rule.clone())).collect()
}

/// Sub-indication and deciding rule of the first entry.
fn first(file: &[u8], trust: &Trust) -> (Option<SubIndication>, String) {
    let report = verify(file, trust).unwrap();
    let entry = &report.signatures[0];
    (entry.sub_indication, if entry.sub_indication.is_some() { entry.findings[0].rule.clone() } else { String::new() })
}

fn no(sub_indication: SubIndication, rule: &str) -> (Option<SubIndication>, String) {
    (Some(sub_indication), rule.to_owned())
}

const YES: (Option<SubIndication>, String) = (None, String::new());

fn with_lists(at: i64, people: &[(u8, i64)], time: &[(u8, i64)]) -> Trust {
    Trust { crls: vec![people_list(at - 3_600, people), time_list(at - 3_600, time)], ..trust_at(at) }
}

#[test]
fn every_level_is_told() {
    let at = CLOSED + 3_600;
    for (file, level) in [(b_b(), "PAdES-B-B"), (b_t(), "PAdES-B-T"), (b_lt(), "PAdES-B-LT"), (b_lta(), "PAdES-B-LTA")] {
        let report = verify(&file, &trust_at(at)).unwrap();
        assert!(report.passed(), "{level}: {report:#?}");
        assert_eq!(levels(&report), [level, level]);
    }
    let report = verify(&b_lta(), &trust_at(at)).unwrap();
    let seen: Vec<_> =
        report.signatures.iter().map(|entry| (entry.field.as_str(), entry.kind, entry.signer.as_str(), entry.claimed_at, entry.proven_at)).collect();
    assert_eq!(
        seen,
        [
            ("head", EntryKind::Signature, "王小明 Ming", Some(NOW), Some(STAMPED)),
            ("finance", EntryKind::Signature, "王小明 Ming", Some(NOW), Some(STAMPED + 60)),
            ("time-1", EntryKind::DocumentTimeStamp, "Signet Time", Some(CLOSED), None),
        ]
    );
    assert_eq!(report.signatures[0].time_stamped_by.as_deref(), Some("Signet Time"));
    assert_eq!(rules(&report), Vec::<String>::new(), "nothing is left to say");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["signatures"][2]["kind"], "document-time-stamp");
    assert_eq!(json["signatures"][0]["proven_at"], STAMPED);
}

#[test]
fn a_level_is_only_what_holds() {
    let at = CLOSED + 3_600;
    let nobody = Trust { time_stamp_anchors: Vec::new(), ..trust_at(at) };
    let report = verify(&b_lta(), &nobody).unwrap();
    assert_eq!(levels(&report), ["PAdES-B-B", "PAdES-B-B"]);
    assert!(rules(&report).contains(&"time-stamp-not-trusted".to_owned()));
    assert_eq!(report.signatures[2].sub_indication, Some(SubIndication::NoCertificateChainFound));
    assert_eq!((report.signatures[0].indication, report.indication), (Indication::TotalPassed, Indication::Indeterminate));
    // each piece of evidence counts
    let whole = evidence(STAMPED + 120);
    for lacking in 0..4 {
        let mut less = whole.clone();
        match lacking {
            0 => drop(less.crls.remove(0)),
            1 => drop(less.crls.remove(1)),
            2 => less.crls[0] = people_list(NOW - 30 * DAY, &[]),
            _ => less.crls[0] = common::pki::crl(&root(), 5, NOW - DAY, NOW + DAY, &[]),
        }
        let file = closed(&dss(&b_t(), &less).unwrap(), "time-1", CLOSED);
        let report = verify(&file, &trust_at(at)).unwrap();
        assert_eq!(levels(&report), ["PAdES-B-T", "PAdES-B-T"], "without {lacking}");
    }
    // a document time stamp alone proves a time, too
    let report = verify(&closed(&b_b(), "time-1", CLOSED), &trust_at(at)).unwrap();
    assert_eq!(levels(&report), ["PAdES-B-T", "PAdES-B-T"]);
    assert_eq!(report.signatures[0].proven_at, Some(CLOSED));
    // evidence after the last time stamp is not under it
    let report = verify(&dss(&closed(&b_t(), "time-1", CLOSED), &whole).unwrap(), &trust_at(at)).unwrap();
    assert_eq!(levels(&report), ["PAdES-B-LT", "PAdES-B-LT"]);
    // only time stamps: nobody signed
    let report = verify(&closed(&original(), "time-1", CLOSED), &trust_at(at)).unwrap();
    assert_eq!((report.indication, report.passed(), report.signatures[0].indication), (Indication::Indeterminate, false, Indication::TotalPassed));
}

#[test]
fn responses_are_as_good_as_lists() {
    let answer = |status, seed: u8, responder: &[u8], at| {
        let request = ocsp::read_request(&ocsp::request(&ming(), &root(), &[], false).unwrap()).unwrap();
        let answers = [Answer { id: request.questions[0].clone(), status, this_update: at, next_update: Some(at + DAY) }];
        let stage = ocsp::response(&answers, at, None, responder).unwrap();
        let signature = raw(&key(seed), stage.data());
        stage.signed(&signature, true).unwrap()
    };
    let appointed = certificate(&Wish { usage: 0b1, purpose: Some("1.3.6.1.5.5.7.3.9"), ..person("Status", 7, 50) }, "Signet Authority", 1);
    let at = CLOSED + 3_600;
    let good = answer(CertificateStatus::Good, 7, &appointed, STAMPED + 120);
    let mut with_response = evidence(STAMPED + 120);
    with_response.crls.remove(0);
    with_response.ocsps.push(good.clone());
    let file = closed(&dss(&b_t(), &with_response).unwrap(), "time-1", CLOSED);
    assert_eq!(levels(&verify(&file, &trust_at(at)).unwrap()), ["PAdES-B-LTA", "PAdES-B-LTA"]);
    // given from outside
    let given = |response: Vec<u8>| Trust { ocsps: vec![response], ..trust_at(NOW + 60) };
    assert!(!rules(&verify(&b_b(), &given(answer(CertificateStatus::Good, 7, &appointed, NOW))).unwrap()).contains(&"revocation-not-checked".to_owned()));
    let revoked = CertificateStatus::Revoked { at: NOW - 60, reason: Some(1) };
    assert_eq!(first(&b_b(), &given(answer(revoked, 7, &appointed, NOW))), no(SubIndication::Revoked, "revoked"));
    // one whom nobody appointed, or who was dismissed before
    let stranger = certificate(&Wish { purpose: None, ..person("Status", 7, 50) }, "Signet Authority", 1);
    assert_eq!(first(&b_b(), &given(answer(revoked, 7, &stranger, NOW))), YES);
    let dismissed = Trust { crls: vec![people_list(NOW - 3_600, &[(50, NOW - 7_200)])], ..given(answer(revoked, 7, &appointed, NOW)) };
    assert_eq!(first(&b_b(), &dismissed), YES);
    assert!(verify(&b_b(), &Trust { ocsps: vec![vec![0x30, 0]], ..trust_at(NOW) }).is_err());
}

#[test]
fn revocation_after_the_proof_does_not_reach_back() {
    let later = NOW + 10 * DAY;
    let revoked = with_lists(later, &[(9, NOW + 5 * DAY)], &[]);
    assert_eq!(first(&b_t(), &revoked), YES);
    assert_eq!(first(&b_b(), &revoked), no(SubIndication::RevokedNoPoe, "revoked"));
    let before = with_lists(later, &[(9, STAMPED - 30)], &[]);
    assert_eq!(first(&b_t(), &before), no(SubIndication::RevokedNoPoe, "revoked"));
    let before_the_claim = with_lists(later, &[(9, NOW - 30)], &[]);
    assert_eq!(first(&b_t(), &before_the_claim), no(SubIndication::Revoked, "revoked"));
    // the time authority itself revoked: its stamp proves nothing any more, unless another one proves it to be older
    let time_revoked = with_lists(later, &[(9, NOW + 5 * DAY)], &[(40, NOW + 6 * DAY)]);
    assert_eq!(first(&b_t(), &time_revoked), no(SubIndication::RevokedNoPoe, "revoked"));
    // an authority between
    let between = certificate(&common::pki::authority("Between", 8, 13), "Signet Authority", 1);
    let below = certificate(&person("Below", 2, 14), "Between", 8);
    let stamped_below = stamped(&signed_by(&original(), "head", &below), "head", STAMPED);
    let trust = |lists: &[(u8, i64)], at| Trust { intermediates: vec![between.clone()], ..with_lists(at, lists, &[]) };
    assert_eq!(first(&signed_by(&original(), "head", &below), &trust(&[(13, NOW + DAY)], later)), no(SubIndication::RevokedCaNoPoe, "revoked"));
    assert_eq!(first(&stamped_below, &trust(&[(13, NOW + DAY)], later)), YES);
    assert_eq!(first(&stamped_below, &trust(&[(13, STAMPED - 1)], later)), no(SubIndication::RevokedCaNoPoe, "revoked"));
}

/// A signature by somebody whose certificate ends in ten days, stamped; with evidence issued at `known`, and closed.
fn short_lived(known: i64) -> Vec<u8> {
    let own = ming_until(NOW + 10 * DAY);
    let file = stamped(&signed_by(&original(), "head", &own), "head", STAMPED);
    let mut evidence = evidence(known);
    evidence.certificates[1] = own;
    closed(&dss(&file, &evidence).unwrap(), "time-1", known.max(STAMPED) + 60)
}

#[test]
fn certificates_that_have_ended() {
    let later = NOW + 2 * YEAR;
    let own = ming_until(NOW + 10 * DAY);
    let bare = signed_by(&original(), "head", &own);
    let with_stamp = stamped(&bare, "head", STAMPED);
    // nothing proven
    assert_eq!(first(&bare, &trust_at(later)), no(SubIndication::OutOfBoundsNoPoe, "validity"));
    let known = Trust { crls: vec![people_list(NOW + 8 * DAY, &[])], ..trust_at(later) };
    assert_eq!(first(&bare, &known), no(SubIndication::OutOfBoundsNotRevoked, "validity"));
    // proven, but nothing is known about revocation then
    assert_eq!(first(&with_stamp, &trust_at(later)), no(SubIndication::NoPoe, "validity"));
    // proven, and known good until the end
    assert_eq!(first(&with_stamp, &known), YES);
    // proven, known good after the proof: the control time slides back to the list, and the proof is older
    assert_eq!(first(&short_lived(STAMPED + 120), &trust_at(later)), YES);
    let report = verify(&short_lived(STAMPED + 120), &trust_at(later)).unwrap();
    assert_eq!((levels(&report), report.passed()), (vec!["PAdES-B-LTA"], true));
    // known good only before the proof: between the two anything may have happened
    assert_eq!(first(&short_lived(STAMPED - 3_600), &trust_at(later)), no(SubIndication::NoPoe, "validity"));
    // revoked after all
    let revoked = Trust { crls: vec![people_list(NOW + 8 * DAY, &[(9, STAMPED - 10)])], ..trust_at(later) };
    assert_eq!(first(&short_lived(STAMPED + 120), &revoked), no(SubIndication::RevokedNoPoe, "revoked"));
    // stamped only after the end
    let late = stamped(&bare, "head", NOW + 20 * DAY);
    assert_eq!(first(&late, &Trust { crls: vec![people_list(NOW + 8 * DAY, &[])], ..trust_at(later) }), no(SubIndication::OutOfBoundsNoPoe, "validity"));
}

#[test]
fn time_stamps_upon_time_stamps() {
    // the stamping certificate ends after a year; the second layer is by one that runs longer
    let early = stamper_until(NOW + YEAR);
    let own = ming_until(NOW + 300 * DAY);
    let file = signed_by(&original(), "head", &own);
    let value = signature_value(&file, "head").unwrap();
    let file = add_time_stamp(&file, "head", &token_by(Sha256::digest(&value).into(), STAMPED, &early)).unwrap();
    let mut pieces = evidence(STAMPED + 120);
    pieces.certificates = vec![root(), own, time_root(), early.clone()];
    let file = dss(&file, &pieces).unwrap();
    let prepared = prepare_time_stamp(&file, "time-1", 4_096).unwrap();
    let stamp = token_by(prepared.imprint(), CLOSED, &early);
    let once = prepared.embed(&stamp).unwrap();
    // in time: everything about the first layer goes under the second
    let renewal = NOW + 360 * DAY;
    let more = Evidence { certificates: vec![stamper()], crls: vec![time_list(renewal - 60, &[])], ocsps: Vec::new() };
    let twice = closed(&dss(&once, &more).unwrap(), "time-2", renewal);
    let later = NOW + 3 * YEAR;
    let report = verify(&twice, &trust_at(later)).unwrap();
    assert!(report.passed(), "{report:#?}");
    assert_eq!(levels(&report), ["PAdES-B-LTA"]);
    assert_eq!((report.signatures[0].proven_at, report.signatures[1].proven_at), (Some(STAMPED), Some(renewal)));
    // without the second layer the first proves nothing any more
    let report = verify(&once, &trust_at(later)).unwrap();
    assert_eq!((report.signatures[0].sub_indication, report.signatures[0].level.as_str()), (Some(SubIndication::OutOfBoundsNoPoe), "PAdES-B-B"));
    assert_eq!(report.signatures[1].sub_indication, Some(SubIndication::OutOfBoundsNoPoe));
    // without the evidence about the first layer neither
    let unknown = closed(&once, "time-2", renewal);
    let report = verify(&unknown, &trust_at(later)).unwrap();
    assert_eq!(report.signatures[1].sub_indication, Some(SubIndication::NoPoe));
    // renewed too late
    let late = closed(&dss(&once, &more).unwrap(), "time-2", NOW + YEAR + DAY);
    let report = verify(&late, &trust_at(later)).unwrap();
    assert_eq!(report.signatures[1].sub_indication, Some(SubIndication::OutOfBoundsNoPoe));
}

#[test]
fn time_stamps_that_contradict_one_another() {
    let at = NOW + 10 * DAY;
    let stamped_late = stamped(&signed_by(&original(), "head", &ming()), "head", NOW + 2 * DAY);
    let file = closed(&stamped_late, "time-1", NOW + DAY);
    assert_eq!(first(&file, &trust_at(at)), no(SubIndication::TimestampOrderFailure, "time-stamp-order"));
    let file = closed(&closed(&b_t(), "time-1", NOW + 2 * DAY), "time-2", NOW + DAY);
    let report = verify(&file, &trust_at(at)).unwrap();
    let seen: Vec<_> = report.signatures.iter().map(|entry| entry.sub_indication).collect();
    assert_eq!(seen, [None, None, Some(SubIndication::TimestampOrderFailure), None]);
    assert!(!report.passed());
}

#[test]
fn broken_and_foreign_time_stamps() {
    let at = CLOSED;
    let file = b_t();
    // any change in the token is seen
    let token = token(Sha256::digest(signature_value(&file, "finance").unwrap()).into(), STAMPED + 60);
    let digits: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let start = file.windows(digits.len()).position(|window| window == digits.as_bytes()).unwrap();
    for place in (0..token.len()).step_by(3) {
        let mut changed = file.clone();
        let at_digit = start + 2 * place + 1;
        changed[at_digit] = if changed[at_digit] == b'0' { b'1' } else { b'0' };
        let report = verify(&changed, &trust_at(at)).unwrap();
        let entry = &report.signatures[1];
        assert!(entry.indication != Indication::TotalPassed || entry.level == "PAdES-B-B" && !entry.findings.is_empty(), "byte {place}: {entry:#?}");
    }
    // one over something else: put in by hand, as the maker refuses
    let other = (0..=u8::MAX).map(|n| common::world::token([n; 32], STAMPED + 60)).find(|other| other.len() == token.len()).unwrap();
    let mut foreign = file.clone();
    let digits: String = other.iter().map(|byte| format!("{byte:02x}")).collect();
    foreign[start..start + digits.len()].copy_from_slice(digits.as_bytes());
    let report = verify(&foreign, &trust_at(at)).unwrap();
    assert_eq!(report.signatures[1].sub_indication, Some(SubIndication::SigConstraintsFailure));
    assert_eq!(report.signatures[1].findings[0].rule, "time-stamp-imprint");
    // a claim later than its proof
    let early = stamped(&signed_by(&original(), "head", &ming()), "head", NOW - 3_600);
    let report = verify(&early, &trust_at(at)).unwrap();
    assert!(report.passed() && rules(&report).contains(&"time-claimed-late".to_owned()));
    // proven before the certificate began
    let impossible = stamped(&signed_by(&original(), "head", &ming()), "head", NOW - 2 * DAY);
    let report = verify(&impossible, &trust_at(at)).unwrap();
    assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::NotYetValid));
}

#[test]
fn document_time_stamps_cover_every_byte() {
    let file = b_lta();
    let at = CLOSED + 60;
    let from = b_lt().len();
    let token_from = file.windows(13).rposition(|window| window == b"/ETSI.RFC3161").unwrap();
    for place in (0..from).step_by(397).chain((from..file.len()).step_by(23)) {
        let mut changed = file.clone();
        changed[place] ^= 1;
        let Ok(report) = verify(&changed, &trust_at(at)) else { continue };
        let around = String::from_utf8_lossy(&file[place.saturating_sub(20)..(place + 20).min(file.len())]).into_owned();
        assert!(!report.passed() || place > token_from, "byte {place} in {around}");
        if report.passed() {
            assert_eq!(levels(&report), ["PAdES-B-LTA", "PAdES-B-LTA"], "byte {place} in {around}: nothing that counts");
        }
    }
}

#[test]
fn knowledge_may_be_demanded() {
    let demanding = |at, crls: Vec<Vec<u8>>| Trust { revocation_required: true, crls, ..trust_at(at) };
    assert_eq!(first(&b_b(), &demanding(NOW + 60, vec![])), no(SubIndication::TryLater, "revocation-not-checked"));
    assert_eq!(first(&b_b(), &demanding(NOW + 30 * DAY, vec![people_list(NOW, &[])])), no(SubIndication::TryLater, "revocation-stale"));
    assert_eq!(first(&b_b(), &demanding(NOW + 60, vec![people_list(NOW, &[])])), YES);
    // what the file says about itself is enough, now and later
    assert_eq!(first(&b_lta(), &demanding(CLOSED + 60, vec![])), YES);
    assert_eq!(first(&b_lt(), &demanding(NOW + 30 * DAY, vec![time_list(NOW + 29 * DAY, &[])])), YES);
}

#[test]
fn verdicts_about_signatures_themselves() {
    let file = b_t();
    let at = trust_at(NOW + 600);
    let replaced = |from: &[u8], to: &[u8]| {
        let place = file.windows(from.len()).position(|window| window == from).unwrap();
        [&file[..place], to, &file[place + from.len()..]].concat()
    };
    assert_eq!(first(&replaced(b"(12.80)", b"(99.80)"), &at).0, Some(SubIndication::HashFailure));
    assert_eq!(first(&file, &Trust { anchors: vec![], ..at.clone() }).0, Some(SubIndication::NoCertificateChainFound));
    assert_eq!(first(&file, &trust_at(NOW - DAY / 2)).0, Some(SubIndication::SigConstraintsFailure));
    let weak = certificate(&Wish { usage: 0b100, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(first(&signed_by(&original(), "head", &weak), &at).0, Some(SubIndication::ChainConstraintsFailure));
    let future = certificate(&Wish { from: NOW + DAY, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(first(&signed_by(&original(), "head", &future), &at).0, Some(SubIndication::NotYetValid));
    let ended = certificate(&Wish { from: NOW - 9 * DAY, to: NOW - DAY, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(first(&signed_by(&original(), "head", &ended), &at).0, Some(SubIndication::Expired));
}
