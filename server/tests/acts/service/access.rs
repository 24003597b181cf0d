//! The matrix through the desk: every verb × every kind of caller × every status, against rules written down here a second way.

use std::sync::Arc;

use app::desk::Desk;
use app::error::{AppResult, Code};
use app::model::{AccountChange, Lang, Number, Status};
use server::caller::Caller;
use support::world::{World, claim};

/// Who may be asking.
const CALLERS: [&str; 7] = ["nobody", "li.na", "wang.jianguo", "chen.jing", "liu.yang", "zhao.qiang", "admin"];
const VERBS: [&str; 9] = ["document", "view", "events", "file", "signing", "offer", "reject", "withdraw", "correct"];

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_by_every_caller_in_every_status_answers_as_the_rules_say() {
    let world = World::new().await;
    let key = world.key("wang.jianguo").await;
    let mut round = 0;
    for status in [Status::Pending, Status::Signed, Status::Rejected, Status::Withdrawn] {
        let mut subject = None;
        for caller in CALLERS {
            for verb in VERBS {
                let (number, invoice) = match subject.take() {
                    Some(same) => same,
                    None => {
                        round += 1;
                        let invoice = format!("M-{round}");
                        let number = world.claim(&invoice, "7000").await.number;
                        bring(&world, &number, status, &key).await;
                        (number, invoice)
                    }
                };
                let desk = match caller {
                    "nobody" => server::desk::for_caller(world.app.clone(), Caller::anonymous(Lang::En, [127, 0, 0, 1].into())),
                    login => world.desk(login).await,
                };
                let answer = ask(&desk, verb, &number, &invoice).await.map_err(|error| error.code);
                let changed = answer.is_ok() && matches!(verb, "reject" | "withdraw" | "correct");
                assert_eq!(answer.err(), expected(caller, verb, status), "{caller} asks to {verb} a {status:?} document");
                // An act that succeeded changed the document: the next cell of the matrix gets a new one.
                subject = (!changed).then_some((number, invoice));
            }
        }
    }
}

async fn bring(world: &World, number: &Number, status: Status, key: &support::world::Key) {
    match status {
        Status::Pending => {}
        Status::Signed => {
            let key_of_finance = world.key("chen.jing").await;
            world.seal("wang.jianguo", number, key).await.unwrap();
            world.seal("chen.jing", number, &key_of_finance).await.unwrap();
            let desk = world.desk("chen.jing").await;
            desk.revoke(key_of_finance.serial, "test".into(), None).await.unwrap();
        }
        Status::Rejected => drop(world.desk("wang.jianguo").await.reject(number.clone(), 0.into(), "no".into()).await.unwrap()),
        Status::Withdrawn => drop(world.desk("li.na").await.withdraw(number.clone()).await.unwrap()),
    }
}

async fn ask(desk: &Arc<dyn Desk>, verb: &str, number: &Number, invoice: &str) -> AppResult<()> {
    let number = number.clone();
    match verb {
        "document" => desk.document(number).await.map(drop),
        "view" => desk.view(number).await.map(drop),
        "events" => desk.events(number).await.map(drop),
        "file" => desk.file(number, None).await.map(drop),
        "signing" => desk.signing(number).await.map(drop),
        // With a serial that is no one's: leave is asked before, so a permitted caller hears of the certificate only.
        "offer" => desk.offer(number, 0, "00".into(), None).await.map(drop),
        "reject" => desk.reject(number, 0.into(), "no".into()).await.map(drop),
        "withdraw" => desk.withdraw(number).await.map(drop),
        _ => desk.correct(number, claim(invoice, "7000"), None, None).await.map(drop),
    }
}

