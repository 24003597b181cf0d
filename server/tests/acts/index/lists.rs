//! Lists: merged over two databases, filtered, in order.

use app::model::{Box, Status};
use server::index::{IndexError, ListQuery, Viewer};

use crate::index::world::{T0, World, any, code, viewer};

async fn walk(world: &World, query: ListQuery, viewer: &Viewer) -> Vec<String> {
    let (mut query, mut numbers) = (query, Vec::new());
    loop {
        let page = world.index.list(&query, viewer).await.unwrap();
        assert!(page.items.len() <= query.limit as usize);
        numbers.extend(page.items.into_iter().map(|row| row.number.to_string()));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return numbers,
        }
    }
}

pub async fn pages_of_several_databases_merge_in_order(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let mut expected = Vec::new();
    for n in 0..22_i64 {
        let number = format!("{}-2026-{n:06}", if n % 3 == 0 { "EXP" } else { "WO" });
        let mut new = world.prepared(&number, &format!("m{n}"), &creator, vec![any("head")]).await;
        // Four share each moment, so the number must break the tie in both databases alike.
        new.at = T0 + n / 4;
        world.index.create(new.clone()).await.unwrap();
        expected.push((new.at, number));
    }
    expected.sort();
    expected.reverse();
    let expected: Vec<String> = expected.into_iter().map(|(_, number)| number).collect();
    for limit in [1, 3, 7, 22, 200] {
        assert_eq!(walk(&world, ListQuery { limit, ..Default::default() }, &viewer(&creator)).await, expected, "limit {limit}");
    }
    let created = ListQuery { which: Box::Created, limit: 5, ..Default::default() };
    assert_eq!(walk(&world, created.clone(), &viewer(&creator)).await, expected);
    let cursor = world.index.list(&created, &viewer(&creator)).await.unwrap().next;
    let elsewhere = ListQuery { which: Box::Inbox, limit: 5, cursor, ..Default::default() };
    assert_eq!(world.index.list(&elsewhere, &viewer(&creator)).await, Err(IndexError::BadCursor));
}

pub async fn the_inbox_comes_longest_waiting_first(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let finance = world.person("chen", &["finance"]).await;
    let a = world.create("EXP-2026-000001", "a", &creator, vec![any("head"), any("finance")]).await;
    let b = world.create("WO-2026-000001", "b", &creator, vec![any("head"), any("finance")]).await;
    let inbox = ListQuery { which: Box::Inbox, limit: 1, ..Default::default() };
    assert_eq!(walk(&world, inbox.clone(), &viewer(&head)).await, ["EXP-2026-000001", "WO-2026-000001"]);
    assert!(walk(&world, inbox.clone(), &viewer(&finance)).await.is_empty());
    world.sign(&b, &head).await;
    world.sign(&a, &head).await;
    assert!(walk(&world, inbox.clone(), &viewer(&head)).await.is_empty());
    assert_eq!(walk(&world, inbox.clone(), &viewer(&finance)).await, ["WO-2026-000001", "EXP-2026-000001"]);
    assert_eq!(world.index.waiting(&viewer(&finance)).await.unwrap().count, 2);
    let decided = ListQuery { which: Box::Decided, limit: 1, ..Default::default() };
    assert_eq!(walk(&world, decided.clone(), &viewer(&head)).await, ["EXP-2026-000001", "WO-2026-000001"]);
    assert!(walk(&world, decided, &viewer(&finance)).await.is_empty());
    assert!(walk(&world, inbox, &viewer(&creator)).await.is_empty());
}

pub async fn filters_and_search(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let one = world.create("EXP-2026-000001", "济南/100%_A", &creator, vec![any("head")]).await;
    let two = world.create("WO-2026-000001", "Qingdao/\\B", &creator, vec![any("head")]).await;
    world.sign(&two, &head).await;
    let found = async |query: ListQuery| walk(&world, ListQuery { limit: 10, ..query }, &viewer(&creator)).await;
    let q = |text: &str| ListQuery { q: Some(text.into()), ..Default::default() };
    let (first, second) = (vec!["EXP-2026-000001".to_owned()], vec!["WO-2026-000001".to_owned()]);
    assert_eq!(found(q("济南")).await, first);
    assert_eq!(found(q("100%_a")).await, first);
    assert_eq!(found(q("qINGdao taxi")).await, second);
    assert_eq!(found(q("\\b")).await, second);
    assert_eq!(found(q("wo-2026")).await, second);
    assert!(found(q("%")).await == first && found(q("' OR 1=1 --")).await.is_empty() && found(q("\0absent")).await.is_empty());
    assert_eq!(found(ListQuery { type_code: Some(code("WO")), ..Default::default() }).await, second);
    assert!(found(ListQuery { type_code: Some(code("NONE")), ..Default::default() }).await.is_empty());
    assert_eq!(found(ListQuery { status: Some(Status::Signed), ..Default::default() }).await, second);
    assert_eq!(found(ListQuery { to: Some(two.created_at), ..Default::default() }).await, first);
    assert_eq!(found(ListQuery { from: Some(one.created_at + 1), ..Default::default() }).await, second);
}
