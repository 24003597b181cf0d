//! The life of a document: routes, rejections, corrections, withdrawals.

use app::model::{DecisionKind, Status, StepStatus};
use server::index::{Act, Constraint, Correction, IndexError, NewIdempotency, Outcome, Withdrawal};

use crate::index::world::{World, all, any, code, done, number, viewer};

pub async fn a_route_goes_step_by_step_to_its_end(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let finance = world.person("chen", &["finance"]).await;
    let created = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance")]).await;
    let states = |steps: &[server::index::StepRow]| steps.iter().map(|step| step.status).collect::<Vec<_>>();
    assert_eq!((created.status, created.revision, states(&created.steps)), (Status::Pending, 0, vec![StepStatus::Open, StepStatus::Waiting]));
    assert_eq!(created.steps[0].fields[0].rect, Some([10, 20, 130, 140]));
    let first = world.sign(&created, &head).await;
    assert_eq!((first.status, first.revision, states(&first.steps)), (Status::Pending, 1, vec![StepStatus::Signed, StepStatus::Open]));
    assert!(first.steps[1].opened_at > first.steps[0].opened_at);
    let second = world.sign(&first, &finance).await;
    assert_eq!((second.status, second.revision, states(&second.steps)), (Status::Signed, 2, vec![StepStatus::Signed, StepStatus::Signed]));
    assert_eq!(second.steps[1].decisions[0].serial.as_deref(), Some("0a"));
    assert_eq!(world.index.find(&created.number, &viewer(&creator)).await.unwrap().unwrap(), second);
    let kinds: Vec<_> = world.index.events(&created.number).await.unwrap().into_iter().map(|event| (event.kind, event.revision)).collect();
    assert_eq!(kinds, [("created".into(), 0), ("signed".into(), 1), ("signed".into(), 2), ("returned".into(), 2)]);
    // Signed holds its matter still.
    let again = world.prepared("EXP-2026-000002", "m", &creator, vec![any("head")]).await;
    assert_eq!(world.index.create(again).await, Err(IndexError::Constraint(Constraint::LiveMatter)));
    assert_eq!(world.index.mailbox(&creator.id, 10).await.unwrap().deliveries[0].decision, DecisionKind::Signed);
}

pub async fn all_of_a_step_must_sign(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let safety = [world.person("a", &["safety"]).await, world.person("b", &["safety"]).await];
    let late = world.person("c", &["safety"]).await;
    let created = world.create("WO-2026-000001", "m", &creator, vec![all("safety", &[&safety[0], &safety[1]])]).await;
    assert_eq!(created.steps[0].awaits(), [safety[0].name.clone(), safety[1].name.clone()]);
    assert_eq!(world.index.decide(world.signature(&created, &late).await).await, Ok(Outcome::NotAsked));
    let first = world.sign(&created, &safety[1]).await;
    assert_eq!((first.status, first.steps[0].awaits()), (Status::Pending, vec![safety[0].name.clone()]));
    assert_eq!(world.index.decide(world.signature(&first, &safety[1]).await).await, Ok(Outcome::AlreadyDecided));
    // Over a revision that is no longer the newest.
    assert_eq!(world.index.decide(world.signature(&created, &safety[0]).await).await, Ok(Outcome::StaleRevision));
    let second = world.sign(&first, &safety[0]).await;
    assert_eq!((second.status, second.revision), (Status::Signed, 2));
}

pub async fn a_rejected_document_is_corrected_under_its_number(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let created = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance")]).await;
    let other = world.create("EXP-2026-000002", "other", &creator, vec![any("head")]).await;
    let rejected = world.reject(&created, &head).await;
    assert_eq!((rejected.status, rejected.steps[0].status, rejected.steps[1].status), (Status::Rejected, StepStatus::Rejected, StepStatus::Closed));
    assert_eq!(rejected.steps[0].decisions[0].reason.as_deref(), Some("no receipt"));
    let correction = async |edition: u32, matter: &str, key: Option<&str>| Correction {
        number: created.number.clone(),
        edition,
        content: world.content("EXP-2026-000001", matter, vec![any("head")]).await,
        creator: creator.id.clone(),
        by: creator.name.clone(),
        lang: "zh".into(),
        at: world.now(),
        idempotency: key.map(|key| NewIdempotency { account: creator.id.clone(), key: key.into(), body_sha256: "b".into(), answer: "a".into() }),
    };
    let index = &world.index;
    assert_eq!(index.correct(correction(1, "other", None).await).await, Err(IndexError::Constraint(Constraint::LiveMatter)));
    assert_eq!(index.correct(correction(2, "m", Some("k")).await).await, Ok(Outcome::StaleRevision));
    let mut foreign = correction(1, "m", None).await;
    foreign.creator = head.id.clone();
    assert_eq!(index.correct(foreign).await, Ok(Outcome::Missing));
    // A refused correction has not used its key up.
    let second = done(index.correct(correction(1, "m2", Some("k")).await).await);
    assert_eq!((second.edition, second.revision, second.status, second.matter.as_str()), (2, 0, Status::Pending, "m2"));
    assert_eq!((second.steps.len(), second.steps[0].status, second.steps[0].decisions.len()), (1, StepStatus::Open, 0));
    assert_eq!(index.correct(correction(1, "m2", Some("k")).await).await, Err(IndexError::Constraint(Constraint::IdempotencyKey)));
    assert_eq!(index.correct(correction(2, "m2", None).await).await, Ok(Outcome::WrongState));
    assert_eq!(index.edition(&created.number, 1).await.unwrap().unwrap().matter, "m");
    assert_eq!(index.revision(&created.number, 1, 0).await.unwrap().unwrap().sha256, created.sha256);
    // The old edition's decision is no decision on the new one.
    assert_eq!(world.index.decide(world.decision(&created, &head, Act::Reject { reason: "x".into(), record: None })).await, Ok(Outcome::StaleRevision));
    assert_eq!(world.sign(&second, &head).await.status, Status::Signed);
    assert_eq!(other.status, Status::Pending);
}

