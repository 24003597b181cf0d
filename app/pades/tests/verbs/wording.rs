//! Later revisions that say the same in another writing: texts in another encoding, times in another zone, XMP in another form of RDF.

use pades::pdf::Pdf;
use pades::{Limits, compare};

const TEXT: &str = "Müller € 中";

/// A file with a catalogue that has texts, an information dictionary and a packet.
fn file(lang: &str, info: &str, packet: &[u8]) -> Vec<u8> {
    let objects: [Vec<u8>; 4] =
        [catalogue(lang), b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>".to_vec(), stream(packet)];
    let mut out = b"%PDF-1.7\n".to_vec();
    write(&mut out, &objects.iter().enumerate().map(|(at, body)| (at + 1, body.clone())).chain([(5, info.as_bytes().to_vec())]).collect::<Vec<_>>(), None);
    out
}

fn catalogue(lang: &str) -> Vec<u8> {
    format!("<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R/Lang {lang}/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/Info {lang}>>]>>").into_bytes()
}

fn stream(packet: &[u8]) -> Vec<u8> {
    [format!("<</Type/Metadata/Subtype/XML/Length {}>>\nstream\n", packet.len()).as_bytes(), packet, b"\nendstream"].concat()
}

/// Objects with their table and trailer.
fn write(out: &mut Vec<u8>, objects: &[(usize, Vec<u8>)], previous: Option<usize>) {
    let mut table = String::new();
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n\r\n", out.len());
        out.extend([format!("{number} 0 obj\n").as_bytes(), body, b"\nendobj\n"].concat());
    }
    let (start, previous) = (out.len(), previous.map(|at| format!("/Prev {at}")).unwrap_or_default());
    out.extend(format!("xref\n{table}trailer\n<</Size 9/Root 1 0 R/Info 5 0 R{previous}>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
}

/// The rules that forbid the revision which puts these objects in the place of the old ones.
fn forbidden(before: &[u8], objects: &[(usize, Vec<u8>)]) -> Vec<String> {
    let start = before.windows(5).rposition(|w| w == b"xref\n").and_then(|_| before.windows(6).rposition(|w| w == b"\nxref\n")).unwrap() + 1;
    let mut after = before.to_vec();
    write(&mut after, objects, Some(start));
    let pdf = Pdf::parse(&after, &Limits::default()).unwrap();
    let comparison = compare(&pdf, 1).unwrap();
    comparison.forbidden.into_iter().map(|finding| finding.rule).collect()
}

fn utf16(text: &str) -> String {
    format!("<FEFF{}>", text.encode_utf16().map(|unit| format!("{unit:04X}")).collect::<String>())
}

fn utf8(text: &str) -> String {
    format!("<EFBBBF{}>", text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn packet(title: &str, more: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:pdf='http://ns.adobe.com/pdf/1.3/' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title><rdf:Alt>\
         <rdf:li xml:lang='x-default'>{title}</rdf:li></rdf:Alt></dc:title>{more}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )
    .into_bytes()
}

fn info(title: &str, created: &str) -> String {
    format!("<</Title {title}/Creator(Word)/CreationDate({created})/ModDate(D:2026)>>")
}

#[test]
fn a_text_in_another_encoding_is_the_same_text() {
    let before = file("(en-US)", &info(&utf16(TEXT), "D:20261123200000+08'00'"), &packet("A", ""));
    let same = info(&utf8(TEXT), "D:20261123120000Z").replace("(Word)", &utf16("Word"));
    assert_eq!(forbidden(&before, &[(5, same.into_bytes())]), [""; 0]);
    assert_eq!(forbidden(&before, &[(1, catalogue(&utf16("en-US")))]), [""; 0]);
    assert_eq!(forbidden(&before, &[(1, catalogue(&utf8("en-US")))]), [""; 0]);
    for changed in [
        info(&utf8("Müller € 中中"), "D:20261123120000Z"),
        info(&utf8(TEXT), "D:20261123120001Z"),
        info("<FEFFD840>", "D:20261123120000Z"),
        info(&utf8(TEXT), "D:20261123120000Z").replace("/Creator(Word)", ""),
        info(&utf8(TEXT), "D:20261123120000Z").replace("/Creator", "/Author(x)/Creator"),
    ] {
        assert_eq!(forbidden(&before, &[(5, changed.clone().into_bytes())]), ["info"], "{changed}");
    }
    assert_eq!(forbidden(&before, &[(1, catalogue(&utf16("de-DE")))]), ["catalogue"]);
    // bytes that are no text for people stay as they are: what is looked up by them would be another
    let named =
        |key: &str| String::from_utf8(catalogue("(en-US)")).unwrap().replace("/Lang", &format!("/Names<</Dests<</Names[{key} 3 0 R]>>>>/Lang")).into_bytes();
    let mut with_names = b"%PDF-1.7\n".to_vec();
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>".to_vec();
    let objects = [(1, named("(A)")), (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()), (3, page), (4, stream(&packet("A", ""))), (5, b"<<>>".to_vec())];
    write(&mut with_names, &objects, None);
    assert_eq!(forbidden(&with_names, &[(1, named(&utf16("A")))]), ["catalogue"]);
}

#[test]
fn a_packet_is_compared_by_its_properties() {
    let before = file("(en)", &info("(A)", "D:2026"), &packet("A &amp; 中", "<pdf:Producer>one</pdf:Producer>"));
    let with = |packet: Vec<u8>| forbidden(&before, &[(4, stream(&packet))]);
    assert_eq!(with(packet("A &#38; &#x4E2D;", "<pdf:Producer>two</pdf:Producer>")), [""; 0]);
    let text = String::from_utf8(packet("A &amp; 中", "")).unwrap();
    assert_eq!(with([0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()), [""; 0]);
    assert_eq!(with(packet("A &amp; 中", "<dc:format>x</dc:format>")), ["metadata"]);
    assert_eq!(with(packet("B", "")), ["metadata"]);
    assert_eq!(with(packet("A &amp; 中", "<!-- B -->")), ["metadata"]);
    assert_eq!(with(packet("<![CDATA[A & 中]]>", "")), ["metadata"]);
}

#[test]
fn a_first_packet_may_only_note_the_program() {
    let plain = |packet: &str| format!("<</Type/Catalog/Pages 2 0 R{packet}>>").into_bytes();
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>".to_vec();
    let mut before = b"%PDF-1.7\n".to_vec();
    write(&mut before, &[(1, plain("")), (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()), (3, page), (5, b"<<>>".to_vec())], None);
    let empty = String::from_utf8(packet("", "<pdf:Producer>x</pdf:Producer>")).unwrap();
    let (start, end) = (empty.find("<dc:title>").unwrap(), empty.find("</dc:title>").unwrap() + 11);
    let silent = [&empty[..start], &empty[end..]].concat();
    let with = |packet: &[u8]| forbidden(&before, &[(1, plain("/Metadata 7 0 R")), (7, stream(packet))]);
    assert_eq!(with(silent.as_bytes()), [""; 0]);
    assert!(with(&packet("Another title", "")).contains(&"metadata".to_owned()));
}