/// The rules once more: li.na created it, the head was asked first, finance only once the head has sealed, liu.yang reads the type.
fn expected(caller: &str, verb: &str, status: Status) -> Option<Code> {
    if caller == "nobody" {
        return Some(Code::SignInRequired);
    }
    let sees = match caller {
        "li.na" | "wang.jianguo" | "liu.yang" => true,
        "chen.jing" => status == Status::Signed,
        _ => false,
    };
    if !sees {
        return Some(Code::NotFound);
    }
    let approver = matches!(caller, "wang.jianguo" | "chen.jing");
    match verb {
        "document" | "view" | "events" | "file" => None,
        "signing" | "offer" | "reject" => match (status, approver) {
            (Status::Withdrawn, _) => Some(Code::WrongState),
            (Status::Pending, true) => (verb == "offer").then_some(Code::NotFound),
            (_, true) => Some(Code::AlreadyDecided),
            (_, false) => Some(Code::NotYourStep),
        },
        _ if caller != "li.na" => Some(Code::NotPermitted),
        "withdraw" => (!matches!(status, Status::Pending | Status::Rejected)).then_some(Code::WrongState),
        _ => (status != Status::Rejected).then_some(Code::WrongState),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administration_types_and_creation_are_for_those_they_are_for() {
    let world = World::new().await;
    for caller in CALLERS.into_iter().filter(|caller| *caller != "nobody") {
        let desk = world.desk(caller).await;
        let admin = caller == "admin";
        let refused = |code: Option<Code>| assert_eq!(code, (!admin).then_some(Code::NotPermitted), "{caller}");
        refused(desk.accounts().await.err().map(|error| error.code));
        refused(desk.roles().await.err().map(|error| error.code));
        refused(desk.health().await.err().map(|error| error.code));
        refused(desk.type_files("EXP".parse().unwrap()).await.err().map(|error| error.code));
        let files = app::model::TypeFiles { definition: "x".into(), template: None };
        let code = desk.import_type(None, files).await.unwrap_err().code;
        assert_eq!(code, if admin { Code::InvalidInput } else { Code::NotPermitted });
        let change = AccountChange { login: "new.one".into(), name: Some("New".into()), ..Default::default() };
        refused(desk.save_account(change).await.err().map(|error| error.code));
        let created = desk.submit(claim(caller, "10"), None, None).await.err().map(|error| error.code);
        let expected = match caller {
            "li.na" => None,
            "zhao.qiang" => Some(Code::NotFound),
            _ => Some(Code::NotPermitted),
        };
        assert_eq!(created, expected, "{caller} creates");
    }
    assert!(world.desk("admin").await.health().await.unwrap().checks.iter().all(|check| check.ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_role_no_one_has_is_refused_by_name_and_an_inactive_account_is_gone() {
    let world = World::new().await;
    let admin = world.desk("admin").await;
    admin.save_account(AccountChange { login: "wang.jianguo".into(), active: Some(false), ..Default::default() }).await.unwrap();
    let error = world.desk("li.na").await.submit(claim("ROLE-1", "10"), None, None).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    assert!(error.detail.contains("Department head") && error.detail.contains("department-head"), "{}", error.detail);
    let error = admin.save_account(AccountChange { login: "admin".into(), admin: Some(false), ..Default::default() }).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
}

/// Storing what a decision needs may take a minute: what was permitted when it began is asked again before it becomes true.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_lost_while_a_decision_is_stored_decides_nothing() {
    let world = World::new().await;
    let key = world.key("wang.jianguo").await;
    let number = world.claim("ROLE-2", "10").await.number;
    // A request that began before the change carries the account as it was.
    let desk = world.desk("wang.jianguo").await;
    let offer = desk.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap();
    let cms = key.cms(&*desk, &offer).await;
    let change =
        |roles: &[&str]| AccountChange { login: "wang.jianguo".into(), roles: Some(roles.iter().map(ToString::to_string).collect()), ..Default::default() };
    world.desk("admin").await.save_account(change(&[])).await.unwrap();
    assert_eq!(desk.reject(number.clone(), 0.into(), "no".into()).await.unwrap_err().code, Code::NotYourStep);
    let signed = desk.sign(app::model::SignatureDecision { number: number.clone(), offer: offer.id, cms }).await;
    assert_eq!(signed.unwrap_err().code, Code::NotYourStep);
    let document = world.desk("li.na").await.document(number.clone()).await.unwrap();
    assert_eq!((document.status, document.revision), (Status::Pending, 0));
    world.desk("admin").await.save_account(change(&["department-head"])).await.unwrap();
    assert_eq!(desk.reject(number, 0.into(), "no".into()).await.unwrap().status, Status::Rejected);
}
