//! Lists over SQLite and PostgreSQL at once: the pages of three databases are one sorted list, also while documents come in between.

use std::collections::BTreeSet;

use app::model::Box;
use server::index::{AccountRow, Index, ListQuery};

use crate::index::world::{World, any, number, viewer};

/// The types, each in a database of its own.
const TYPES: [&str; 3] = ["EXP", "WO", "RCT"];

pub async fn pages_over_three_databases_are_one_list(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let mut made = Vec::new();
    for n in 0..60_i64 {
        // Three to a moment, in three databases; their numbers break the tie.
        made.push(create(&world, &creator, n, n / 3).await);
    }
    for limit in [1, 4, 7, 60] {
        assert_eq!(walk(&world.index, ListQuery { limit, ..Default::default() }, &creator).await, newest_first(&made), "limit {limit}");
    }
    let inbox = ListQuery { which: Box::Inbox, limit: 7, ..Default::default() };
    let mut waiting = newest_first(&made);
    waiting.reverse();
    assert_eq!(walk(&world.index, inbox, &head).await, waiting);
    assert_eq!(world.index.waiting(&viewer(&head)).await.unwrap().count, 60);
    for wanted in ["taxi", "xi", "m1", "李", "li.na 李"] {
        let query = ListQuery { q: Some(wanted.into()), limit: 7, ..Default::default() };
        let expected: Vec<String> = newest_first(&made.iter().filter(|made| wanted != "m1" || made.matter.starts_with("m1")).cloned().collect::<Vec<_>>());
        assert_eq!(walk(&world.index, query, &creator).await, expected, "{wanted}");
    }
}

pub async fn inserts_between_pages_move_nothing(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let mut made = Vec::new();
    for n in 0..30_i64 {
        made.push(create(&world, &creator, n, 10 + n / 3).await);
    }
    let before = newest_first(&made);
    let (mut query, mut seen, mut n) = (ListQuery { limit: 4, ..Default::default() }, Vec::new(), 30);
    loop {
        let page = world.index.list(&query, &viewer(&creator)).await.unwrap();
        seen.extend(page.items.into_iter().map(|row| row.number.to_string()));
        // Newer than all, older than all, and beside the place that was reached, in each database.
        for at in [1000, 0, 10 + (30 - seen.len().min(30) as i64) / 3] {
            made.push(create(&world, &creator, n, at).await);
            n += 1;
        }
        match page.next.filter(|_| seen.len() < 60) {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    // Nothing twice, nothing out of order, and all that was there when the list began.
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    let order = newest_first(&made);
    let places: Vec<usize> = seen.iter().map(|number| order.iter().position(|other| other == number).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(seen.iter().filter(|number| before.contains(number)).cloned().collect::<Vec<_>>(), before);
}

/// A document and where it belongs in a list.
#[derive(Clone)]
struct Made {
    at: i64,
    number: String,
    matter: String,
}

async fn create(world: &World, creator: &AccountRow, n: i64, at: i64) -> Made {
    // Letters that other collations sort otherwise: a dash, digits, a dot.
    let text = format!("{}-{}.{:03}", TYPES[n as usize % 3], if n % 2 == 0 { "2026" } else { "A-9" }, n);
    let matter = format!("m{n}");
    let mut new = world.prepared(number(&text).as_str(), &matter, creator, vec![any("head")]).await;
    new.at = crate::index::world::T0 + at;
    let row = world.index.create(new).await.unwrap();
    Made { at: row.created_at, number: row.number.to_string(), matter }
}

fn newest_first(made: &[Made]) -> Vec<String> {
    let mut sorted: Vec<_> = made.iter().map(|made| (made.at, made.number.clone())).collect();
    sorted.sort();
    sorted.into_iter().rev().map(|(_, number)| number).collect()
}

async fn walk(index: &Index, mut query: ListQuery, account: &AccountRow) -> Vec<String> {
    let mut numbers = Vec::new();
    loop {
        let page = index.list(&query, &viewer(account)).await.unwrap();
        assert!(page.items.len() <= query.limit as usize);
        numbers.extend(page.items.into_iter().map(|row| row.number.to_string()));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return numbers,
        }
    }
}
