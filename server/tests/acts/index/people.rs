//! Accounts, sessions, tokens, certificates, types.

use app::model::{Continuity, Number};
use server::index::{
    AccountRow, AccountUpdate, CertificateRow, Constraint, Counted, Index, IndexError, Issuance, ListQuery, NewAccount, NewSession, NewToken, OfferRow,
    Revoked, Revoking, TypeRow, Viewer, new_id,
};

use crate::index::world::{T0, World, any, code};

const IDLE: i64 = 30 * 60_000;

pub async fn logins_are_unique_and_sessions_end(world: World) {
    let first = world.person("li.na", &["creator", "head"]).await;
    assert_eq!((first.client_number.as_str(), first.roles.join(" ")), ("C00001", "creator head".into()));
    let twin = NewAccount {
        login: "li.na".into(),
        name: "x".into(),
        roles: vec!["a".into(), "a".into()],
        reads: Vec::new(),
        admin: true,
        active: true,
        password_hash: None,
        at: T0,
        by: String::new(),
        reserved: None,
    };
    assert_eq!(world.index.create_account(twin).await, Err(IndexError::Constraint(Constraint::Login)));
    let second = world.person("wang", &["head"]).await;
    assert_eq!(second.client_number.as_str(), "C00002");
    let index = &world.index;
    let logins = async |role: &str| index.accounts_with_role(role).await.unwrap().into_iter().map(|row| row.login).collect::<Vec<_>>();
    assert_eq!(logins("head").await, ["li.na", "wang"]);
    assert_eq!(logins("@wang").await, ["wang"]);
    assert_eq!(index.account_roles().await.unwrap(), ["creator", "head"]);
    for hash in ["a", "b"] {
        index.insert_session(NewSession { secret_hash: hash.into(), account: first.id.clone(), at: T0, expires_at: T0 + 10 * IDLE }).await.unwrap();
    }
    let alive = async |hash: &str, now: i64| index.session(hash, now, IDLE).await.unwrap().is_some();
    assert!(alive("a", T0 + IDLE - 1).await);
    assert!(!alive("b", T0 + IDLE).await, "idle too long");
    assert!(alive("a", T0 + 2 * IDLE - 2).await, "use keeps it alive");
    assert!(index.session_alive("a", T0 + 3 * IDLE - 3, IDLE).await.unwrap());
    assert!(!index.session_alive("a", T0 + 3 * IDLE, IDLE).await.unwrap(), "asking whether it lives is no use");
    assert!(!alive("a", T0 + 10 * IDLE).await, "absolute end");
    index.change_account("li.na", AccountUpdate { password_hash: Some("new".into()), ..Default::default() }).await.unwrap();
    assert!(!alive("a", T0 + 2 * IDLE).await, "a new password ends it");
    index.change_account("wang", AccountUpdate { active: Some(false), reads: Some(vec!["EXP".into()]), ..Default::default() }).await.unwrap();
    assert_eq!(logins("head").await, ["li.na"]);
    assert_eq!(index.account_by_login("wang").await.unwrap().unwrap().reads, ["EXP"]);
    assert_eq!(index.change_account("nobody", AccountUpdate::default()).await.unwrap(), None);
    assert_eq!(index.accounts().await.unwrap().len(), 2);
}

pub async fn tries_to_sign_in_are_counted_at_once(world: World) {
    let keys = vec![Counted::address("127.0.0.1", 100), Counted::login("li.na"), Counted::pair("li.na", "127.0.0.1", 5)];
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (index, keys) = (world.index.clone(), keys.clone());
            tokio::spawn(async move { index.admit_login(&keys, T0, 60_000).await.unwrap() })
        })
        .collect();
    let mut admitted = 0;
    for one in tries {
        admitted += u32::from(one.await.unwrap().is_some());
    }
    assert_eq!(admitted, 5);
    let tried = async |keys: &[Counted], now: i64| world.index.admit_login(keys, now, 60_000).await.unwrap();
    assert_eq!(tried(&keys, T0 + 59_999).await, None);
    assert_eq!(tried(&keys, T0 + 60_000).await, Some(vec![1, 1, 1]), "a new window");
    // From elsewhere the name is counted on, and not shut.
    let elsewhere = [Counted::address("192.0.2.1", 100), Counted::login("li.na"), Counted::pair("li.na", "192.0.2.1", 5)];
    assert_eq!(tried(&elsewhere, T0 + 60_001).await, Some(vec![1, 2, 1]));
    // Who gets in gives the try back.
    world.index.forgive_login(&elsewhere).await.unwrap();
    assert_eq!(tried(&elsewhere, T0 + 60_002).await, Some(vec![1, 2, 1]));
    // A clock that was ahead shuts nobody out until then.
    assert_eq!(tried(&elsewhere, T0 + 9_000_000).await, Some(vec![1, 1, 1]));
    assert_eq!(tried(&elsewhere, T0 + 60_003).await, Some(vec![1, 1, 1]));
}

