//! What the clients were told, kept where no kill reaches it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::ground::Ground;
use support::program::Client;

use crate::kills::clients::Person;

#[derive(Clone, Default)]
pub struct Ledger {
    /// Answers of creations by their keys.
    pub created: BTreeMap<String, Value>,
    /// Decisions: who, on which document and edition, with which outcome.
    pub decided: Vec<(String, String, u64, &'static str)>,
    pub withdrawn: Vec<String>,
    /// Editions that corrections made.
    pub corrected: Vec<(String, u64)>,
    /// Every delivery that a creator's mailbox showed, in order.
    pub heard: BTreeMap<&'static str, Vec<Value>>,
}

impl Ledger {
    pub fn acknowledged(&self) -> usize {
        self.created.len() + self.decided.len() + self.withdrawn.len() + self.corrected.len()
    }

    pub fn summary(&self) -> String {
        format!("{} created, {} decided, {} withdrawn, {} corrected", self.created.len(), self.decided.len(), self.withdrawn.len(), self.corrected.len())
    }

    /// Everything acknowledged is in the rows.
    pub async fn is_kept(&self, ground: &Ground) {
        let documents: BTreeMap<String, (String, u64)> = ground
            .texts("SELECT number || ' ' || status || ' ' || CAST(edition AS TEXT) FROM documents")
            .await
            .iter()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .map(|words| (words[0].to_owned(), (words[1].to_owned(), words[2].parse().unwrap())))
            .collect();
        let mut numbers = BTreeMap::new();
        for (key, answer) in &self.created {
            let number = answer["number"].as_str().unwrap();
            assert!(documents.contains_key(number), "{number} was acknowledged and is lost");
            assert_eq!(numbers.insert(number, key), None, "{number} was given twice");
        }
        for number in &self.withdrawn {
            assert_eq!(documents[number].0, "withdrawn", "the withdrawal of {number} was acknowledged and is lost");
        }
        for (number, edition) in &self.corrected {
            assert!(documents[number].1 >= *edition, "edition {edition} of {number} was acknowledged and is lost");
        }
        let decisions = ground
            .texts(
                "SELECT d.number || ' ' || CAST(d.edition AS TEXT) || ' ' || d.decision || ' ' || a.login FROM decisions d JOIN accounts a ON a.id = d.account",
            )
            .await;
        for (login, number, edition, outcome) in &self.decided {
            let wanted = format!("{number} {edition} {outcome} {login}");
            assert_eq!(decisions.iter().filter(|row| **row == wanted).count(), 1, "{wanted} was acknowledged");
        }
        // One matter, one live document; one decision for a step that asks any one.
        let twice = "(SELECT matter FROM documents WHERE live = 1 GROUP BY type_code, matter HAVING COUNT(*) > 1) AS t";
        assert_eq!(ground.count(twice).await, 0);
        let twice = "(SELECT number FROM decisions GROUP BY number, edition, position HAVING COUNT(*) > 1) AS t";
        assert_eq!(ground.count(twice).await, 0);
        let ended = "deliveries d WHERE NOT EXISTS (SELECT 1 FROM decisions x WHERE x.number = d.number AND x.edition = d.edition)";
        assert_eq!(ground.count(ended).await, 0);
        let doubled = "(SELECT number FROM deliveries GROUP BY number, edition HAVING COUNT(*) > 1) AS t";
        assert_eq!(ground.count(doubled).await, 0);
    }

    /// Lists and mailboxes show what was acknowledged, and every mailbox in the order in which its creator heard it.
    pub async fn is_what_everyone_sees(&self, url: &str, people: &[Person]) {
        for person in people.iter().filter(|person| person.creates) {
            let client = Client::new(url, &person.token);
            let listed = all(&client, "/api/v1/documents?box=created&limit=200").await;
            let mailbox = all(&client, "/api/v1/mailbox?limit=200").await;
            let of_mine = self.created.iter().filter(|(key, _)| key.starts_with(person.login)).map(|(_, answer)| &answer["number"]);
            for number in of_mine {
                assert!(listed.iter().any(|document| document["number"] == *number), "{number} is in no list");
            }
            for document in &listed {
                let alone = client.get(&format!("/api/v1/documents/{}", document["number"].as_str().unwrap())).await.unwrap().is(200).json();
                assert_eq!(alone, *document, "list and document differ");
                let ends = matches!(document["status"].as_str(), Some("signed" | "rejected"));
                // Each edition that ended came back once.
                let of_it = mailbox.iter().filter(|one| one["number"] == document["number"]).count() as u64;
                let most = document["edition"].as_u64().unwrap();
                assert!(of_it == most || (!ends && of_it + 1 == most) || document["status"] == "withdrawn", "{document} was delivered {of_it} times");
            }
            let heard = self.heard.get(person.login).cloned().unwrap_or_default();
            let same = |one: &Value| json!([one["cursor"], one["number"], one["decision"]]);
            assert_eq!(heard.iter().map(same).collect::<Vec<_>>(), mailbox.iter().take(heard.len()).map(same).collect::<Vec<_>>(), "{}", person.login);
        }
    }
}

async fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}&cursor={cursor}")).await.unwrap().is(200).json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return items,
        }
    }
}
