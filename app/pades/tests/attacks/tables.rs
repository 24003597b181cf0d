//! Cross-reference tricks: entries, chains and sizes by which two readers see two files (ISO 32000-2 §7.5).

use pades::Limits;
use pades::pdf::{Entry, Pdf};

use crate::builder::{Base, Flavour, Update};
use crate::case::{Attack, Attacks};

fn place(file: &[u8], number: u32) -> Option<usize> {
    match Pdf::parse(file, &Limits::default()).unwrap().latest().entry(number) {
        Entry::Offset { offset, .. } => Some(offset),
        _ => None,
    }
}

fn xref(file: &[u8]) -> usize {
    Pdf::parse(file, &Limits::default()).unwrap().revisions().last().unwrap().xref
}

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "tables");
    entries(&mut attacks);
    chains(&mut attacks);
    sizes(&mut attacks);
    streams(&mut attacks);
    attacks.list
}

fn entries(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (one, two) = (attacks.base.one.clone(), attacks.base.two.clone());
    let (content, catalog, new) = (parts.content, parts.catalog, parts.next + 20);
    let signature = place(&one, parts.signatures["head"]).unwrap();
    for (name, offset) in [
        ("the header", 1),
        ("the middle of a stream", place(&one, content).unwrap() + 40),
        ("the signature's value", signature + 300),
        ("another object", signature),
        ("the table", xref(&one)),
        ("the end", one.len() - 1),
        ("beyond the end", 99_999_999),
        ("itself", one.len()),
    ] {
        let pointed = |number: u32| Update { pointed: vec![(number, offset, 0)], ..Update::default() };
        attacks.fails(&format!("the content at {name}"), pointed(content).onto(&one), "revision-unreadable");
        attacks.unreadable(&format!("the catalogue at {name}"), pointed(catalog).onto(&one), "");
        attacks.fails(&format!("a new object at {name}"), pointed(new).onto(&one), "revision-unreadable");
    }
    let at = place(&one, content).unwrap();
    for generation in [1, 65_534, 65_535] {
        let update = Update { pointed: vec![(content, at, generation)], ..Update::default() };
        attacks.fails(&format!("the content with generation {generation}"), update.onto(&one), "revision-unreadable");
    }
    attacks.fails("the content called free", Update { freed: vec![(content, 0)], ..Update::default() }.onto(&one), "freed");
    attacks.fails("the content in use at nought", Update { pointed: vec![(content, 0, 0)], ..Update::default() }.onto(&one), "freed");
    attacks.unreadable("the catalogue called free", Update { freed: vec![(catalog, 1)], ..Update::default() }.onto(&one), "catalogue");
    // an entry back to an earlier state
    if let Some(empty) = place(&attacks.base.zero, parts.field("head")) {
        let back = Update { pointed: vec![(parts.field("head"), empty, 0)], ..Update::default() };
        attacks.fails("the signed field back to its empty state", back.onto(&one), "removed");
        attacks.fails("the signed field back to its empty state, twice signed", back.onto(&two), "field-signed");
    }
    let old = place(&one, parts.metadata).unwrap();
    let aside = Update { pointed: vec![(parts.metadata, old, 0)], ..Update::default() };
    attacks.verdict("an entry that repeats the old one", aside.onto(&one), "TOTAL-PASSED revision-empty");
}

fn chains(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (zero, one) = (attacks.base.zero.clone(), attacks.base.one.clone());
    let evil = || Update::default().stream(parts.content, "", "evil");
    let previous = |previous: usize| Update { previous: Some(previous), ..evil() };
    for (name, update) in [
        ("nowhere", previous(0)),
        ("into the signed part", previous(place(&one, parts.content).unwrap())),
        ("into the signature's value", previous(place(&one, parts.signatures["head"]).unwrap() + 300)),
        ("to the end", previous(one.len() - 1)),
        ("forward", previous(one.len() + 5)),
        ("far forward", previous(999_999_999)),
        ("beside the table", previous(xref(&one) + 1)),
        ("before the table", previous(xref(&one) - 1)),
    ] {
        attacks.unreadable(&format!("a chain {name}"), update.onto(&one), "");
    }
    let own = one.len() + "1 0 obj\n".len();
    attacks.unreadable("a chain to itself", Update { previous: Some(own), startxref: Some(own), ..Update::default() }.onto(&one), "");
    // the signed revision is left out of the chain: to this reader it is no revision at all, and nothing is signed
    attacks.verdict("a chain past the signature", previous(xref(&zero)).onto(&one), "NO-SIGNATURE");
    for (name, startxref) in [("at the older table", xref(&zero)), ("at the old table", xref(&one)), ("nowhere", 0), ("in the middle", 100)] {
        attacks.unreadable(&format!("the last start {name}"), Update { startxref: Some(startxref), ..evil() }.onto(&one), "");
    }
    for (name, prev) in [
        ("negative", "/Prev -1"),
        ("real", "/Prev 9.5"),
        ("a name", "/Prev/x"),
        ("a reference", "/Prev 1 0 R"),
        ("a list", "/Prev[1]"),
        ("twice", "/Prev 9/Prev 9"),
    ] {
        let plain = format!("/Root {} 0 R/Info {} 0 R{prev}", parts.catalog, parts.info);
        attacks.unreadable(&format!("a chain {name}"), Update { plain_trailer: Some(plain), ..evil() }.onto(&one), "");
    }
    let plain = format!("/Root {} 0 R/Info {} 0 R", parts.catalog, parts.info);
    attacks.unreadable("no chain", Update { plain_trailer: Some(plain), ..evil() }.onto(&one), "");
    for key in ["Root", "ID", "Info"] {
        let update = Update { without: vec![key], ..evil() };
        match key {
            "Root" => attacks.unreadable("no catalogue in the trailer", update.onto(&one), "catalogue"),
            _ => attacks.fails(&format!("no {key} in the trailer, content replaced"), update.onto(&one), "changed"),
        }
    }
    for (name, more) in [
        ("encrypted", "/Encrypt<</Filter/Standard/V 1/R 2/O()/U()/P -1>>"),
        ("encrypted elsewhere", "/Encrypt 9 0 R"),
        ("encrypted with null", "/Encrypt null"),
    ] {
        attacks.verdict(&format!("{name} afterwards"), Update { more_trailer: more.into(), ..Update::default() }.onto(&one), "REFUSED encrypted");
    }
}

