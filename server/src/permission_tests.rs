//! The generated matrix: every verb × every kind of caller × every status, judged by rules written a second way.

use super::*;

fn me(admin: bool) -> Me {
    Me { login: "x".into(), name: "X".into(), client_number: "C00001".parse().unwrap(), roles: vec![], admin }
}

const STATUSES: [Status; 4] = [Status::Pending, Status::Signed, Status::Rejected, Status::Withdrawn];

fn standings() -> impl Iterator<Item = Standing> {
    STATUSES.into_iter().flat_map(|status| {
        (0..32u8).map(move |bits| Standing {
            status,
            signed_once: bits & 1 != 0,
            creator: bits & 2 != 0,
            reached: bits & 4 != 0,
            asked: bits & 8 != 0 && bits & 4 != 0 && status == Status::Pending,
            reads: bits & 16 != 0,
        })
    })
}

#[test]
fn what_may_not_be_seen_does_not_exist_for_any_verb() {
    for admin in [false, true] {
        for standing in standings().filter(|s| !s.creator && !s.reached && !s.reads) {
            for verb in Verb::ALL {
                assert_eq!(judge(&me(admin), *verb, Subject::Document(standing)), Verdict::No(Refusal::NotFound), "{verb:?} {standing:?}");
            }
        }
    }
}

#[test]
fn every_act_on_a_document_is_permitted_exactly_where_the_rules_say() {
    for admin in [false, true] {
        for s in standings() {
            let expected = |verb: Verb| match verb {
                Verb::See => s.creator || s.reached || s.reads,
                Verb::Decide => s.asked && s.status == Status::Pending,
                Verb::Withdraw => s.creator && ((s.status == Status::Pending && !s.signed_once) || s.status == Status::Rejected),
                Verb::Correct => s.creator && s.status == Status::Rejected,
                _ => false,
            };
            for verb in Verb::ALL {
                let verdict = judge(&me(admin), *verb, Subject::Document(s));
                assert_eq!(verdict == Verdict::Yes, expected(*verb), "{verb:?} admin={admin} {s:?} → {verdict:?}");
            }
        }
    }
}

#[test]
fn the_loser_of_a_race_hears_that_it_was_decided_and_a_bystander_that_it_is_not_his_step() {
    let standing = Standing { status: Status::Pending, signed_once: true, creator: false, reached: true, asked: false, reads: false };
    assert_eq!(judge(&me(false), Verb::Decide, Subject::Document(standing)), Verdict::No(Refusal::AlreadyDecided));
    let standing = Standing { reached: false, creator: true, ..standing };
    assert_eq!(judge(&me(false), Verb::Decide, Subject::Document(standing)), Verdict::No(Refusal::NotYourStep));
}

#[test]
fn administration_is_for_administrators_and_gives_no_document_and_no_creation() {
    for verb in Verb::ALL {
        let administrative = matches!(verb, Verb::ManageAccounts | Verb::ManageKeys | Verb::ManageTypes | Verb::SeeHealth);
        let own = matches!(verb, Verb::ReadOwn | Verb::UseKeys | Verb::UseSeals | Verb::UseTokens | Verb::ChangePassword);
        assert_eq!(judge(&me(false), *verb, Subject::Nothing) == Verdict::Yes, own, "{verb:?}");
        assert_eq!(judge(&me(true), *verb, Subject::Nothing) == Verdict::Yes, own || administrative, "{verb:?}");
    }
    assert_eq!(judge(&me(true), Verb::Submit, Subject::Type(TypeTie::default())), Verdict::No(Refusal::NotPermitted));
    assert_eq!(judge(&me(true), Verb::SeeType, Subject::Type(TypeTie::default())), Verdict::Yes);
}

#[test]
fn a_type_is_seen_by_those_who_use_it_and_created_by_its_creators() {
    for bits in 0..8u8 {
        let tie = TypeTie { creates: bits & 1 != 0, approves: bits & 2 != 0, reads: bits & 4 != 0 };
        assert_eq!(judge(&me(false), Verb::SeeType, Subject::Type(tie)) == Verdict::Yes, bits != 0);
        assert_eq!(judge(&me(false), Verb::Submit, Subject::Type(tie)) == Verdict::Yes, tie.creates);
        for verb in Verb::ALL.iter().filter(|verb| !matches!(verb, Verb::SeeType | Verb::Submit)) {
            assert_ne!(judge(&me(true), *verb, Subject::Type(tie)), Verdict::Yes, "{verb:?}");
        }
    }
}

#[test]
fn a_caller_who_has_not_signed_in_gets_no_permit_at_all() {
    let caller = Caller::anonymous(app::model::Lang::En, std::net::IpAddr::from([127, 0, 0, 1]));
    let error = permit::<ReadOwn>(&caller, Subject::Nothing).unwrap_err();
    assert_eq!(error.code(), Code::SignInRequired);
    let standing = Standing { status: Status::Pending, signed_once: false, creator: true, reached: true, asked: true, reads: true };
    assert_eq!(permit::<Decide>(&caller, Subject::Document(standing)).unwrap_err().code(), Code::SignInRequired);
}
