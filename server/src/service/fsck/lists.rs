//! What lists and search read: the tables `waiting`, `seen`, `decided` and those of search, against the rows that they follow from.
//!
//! They say nothing of their own, so no act is asked: a document whose rows are wrong themselves has its findings already, and mending those
//! makes its lists anew. What mends a finding here makes them anew, too, from the rows as they are.

use std::collections::HashSet;

use super::Findings;
use super::mend::Mend;
use crate::App;
use crate::error::Result;
use crate::index::{ListFault, SearchFault};

/// Tables whose rows lists and search follow from.
const SOURCES: [&str; 4] = ["documents", "steps", "step_fields", "decisions"];

/// Checks a database's lists and its search. After all else: what was found there is left out here.
pub(super) async fn check(app: &App, database: &str, all: &mut Findings) -> Result<()> {
    let is_source = |rule: &str| rule.split_once('-').is_some_and(|(table, _)| SOURCES.contains(&table));
    let told = all.findings.iter().filter(|finding| is_source(&finding.rule)).map(|finding| finding.object.clone());
    let mut said = Said { database, told: told.collect(), all };
    let mut from = Some(String::new());
    while let Some(begin) = from {
        let (lists, search, next) = app.index.list_faults(database, &begin).await?;
        for fault in lists {
            said.list(fault);
        }
        for fault in search {
            said.search(fault);
        }
        from = next;
    }
    for fault in app.index.piece_faults(database).await? {
        said.search(fault);
    }
    Ok(())
}

struct Said<'a> {
    database: &'a str,
    /// Documents whose rows have findings.
    told: HashSet<String>,
    all: &'a mut Findings,
}

impl Said<'_> {
    fn list(&mut self, fault: ListFault) {
        let ListFault { table, number, who, should, is } = fault;
        match (should, is) {
            (Some(_), None) => self.say(format!("{table}-missing"), &number, format!("it is not in the lists of {who}")),
            (None, Some(_)) => self.say(format!("{table}-extra"), &number, format!("it is in the lists of {who}, and no row asks that")),
            (Some(should), Some(is)) => {
                for (column, should) in should.iter().filter(|(column, should)| is.get(*column) != Some(should)) {
                    let is = is.get(column).map(ToString::to_string).unwrap_or_default();
                    self.say(format!("{table}-{column}"), &number, format!("the lists of {who} have {column} {is} instead of {should}"));
                }
            }
            (None, None) => {}
        }
    }

    fn search(&mut self, fault: SearchFault) {
        match fault {
            SearchFault::Missing(number) => self.say("search-missing".to_owned(), &number, "search does not find it".to_owned()),
            SearchFault::Extra(number) => self.say("search-extra".to_owned(), &number, "search knows it, and it is not there".to_owned()),
            SearchFault::Pieces(number) => self.say("search-pieces".to_owned(), &number, "it is searched by another text than its own".to_owned()),
            SearchFault::Nobody(place) => {
                let mend = Mend::Place { database: self.database.to_owned(), place };
                self.all.say("search-extra", format!("place {place}"), "search keeps pieces of a text there that is no document's", Some(mend));
            }
        }
    }

    fn say(&mut self, rule: String, number: &str, text: String) {
        if !self.told.contains(number) {
            let mend = Mend::Lists { database: self.database.to_owned(), number: number.to_owned() };
            self.all.say(rule, number, text, Some(mend));
        }
    }
}
