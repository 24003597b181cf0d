//! Keys, certificates, offers: whose they are and when they count.

use std::sync::Arc;

use app::desk::Desk;
use app::error::Code;
use app::model::{AccountChange, Lang, Query, SignIn, SignatureDecision};
use server::caller::Caller;
use support::world::{Key, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_its_owners_ends_after_ten_minutes_and_takes_only_the_signature_it_predicts() {
    let world = World::new().await;
    let document = world.claim("KEY-1", "10").await;
    let number = document.number.clone();
    let key = world.key("wang.jianguo").await;
    let head = world.desk("wang.jianguo").await;
    let offer = head.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap();
    let cms = key.cms(&*head, &offer).await;
    let decision = SignatureDecision { number: number.clone(), offer: offer.id.clone(), cms: cms.clone() };

    // Another head cannot use it, nor another's certificate.
    world.add("second", &["department-head"]).await;
    let second = world.desk("second").await;
    assert_eq!(second.sign(decision.clone()).await.unwrap_err().code, Code::StaleRevision);
    assert_eq!(second.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap_err().code, Code::NotFound);

    // A flipped byte anywhere in the signature is refused with its indication, and the document stays as it was.
    let mut broken = cms.clone();
    let last = if broken.ends_with('0') { '1' } else { '0' };
    broken.pop();
    broken.push(last);
    let error = head.sign(SignatureDecision { cms: broken, ..decision.clone() }).await.unwrap_err();
    assert_eq!((error.code, error.indication.as_deref()), (Code::SignatureInvalid, Some("TOTAL-FAILED")));
    assert_eq!(head.sign(SignatureDecision { cms: "zz".into(), ..decision.clone() }).await.unwrap_err().code, Code::InvalidInput);
    assert_eq!(head.document(number.clone()).await.unwrap(), document);

    // Late is too late; a fresh offer works.
    world.clock.advance(11 * 60 * 1000);
    assert_eq!(head.sign(decision).await.unwrap_err().code, Code::StaleRevision);
    assert_eq!(world.seal("wang.jianguo", &number, &key).await.unwrap().revision, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_signs_nothing_more() {
    let world = World::new().await;
    let document = world.claim("KEY-2", "10").await;
    let head = world.desk("wang.jianguo").await;
    let key = world.key("wang.jianguo").await;
    let offer = head.offer(document.number.clone(), 0, key.serial.clone(), None).await.unwrap();
    let cms = key.cms(&*head, &offer).await;
    assert_eq!(world.desk("chen.jing").await.revoke(key.serial.clone(), "not mine".into(), None).await.unwrap_err().code, Code::NotFound);
    let revoked = head.revoke(key.serial.clone(), "lost phone".into(), None).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    let decision = SignatureDecision { number: document.number.clone(), offer: offer.id, cms };
    assert_eq!(head.sign(decision).await.unwrap_err().code, Code::CertificateRefused);
    assert_eq!(head.offer(document.number, 0, key.serial, None).await.unwrap_err().code, Code::CertificateRefused);
    assert!(!server::service::authority::crl_der(&world.app).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_signs_by_the_whole_file_or_its_tail_and_by_nothing_else() {
    let world = World::new().await;
    for appended in [false, true] {
        let document = world.claim(&format!("OUT-{appended}"), "10").await;
        let head = world.desk("wang.jianguo").await;
        let key = Key::enrol(&*head, &format!("outside {appended}")).await;
        let signing = head.signing(document.number.clone()).await.unwrap();
        let original = head.file(document.number.clone(), Some(signing.revision)).await.unwrap().bytes;
        let offer = head.offer(document.number.clone(), 0, key.serial.clone(), None).await.unwrap();
        let tail = key.signed(&original, &offer.parameters).tail().to_vec();
        let whole = [&original[..], &tail[..]].concat();
        let send = |body: Vec<u8>, revision| head.sign_outside(document.number.clone(), revision, body.into(), appended);
        let good = if appended { tail.clone() } else { whole.clone() };

        assert_eq!(send(good.clone(), 1).await.unwrap_err().code, Code::StaleRevision);
        let mut longer = good.clone();
        longer.extend_from_slice(b"\n% more");
        let error = send(longer, 0).await.unwrap_err();
        assert_eq!(error.code, Code::SignatureInvalid, "{error:?}");
        assert!(error.indication.is_some());
        let error = send(b"%PDF-1.7 other".to_vec(), 0).await.unwrap_err();
        assert_eq!(error.code, Code::SignatureInvalid, "{error:?}");
        assert_eq!(send(good, 0).await.unwrap().steps[0].decisions[0].serial.as_deref(), Some(key.serial.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_answers_wrong_names_and_wrong_passwords_alike_and_then_makes_a_pause() {
    let world = World::new().await;
    let desk = server::desk::for_caller(world.app.clone(), server::caller::Caller::anonymous(app::model::Lang::Zh, [127, 0, 0, 9].into()));
    let enter = |login: &str, password: &str| desk.sign_in(SignIn { login: login.into(), password: password.into() });
    let unknown = enter("nobody", "signet-demo").await.err().unwrap();
    let wrong = enter("li.na", "signet-dem0").await.err().unwrap();
    assert_eq!(unknown, wrong);
    let session = enter("Li.Na ", "signet-demo").await.unwrap();
    assert_eq!(session.me.name, "李娜");
    let (proof, person) = server::service::identify::by_session(&world.app, &session.secret).await.unwrap().unwrap();
    assert_eq!(person.me, session.me);
    assert!(server::service::identify::by_session(&world.app, "guess").await.unwrap().is_none());

    // A new password ends every session.
    let mine = server::desk::for_caller(world.app.clone(), server::caller::Caller::signed_in(proof, person, app::model::Lang::En, [127, 0, 0, 9].into()));
    assert_eq!(mine.change_password("wrong".into(), "another password".into(), false).await.unwrap_err().code, Code::WrongCredentials);
    mine.change_password("signet-demo".into(), "another password".into(), false).await.unwrap();
    assert!(server::service::identify::by_session(&world.app, &session.secret).await.unwrap().is_none());

    for _ in 0..12 {
        let _ = enter("chen.jing", "guess guess").await;
    }
    assert_eq!(enter("chen.jing", "signet-demo").await.err().unwrap().code, Code::TooManyTries);
    world.clock.advance(16 * 60 * 1000);
    assert!(enter("chen.jing", "signet-demo").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_idleness_and_tokens_by_their_owner() {
    let world = World::new().await;
    let desk = world.desk("li.na").await;
    let token = desk.create_token("ERP".into()).await.unwrap();
    assert!(server::service::identify::by_token(&world.app, &token).await.unwrap().is_some());
    let id = desk.tokens().await.unwrap()[0].id.clone();
    assert_eq!(world.desk("chen.jing").await.delete_token(id.clone()).await.unwrap_err().code, Code::NotFound);
    desk.delete_token(id).await.unwrap();
    assert!(server::service::identify::by_token(&world.app, &token).await.unwrap().is_none());

    let session = desk.sign_in(SignIn { login: "li.na".into(), password: "signet-demo".into() }).await.unwrap();
    world.clock.advance(31 * 60 * 1000);
    assert!(server::service::identify::by_session(&world.app, &session.secret).await.unwrap().is_none());
}

/// Whoever knew the old password may have made a token with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_tokens_unless_they_are_kept_on_purpose() {
    let world = World::new().await;
    let desk = world.desk("li.na").await;
    let lives = async |token: &str| server::service::identify::by_token(&world.app, token).await.unwrap().is_some();
    let token = desk.create_token("ERP".into()).await.unwrap();
    desk.change_password("signet-demo".into(), "another password".into(), true).await.unwrap();
    assert!(lives(&token).await);
    desk.change_password("another password".into(), "a third password".into(), false).await.unwrap();
    assert!(!lives(&token).await);
    // An administrator is asked, the command line says so.
    let reset = |end_tokens| AccountChange { login: "li.na".into(), password: Some("a reset password".into()), end_tokens, ..AccountChange::default() };
    let admin = world.desk("admin").await;
    let token = desk.create_token("ERP".into()).await.unwrap();
    admin.save_account(reset(false)).await.unwrap();
    assert!(lives(&token).await);
    admin.save_account(reset(true)).await.unwrap();
    assert!(!lives(&token).await);
    let token = desk.create_token("ERP".into()).await.unwrap();
    server::service::accounts::set_password(&world.app, "li.na", "another password".into(), true).await.unwrap();
    assert!(lives(&token).await);
    server::service::accounts::set_password(&world.app, "li.na", "a third password".into(), false).await.unwrap();
    assert!(!lives(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_neither_fill_nor_break_the_trail_and_lock_out_few() {
    let world = World::new().await;
    let before = world.app.index.trail_head("main").await.unwrap().position;
    let at = |address: &str| server::desk::for_caller(world.app.clone(), Caller::anonymous(Lang::En, address.parse().unwrap()));
    let desk = at("192.0.2.1");
    let enter = |login: String| desk.sign_in(SignIn { login, password: "wrong password".into() });
    // Names that nobody has, one with a character that no database keeps.
    for _ in 0..12 {
        assert!(matches!(enter("\0x".into()).await.err().unwrap().code, Code::WrongCredentials | Code::TooManyTries));
    }
    assert_eq!(world.app.index.trail_head("main").await.unwrap().position, before);
    // An address that is over its limit counts against no name any more.
    for round in 0..60 {
        let _ = enter(format!("nobody-{round}")).await;
    }
    for _ in 0..12 {
        assert_eq!(enter("wang.jianguo".into()).await.err().unwrap().code, Code::TooManyTries);
    }
    let own = at("192.0.2.2").sign_in(SignIn { login: "wang.jianguo".into(), password: "signet-demo".into() }).await;
    assert!(own.is_ok(), "{:?}", own.err());
    // One household is one address.
    for round in 0..60 {
        let _ = at(&format!("2001:db8::{round:x}")).sign_in(SignIn { login: format!("no-{round}"), password: "wrong".into() }).await;
    }
    let last = at("2001:db8::ffff").sign_in(SignIn { login: "li.na".into(), password: "signet-demo".into() }).await;
    assert_eq!(last.err().unwrap().code, Code::TooManyTries);
    // Both addresses were told once; the trail holds.
    assert_eq!(world.app.index.trail_head("main").await.unwrap().position, before + 2);
    let findings = server::service::fsck::run(&world.app).await.unwrap().findings;
    assert!(findings.is_empty(), "{findings:?}");
}

async fn enter_as(desk: &Arc<dyn Desk>, login: &str, password: &str) -> app::error::AppResult<app::desk::NewSession> {
    desk.sign_in(SignIn { login: login.into(), password: password.into() }).await
}

/// Whoever guesses shuts out himself, not the one whose name he takes; and whoever gets in has tried nothing.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_tries_shut_out_who_makes_them() {
    let world = World::new().await;
    let at = |address: &str| server::desk::for_caller(world.app.clone(), Caller::anonymous(Lang::En, address.parse().unwrap()));
    let enter = async |address: &str, password: &str| {
        at(address).sign_in(SignIn { login: "wang.jianguo".into(), password: password.into() }).await.err().map(|error| error.code)
    };
    for _ in 0..12 {
        assert!(enter("192.0.2.1", "a guess or so").await.is_some());
    }
    assert_eq!(enter("192.0.2.1", "signet-demo").await, Some(Code::TooManyTries));
    assert_eq!(enter("192.0.2.2", "signet-demo").await, None, "the owner, from elsewhere");
    // Nor is the owner shut out who sits beside them and has signed in before.
    let known = at("192.0.2.4").sign_in(SignIn { login: "wang.jianguo".into(), password: "signet-demo".into() }).await.unwrap().device.unwrap();
    let by = |address: &str, device: &str, password: &str, login: &str| {
        let device = Some(server::service::secret::digest(device.as_bytes()));
        let caller = Caller { device, ..Caller::anonymous(Lang::En, address.parse().unwrap()) };
        let desk = server::desk::for_caller(world.app.clone(), caller);
        let entered = SignIn { login: login.into(), password: password.into() };
        async move { desk.sign_in(entered).await.map_err(|error| error.code) }
    };
    let again = by("192.0.2.1", &known, "signet-demo", "wang.jianguo").await.unwrap();
    assert_eq!(again.device, None, "it is known already");
    // A device vouches for its own account, and not for ever.
    assert_eq!(by("192.0.2.1", "made up", "signet-demo", "wang.jianguo").await.err(), Some(Code::TooManyTries));
    for _ in 0..10 {
        assert_eq!(by("192.0.2.1", &known, "a guess or so", "wang.jianguo").await.err(), Some(Code::WrongCredentials));
    }
    assert_eq!(by("192.0.2.1", &known, "signet-demo", "wang.jianguo").await.err(), Some(Code::TooManyTries));
    assert!(by("192.0.2.9", &known, "signet-demo", "wang.jianguo").await.is_ok(), "from elsewhere as anyone");
    for _ in 0..12 {
        let _ = enter_as(&at("192.0.2.1"), "chen.jing", "a guess or so").await;
    }
    assert_eq!(by("192.0.2.1", &known, "signet-demo", "chen.jing").await.err(), Some(Code::TooManyTries));
    // An office behind one address, in the morning.
    for person in 0..55 {
        assert_eq!(enter("192.0.2.3", "signet-demo").await, None, "the {person}th");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_no_others_and_changes_no_password() {
    let world = World::new().await;
    let secret = world.desk("li.na").await.create_token("ERP".into()).await.unwrap();
    let (proof, person) = server::service::identify::by_token(&world.app, &secret).await.unwrap().unwrap();
    let desk = server::desk::for_caller(world.app.clone(), Caller::signed_in(proof, person, Lang::En, [127, 0, 0, 1].into()));
    assert_eq!(desk.create_token("more".into()).await.unwrap_err().code, Code::NotPermitted);
    assert_eq!(desk.change_password("signet-demo".into(), "another password".into(), true).await.unwrap_err().code, Code::NotPermitted);
    assert!(desk.documents(Query::default()).await.is_ok());
}
