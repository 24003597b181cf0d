//! Links to the outside. A web page and a letter are what a document may point to; a link that starts something else, reads a file or runs a
//! script in whoever shows the document is taken out, and its place on the page does nothing.

use super::Draft;
use crate::pdf::Value;

impl Draft<'_> {
    /// Whether it is an action that leads elsewhere than to a page of the web or to a letter.
    pub(super) fn is_strange_link(&self, action: &Value) -> bool {
        let Some(dictionary) = action.dictionary() else { return false };
        self.get(dictionary, "S").name() == Some(b"URI") && !self.get(dictionary, "URI").string().is_some_and(may_lead)
    }
}

/// Whether an address has one of the schemes that are let through, spelt out: what programs guess of others is not known.
pub(crate) fn may_lead(address: &[u8]) -> bool {
    let begins = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()));
    ["https://", "http://", "mailto:"].into_iter().any(begins) && address.iter().all(|byte| !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::may_lead;

    #[test]
    fn only_the_web_and_letters_are_led_to() {
        for address in ["https://example.org/a?b#c", "HTTP://example.org", "mailto:li.na@example.org"] {
            assert!(may_lead(address.as_bytes()), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "\\\\server\\share",
            " https://a",
            "java\nscript:x",
            "https:evil",
            "data:text/html,x",
            "ftp://a",
            "",
            "//a",
        ] {
            assert!(!may_lead(address.as_bytes()), "{address}");
        }
        assert!(!may_lead(b"\xFE\xFF\0h\0t\0t\0p\0:\0/\0/") && !may_lead(b"http://a\x00b"));
    }
}
