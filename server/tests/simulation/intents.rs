//! Intents in the simulated index.

use app::model::TypeCode;
use server::index::{IntentRow, MEMORY, NewFile, NewIntent};
use server::service::seams::Intents;

use crate::rows::{Done, Intent, Rows};
use crate::world::Bug;

impl Intents for Rows {
    async fn begin_intent(&self, _: &TypeCode, new: NewIntent) -> Done<()> {
        self.transaction("intent", |state| {
            let intent = Intent { path: new.path, sha256: new.sha256, size: new.size, lease_until: new.lease_until, given_up: 0 };
            state.tables.intents.insert(new.id, intent);
            Ok(())
        })
        .await
    }

    async fn abandon_intent(&self, _: &TypeCode, file: &NewFile, at: i64) -> Done<()> {
        self.transaction("abandon", |state| {
            if state.has(Bug::ForgottenAtOnce) && !state.tables.intents.contains_key(&file.intent) {
                return Ok(());
            }
            let new = || Intent { path: file.store_path.clone(), sha256: file.sha256.clone(), size: file.size, lease_until: at, given_up: 1 };
            state.tables.intents.entry(file.intent.clone()).or_insert_with(new).given_up = 1;
            Ok(())
        })
        .await
    }

    async fn expired_intents(&self, now: i64, limit: u32) -> Done<Vec<IntentRow>> {
        self.transaction("expired", |state| {
            let early = state.has(Bug::SweepFirst);
            let mut given = Vec::new();
            for (id, intent) in &mut state.tables.intents {
                let over = intent.lease_until < now && intent.given_up == 0;
                if over && !early {
                    intent.given_up = 1;
                }
                if intent.given_up == 1 || (early && over) || (intent.given_up == 2 && intent.lease_until < now - MEMORY) {
                    let row =
                        IntentRow { database: "main".to_owned(), id: id.clone(), path: intent.path.clone(), sha256: intent.sha256.clone(), size: intent.size };
                    given.push(row);
                }
            }
            given.truncate(limit as usize);
            Ok(given)
        })
        .await
    }

    async fn postpone_intent(&self, _: &str, id: &str, until: i64) -> Done<()> {
        self.transaction("postponed", |state| {
            if let Some(intent) = state.tables.intents.get_mut(id).filter(|intent| intent.given_up == 1) {
                intent.lease_until = until;
            }
            Ok(())
        })
        .await
    }

    async fn path_in_use(&self, _: &str, path: &str) -> Done<bool> {
        self.transaction("in use", |state| Ok(state.tables.revisions.contains_key(path))).await
    }

    async fn swept_intent(&self, _: &str, id: &str, now: i64) -> Done<()> {
        self.transaction("swept", |state| {
            let at_once = state.bug.is_some_and(|bug| matches!(bug, Bug::ForgottenAtOnce | Bug::SweepFirst));
            let forget = |intent: &Intent| at_once || (intent.given_up > 0 && intent.lease_until < now - MEMORY);
            if state.tables.intents.get(id).is_some_and(forget) {
                state.tables.intents.remove(id);
            } else if let Some(intent) = state.tables.intents.get_mut(id).filter(|intent| intent.given_up == 1) {
                intent.given_up = 2;
            }
            Ok(())
        })
        .await
    }
}
