//! What an XMP packet says (ISO 16684-1): its properties, however the RDF that carries them is written.

use roxmltree::{Document, Node, ParsingOptions};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const MEDIA: &str = "http://ns.adobe.com/xap/1.0/mm/";
const PDF: &str = "http://ns.adobe.com/pdf/1.3/";
/// What a signing program renews: dates, producer, and the identifier of the version.
const RENEWED: &[(&str, &str)] = &[(XMP, "ModifyDate"), (XMP, "MetadataDate"), (PDF, "Producer"), (MEDIA, "InstanceID")];
/// Properties whose values are dates, by their local names.
const DATES: &[&str] = &["CreateDate", "ModifyDate", "MetadataDate", "date", "when"];
/// Longest packet that is compared, and most elements and attributes in it.
const MAX_BYTES: usize = 1 << 20;
const MAX_NODES: u32 = 20_000;
const MAX_ATTRIBUTES: usize = 8_000;
/// Most levels of structure.
const MAX_DEPTH: usize = 32;

/// The properties of a packet but for what is renewed, in order: each the way to a text, and the text. `None` where it is no plain XML.
pub(super) fn properties(packet: &[u8]) -> Option<Vec<(String, String)>> {
    let text = decoded(packet)?;
    // nodes of the tree are limited, attributes are not
    if text.matches('=').count() > MAX_ATTRIBUTES {
        return None;
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).ok()?;
    let root = document.root_element();
    let rdf = if root.has_tag_name((RDF, "RDF")) { root } else { root.children().find(|child| child.has_tag_name((RDF, "RDF")))? };
    // what stands beside the description would be read by nobody, or by somebody else
    let only = |parent: Node<'_, '_>, child: Node<'_, '_>| parent.children().all(|node| node == child || !node.is_element() && blank(node));
    if rdf != root && !only(root, rdf) {
        return None;
    }
    let mut found = Vec::new();
    for description in rdf.children() {
        if description.has_tag_name((RDF, "Description")) {
            structure(description, "", 0, &mut found)?;
        } else if description.is_element() || !blank(description) {
            return None;
        }
    }
    found.sort_unstable();
    Some(found)
}

/// Whether a packet has nothing that only some readers see: comments, sections of raw characters, declarations.
pub(super) fn plain(packet: &[u8]) -> bool {
    decoded(packet).is_some_and(|text| !text.contains("<!"))
}

/// UTF-8 or UTF-16 with its mark (ISO 16684-1 §7.1), without the white space that pads packets.
fn decoded(packet: &[u8]) -> Option<String> {
    if packet.len() > MAX_BYTES {
        return None;
    }
    let wide = |units: &[u8], unit: fn([u8; 2]) -> u16| -> Option<String> {
        let units = units.len().is_multiple_of(2).then(|| units.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])))?;
        char::decode_utf16(units).collect::<Result<_, _>>().ok()
    };
    let text = match packet {
        [0xFE, 0xFF, units @ ..] => wide(units, u16::from_be_bytes)?,
        [0xFF, 0xFE, units @ ..] => wide(units, u16::from_le_bytes)?,
        [0xEF, 0xBB, 0xBF, text @ ..] | text => std::str::from_utf8(text).ok()?.to_owned(),
    };
    Some(text.trim().to_owned())
}

/// The properties of a description or structure: attributes are properties, too (the short form of RDF).
fn structure(node: Node<'_, '_>, path: &str, depth: usize, found: &mut Vec<(String, String)>) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    for attribute in node.attributes().filter(|attribute| !syntax(attribute.namespace())) {
        leaf(path, (attribute.namespace(), attribute.name()), attribute.value(), found);
    }
    for child in node.children() {
        if child.is_element() {
            property(child, path, depth, found)?;
        } else if !blank(child) {
            return None;
        }
    }
    Some(())
}

/// One property: a text, a list, or a structure.
fn property(node: Node<'_, '_>, path: &str, depth: usize, found: &mut Vec<(String, String)>) -> Option<()> {
    let name = (node.tag_name().namespace(), node.tag_name().name());
    if path.is_empty() && renewed(name) {
        return Some(());
    }
    let way = step(path, name);
    value(node, &way, name, depth + 1, found)
}

