//! One document's life: created, sealed twice and returned; rejected and corrected; withdrawn; never twice.

use app::error::Code;
use app::model::{Box as Which, DecisionKind, Query, Seen, Status, StepStatus};
use support::world::{World, claim};

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_created_sealed_by_two_and_returned() {
    let world = World::new().await;
    let created = world.claim("INV-1", "7280").await;
    assert_eq!((created.status, created.revision, created.edition), (Status::Pending, 0, 1));
    assert!(created.number.as_str().starts_with("EXP-2026-"));
    assert!(created.store_path.starts_with(&format!("EXP/2026/11/{}/1-0-", created.number)));
    assert_eq!(created.steps.iter().map(|step| step.status).collect::<Vec<_>>(), [StepStatus::Open, StepStatus::Waiting]);

    // Finance does not see it yet; the head has it in the inbox.
    let finance = world.desk("chen.jing").await;
    assert_eq!(finance.document(created.number.clone()).await.unwrap_err().code, Code::NotFound);
    let head = world.desk("wang.jianguo").await;
    let inbox = head.documents(Query { which: Which::Inbox, ..Default::default() }).await.unwrap();
    assert_eq!(inbox.items.iter().map(|item| &item.number).collect::<Vec<_>>(), [&created.number]);
    let view = head.view(created.number.clone()).await.unwrap();
    assert!(view.actions.decide && !view.actions.withdraw && !view.actions.correct);

    let key = world.key("wang.jianguo").await;
    let once = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    assert_eq!((once.status, once.revision), (Status::Pending, 1));
    assert_eq!(once.steps[0].decisions[0].serial.as_deref(), Some(key.serial.as_str()));

    let key = world.key("chen.jing").await;
    let done = world.seal("chen.jing", &created.number, &key).await.unwrap();
    assert_eq!((done.status, done.revision), (Status::Signed, 2));

    // The file verifies as a whole, with nothing but the authority's certificate.
    let creator = world.desk("li.na").await;
    let file = creator.file(created.number.clone(), None).await.unwrap();
    let report = server::service::verify::run(&world.app, file.bytes.clone(), ()).await.unwrap();
    assert!(report.passed(), "{report:?}");
    let people = report.signatures.iter().filter(|entry| entry.kind == pades::EntryKind::Signature);
    assert_eq!(people.count(), 2);

    // It came back once, and what every place says is the same.
    let deliveries = creator.deliveries(None, None).await.unwrap().items;
    assert_eq!(deliveries.len(), 1);
    assert_eq!((deliveries[0].decision, deliveries[0].revision), (DecisionKind::Signed, 2));
    let kinds: Vec<String> = creator.events(created.number.clone()).await.unwrap().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["created", "signed", "signed", "returned"]);
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_claim_skips_finance() {
    let world = World::new().await;
    let created = world.claim("INV-2", "12.00").await;
    assert_eq!(created.steps.len(), 1);
    let key = world.key("wang.jianguo").await;
    assert_eq!(world.seal("wang.jianguo", &created.number, &key).await.unwrap().status, Status::Signed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_claim_is_corrected_under_its_number_and_its_route_starts_again() {
    let world = World::new().await;
    let created = world.claim("INV-3", "9000").await;
    let key = world.key("wang.jianguo").await;
    world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    let finance = world.desk("chen.jing").await;
    assert_eq!(finance.reject(created.number.clone(), 0.into(), "too much".into()).await.unwrap_err().code, Code::StaleRevision);
    assert_eq!(finance.reject(created.number.clone(), 1.into(), "  ".into()).await.unwrap_err().code, Code::InvalidInput);
    let rejected = finance.reject(created.number.clone(), 1.into(), "too much".into()).await.unwrap();
    assert_eq!(rejected.status, Status::Rejected);

    let creator = world.desk("li.na").await;
    let delivery = creator.deliveries(None, None).await.unwrap().items.pop().unwrap();
    assert_eq!((delivery.decision, delivery.reason.as_deref()), (DecisionKind::Rejected, Some("too much")));

    let corrected = creator.correct(created.number.clone(), claim("INV-3", "6000"), None, Some("k".into())).await.unwrap();
    assert!(corrected.fresh);
    let document = corrected.document.clone();
    assert_eq!((&document.number, document.edition, document.revision, document.status), (&created.number, 2, 0, Status::Pending));
    assert_eq!(document.steps[0].status, StepStatus::Open);
    // The same request again has the same answer; a second correction has nothing to correct.
    let again = creator.correct(created.number.clone(), claim("INV-3", "6000"), None, Some("k".into())).await.unwrap();
    assert!(!again.fresh);
    assert_eq!(again.document, document);
    assert_eq!(creator.correct(created.number.clone(), claim("INV-3", "1"), None, None).await.unwrap_err().code, Code::WrongState);
    // Who still has the edition before on the screen rejects nothing that he did not see: both are at revision 0.
    let old = Seen { edition: Some(1), revision: 0 };
    assert_eq!(world.desk("wang.jianguo").await.reject(created.number.clone(), old, "late".into()).await.unwrap_err().code, Code::StaleRevision);
    let view = creator.view(created.number.clone()).await.unwrap();
    assert_eq!(view.before.unwrap()["amount"], "9000.00");

    let done = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    assert_eq!((done.edition, done.revision), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_taken_back_only_while_no_one_has_sealed_and_frees_its_matter() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let first = world.claim("INV-4", "6000").await;
    assert_eq!(world.desk("wang.jianguo").await.withdraw(first.number.clone()).await.unwrap_err().code, Code::NotPermitted);
    assert_eq!(creator.withdraw(first.number.clone()).await.unwrap().status, Status::Withdrawn);
    assert_eq!(creator.withdraw(first.number.clone()).await.unwrap_err().code, Code::WrongState);

    let second = world.claim("INV-4", "6000").await;
    assert_ne!(first.number, second.number);
    let key = world.key("wang.jianguo").await;
    world.seal("wang.jianguo", &second.number, &key).await.unwrap();
    assert_eq!(creator.withdraw(second.number.clone()).await.unwrap_err().code, Code::WrongState);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matter_has_one_live_document_however_it_is_written() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let live = world.claim("INV-5", "100").await;
    let error = creator.submit(claim("  inv-5 ", "200"), None, None).await.unwrap_err();
    assert_eq!((error.code, error.number), (Code::DuplicateMatter, Some(live.number.clone())));
    assert!(error.detail.contains(&live.title));
    assert_eq!(creator.matter_holder(claim("INV-5", "1")).await.unwrap(), Some(live.number.clone()));

    // A colleague who may not see it learns the number and nothing else.
    world.add("colleague", &["creator"]).await;
    let error = world.desk("colleague").await.submit(claim("INV-5", "200"), None, None).await.unwrap_err();
    assert_eq!(error.number, Some(live.number.clone()));
    assert!(!error.detail.contains(&live.title), "{}", error.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_give_the_first_answer_word_for_word() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let first = creator.submit(claim("INV-6", "100"), None, Some("key-1".into())).await.unwrap();
    assert!(first.fresh);
    assert_eq!(creator.document(first.document.number.clone()).await.unwrap(), first.document);
    world.clock.advance(60_000);
    let key = world.key("wang.jianguo").await;
    world.seal("wang.jianguo", &first.document.number, &key).await.unwrap();
    let again = creator.submit(claim("INV-6", "100"), None, Some("key-1".into())).await.unwrap();
    assert_eq!((again.fresh, again.document), (false, first.document));
    let error = creator.submit(claim("INV-7", "100"), None, Some("key-1".into())).await.unwrap_err();
    assert_eq!(error.code, Code::IdempotencyMismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_values_are_named_by_field_and_nothing_is_created() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let mut new = claim("INV-8", "much");
    new.fields.remove("reason");
    let error = creator.submit(new.clone(), None, None).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    assert_eq!(error.fields.keys().collect::<Vec<_>>(), ["amount", "items", "reason"]);
    // The preview shows what is there; only the submission insists.
    assert!(creator.preview(new, None).await.unwrap().starts_with(b"%PDF-"));
    assert!(creator.preview(claim("INV-8", "10"), None).await.unwrap().starts_with(b"%PDF-"));
    assert!(creator.documents(Query::default()).await.unwrap().items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_order_waits_for_all_of_safety_each_in_an_own_field() {
    let world = World::new().await;
    let definition = world.desk("li.na").await.definition("WO".parse().unwrap()).await.unwrap();
    let new =
        app::model::NewDocument { type_code: "WO".parse().unwrap(), title: Some("Night shift".into()), fields: server::types::sample::values(&definition) };
    let number = world.desk("li.na").await.submit(new, None, None).await.unwrap().document.number;
    for login in ["zhao.qiang", "sun.li", "mike.brown", "zhou.tao"] {
        let key = world.key(login).await;
        let document = world.seal(login, &number, &key).await.unwrap_or_else(|error| panic!("{login}: {error:?}"));
        match login {
            "zhao.qiang" => assert_eq!(document.steps[1].awaits.len(), 2),
            "sun.li" => assert_eq!((document.steps[1].status, document.steps[1].awaits.as_slice()), (StepStatus::Open, &["Mike Brown".to_owned()][..])),
            "mike.brown" => assert_eq!(document.steps[1].status, StepStatus::Signed),
            _ => assert_eq!((document.status, document.revision), (Status::Signed, 4)),
        }
        if login == "sun.li" {
            let error = world.seal(login, &number, &key).await.unwrap_err();
            assert_eq!(error.code, Code::AlreadyDecided);
        }
    }
    let file = world.desk("li.na").await.file(number, None).await.unwrap();
    assert!(server::service::verify::run(&world.app, file.bytes, ()).await.unwrap().passed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_receipt_is_sealed_where_its_approver_puts_the_seal() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
    let new = app::model::NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: server::types::sample::values(&definition) };
    assert_eq!(creator.submit(new.clone(), None, None).await.unwrap_err().code, Code::InvalidInput);
    assert_eq!(creator.submit(new.clone(), Some("no pdf".into()), None).await.unwrap_err().code, Code::DocumentRefused);
    let pdf = creator.preview(claim("INV-9", "10"), None).await.unwrap();
    let document = creator.submit(new, Some(pdf), None).await.unwrap().document;
    for (login, place) in [("wang.jianguo", (60, 300)), ("chen.jing", (300, 300))] {
        let desk = world.desk(login).await;
        let key = world.key(login).await;
        let revision = desk.document(document.number.clone()).await.unwrap().revision;
        let offer = |placement| desk.offer(document.number.clone(), revision, key.serial.clone(), placement);
        let first = offer(None).await.unwrap();
        assert_eq!(desk.signing(document.number.clone()).await.unwrap().exists, !first.movable);
        if first.movable {
            assert_eq!(offer(Some(app::model::Placement { x: 5000, y: 0, page: None })).await.unwrap_err().code, Code::InvalidInput);
        }
        let offer = offer(Some(app::model::Placement { x: place.0, y: place.1, page: None })).await.unwrap();
        assert!(!first.movable || offer.seal[..2] == [place.0, place.1]);
        let cms = key.cms(&*desk, &offer).await;
        desk.sign(app::model::SignatureDecision { number: document.number.clone(), offer: offer.id, cms }).await.unwrap();
    }
    let file = creator.file(document.number.clone(), None).await.unwrap();
    assert!(server::service::verify::run(&world.app, file.bytes, ()).await.unwrap().passed());
}
