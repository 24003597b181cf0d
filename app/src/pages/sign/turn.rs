//! Several documents signed one after the other. What is left is in the address, so that it survives every load of a page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::model::Number;
use crate::visit::lang;

/// The documents behind this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    rest: Vec<Number>,
    of: usize,
}

impl Turn {
    /// As the page's address has it; none where it is no turn. The last document of one has none behind it.
    pub fn here() -> Option<Self> {
        use_query_map().with_untracked(|query| Self::read(&query.get("then")?, &query.get("of")?))
    }

    fn read(then: &str, of: &str) -> Option<Self> {
        let rest: Vec<Number> = then.split(',').filter_map(|number| number.parse().ok()).collect();
        let of = of.parse().ok().filter(|of| (rest.len() + 1..=200).contains(of))?;
        Some(Self { rest, of })
    }

    /// `2 of 3`
    pub fn place(&self) -> String {
        let (place, of) = (self.of - self.rest.len(), self.of);
        lang().pick(format!("{place} of {of}"), format!("第 {place} 件，共 {of} 件"))
    }

    /// The next document and the page that signs it.
    pub fn next(&self) -> Option<(Number, String)> {
        let (next, rest) = self.rest.split_first()?;
        let rest: Vec<&str> = rest.iter().map(Number::as_str).collect();
        Some((next.clone(), format!("/documents/{next}/sign?then={}&of={}", rest.join(","), self.of)))
    }

    /// What follows `?` in this page's address.
    #[cfg(any(feature = "hydrate", test))]
    pub fn query(&self) -> String {
        let rest: Vec<&str> = self.rest.iter().map(Number::as_str).collect();
        format!("then={}&of={}", rest.join(","), self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_follows_the_other_and_bad_addresses_are_none() {
        let turn = Turn::read("EXP-2026-000002,EXP-2026-000003", "3").unwrap();
        assert_eq!(turn.query(), "then=EXP-2026-000002,EXP-2026-000003&of=3");
        let (next, page) = turn.next().unwrap();
        assert_eq!((next.as_str(), page.as_str()), ("EXP-2026-000002", "/documents/EXP-2026-000002/sign?then=EXP-2026-000003&of=3"));
        assert_eq!(Turn::read("", "3").unwrap().next(), None);
        for (then, of) in [("EXP-2026-000002", "1"), ("", "0"), ("", "x"), ("", "201")] {
            assert_eq!(Turn::read(then, of), None, "{then} {of}");
        }
        assert_eq!(Turn::read("//evil.example,../x", "2").unwrap().next(), None);
    }
}
