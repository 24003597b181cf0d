//! Files inside documents, from the upload to the list on the page.

use super::*;
use crate::{Issue, inspect, issue};

/// A PDF with a file of this name and content.
fn carrying(name: &str, content: &[u8]) -> Vec<u8> {
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R/AF[4 0 R]/Names<</EmbeddedFiles<</Names[(a) 4 0 R]>>>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_vec(),
        format!("<</Type/Filespec/AFRelationship/Data/F{0}/UF{0}/Desc(The data)/EF<</F 5 0 R/UF 5 0 R>>>>", write::text(name)).into_bytes(),
        write::stream("/Type/EmbeddedFile/Subtype/text#2Fxml", content),
    ];
    let reference = |number| Reference { number, generation: 0 };
    let bodies = (1..).map(reference).zip(objects).collect();
    write::whole("1.7", &bodies, reference(1), None).unwrap()
}

#[test]
fn what_is_looked_at_stays_and_is_listed() {
    let upload = carrying("C:\\out\\factur-x.xml", b"<?xml version='1.0'?><a/>");
    let wish = Issue { number: "N-1".into(), title: "T".into(), author: "A".into(), created_at: 0, fields: Vec::new(), stamp: None };
    let zero = issue(&upload, &wish).unwrap();
    let found = attachments(&zero).unwrap();
    assert_eq!(found.len(), 1);
    let [file] = found.as_slice() else { panic!("one file") };
    assert_eq!(
        (file.name.as_str(), file.size, file.media_type.as_str(), file.description.as_deref()),
        ("factur-x.xml", 25, "application/xml", Some("The data"))
    );
    assert_eq!(file.bytes(&zero).unwrap(), b"<?xml version='1.0'?><a/>");
    assert_eq!(file.sha256, <[u8; 32]>::from(Sha256::digest(b"<?xml version='1.0'?><a/>")));
    assert!(matches!(file.bytes(&carrying("a.txt", b"other")), Err(Error::Parameter(_))));
    assert_eq!(attachments(&issue(&carrying("a.txt", b"x"), &wish).unwrap()).unwrap()[0].media_type, "text/plain");
}

#[test]
fn what_can_run_keeps_the_pdf_out() {
    for (name, content) in [("a.exe", &b"MZ"[..]), ("a.xml", b"MZ\0"), ("a.xml", b"<script/>"), ("", b"<a/>"), ("a.pdf", b"%PDF-1.7 ")] {
        let result = inspect(&carrying(name, content), &Limits::default());
        assert!(matches!(result, Err(Error::Refused { rule: "embedded-files", .. })), "{name}: {result:?}");
    }
    let still = carrying("b.xml", b"<a/>");
    // a PDF in a PDF may not carry more files
    assert!(inspect(&carrying("a.pdf", &still), &Limits::default()).is_err());
    let plain = crate::file::original();
    assert!(inspect(&carrying("a.pdf", &plain), &Limits::default()).is_ok());
}

#[test]
fn the_bomb_in_an_attachment_is_bounded() {
    use std::io::Write as _;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; MAX_FILE + 1]).unwrap();
    let reference = |number| Reference { number, generation: 0 };
    let bodies = [
        (reference(1), b"<</Type/Catalog/Pages 2 0 R/AF[<</F(a.txt)/EF<</F 4 0 R>>>>]>>".to_vec()),
        (reference(2), b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()),
        (reference(3), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_vec()),
        (reference(4), write::stream("/Filter/FlateDecode", &packed.finish().unwrap())),
    ];
    let bomb = write::whole("1.7", &bodies.into(), reference(1), None).unwrap();
    assert!(matches!(inspect(&bomb, &Limits::default()), Err(Error::TooLarge { .. })));
    assert!(matches!(attachments(&bomb), Err(Error::TooLarge { .. })));
}
