//! Seal designs: kept on the account, used at signing, fixed by a step, refused with reasons; the preview of a form that is not filled in yet.

use std::collections::BTreeMap;

use app::error::Code;
use app::model::{NewDocument, SealChoice, SealDesign, SealShape, TypeFiles};
use serde_json::json;
use server::service::seals::{self, Words};
use support::world::{NOW, World, claim, map};

fn design(shape: SealShape) -> SealDesign {
    let ink = "M200 300C600 100 900 900 1400 300C1700 0 2300 900 2900 500".into();
    SealDesign { shape, organisation: "山东送变电工程有限公司".into(), chop: "王建国".into(), ink, written: String::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_design_is_kept_on_the_account_and_nobody_elses() {
    let world = World::new().await;
    // Some of the demo people have a seal already; this one never designed any.
    let head = world.desk("zhou.tao").await;
    let usual = head.seal().await.unwrap();
    assert!(!usual.saved && usual.design == SealDesign::default() && !usual.picture.large.is_empty());
    for shape in [SealShape::Square, SealShape::Handwriting, SealShape::Round] {
        let drawn = head.draw_seal(design(shape)).await.unwrap();
        let saved = head.save_seal(design(shape)).await.unwrap();
        assert_eq!((saved.saved, &saved.design, &saved.picture), (true, &design(shape), &drawn));
        assert_eq!(head.seal().await.unwrap(), saved);
    }
    assert_ne!(usual.picture, head.seal().await.unwrap().picture);
    assert!(!world.desk("sun.li").await.seal().await.unwrap().saved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_design_is_refused_by_field_in_the_callers_language_and_the_one_before_stays() {
    let world = World::new().await;
    let head = world.desk("wang.jianguo").await;
    head.save_seal(design(SealShape::Round)).await.unwrap();
    let bad = SealDesign { organisation: "长".repeat(41), chop: "一二三四五".into(), ink: "M1 2L3 4".into(), ..design(SealShape::Square) };
    let error = head.save_seal(bad.clone()).await.unwrap_err();
    assert_eq!((error.code, error.fields.keys().map(String::as_str).collect::<Vec<_>>()), (Code::InvalidInput, vec!["chop", "ink", "organisation"]));
    assert_eq!(head.draw_seal(bad).await.unwrap_err().fields, error.fields);
    assert_eq!(head.seal().await.unwrap().design, design(SealShape::Round));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offer_carries_the_design_that_the_approver_saved_and_the_signature_holds() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for (invoice, shape) in [("INV-1", SealShape::Round), ("INV-2", SealShape::Square), ("INV-3", SealShape::Handwriting)] {
        let head = world.desk("wang.jianguo").await;
        head.save_seal(design(shape)).await.unwrap();
        let key = world.key("wang.jianguo").await;
        let number = world.claim(invoice, "100").await.number;
        let offer = head.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap();
        let appearance = serde_json::from_str::<pades::SignatureParameters>(&offer.parameters).unwrap().appearance;
        assert!(appearance.content.len() < 100_000, "{shape:?}: {} bytes", appearance.content.len());
        assert!(!seen.contains(&appearance.content));
        seen.push(appearance.content);
        let cms = key.cms(&*head, &offer).await;
        head.sign(app::model::SignatureDecision { number: number.clone(), offer: offer.id, cms }).await.unwrap();
        let file = world.desk("li.na").await.file(number, None).await.unwrap();
        assert!(server::service::verify::run(&world.app, file.bytes, ()).await.unwrap().passed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_may_fix_the_design() {
    let world = World::new().await;
    let files = world.desk("admin").await.type_files("EXP".parse().unwrap()).await.unwrap();
    let placed = "seal = { page = -1, x = 48, y = 18, width = 42, height = 42 }";
    let fixed = files.definition.replacen(placed, &placed.replace(" }", ", design = \"square\" }"), 1);
    assert_ne!(fixed, files.definition);
    world.desk("admin").await.import_type(None, TypeFiles { definition: fixed, ..files }).await.unwrap();
    let head = world.desk("wang.jianguo").await;
    let key = world.key("wang.jianguo").await;
    // Whatever shape the account has, the square one with its chop is offered.
    for (invoice, design) in [
        ("INV-1", design(SealShape::Round)),
        ("INV-2", SealDesign { chop: "建国".into(), ..design(SealShape::Handwriting) }),
        ("INV-3", design(SealShape::Square)),
    ] {
        head.save_seal(design.clone()).await.unwrap();
        let number = world.claim(invoice, "100").await.number;
        let offer = head.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap();
        let offered = serde_json::from_str::<pades::SignatureParameters>(&offer.parameters).unwrap().appearance.content;
        let time = server::clock::printed(NOW);
        let words = Words { name: "王建国", caption: "Department head", time: &time, number: number.as_str() };
        assert_eq!(offered, seals::drawing(words, &design, SealChoice::Square, (119, 119)).content);
        assert_ne!(offered, seals::drawing(words, &design, SealChoice::Round, (119, 119)).content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_shows_what_is_there_already() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    for code in ["EXP", "WO"] {
        let empty = NewDocument { type_code: code.parse().unwrap(), title: None, fields: BTreeMap::new() };
        assert!(creator.preview(empty, None).await.unwrap().starts_with(b"%PDF-1.7"), "{code}");
    }
    let half = |amount: &str| NewDocument { fields: map(json!({ "project": "P-17", "amount": amount })), ..claim("INV-1", "1") };
    let (one, other) = (creator.preview(half("128"), None).await.unwrap(), creator.preview(half("129"), None).await.unwrap());
    assert_ne!(one, other);
    assert!(creator.preview(half("much"), None).await.is_ok());
    assert_eq!(creator.submit(half("128"), None, None).await.unwrap_err().code, Code::InvalidInput);
    // An upload without its PDF has nothing to show.
    let receipt = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: BTreeMap::new() };
    assert_eq!(creator.preview(receipt, None).await.unwrap_err().code, Code::InvalidInput);
}