pub async fn tokens_certificates_and_offers(world: World) {
    let (index, li, wang) = (&world.index, world.person("li.na", &[]).await, world.person("wang", &[]).await);
    let token = NewToken { id: new_id(), account: li.id.clone(), label: "script".into(), secret_hash: "h".into(), at: T0 };
    index.insert_token(token.clone()).await.unwrap();
    assert_eq!(index.insert_token(NewToken { id: new_id(), ..token.clone() }).await, Err(IndexError::Constraint(Constraint::Secret)));
    assert_eq!(index.account_by_token("h", T0 + 5).await.unwrap().unwrap().1.login, "li.na");
    assert_eq!(index.tokens_of(&li.id).await.unwrap()[0].used_at, Some(T0 + 5));
    assert!(!index.delete_token(&wang.id, &token.id, T0).await.unwrap());
    assert!(index.delete_token(&li.id, &token.id, T0).await.unwrap() && !index.token_alive("h").await.unwrap());
    // An account that is closed and opened again has none of the tokens that it had.
    index.insert_token(NewToken { id: new_id(), ..token.clone() }).await.unwrap();
    for active in [false, true] {
        index.change_account("li.na", AccountUpdate { active: Some(active), at: T0 + 1, ..Default::default() }).await.unwrap();
        assert!(!index.token_alive("h").await.unwrap());
    }
    let certificate = CertificateRow {
        serial: "0a1b".into(),
        account: li.id.clone(),
        subject: "李娜".into(),
        device: "phone".into(),
        der: vec![0, 255, 48],
        fingerprint: "f".into(),
        issuer: "m".into(),
        key_sha256: "k1".into(),
        issued_at: T0,
        not_before: T0,
        not_after: T0 + 1_000,
        continuity: Continuity::First,
        renews: None,
        replaced_at: None,
        used_at: None,
        confirmed_at: None,
        revoked_at: None,
        revocation_reason: None,
        revocation_note: None,
        revoked_by: None,
    };
    let issued = |row: CertificateRow| Ok(Issuance::Done(std::boxed::Box::new(row)));
    assert_eq!(index.insert_certificate(certificate.clone(), 9, None).await, issued(certificate.clone()));
    let again = CertificateRow { key_sha256: "k2".into(), ..certificate.clone() };
    assert_eq!(index.insert_certificate(again, 9, None).await, Err(IndexError::Constraint(Constraint::Certificate)));
    assert_eq!(index.certificates_of(&li.id).await.unwrap(), std::slice::from_ref(&certificate));

    // A second key is new; one that the first one's key signed for is renewed; a key of another's or a revoked one is spent.
    let other = |serial: &str, key: &str| CertificateRow { serial: serial.into(), key_sha256: key.into(), issued_at: T0 + 1, ..certificate.clone() };
    let second = CertificateRow { continuity: Continuity::New, ..other("02", "k2") };
    assert_eq!(index.insert_certificate(other("02", "k2"), 9, None).await, issued(second.clone()));
    let renewed = CertificateRow { renews: Some("0a1b".into()), ..other("03", "k3") };
    let third = CertificateRow { continuity: Continuity::Renewed, ..renewed.clone() };
    assert_eq!(index.insert_certificate(renewed, 9, None).await, issued(third.clone()));
    let foreign = CertificateRow { account: wang.id.clone(), ..other("04", "k1") };
    assert_eq!(index.insert_certificate(foreign, 9, None).await, Ok(Issuance::KeySpent));
    assert_eq!(index.insert_certificate(other("05", "k5"), 3, None).await, Ok(Issuance::TooMany));
    let nothing = CertificateRow { renews: Some("ff".into()), ..other("06", "k6") };
    assert_eq!(index.insert_certificate(nothing, 9, None).await, Ok(Issuance::RenewedGone));

    // The first signature of the renewed one ends the old one; a use is written down once a minute.
    index.certificate_used(&third, T0 + 2).await.unwrap();
    assert_eq!(index.certificate("0a1b").await.unwrap().unwrap().replaced_at, Some(T0 + 2));
    let used = index.certificate("03").await.unwrap().unwrap();
    index.certificate_used(&used, T0 + 3).await.unwrap();
    assert_eq!(index.certificate("03").await.unwrap().unwrap().used_at, Some(T0 + 2));
    let unproven = index.issued(true, T0, 10).await.unwrap();
    assert_eq!(unproven.iter().map(|(login, _, row)| (login.as_str(), row.serial.as_str())).collect::<Vec<_>>(), [("li.na", "02")]);
    assert_eq!(index.issued(false, T0, 2).await.unwrap().len(), 2);
    assert!(!index.confirm_certificate(&wang.id, "02", T0 + 4, None).await.unwrap());
    assert!(index.confirm_certificate(&li.id, "02", T0 + 4, None).await.unwrap());

    let lost = |account: &str| Revoking {
        serial: "0a1b".into(),
        account: Some(account.into()),
        at: T0 + 5,
        reason: "keyCompromise".into(),
        note: Some("train".into()),
        by: Some("李娜".into()),
        ..Revoking::default()
    };
    assert!(!index.revoke_certificate(lost(&wang.id)).await.unwrap());
    assert!(index.revoke_certificate(lost(&li.id)).await.unwrap());
    assert!(!index.revoke_certificate(lost(&li.id)).await.unwrap());
    assert_eq!(index.insert_certificate(other("07", "k1"), 9, None).await, Ok(Issuance::KeySpent));
    assert_eq!(index.revoked().await.unwrap(), [Revoked { serial: "0a1b".into(), issuer: "m".into(), at: T0 + 5, reason: "keyCompromise".into() }]);
    // An account that ends takes all that counts with it; what was revoked before keeps its reason.
    index.change_account("li.na", AccountUpdate { active: Some(false), at: T0 + 6, ..Default::default() }).await.unwrap();
    let revoked: Vec<_> = index.revoked().await.unwrap().into_iter().map(|row| (row.serial, row.reason)).collect();
    let ended = |serial: &str| (serial.to_owned(), "privilegeWithdrawn".to_owned());
    assert_eq!(revoked, [("0a1b".to_owned(), "keyCompromise".to_owned()), ended("02"), ended("03")]);
    assert_eq!(index.insert_certificate(other("08", "k8"), 9, None).await, Ok(Issuance::Inactive));
    let document = world.create("EXP-2026-000001", "m", &li, vec![any("head")]).await;
    let offer = OfferRow {
        id: new_id(),
        number: document.number.clone(),
        edition: 1,
        revision: 0,
        position: 1,
        account: wang.id.clone(),
        serial: "0a1b".into(),
        parameters: "{}".into(),
        created_at: T0,
        expires_at: T0 + 1,
    };
    index.insert_offer(offer.clone()).await.unwrap();
    assert_eq!(index.offer(&document.number, &offer.id).await.unwrap(), Some(offer.clone()));
    index.prune(T0 + 1_000_000_000).await.unwrap();
    assert_eq!(index.offer(&document.number, &offer.id).await.unwrap(), None);
    assert!(index.check().await.into_iter().all(|(_, answer)| answer.is_ok()));
}

