//! What the reader takes and what it refuses, each with its reason: files made by hand and by qpdf, against what they say.

use std::process::Command;

use crate::limits::build::{File, stream};
use pades::pdf::page::pages;
use pades::pdf::{Pdf, Reference, Value};
use pades::{Appearance, EmptyField, Error, Issue, Limits, Stamp, inspect, issue};

fn parse(bytes: &[u8]) -> Pdf<'_> {
    Pdf::parse(bytes, &Limits::default()).unwrap()
}

/// What the strict reader says when all of a file is read.
fn said(bytes: &[u8]) -> String {
    let all = |bytes| {
        let pdf = Pdf::parse(bytes, &Limits::default())?;
        pages(pdf.latest())?;
        let mut numbers = pdf.revisions().iter().flat_map(|revision| revision.entries.keys());
        numbers.try_for_each(|&number| pdf.latest().object(object(number)).map(drop))
    };
    match all(bytes) {
        Ok(()) => "accepted".to_owned(),
        Err(Error::Malformed { text, .. }) => text,
        Err(error) => error.to_string(),
    }
}

fn object(number: u32) -> Reference {
    Reference { number, generation: 0 }
}

/// A document whose object 6 is `body`, in a table.
fn with(body: &[u8]) -> Vec<u8> {
    let mut file = File::document("/X 6 0 R", "", "");
    file.object(6, body);
    file.table("", None).done()
}

#[test]
fn every_revision_can_be_asked() {
    let mut file = File::document("", "", "");
    file.object(6, "(first)");
    file.table("", None);
    file.object(6, "(second)");
    file.object(7, "(new)");
    file.table("", None);
    file.out.extend_from_slice(b"% a comment between revisions\n");
    file.object(6, "(third)");
    file.stream_with(&[]);
    let bytes = file.done();
    let pdf = parse(&bytes);
    let read = |revision: usize, number| pdf.view(revision).object(object(number)).unwrap().text();
    assert_eq!([0, 1, 2].map(|revision| read(revision, 6)), ["first", "second", "third"].map(|text| Some(text.to_owned())));
    assert_eq!([0, 1, 2].map(|revision| read(revision, 7).is_some()), [false, true, true]);
    assert_eq!(pdf.revisions().iter().map(|revision| revision.is_stream).collect::<Vec<_>>(), [false, false, true]);
    for (index, revision) in pdf.revisions().iter().enumerate() {
        assert_eq!(revision.start, if index == 0 { 0 } else { pdf.revisions()[index - 1].end });
        // each revision is a file by itself
        assert_eq!(parse(&bytes[..revision.end]).revisions().len(), index + 1);
    }
    assert_eq!((pdf.view(0).size(), pdf.view(2).size()), (7, 9));
}

#[test]
fn object_streams_are_read_with_every_filter_and_extension() {
    let plain = b"7 0 9 4 (x) [7 0 R]".to_vec();
    let deflated = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, &plain).unwrap();
        encoder.finish().unwrap()
    };
    let hexadecimal: Vec<u8> = plain.iter().flat_map(|byte| format!("{byte:02x} ").into_bytes()).chain(*b">").collect();
    let hexadecimal_deflated: Vec<u8> = deflated.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).chain(*b">").collect();
    for (filter, data) in [
        ("", plain.clone()),
        ("/Filter/FlateDecode", deflated.clone()),
        ("/Filter[/FlateDecode]/DecodeParms[null]", deflated.clone()),
        ("/Filter 10 0 R", deflated),
        ("/Filter/ASCIIHexDecode", hexadecimal),
        ("/Filter[/AHx 10 0 R]/DecodeParms[null<</Predictor 1>>]", hexadecimal_deflated),
    ] {
        let mut file = File::document("/X 9 0 R", "", "");
        file.object(6, stream(&format!("/Type/ObjStm/N 2/First 8/Extends 8 0 R{filter}"), &data));
        file.object(8, stream("/Type/ObjStm/N 0/First 0", b""));
        file.object(10, "/FlateDecode");
        let bytes = file.stream_with(&[(7, 6, 0), (9, 6, 1)]).done();
        let pdf = parse(&bytes);
        assert_eq!(pdf.latest().object(object(7)).unwrap().text().as_deref(), Some("x"), "{filter}");
        assert_eq!(said(&bytes), "accepted", "{filter}");
    }
    for (filter, reason) in [
        ("/Filter/DCTDecode", "a part that must be read is packed in a way that is not read here"),
        ("/Filter/FlateDecode", "a compressed part of the file is damaged"),
        ("/Filter/Crypt", "a part that must be read is packed in a way that is not read here"),
    ] {
        let mut file = File::document("/X 9 0 R", "", "");
        file.object(6, stream(&format!("/Type/ObjStm/N 2/First 8{filter}"), &plain));
        assert_eq!(said(&file.stream_with(&[(7, 6, 0), (9, 6, 1)]).done()), reason);
    }
}

