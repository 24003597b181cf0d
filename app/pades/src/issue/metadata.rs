//! Number, title and author in the information dictionary and the XMP packet, saying the same (ISO 19005 asks for that).

use std::fmt::Write as _;

use crate::pdf::date::xmp_date;
use crate::pdf::{View, write};
use crate::{Error, Issue, date};

/// The bodies of the information dictionary and of the XMP stream. Producer, creating program, subject and keywords of the original
/// stay, and so do its claims to be PDF/A or PDF/UA.
pub fn metadata(view: View<'_>, issue: &Issue) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let old = view.get(view.trailer(), "Info")?;
    let kept = |key: &str| -> Result<Option<String>, Error> {
        let text = old.dictionary().map_or(Ok(crate::pdf::Value::NULL), |old| view.get(old, key))?.text();
        Ok(text.map(|text| text.chars().filter(|&character| allowed(character)).take(2_000).collect()).filter(|text: &String| !text.is_empty()))
    };
    let kept = [("Subject", kept("Subject")?), ("Keywords", kept("Keywords")?), ("Creator", kept("Creator")?), ("Producer", kept("Producer")?)];
    let mut info = format!("<</Title{}/Author{}/DocumentNumber{}", write::text(&issue.title), write::text(&issue.author), write::text(&issue.number));
    for (key, value) in &kept {
        if let Some(value) = value {
            let _ = write!(info, "/{key}{}", write::text(value));
        }
    }
    let at = date(issue.created_at, 0);
    let _ = write!(info, "/CreationDate({at})/ModDate({at})>>");

    let mut properties = String::new();
    for ((_, value), (open, close)) in kept.iter().zip(XMP_KEPT) {
        if let Some(value) = value {
            let _ = writeln!(properties, "{open}{}{close}", escaped(value));
        }
    }
    let claims = claims(&old_packet(view)?);
    let schema = if claims.contains("pdfuaid:") { UA_SCHEMA } else { "" };
    let at = xmp_date(issue.created_at);
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">
<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">
<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">
<dc:format>application/pdf</dc:format>
<dc:identifier>{}</dc:identifier>
<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>
{properties}<xmp:CreateDate>{at}</xmp:CreateDate>
<xmp:ModifyDate>{at}</xmp:ModifyDate>
{claims}</rdf:Description>
{schema}</rdf:RDF>
</x:xmpmeta>
<?xpacket end=\"r\"?>",
        escaped(&issue.number),
        escaped(&issue.title),
        escaped(&issue.author)
    );
    Ok((info.into_bytes(), write::stream("/Type/Metadata/Subtype/XML", packet.as_bytes())))
}

/// Where XMP has what the information dictionary calls subject, keywords, creator and producer.
const XMP_KEPT: [(&str, &str); 4] = [
    ("<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">", "</rdf:li></rdf:Alt></dc:description>"),
    ("<pdf:Keywords>", "</pdf:Keywords>"),
    ("<xmp:CreatorTool>", "</xmp:CreatorTool>"),
    ("<pdf:Producer>", "</pdf:Producer>"),
];

/// PDF/A knows its own properties and wants others described (ISO 19005-2 §6.6.2.3): those of PDF/UA.
const UA_SCHEMA: &str = "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>part of ISO 14289 that is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
";

/// The packet that is there; empty where there is none that can be read.
fn old_packet(view: View<'_>) -> Result<String, Error> {
    let metadata = view.get(&*view.catalog()?, "Metadata")?;
    let packet = metadata.stream().and_then(|stream| view.inflate(stream).ok()).unwrap_or_default();
    Ok(String::from_utf8_lossy(&packet).into_owned())
}

/// `pdfaid` and `pdfuaid` properties of a packet, written as elements or as attributes.
fn claims(packet: &str) -> String {
    let mut out = String::new();
    for name in ["pdfaid:part", "pdfaid:conformance", "pdfaid:rev", "pdfuaid:part"] {
        let after = |mark: &str| packet.split_once(mark).map(|(_, rest)| rest);
        let value = after(&format!("<{name}>")).or_else(|| after(&format!("{name}=\"")).or_else(|| after(&format!("{name}='"))));
        let value: String = value.unwrap_or_default().chars().take_while(char::is_ascii_alphanumeric).take(8).collect();
        if !value.is_empty() {
            let _ = writeln!(out, "<{name}>{value}</{name}>");
        }
    }
    out
}

/// Characters that XML 1.0 can hold.
fn allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars().filter(|&character| allowed(character)) {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(character),
        }
    }
    out
}
