//! What a signing program may note about itself: dates and producer, in the information dictionary and the XMP packet.

use super::{State, dictionaries, same_but};
use crate::Error;
use crate::pdf::{Reference, Value};

/// Properties of XMP that a signing program renews, without their prefixes: dates, producer, and identifiers of the version.
const RENEWED: &[&str] = &["ModifyDate", "MetadataDate", "Producer", "InstanceID"];

impl State<'_> {
    pub(super) fn info(&mut self, reference: Reference, before: &Value, after: &Value) {
        if dictionaries(before, after).is_some_and(|(old, new)| same_but(old, new, &["ModDate", "Producer"])) {
            self.allow("info-renewed", reference, "A later revision noted another date or program in the document's information.");
        } else {
            self.forbid("info", reference, "Number, title or author of the document was changed.");
        }
    }

    /// The XMP packet still says the same but for what is renewed, and refers to nothing.
    pub(super) fn packet(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let kind = |value: &Value| value.dictionary().and_then(|d| Some((d.get("Type")?.name()?.to_vec(), d.get("Subtype")?.name()?.to_vec())));
        let metadata = Some((b"Metadata".to_vec(), b"XML".to_vec()));
        let plain = kind(before) == metadata && kind(after) == metadata;
        let packets = match (before.stream(), after.stream()) {
            (Some(old), Some(new)) if plain && new.dictionary.get("Filter").is_none_or(|filter| filter.name().is_some() || filter.is_null()) => {
                Some((self.old.inflate(old)?, self.new.inflate(new)?))
            }
            _ => None,
        };
        let properties = packets.as_ref().and_then(|(old, new)| Some((properties(old)?, properties(new)?)));
        if properties.is_some_and(|(old, new)| old == new) {
            self.allow("metadata-renewed", reference, "A later revision noted another date or program in the document's description (XMP).");
        } else {
            self.forbid("metadata", reference, "Number, title or author of the document was changed in its description (XMP).");
        }
        Ok(())
    }
}

/// The texts of a packet, sorted, each with the property it stands in: `Title=Taxi`. Attributes of `rdf:Description` are properties, too
/// (the short form of RDF). `None` where it is no plain XML in UTF-8.
fn properties(packet: &[u8]) -> Option<Vec<String>> {
    let mut rest = std::str::from_utf8(packet).ok()?;
    let mut found = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    while let Some((text, markup)) = rest.split_once('<') {
        let property = open.iter().rev().find(|name| !matches!(**name, "li" | "Alt" | "Seq" | "Bag" | "Description" | "RDF" | "xmpmeta"));
        note(&mut found, property.copied().unwrap_or_default(), text);
        let (tag, after) = markup.split_once('>')?;
        rest = after;
        if tag.starts_with('!') {
            // comments, CDATA and entities could say one thing to one reader and another to the next
            return None;
        }
        if tag.starts_with('?') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(local(name.trim())) {
                return None;
            }
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let name = local(name);
        for (key, value) in attributes_of(attributes)? {
            if name == "Description" && !key.starts_with("xmlns") && !matches!(key, "rdf:about" | "about") {
                note(&mut found, local(key), value);
            }
        }
        if !closed {
            open.push(name);
        }
        if open.len() > 64 {
            return None;
        }
    }
    found.sort_unstable();
    open.is_empty().then_some(found)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn note(found: &mut Vec<String>, property: &str, text: &str) {
    let text = text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    if !text.is_empty() && !RENEWED.contains(&property) {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&");
        found.push(format!("{property}={text}"));
    }
}

/// `a="b" c='d'` in pairs.
fn attributes_of(mut text: &str) -> Option<Vec<(&str, &str)>> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Some(found);
        }
        let (key, rest) = text.split_once('=')?;
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = rest[1..].split_once(quote)?;
        found.push((key.trim(), value));
        text = after;
    }
}

#[cfg(test)]
mod tests {
    use super::properties;

    #[test]
    fn the_short_and_the_long_form_of_a_property_are_one() {
        let long = "<x:xmpmeta><rdf:RDF><rdf:Description rdf:about=''><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B</rdf:li></rdf:Alt></dc:title>\
                    <pdf:Producer>one</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>";
        let short =
            "<?xpacket?><x:xmpmeta xmlns:x='y'><rdf:RDF><rdf:Description rdf:about='' dc:title=\"A &amp; B\" pdf:Producer='two'/></rdf:RDF></x:xmpmeta>";
        assert_eq!(properties(long.as_bytes()), Some(vec!["title=A & B".to_owned()]));
        assert_eq!(properties(short.as_bytes()), properties(long.as_bytes()));
        assert_ne!(properties(long.replace("A &amp;", "C &amp;").as_bytes()), properties(long.as_bytes()));
        for broken in ["<a>", "<a></b>", "<a b></a>", "<a><!-- x --></a>", "</a>"] {
            assert_eq!(properties(broken.as_bytes()), None, "{broken}");
        }
    }
}