#[test]
fn what_objects_rely_on_may_not_change_under_them() {
    // the length of a stream, changed by a later revision; written again as it was it does no harm
    for (length, expected) in [("9", Err("a later revision replaced object 7, which object 6 needs")), ("3", Ok(()))] {
        let mut file = File::document("/X 6 0 R", "", "");
        file.object(6, "<</Length 7 0 R>>stream\nabc\nendstream");
        file.object(7, "3");
        file.table("", None);
        file.object(7, length);
        let bytes = file.table("", None).done();
        let pdf = parse(&bytes);
        assert!(pdf.view(0).object(object(6)).is_ok());
        match (pdf.view(1).object(object(6)), expected) {
            (Ok(_), Ok(())) => {}
            (Err(Error::Malformed { text, .. }), Err(expected)) => assert_eq!(text, expected),
            other => panic!("{other:?}"),
        }
    }
    // an object stream that is replaced while the older table still points into it
    let mut file = File::document("/X 7 0 R", "", "");
    file.object(6, stream("/Type/ObjStm/N 1/First 4", b"7 0 (old)"));
    file.stream_with(&[(7, 6, 0)]);
    file.object(6, stream("/Type/ObjStm/N 1/First 4", b"7 0 (new)"));
    assert_eq!(said(&file.stream_with(&[]).done()), "a later revision replaced object 6, which object 7 needs");
}

