//! The seeds of the fuzz targets go through their doors in every test run; `cargo test -p pades write_seeds -- --ignored` makes them anew.

use std::fs;
use std::path::PathBuf;

use crate::ocsp::{self, Answer, CertificateStatus};
use crate::pdf::Pdf;
use crate::pki::{NOW, key, raw};
use crate::{Limits, file, locate_signatures, tsp};

#[path = "../../tests/common/world.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod world;

/// A target and its door.
type Door = (&'static str, fn(&[u8]));

const DOORS: &[Door] = &[
    ("reader", super::reader),
    ("upload", super::upload),
    ("xref", super::xref),
    ("filter", super::filter),
    ("cms", super::cms),
    ("ber", super::ber),
    ("xmp", super::xmp),
    ("certificate", super::certificate),
    ("crl", super::crl),
    ("tsp", super::tsp),
    ("ocsp", super::ocsp),
    ("diff", super::diff),
    ("verify", super::verify),
    ("outside", super::outside),
];

/// A description in the long form and the short one.
const PACKET: &str = "<?xpacket begin='\u{feff}'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
    <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='application/pdf'><dc:title><rdf:Alt><rdf:li xml:lang='zh'>A&amp;B</rdf:li></rdf:Alt>\
    </dc:title><dc:date><rdf:Seq><rdf:li>2026-11-23T12:00:00Z</rdf:li></rdf:Seq></dc:date></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

// Cargo runs tests in their package's folder. The one compiled in may be that of another checkout with the same build cache.
fn folder() -> PathBuf {
    PathBuf::from("fuzz")
}

/// Seeds, and every input that a run has found something with.
#[test]
fn every_seed_goes_through_its_door() {
    for (name, door) in DOORS {
        let mut count = 0;
        for entry in fs::read_dir(folder().join("seeds").join(name)).unwrap() {
            door(&fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}

/// The document of `fuzz/`, its authorities, and all that Signet makes of them.
#[test]
#[ignore = "writes into the source tree"]
fn write_seeds() {
    let (document, root, ming) = (file::original(), world::root(), world::ming());
    fs::write(folder().join("document.pdf"), &document).unwrap();
    fs::write(folder().join("authority.der"), &root).unwrap();
    fs::write(folder().join("time-authority.der"), world::time_root()).unwrap();
    let (once, lta) = (world::signed_by(&document, "head", &ming), world::b_lta());
    let cms = |file: &[u8], index: usize| locate_signatures(&Pdf::parse(file, &Limits::default()).unwrap()).unwrap()[index].cms.clone();
    write("cms", "signed", &cms(&once, 0));
    write("cms", "stamped", &cms(&lta, 0));
    write("ber", "signed", &cms(&once, 0));
    write("ber", "indefinite", &[0x30, 0x80, 0x24, 0x80, 4, 1, 7, 4, 2, 8, 9, 0, 0, 2, 1, 5, 0, 0]);
    write("xmp", "packet", PACKET.as_bytes());
    write("certificate", "authority", &root);
    write("certificate", "person", &ming);
    write("certificate", "stamper", &world::stamper());
    write("crl", "empty", &world::people_list(NOW, &[]));
    write("crl", "two", &world::people_list(NOW, &[(9, NOW - 9), (10, NOW)]));
    for target in ["diff", "outside"] {
        write(target, "signed", &once[document.len()..]);
        write(target, "everything", &lta[document.len()..]);
    }
    write("upload", "moved.pdf", &[b"\n".as_slice(), &document].concat());
    write("reader", "document.pdf", &document);
    write("reader", "signed.pdf", &once);
    for (name, file) in [("signed", &once), ("b-t", &world::b_t()), ("b-lta", &lta)] {
        write("verify", name, file);
    }
    let table = document.windows(5).rposition(|window| window == b"\nxref").unwrap() + 1;
    write("xref", "table", &document[table..]);
    write("xref", "hybrid", b"xref\n0 1\n0000000000 65535 f\r\ntrailer\n<</Size 9/Root 1 0 R/XRefStm 99/Prev 5>>\nstartxref\n0\n%%EOF\n");
    write(
        "xref",
        "stream",
        b"9 0 obj\n<</Type/XRef/Size 9/Root 1 0 R/W[1 2 1]/Index[0 1 3 2]/Length 12>>\nstream\n\0\0\0\xff\x01\0\x09\0\x02\0\x03\x01\nendstream\nendobj\nstartxref\n0\n%%EOF",
    );
    write("filter", "predicted", b"<</Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2>>>>\nx\x9cc\x62\x66\x61\x62\x66\x01\x00\x00\x31\x00\x0d");
    write("filter", "lzw", b"<</Filter/LZWDecode/DecodeParms<</EarlyChange 0>>>>\n\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01");
    write("filter", "chain", b"<</Filter[/ASCIIHexDecode/A85/RL]>>\n38 37 63 55 52 44 5D 69 7E 3E>");
    write("tsp", "request", &tsp::request(&[7; 32], &[1, 2, 3]));
    write("tsp", "token", &world::token([7; 32], NOW));
    write("tsp", "response", &tsp::granted(&world::token([7; 32], NOW)));
    let asked = ocsp::request(&ming, &root, &[1], false).unwrap();
    write("ocsp", "request", &asked);
    write("ocsp", "request-sha1", &ocsp::request(&ming, &root, &[1], true).unwrap());
    let id = ocsp::read_request(&asked).unwrap().questions.remove(0);
    let answer = Answer { id, status: CertificateStatus::Good, this_update: NOW, next_update: Some(NOW + 60) };
    let stage = ocsp::response(&[answer], NOW, Some(&[1]), &root).unwrap();
    let signature = raw(&key(1), stage.data());
    write("ocsp", "response", &stage.signed(&signature, true).unwrap());
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = folder().join("seeds").join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}