pub async fn a_type_never_moves(world: World) {
    let row = world.index.type_row(&code("EXP")).await.unwrap().unwrap();
    let moved = TypeRow { database: "work_orders".into(), ..row.clone() };
    assert_eq!(world.index.save_type(moved, None).await, Err(IndexError::Constraint(Constraint::TypeDatabase)));
    let nowhere = TypeRow { code: code("NEW"), database: "nowhere".into(), ..row.clone() };
    assert_eq!(world.index.save_type(nowhere, None).await, Err(IndexError::Constraint(Constraint::TypeDatabase)));
    let changed = TypeRow { definition: "changed".into(), template: Some("= x".into()), ..row };
    world.index.save_type(changed.clone(), None).await.unwrap();
    assert_eq!(world.index.type_row(&code("EXP")).await.unwrap(), Some(changed));
    assert_eq!(world.index.database_of(&code("WO")).await.unwrap().as_deref(), Some("work_orders"));
    assert_eq!(world.index.database_of(&code("NON")).await.unwrap(), None);
    assert_eq!(world.index.types().await.unwrap().len(), 2);
    assert!(world.index.has_database("main") && !world.index.has_database("x"));
}

/// Every question can be asked from a spawned task: what compiles here compiles in a handler.
#[expect(dead_code, reason = "only compiled")]
fn futures_can_move(index: &'static Index, account: &'static AccountRow, number: &'static Number, list: &'static ListQuery) {
    fn movable(_: impl Future + Send) {}
    let viewer: &'static Viewer = std::boxed::Box::leak(std::boxed::Box::new(crate::index::world::viewer(account)));
    movable(Index::open(&[]));
    movable(index.check());
    movable(index.list(list, viewer));
    movable(index.waiting(viewer));
    movable(index.find(number, viewer));
    movable(index.deliveries(&account.id, None, 1));
    movable(index.mailbox(&account.id, 1));
    movable(index.mark_read(&account.id, "", 1));
    movable(index.expired_intents(1, 1));
    movable(index.files(None, 1));
    movable(index.idempotent(&account.id, "k"));
    movable(index.session("h", 1, 1));
    movable(index.account_by_token("h", 1));
    movable(index.accounts_with_role("head"));
    movable(index.prune(1));
    movable(index.close());
}