fn sizes(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let one = attacks.base.one.clone();
    for size in [0, 1, 3, parts.next - 1] {
        let file = Update { size: Some(size), ..Update::default() }.onto(&one);
        if attacks.base.flavour() == Flavour::Table {
            attacks.fails(&format!("size {size}"), file, "trailer");
        } else {
            attacks.unreadable(&format!("size {size}"), file, "beyond");
        }
    }
    let file = Update { size: Some(3), ..Update::default() }.stream(parts.content, "", "evil").onto(&one);
    attacks.unreadable("an object beyond the size", file, "beyond");
}

/// Hybrids, and object streams that take over what was signed.
fn streams(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let one = attacks.base.one.clone();
    let (content, font, new) = (parts.content, parts.font, parts.next + 20);
    if attacks.base.flavour() == Flavour::Table {
        let hidden = format!("{new} 0 obj\n<</Type/XRef/Size {}/W[1 4 2]/Index[{content} 1]/Length 7>>\nstream\n\0\0\0\0\0\0\0\nendstream\nendobj\n", new + 1);
        let hybrid = Update { loose: hidden.into_bytes(), more_trailer: format!("/XRefStm {}", one.len()), freed: vec![(content, 0)], ..Update::default() };
        attacks.fails("a hidden table", hybrid.onto(&one), "freed");
        let nowhere = Update { more_trailer: "/XRefStm 9".into(), ..Update::default() };
        attacks.unreadable("a hidden table that is not there", nowhere.onto(&one), "");
    } else {
        for (name, from, to) in
            [("widths of nothing", "/W[1 4 2]", "/W[0 0 0]"), ("two widths", "/W[1 4 2]", "/W[1 4]  "), ("negative widths", "/W[1 4 2]", "/W[1 -4 2]")]
        {
            let file = Update::default().stream(content, "", "evil").onto(&one);
            attacks.unreadable(name, crate::parts::patched(&file, from.as_bytes(), to.as_bytes()), "");
        }
    }
    let evil = b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".to_vec();
    let packed = |flavour| Update { packed: vec![(font, evil.clone())], flavour: Some(flavour), ..Update::default() };
    attacks.fails("an object stream that overrides the font", packed(Flavour::Packed).onto(&one), "changed");
    let unseen = Update { packed: vec![(new, evil.clone())], flavour: Some(Flavour::Packed), ..Update::default() };
    attacks.fails("an object stream with a font in waiting", unseen.onto(&one), "added");
    if attacks.base.flavour() == Flavour::Packed {
        let pdf = Pdf::parse(&one, &Limits::default()).unwrap();
        let Entry::Compressed { stream, index } = pdf.latest().entry(font) else { panic!("the font is packed") };
        let head = format!("{font} 0 ");
        let takeover = Update::default().object(
            stream,
            [format!("<</Type/ObjStm/N 1/First {}/Length {}>>\nstream\n{head}", head.len(), head.len() + evil.len()).as_bytes(), &evil, b"\nendstream"]
                .concat(),
        );
        attacks.unreadable("the object stream replaced", takeover.onto(&one), "");
        attacks.unreadable("the object stream freed", Update { freed: vec![(stream, 1)], ..Update::default() }.onto(&one), "");
        for (name, number, place) in [
            ("the font from another place of the stream", font, index as u8 + 1),
            ("a new object from the old stream", new, index as u8),
            ("the font from beyond the stream", font, 250),
        ] {
            let update = Update { pointed_packed: vec![(number, stream, place)], ..Update::default() };
            attacks.fails(name, update.onto(&one), "revision-unreadable");
        }
    }
}