#[test]
fn what_is_not_as_it_must_be_is_refused_with_its_reason() {
    let cut = |from: &str, to: &str| {
        let bytes = with(b"[1 2]");
        let at = bytes.windows(from.len()).rposition(|window| window == from.as_bytes()).unwrap();
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    for (bytes, reason) in [
        (b"junk".to_vec(), "the file does not begin as a PDF does"),
        ([b" ".as_slice(), &with(b"0")].concat(), "the file does not begin as a PDF does"),
        (cut("%%EOF", ""), "the end of the file is missing or damaged"),
        ([with(b"0").as_slice(), b"x"].concat(), "the end of the file is missing or damaged"),
        (cut("startxref\n", "startxref\n9"), "the cross-reference table is not where the file says"),
        (cut("/Root 1 0 R", "/Root 9 0 R"), "the file has no catalogue"),
        (cut("/Size 7", "/Size 5"), "object 6 is beyond the /Size 5 of the table"),
        (cut(" 00000 n\r\n", " 00000 n\n"), "an entry of the cross-reference table is not of 20 bytes"),
        (cut(" 00000 n\r\n", " 00000 x\r\n"), "an entry of the cross-reference table is not of 20 bytes"),
        (cut("6 0 obj", "5 0 obj"), "object 6 is not where the cross-reference table says"),
        (cut("\nendobj\nxref", "\nendofj\nxref"), "“endobj” expected"),
        (with(b"<</A 1/B 2/A 1>>"), "the key /A stands twice in one dictionary"),
        (with(b"<</A 1/#41 2>>"), "the key /A stands twice in one dictionary"),
        (with(b"/a#00b"), "a name holds a zero byte"),
        (with(b"[1 2"), "this is no value"),
        (with(b"--1"), "this is no number"),
        (with(b"1e5"), "this is no number"),
        (with(b"<4x>"), "this is no hexadecimal digit"),
        (with(b"<</Length 3>>stream\rabc\nendstream"), "“stream” must be followed by an end of line"),
        (with(b"<</Length 2>>stream\nabc\nendstream"), "a stream is not as long as it says"),
        (with(b"<<>>stream\nabc\nendstream"), "a stream without its length"),
        (with(b"<</Length 6 0 R>>stream\nabc\nendstream"), "object 6 is needed to read itself"),
        (with(&[b"[".repeat(66), b"]".repeat(66)].concat()), "the file has more levels of nesting than the limit of 64"),
    ] {
        assert_eq!(said(&bytes), reason);
    }
    assert_eq!(said(&with(&[b"[".repeat(65), b"]".repeat(65)].concat())), "accepted");
    assert_eq!(said(&with(b"<</A#42 1/#4343 -.5/D +7./E <4>/F(\\)\\101(x\\\n))>>")), "accepted");
}

#[test]
fn files_of_qpdf_in_every_order_are_the_same() {
    let folder = std::env::temp_dir().join(format!("pades-reader-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (from, to) = (folder.join("from.pdf"), folder.join("to.pdf"));
    std::fs::write(&from, with(b"(there)")).unwrap();
    for options in [&["--object-streams=generate"][..], &["--linearize"], &["--linearize", "--object-streams=generate"], &["--qdf"], &["--force-version=2.0"]] {
        match Command::new("qpdf").args(options).arg(&from).arg(&to).status() {
            Ok(status) => assert!(status.success()),
            Err(error) => return println!("qpdf is not there, nothing was tested: {error}"),
        }
        let mut bytes = std::fs::read(&to).unwrap();
        assert_eq!(said(&bytes), "accepted", "{options:?}");
        let pdf = parse(&bytes);
        assert_eq!((pdf.revisions().len(), pages(pdf.latest()).unwrap().len()), (1, 1), "{options:?}");
        let value = pdf.latest().get(&pdf.latest().catalog().unwrap(), "X").unwrap();
        assert_eq!(value.text().as_deref(), Some("there"), "{options:?}");
        // and with a revision after it, in the form its last section has
        let (root, xref, size) = (pdf.latest().trailer().get("Root").and_then(Value::reference).unwrap(), pdf.revisions()[0].xref, pdf.latest().size());
        let tail = format!("xref\n0 0\ntrailer\n<</Root {root}/Size {size}/Prev {xref}>>\nstartxref\n{}\n%%EOF\n", bytes.len());
        bytes.extend_from_slice(tail.as_bytes());
        assert_eq!(parse(&bytes).revisions().len(), 2, "{options:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn hybrid_files_are_marked_whichever_way_they_hide() {
    let mut file = File::document("/X 6 0 R", "", "");
    let hidden = file.out.len();
    file.out.extend_from_slice(b"8 0 obj\n");
    file.out.extend_from_slice(&stream("/Type/XRef/Size 9/W[1 2 1]/Index[6 1]", &[1, 0, 9, 0]));
    file.out.extend_from_slice(b"\nendobj\n");
    let bytes = file.table(&format!("/XRefStm {hidden}"), None).done();
    assert!(parse(&bytes).revisions()[0].hybrid);
    let bytes = File::document("", "", "").table("/XRefStm 3", None).done();
    assert!(Pdf::parse(&bytes, &Limits::default()).is_err());
}

#[test]
fn pages_inherit_their_boxes_and_their_rotation() {
    let mut file = File::new();
    file.object(1, "<</Type/Catalog/Pages 2 0 R>>");
    file.object(2, "<</Type/Pages/Rotate 90/MediaBox[0 0 100 200]/Kids[3 0 R 4 0 R 5 0 R]>>");
    file.object(3, "<</Type/Page/Parent 2 0 R>>");
    file.object(4, "<</Type/Page/Parent 2 0 R/Rotate -90/CropBox[10 10 300 90]>>");
    file.object(5, "<</Type/Pages/Parent 2 0 R/Rotate 8 0 R/Kids[6 0 R 7 0 R]>>");
    file.object(6, "<</Type/Page/Parent 5 0 R/MediaBox[100 200 0 0]>>");
    file.object(7, "<</Type/Page/Parent 5 0 R/Rotate 450.0>>");
    file.object(8, "180");
    let inspection = inspect(&file.table("", None).done(), &Limits::default()).unwrap();
    assert_eq!(inspection.pages.iter().map(|page| page.rotate).collect::<Vec<_>>(), [90, 270, 180, 90]);
    assert_eq!(inspection.pages[1].crop, [10.0, 10.0, 100.0, 90.0]);
    assert_eq!(inspection.pages[2].media, [0.0, 0.0, 100.0, 200.0]);
    for angle in ["45", "/X", "90.5"] {
        let bytes = File::document("", &format!("/Rotate {angle}"), "").table("", None).done();
        assert!(said(&bytes).contains("The size of a page cannot be read"), "{angle}");
    }
}

/// The content around the page's own, in revision 0.
fn stamped(content: &str) -> Result<(String, String), Error> {
    let mut file = File::document("", "/Contents 6 0 R", "");
    file.object(6, content);
    let stamp = Stamp { page: 1, rect: [10, 10, 20, 20], appearance: Appearance { width: 10, height: 10, content: "0 0 10 10 re f".to_owned() }, strip: 0 };
    let fields = vec![EmptyField { name: "b".to_owned(), page: 1, rect: None, tooltip: String::new() }];
    let wish = Issue { number: "N".to_owned(), title: "T".to_owned(), author: "A".to_owned(), created_at: 0, fields, stamp: Some(stamp) };
    let zero = issue(&file.table("", None).done(), &wish)?;
    let pdf = parse(&zero);
    let page = pages(pdf.latest()).unwrap().remove(0);
    let parts = pdf.latest().get(&page.dictionary, "Contents").unwrap();
    let part = |value: &Value| String::from_utf8(pdf.latest().resolve(value).unwrap().stream().unwrap().raw.to_vec()).unwrap();
    let parts = parts.array().unwrap();
    Ok((part(&parts[0]), part(&parts[parts.len() - 1])))
}

#[test]
fn a_stamp_stands_where_it_should_whatever_the_content_leaves_open() {
    let around = |content: &str| {
        let (before, after) = stamped(&String::from_utf8(stream("", content.as_bytes())).unwrap()).unwrap();
        (before.split_whitespace().count(), after.split_whitespace().take_while(|word| *word == "Q").count())
    };
    assert_eq!(around("q 2 0 0 2 0 0 cm Q"), (1, 1));
    assert_eq!(around("q q 2 0 0 2 0 0 cm Q (Q) Tj"), (1, 2));
    assert_eq!(around("Q Q 2 0 0 2 0 0 cm"), (3, 3));
    assert_eq!(around("Q q q"), (2, 4));
    let refused = |content: &[u8]| matches!(stamped(&String::from_utf8_lossy(content)), Err(Error::Refused { rule: "page-content", .. }));
    assert!(refused(&stream("/Filter/FlateDecode", b"no deflate")));
    assert!(refused(&stream("", "q ".repeat(2_000).as_bytes())));
}
