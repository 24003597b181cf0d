//! The way back: positions, cursors, wakes.

use std::time::Duration;

use app::model::DecisionKind;
use server::index::{Index, IndexError, Wake};

use crate::index::world::{World, any};

pub async fn deliveries_come_in_order_and_are_read_up_to_a_cursor(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let mut expected = Vec::new();
    for n in 0..9 {
        let number = format!("{}-2026-{n:06}", if n % 2 == 0 { "EXP" } else { "WO" });
        let document = world.create(&number, &format!("m{n}"), &creator, vec![any("head")]).await;
        if n == 3 {
            world.reject(&document, &head).await
        } else {
            world.sign(&document, &head).await
        };
        expected.push(number);
    }
    let mut after: Option<String> = None;
    let mut seen = Vec::new();
    loop {
        let page = world.index.deliveries(&creator.id, after.as_deref(), 2).await.unwrap();
        after = page.items.last().map(|row| row.cursor.clone()).or(after);
        seen.extend(page.items);
        if page.next.is_none() {
            break;
        }
    }
    let numbers = |rows: &[server::index::DeliveryRow]| rows.iter().map(|row| row.number.to_string()).collect::<Vec<_>>();
    assert_eq!(numbers(&seen), expected);
    assert_eq!((seen[3].decision, seen[3].reason.as_deref(), seen[3].revision), (DecisionKind::Rejected, Some("no receipt"), 0));
    assert_eq!((seen[4].decision, seen[4].revision, seen[4].read), (DecisionKind::Signed, 1, false));
    // Resuming after each delivery gives exactly those behind it, also from the newest-first page.
    let mailbox = world.index.mailbox(&creator.id, 5).await.unwrap();
    assert_eq!((mailbox.unread, mailbox.newest.as_ref()), (9, Some(&mailbox.deliveries[0].cursor)));
    expected.reverse();
    assert_eq!(numbers(&mailbox.deliveries), expected[..5]);
    for (behind, row) in mailbox.deliveries.iter().enumerate() {
        assert_eq!(world.index.deliveries(&creator.id, Some(&row.cursor), 50).await.unwrap().items.len(), behind);
    }
    world.index.mark_read(&creator.id, &seen[6].cursor, world.now()).await.unwrap();
    let mailbox = world.index.mailbox(&creator.id, 50).await.unwrap();
    assert_eq!(mailbox.unread, 2);
    assert_eq!(mailbox.deliveries.iter().filter(|row| row.read).count(), 7);
    assert!(world.index.deliveries(&head.id, None, 50).await.unwrap().items.is_empty());
    assert_eq!(world.index.deliveries(&creator.id, Some("nonsense"), 50).await, Err(IndexError::BadCursor));
    assert_eq!(world.index.mailbox(&head.id, 5).await.unwrap().newest, None);
}

pub async fn a_reader_misses_nothing_while_others_commit(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let mut decisions = Vec::new();
    for n in 0..24 {
        let number = format!("{}-2026-{n:06}", if n % 2 == 0 { "EXP" } else { "WO" });
        let document = world.create(&number, &format!("m{n}"), &creator, vec![any("head")]).await;
        decisions.push(world.signature(&document, &head).await);
    }
    let writers: Vec<_> = decisions
        .into_iter()
        .map(|decision| {
            let index = world.index.clone();
            tokio::spawn(async move { index.decide(decision).await.unwrap() })
        })
        .collect();
    let (mut after, mut seen) = (None::<String>, Vec::new());
    let reading = async {
        while seen.len() < 24 {
            for row in world.index.deliveries(&creator.id, after.as_deref(), 3).await.unwrap().items {
                after = Some(row.cursor);
                seen.push(row.number.to_string());
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reading).await.expect("every delivery arrives");
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(world.index.deliveries(&creator.id, after.as_deref(), 3).await.unwrap().items.is_empty());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 24);
}

pub async fn a_delivery_wakes_its_creator(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    // On PostgreSQL another replica hears of it too.
    let listener = if world.postgres { Index::open(&world.databases).await.unwrap() } else { world.index.clone() };
    let mut wakes = listener.subscribe();
    if world.postgres {
        // Both listeners say when they are there.
        for _ in 0..2 {
            tokio::time::timeout(Duration::from_secs(10), wakes.recv()).await.ok();
        }
    }
    let document = world.create("WO-2026-000001", "m", &creator, vec![any("head")]).await;
    world.sign(&document, &head).await;
    let woken = async {
        loop {
            if wakes.recv().await.unwrap() == Wake::Account(creator.id.clone()) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), woken).await.expect("the creator is woken");
}