pub async fn withdrawing_frees_the_matter(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let by =
        |number: &str, creator: &str, at| Withdrawal { number: crate::index::world::number(number), creator: creator.into(), by: "x".into(), at, record: None };
    let created = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance")]).await;
    assert_eq!(world.index.withdraw(by("EXP-2026-000001", &head.id, world.now())).await, Ok(Outcome::Missing));
    assert_eq!(world.index.withdraw(by("NON-2026-000001", &creator.id, world.now())).await, Ok(Outcome::Missing));
    let withdrawn = done(world.index.withdraw(by("EXP-2026-000001", &creator.id, world.now())).await);
    assert_eq!((withdrawn.status, withdrawn.open_step()), (Status::Withdrawn, None));
    assert_eq!(world.index.live_holder(&code("EXP"), "m").await.unwrap(), None);
    assert_eq!(world.index.withdraw(by("EXP-2026-000001", &creator.id, world.now())).await, Ok(Outcome::WrongState));
    assert_eq!(world.index.decide(world.signature(&created, &head).await).await, Ok(Outcome::WrongState));
    let next = world.create("EXP-2026-000002", "m", &creator, vec![any("head"), any("finance")]).await;
    let signed = world.sign(&next, &head).await;
    assert_eq!(world.index.withdraw(by("EXP-2026-000002", &creator.id, world.now())).await, Ok(Outcome::AlreadyDecided));
    world.reject(&signed, &head).await;
    assert_eq!(done(world.index.withdraw(by("EXP-2026-000002", &creator.id, world.now())).await).status, Status::Withdrawn);
}

pub async fn what_was_seen_must_still_be_so(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let created = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance")]).await;
    let mut wrong = world.signature(&created, &head).await;
    wrong.revision = 7;
    assert_eq!(world.index.decide(wrong.clone()).await, Ok(Outcome::StaleRevision));
    wrong.position = 2;
    assert_eq!(world.index.decide(wrong.clone()).await, Ok(Outcome::WrongState));
    wrong.number = number("EXP-2026-000009");
    assert_eq!(world.index.decide(wrong).await, Ok(Outcome::Missing));
    let foreign_file = world.file("WO-2026-000001").await;
    let stolen = world.decision(&created, &head, Act::Sign { serial: "0a".into(), file: foreign_file, level: app::model::Level::TimeStamped, more: true });
    assert_eq!(world.index.decide(stolen).await, Err(IndexError::Constraint(Constraint::IntentGone)));
    assert_eq!(world.index.find(&created.number, &viewer(&creator)).await.unwrap().unwrap(), created);
}

pub async fn what_waits_on_a_volume_that_is_away_holds_up_no_other(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    for (n, volume) in [(1, ""), (2, "archive:"), (3, ""), (4, "archive2:")] {
        let created = world.create(&format!("EXP-2026-{n:06}"), &format!("m{n}"), &creator, vec![any("head")]).await;
        let mut signature = world.signature(&created, &head).await;
        if let Act::Sign { file, .. } = &mut signature.act
            && !volume.is_empty()
        {
            // Announced anew, for the intent names the place.
            file.store_path = format!("{volume}{}", file.store_path);
            file.intent = server::index::new_id();
            let intent = server::index::NewIntent {
                id: file.intent.clone(),
                path: file.store_path.clone(),
                sha256: file.sha256.clone(),
                size: file.size,
                at: world.now(),
                lease_until: world.now() + 3_600_000,
            };
            world.index.begin_intent(&code("EXP"), intent).await.unwrap();
        }
        done(world.index.decide(signature).await);
    }
    let due = async |away: &[&str], limit| {
        let away = away.iter().map(ToString::to_string).collect();
        world.index.due_raises(i64::MAX, &away, limit).await.unwrap().iter().map(|number| number.as_str()[9..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(&[], 10).await, ["000001", "000002", "000003", "000004"]);
    assert_eq!(due(&["main"], 10).await, ["000002", "000004"]);
    assert_eq!(due(&["archive"], 2).await, ["000001", "000003"]);
    assert_eq!(due(&["archive", "archive2", "main"], 10).await, Vec::<String>::new());
    // One put back to the front comes first.
    world.index.plan_raise(&number("EXP-2026-000004"), 1, Some(0)).await.unwrap();
    assert_eq!(due(&[], 1).await, ["000004"]);
}