fn value(node: Node<'_, '_>, way: &str, name: (Option<&str>, &str), depth: usize, found: &mut Vec<(String, String)>) -> Option<()> {
    if depth > MAX_DEPTH || !matches!(node.attribute((RDF, "parseType")), None | Some("Resource")) {
        return None;
    }
    let language = node.attribute(("http://www.w3.org/XML/1998/namespace", "lang"));
    let way = &language.map_or_else(|| way.to_owned(), |language| format!("{way}@{}", language.to_ascii_lowercase()));
    if let Some(resource) = node.attribute((RDF, "resource")) {
        found.push((format!("{way}/resource"), resource.to_owned()));
    }
    let elements: Vec<_> = node.children().filter(Node::is_element).collect();
    let list = |kind| elements.len() == 1 && elements[0].has_tag_name((RDF, kind));
    if let Some(kind) = ["Seq", "Bag", "Alt"].into_iter().find(|kind| list(kind)) {
        let mut index = 0;
        for item in elements[0].children() {
            if item.has_tag_name((RDF, "li")) {
                // only in a sequence it matters which comes first; the first alternative is the one that is shown
                index += 1;
                let place = if kind == "Bag" { 0 } else { index };
                value(item, &format!("{way}/{kind}{place}"), name, depth + 1, found)?;
            } else if item.is_element() || !blank(item) {
                return None;
            }
        }
        return node.children().all(|child| child.is_element() || blank(child)).then_some(());
    }
    if let [description] = elements[..]
        && description.has_tag_name((RDF, "Description"))
    {
        return structure(description, way, depth + 1, found);
    }
    if !elements.is_empty() || node.attributes().any(|attribute| !syntax(attribute.namespace())) {
        return structure(node, way, depth + 1, found);
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    found.push((way.clone(), said(name.1, text.trim())));
    Some(())
}

fn leaf(path: &str, name: (Option<&str>, &str), text: &str, found: &mut Vec<(String, String)>) {
    if !(path.is_empty() && renewed(name)) {
        found.push((step(path, name), said(name.1, text.trim())));
    }
}

fn step(path: &str, (namespace, name): (Option<&str>, &str)) -> String {
    format!("{path}/{}{name}", namespace.unwrap_or_default())
}

fn renewed((namespace, name): (Option<&str>, &str)) -> bool {
    RENEWED.iter().any(|known| (namespace, name) == (Some(known.0), known.1))
}

/// Attributes of RDF and XML themselves.
fn syntax(namespace: Option<&str>) -> bool {
    matches!(namespace, Some(RDF | "http://www.w3.org/XML/1998/namespace"))
}

/// White space, and what nobody shows.
fn blank(node: Node<'_, '_>) -> bool {
    !node.is_text() || node.text().is_none_or(|text| text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty())
}

/// A text as it counts: a date by its instant.
fn said(name: &str, text: &str) -> String {
    let instant = DATES.contains(&name).then(|| instant(text)).flatten();
    instant.map_or_else(|| text.to_owned(), |seconds| format!("at {seconds}"))
}

/// Unix seconds of `YYYY-MM-DDThh:mm:ss` with its offset (ISO 8601), as XMP writes times; parts of seconds do not count.
fn instant(text: &str) -> Option<i64> {
    let (date, rest) = (text.get(..19)?, text.get(19..)?);
    let shape = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let rest = rest.strip_prefix('.').map_or(rest, |parts| parts.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    let offset = match rest.as_bytes() {
        b"Z" => "Z".to_owned(),
        [b'+' | b'-', _, _, b':', _, _] => rest.replace(':', "'"),
        _ => return None,
    };
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    if shape { crate::pdf::date::parse_date(&format!("D:{digits}{offset}")) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{instant, plain, properties};

    const NAMES: &str = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='http://purl.org/dc/elements/1.1/' \
                         xmlns:pdf='http://ns.adobe.com/pdf/1.3/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'";

    fn packet(inside: &str) -> String {
        format!("<?xpacket begin='\u{feff}'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF {NAMES}>{inside}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>")
    }

    #[test]
    fn the_short_and_the_long_form_of_a_property_are_one() {
        let long = packet(
            "<rdf:Description rdf:about=''><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; 中</rdf:li></rdf:Alt></dc:title>\
             <xmp:CreateDate>2026-11-23T20:00:00+08:00</xmp:CreateDate><dc:format>application/pdf</dc:format><pdf:Producer>one</pdf:Producer></rdf:Description>",
        );
        let short = packet(
            "<rdf:Description rdf:about='' dc:format=\"application/pdf\" pdf:Producer='two'/><rdf:Description xmlns:t='http://purl.org/dc/elements/1.1/' \
             xmp:CreateDate='2026-11-23T12:00:00.000Z'><t:title><rdf:Alt><rdf:li xml:lang='X-Default'>A &#38; &#x4E2D;</rdf:li></rdf:Alt></t:title></rdf:Description>",
        );
        let said = properties(long.as_bytes()).unwrap();
        assert_eq!(said.len(), 3);
        assert_eq!(properties(short.as_bytes()).as_ref(), Some(&said));
        let wide: Vec<u8> = [0xfe, 0xff].into_iter().chain(long.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(properties(&wide).as_ref(), Some(&said));
        for (from, to) in
            [("A &amp;", "C &amp;"), ("+08:00", "+09:00"), ("x-default", "zh"), ("application/pdf", ""), ("dc:title", "dc:description"), ("Alt", "Seq")]
        {
            assert_ne!(properties(long.replace(from, to).as_bytes()).as_ref(), Some(&said), "{from}");
        }
    }

    #[test]
    fn what_readers_could_take_in_two_ways_is_not_compared() {
        for broken in [
            "<a>".to_owned(),
            "<a></b>".to_owned(),
            "<a b></a>".to_owned(),
            "</a>".to_owned(),
            format!("<!DOCTYPE x [<!ENTITY e 'x'>]>{}", packet("")),
            packet("<rdf:Description>loose</rdf:Description>"),
            packet("<rdf:Description/>loose"),
            packet("<dc:title>outside</dc:title>"),
            packet("<rdf:Description><dc:title rdf:parseType='Literal'><b>x</b></dc:title></rdf:Description>"),
            packet(&format!("<rdf:Description>{}{}</rdf:Description>", "<dc:a>".repeat(5_000), "</dc:a>".repeat(5_000))),
            packet(&format!("<rdf:Description {}/>", "dc:a='b' ".repeat(9_000))),
        ] {
            assert_eq!(properties(broken.as_bytes()), None, "{}", &broken[..broken.len().min(300)]);
        }
        assert!(plain(packet("").as_bytes()));
        assert!(!plain(packet("<!-- x -->").as_bytes()) && !plain(packet("<![CDATA[x]]>").as_bytes()));
    }

    #[test]
    fn times_are_instants() {
        assert_eq!(instant("2026-11-23T20:00:00+08:00"), instant("2026-11-23T12:00:00.5Z"));
        for other in
            ["", "2026", "2026-11-23", "2026-11-23T20:00:00", "2026-11-23T20:00:00+0800", "2026-11-23 20:00:00Z", "2026-13-23T20:00:00Z", "2026-11-23T20:00:0é"]
        {
            assert_eq!(instant(other), None, "{other}");
        }
    }
}
