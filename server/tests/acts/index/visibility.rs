//! Who may see what, asked in the query itself.

use server::index::{AccountRow, AccountUpdate};

use crate::index::world::{World, all, any, viewer};

pub async fn only_those_concerned_see_a_document(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let other_creator = world.person("zhang", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let finance = world.person("chen", &["finance"]).await;
    let named = world.person("zhao", &[]).await;
    let reader = world.person("reader", &[]).await;
    let document = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance"), any("@zhao")]).await;
    let sees = async |account: &AccountRow| {
        let found = world.index.find(&document.number, &viewer(account)).await.unwrap().is_some();
        let listed = world.index.list(&server::index::ListQuery { limit: 10, ..Default::default() }, &viewer(account)).await.unwrap().items.len();
        assert_eq!(found, listed == 1, "list and page agree");
        found
    };
    assert!(sees(&creator).await && sees(&head).await);
    assert!(!sees(&other_creator).await && !sees(&finance).await && !sees(&named).await && !sees(&reader).await);
    assert!(sees(&AccountRow { reads: vec!["EXP".into()], ..reader.clone() }).await);
    assert!(!sees(&AccountRow { reads: vec!["WO".into()], ..reader.clone() }).await);
    let first = world.sign(&document, &head).await;
    assert!(sees(&finance).await && sees(&head).await && !sees(&named).await);
    let second = world.sign(&first, &finance).await;
    assert!(sees(&named).await);
    assert!(second.steps[2].asks(&viewer(&named)) && !second.steps[2].asks(&viewer(&finance)));
    // Whoever decided keeps seeing it, also without the role; whoever was only asked does not.
    let head = world.index.change_account("wang", AccountUpdate { roles: Some(Vec::new()), ..Default::default() }).await.unwrap().unwrap();
    assert!(sees(&head).await);
    let idle_head = world.person("idle", &["head"]).await;
    assert!(sees(&idle_head).await);
    assert!(!sees(&AccountRow { roles: Vec::new(), ..idle_head }).await);
}

pub async fn all_steps_ask_the_accounts_of_their_creation(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let safety = world.person("a", &["safety"]).await;
    let late = world.person("b", &["safety"]).await;
    let document = world.create("WO-2026-000001", "m", &creator, vec![any("head"), all("safety", &[&safety])]).await;
    let head = world.person("wang", &["head"]).await;
    assert!(world.index.find(&document.number, &viewer(&safety)).await.unwrap().is_none());
    world.sign(&document, &head).await;
    assert!(world.index.find(&document.number, &viewer(&safety)).await.unwrap().is_some());
    assert!(world.index.find(&document.number, &viewer(&late)).await.unwrap().is_none());
    assert_eq!(world.index.waiting(&viewer(&safety)).await.unwrap().count, 1);
    assert_eq!(world.index.waiting(&viewer(&late)).await.unwrap().count, 0);
}
