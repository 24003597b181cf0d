//! The life of a key: renewed by the old one, replaced when the new one first signs, asked about when nothing stands behind it, ended by its
//! owner, an administrator, or with the account.

use app::error::Code;
use app::model::{AccountChange, CertificateState, Continuity};
use server::service::accounts;
use support::world::{Key, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_key_takes_over_when_it_first_signs() {
    let world = World::new().await;
    let head = world.desk("wang.jianguo").await;
    let old = world.key("wang.jianguo").await;
    let new = Key::renew(&*head, "the next one", &old).await;
    // Until the new key has signed, a browser that lost it on the way still has the old one.
    let first = world.claim("REN-1", "10").await;
    world.seal("wang.jianguo", &first.number, &old).await.unwrap();
    let second = world.claim("REN-2", "10").await;
    world.seal("wang.jianguo", &second.number, &new).await.unwrap();
    let third = world.claim("REN-3", "10").await;
    let error = head.offer(third.number.clone(), 0, old.serial.clone(), None).await.unwrap_err();
    assert_eq!(error.code, Code::CertificateRefused);
    world.seal("wang.jianguo", &third.number, &new).await.unwrap();

    let list = head.certificates().await.unwrap();
    let one = |serial: &str| list.iter().find(|one| one.serial == serial).unwrap();
    let (old_row, new_row) = (one(&old.serial), one(&new.serial));
    assert_eq!((old_row.state, old_row.continuity, old_row.used_at.is_some()), (CertificateState::Replaced, Continuity::First, true));
    assert_eq!((new_row.state, new_row.continuity, new_row.renews.as_deref()), (CertificateState::Valid, Continuity::Renewed, Some(old.serial.as_str())));
    assert!(new_row.used_at.is_some() && !new_row.is_unproven());
    // A replaced key renews nothing, and what it signed holds: it was not revoked.
    let error = Key::try_renew(&*head, "third", &old).await.err().unwrap();
    assert_eq!(error.code, Code::CertificateRefused);
    let file = head.file(first.number, Some(1)).await.unwrap().bytes;
    assert!(server::service::verify::run(&world.app, file, ()).await.unwrap().passed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_asked_about_until_its_owner_speaks() {
    let world = World::new().await;
    let (head, admin) = (world.desk("wang.jianguo").await, world.desk("admin").await);
    world.key("wang.jianguo").await;
    assert_eq!(admin.issued(true).await.unwrap(), []);
    let other = Key::enrol(&*head, "another device").await;
    let listed = admin.issued(true).await.unwrap();
    assert_eq!(listed.iter().map(|one| (one.login.as_str(), one.certificate.serial.as_str())).collect::<Vec<_>>(), [("wang.jianguo", other.serial.as_str())]);
    assert!(head.certificates().await.unwrap().iter().any(|one| one.serial == other.serial && one.is_unproven()));
    assert_eq!(world.desk("chen.jing").await.confirm_key(other.serial.clone()).await.unwrap_err().code, Code::NotFound);
    assert!(!head.confirm_key(other.serial.clone()).await.unwrap().is_unproven());
    // The owner's word does not take it off the administrators' list; its end does.
    assert_eq!(admin.issued(true).await.unwrap().len(), 1);
    assert_eq!(head.issued(true).await.unwrap_err().code, Code::NotPermitted);
    assert_eq!(head.revoke_anyones(other.serial.clone(), "superseded".into(), None).await.unwrap_err().code, Code::NotPermitted);
    let note = Some("  nobody knows this device ".to_owned());
    let done = admin.revoke_anyones(other.serial.clone(), "keyCompromise".into(), note).await.unwrap();
    assert_eq!(
        (done.state, done.revoked_by.as_deref(), done.revocation_note.as_deref()),
        (CertificateState::Revoked, Some("管理员"), Some("nobody knows this device"))
    );
    assert_eq!(admin.issued(true).await.unwrap(), []);
    assert_eq!(admin.issued(false).await.unwrap().len(), 2);
    assert_eq!(admin.revoke_anyones("ffff".into(), "superseded".into(), None).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_with_its_account_for_good() {
    let world = World::new().await;
    let key = world.key("wang.jianguo").await;
    let active = |active| accounts::put(&world.app, AccountChange { login: "wang.jianguo".into(), active: Some(active), ..AccountChange::default() });
    active(false).await.unwrap();
    assert_eq!(Key::try_enrol(&*world.desk("wang.jianguo").await, "late").await.err().unwrap().code, Code::SignInRequired);
    active(true).await.unwrap();
    let head = world.desk("wang.jianguo").await;
    let row = head.certificates().await.unwrap().remove(0);
    assert_eq!((row.state, row.revocation_reason.as_deref(), row.revoked_by), (CertificateState::Revoked, Some("privilegeWithdrawn"), None));
    let document = world.claim("END-1", "10").await;
    assert_eq!(head.offer(document.number.clone(), 0, key.serial, None).await.unwrap_err().code, Code::CertificateRefused);
    let new = Key::enrol(&*head, "back again").await;
    world.seal("wang.jianguo", &document.number, &new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_two_levels_sign_side_by_side() {
    let world = World::new().await;
    let old = world.key("wang.jianguo").await;
    let first = world.claim("TWO-1", "10").await;
    world.seal("wang.jianguo", &first.number, &old).await.unwrap();
    let world = world.rolled_over().await;
    let second = world.claim("TWO-2", "10").await;
    world.seal("wang.jianguo", &second.number, &old).await.unwrap();
    let head = world.desk("wang.jianguo").await;
    let new = Key::renew(&*head, "of the new level", &old).await;
    let third = world.claim("TWO-3", "10").await;
    world.seal("wang.jianguo", &third.number, &new).await.unwrap();
    for number in [first.number, second.number, third.number] {
        let file = head.file(number.clone(), Some(1)).await.unwrap().bytes;
        let report = server::service::verify::run(&world.app, file, ()).await.unwrap();
        assert!(report.passed(), "{number}: {report:?}");
        assert!(report.signatures[0].findings.iter().all(|finding| !finding.rule.starts_with("revocation")), "{report:?}");
    }
    // Each level's list carries its own.
    head.revoke(old.serial.clone(), "superseded".into(), None).await.unwrap();
    let lists = server::service::authority::crls(&world.app).await.unwrap();
    let naming = lists.iter().filter(|list| list.windows(16).any(|window| hex::encode(window) == old.serial)).count();
    assert_eq!((lists.len(), naming), (3, 1));
}
