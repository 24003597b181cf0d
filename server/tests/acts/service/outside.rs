//! Another program signs: what `/signing` says is all that it needs, for every shipped type, wherever its seals go.

use std::path::Path;
use std::process::Command;

use app::error::Code;
use app::model::{NewDocument, Number, Placement, SignatureDecision, Signing, Status, TypeFiles};
use pades::{NewField, Rect, SignatureParameters};
use support::world::{Key, NOW, World, claim};

use crate::time_stamps::judges;

const SCRIPT: &str = "acts/service/outside.py";

/// A document of a shipped type, its fields filled with samples.
async fn submitted(world: &World, code: &str) -> Number {
    let creator = world.desk("li.na").await;
    let definition = creator.definition(code.parse().unwrap()).await.unwrap();
    let upload = if definition.source == app::model::TypeSource::Upload { Some(creator.preview(claim("UP-1", "10"), None).await.unwrap()) } else { None };
    let mut fields = server::types::sample::values(&definition);
    if code == "EXP" {
        // enough for both of its steps
        fields = claim("OUT-1", "7280").fields;
    }
    creator.submit(NewDocument { type_code: code.parse().unwrap(), title: Some("Outside".into()), fields }, upload, None).await.unwrap().document.number
}

fn signed(python: &Path, folder: &Path, original: &[u8], key: &Key, signing: &Signing) -> Vec<u8> {
    let (file, out) = (folder.join("file.pdf"), folder.join("signed.pdf"));
    std::fs::write(&file, original).unwrap();
    let (secret, certificate, chain) = key.exported();
    let task = serde_json::to_string(signing).unwrap();
    let output = Command::new(python).args([SCRIPT, "sign"]).args([&file, &out]).args([&secret, &certificate, &chain, &task]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pyhanko_with_its_defaults_signs_every_shipped_type() {
    let Some(python) = judges::python() else {
        println!("skipped: no python with pyHanko (SIGNET_PYTHON)");
        return;
    };
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    // it takes the time from the machine
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    world.clock.advance((now - NOW).max(0));
    let approvers: [(&str, &[&str]); 3] =
        [("EXP", &["wang.jianguo", "chen.jing"]), ("RCT", &["wang.jianguo", "chen.jing"]), ("WO", &["zhao.qiang", "sun.li", "mike.brown", "zhou.tao"])];
    for (code, logins) in approvers {
        let number = submitted(&world, code).await;
        for login in logins {
            let desk = world.desk(login).await;
            let key = Key::enrol(&*desk, &format!("{code} {login}")).await;
            let signing = desk.signing(number.clone()).await.unwrap();
            assert_eq!(signing.exists, (code, *login) != ("RCT", "wang.jianguo"), "{code} {login}");
            let original = desk.file(number.clone(), Some(signing.revision)).await.unwrap().bytes;
            let file = signed(&python, folder.path(), &original, &key, &signing);
            desk.sign_outside(number.clone(), signing.revision, file.into(), false).await.unwrap_or_else(|error| panic!("{code} {login}: {error:?}"));
        }
        let document = world.desk("li.na").await.document(number.clone()).await.unwrap();
        assert_eq!(document.status, Status::Signed, "{code}");
        let file = world.desk("li.na").await.file(number, None).await.unwrap();
        assert!(server::service::verify::run(&world.app, file.bytes.clone(), ()).await.unwrap().passed(), "{code}");
        let (path, ca) = (folder.path().join("done.pdf"), folder.path().join("ca.pem"));
        std::fs::write(&path, &file.bytes).unwrap();
        std::fs::write(&ca, world.app.authority.certificate_pem()).unwrap();
        let output = Command::new(&python).args([SCRIPT, "judge"]).args([&path, &ca]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said.lines().filter(|line| line.contains(" sound ") && !line.ends_with("OTHER")).count(), logins.len(), "{code}: {said}");
    }
}

/// A type whose two steps leave the place open, the first one asking everybody.
async fn import(world: &World) {
    let definition = include_str!("../../../types/RCT/type.toml").replace("\"RCT\"", "\"MOV\"").replace("RCT-", "MOV-");
    let definition: String = definition.lines().filter(|line| !line.starts_with("seal =")).map(|line| format!("{line}\n")).collect();
    let definition = definition.replacen("decide = \"any\"", "decide = \"all\"", 1);
    server::service::types::import_here(&world.app, TypeFiles { definition, template: None }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_approver_of_a_step_makes_an_own_field_beside_the_others() {
    let world = World::new().await;
    world.add("zheng.he", &["department-head"]).await;
    import(&world).await;
    let number = submitted(&world, "MOV").await;
    let mut seals: Vec<(u32, Rect)> = Vec::new();
    for (login, field) in [("wang.jianguo", "seal_head_1"), ("zheng.he", "seal_head_2"), ("chen.jing", "seal_finance")] {
        let desk = world.desk(login).await;
        let revision = desk.document(number.clone()).await.unwrap().revision;
        let signing = desk.signing(number.clone()).await.unwrap();
        assert!(!signing.exists && signing.field.starts_with("seal_"), "{signing:?}");
        let key = world.key(login).await;
        let offer = desk.offer(number.clone(), revision, key.serial.clone(), None).await.unwrap();
        let parameters: SignatureParameters = serde_json::from_str(&offer.parameters).unwrap();
        assert!(offer.movable && parameters.new_field.is_some());
        assert_eq!((signing.page, signing.rect), (offer.page, offer.seal.map(f64::from)), "both are told the same place");
        // over another seal, on no page
        if let Some((page, rect)) = seals.first() {
            let over = Placement { x: rect[0] + 20, y: rect[1] + 20, page: Some(*page) };
            assert_eq!(desk.offer(number.clone(), revision, key.serial.clone(), Some(over)).await.unwrap_err().code, Code::InvalidInput);
        }
        let nowhere = Placement { x: 60, y: 300, page: Some(99) };
        assert_eq!(desk.offer(number.clone(), revision, key.serial.clone(), Some(nowhere)).await.unwrap_err().code, Code::InvalidInput);
        assert!(!seals.iter().any(|(page, rect)| *page == offer.page && overlap(*rect, offer.seal)), "{seals:?} {:?}", offer.seal);
        seals.push((offer.page, offer.seal));
        let cms = key.cms(&*desk, &offer).await;
        let document = desk.sign(SignatureDecision { number: number.clone(), offer: offer.id, cms }).await.unwrap();
        let file = desk.file(number.clone(), None).await.unwrap().bytes;
        let places = pades::seal_places(&file).unwrap();
        assert!(places.taken.iter().any(|place| place.field.starts_with(&field[..field.len() - 1])), "{field}: {places:?} {}", document.revision);
    }
    let file = world.desk("li.na").await.file(number, None).await.unwrap();
    let report = server::service::verify::run(&world.app, file.bytes, ()).await.unwrap();
    assert!(report.passed());
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());
}

fn overlap(one: Rect, other: Rect) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_another_name_place_or_company_is_refused() {
    let world = World::new().await;
    let number = submitted(&world, "RCT").await;
    let desk = world.desk("wang.jianguo").await;
    let key = world.key("wang.jianguo").await;
    let signing = desk.signing(number.clone()).await.unwrap();
    let original = desk.file(number.clone(), Some(0)).await.unwrap().bytes;
    let offer = desk.offer(number.clone(), 0, key.serial.clone(), None).await.unwrap();
    let sound: SignatureParameters = serde_json::from_str(&offer.parameters).unwrap();
    let send = |parameters: SignatureParameters| {
        let tail = key.signed(&original, &serde_json::to_string(&parameters).unwrap()).tail().to_vec();
        desk.sign_outside(number.clone(), 0, tail.into(), true)
    };
    let finance = pades::seal_places(&original).unwrap().taken[0].clone();
    let elsewhere = SignatureParameters { field: finance.field, new_field: None, placement: finance.rect.map(|side| side as i32), ..sound.clone() };
    for wrong in [SignatureParameters { field: "Signature1".into(), ..sound.clone() }, elsewhere] {
        assert_eq!(send(wrong).await.unwrap_err().code, Code::SignatureInvalid);
    }
    assert_eq!(desk.document(number.clone()).await.unwrap().revision, 0);
    // the first page, where nobody suggested it, is as good
    let chosen = SignatureParameters { new_field: Some(NewField { page: 1, tooltip: String::new() }), placement: [60, 400, 160, 480], ..sound };
    assert_eq!(signing.field, chosen.field);
    assert_eq!(send(chosen).await.unwrap().revision, 1);
}
