//! Validation data (`/DSS`) with other things in it, around it or instead of it.

use crate::builder::{Base, Update};
use crate::case::{Attack, Attacks};
use crate::parts::Parts;

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "DSS");
    let parts = attacks.parts.clone();
    let (one, catalog, new) = (base.one.clone(), parts.catalog, parts.next + 20);
    let with = |dss: &str| Update::default().object(catalog, parts.with(catalog, &format!("/DSS {dss}")));
    let page = parts.page;
    for (name, dss) in [
        ("a list", "[]".to_owned()),
        ("a number", "1".into()),
        ("a name", "/Trusted".into()),
        ("a string", "(trusted)".into()),
        ("null", "null".into()),
        ("nowhere", "9990 0 R".into()),
        ("a page", format!("{page} 0 R")),
        ("a stream", format!("{} 0 R", parts.content)),
        ("the catalogue", format!("{catalog} 0 R")),
        ("with an action", "<</Certs[]/AA<</O<</S/JavaScript/JS(1)>>>>>>".into()),
        ("with an unknown key", "<</Trusted true>>".into()),
        ("with certificates that are no list", "<</Certs<</A 1>>>>".into()),
        ("with certificates inside", "<</Certs[<3000>]>>".into()),
        ("with certificates nowhere", "<</Certs[9990 0 R]>>".into()),
        ("with a page for a certificate", format!("<</Certs[{page} 0 R]>>")),
        ("with lists in lists", "<</CRLs[[[]]]>>".into()),
        ("with numbers for answers", "<</OCSPs[1 2 3]>>".into()),
        ("with related data that is a list", "<</VRI[]>>".into()),
        ("with related data that is no dictionary", "<</VRI<</AA 1>>>>".into()),
        ("with related data of an unknown kind", "<</VRI<</AA<</Trusted true>>>>>>".into()),
        ("with related certificates inside", "<</VRI<</AA<</Cert[<3000>]>>>>>>".into()),
    ] {
        attacks.fails(name, with(&dss).onto(&one), "dss");
    }
    let sound = with(&format!("<</Certs[{new} 0 R]>>")).object(new, der(&crate::who::root()));
    let control = sound.onto(&one);
    assert!(crate::case::verdict(&control).starts_with("TOTAL-PASSED"), "{}", crate::case::verdict(&control));
    for (name, update, rule) in [
        ("and a page's content", sound.clone().stream(parts.content, "", "evil"), "changed"),
        ("and an object nobody needs", sound.clone().object(new + 1, "<<>>"), "added"),
        ("and an annotation", sound.clone().object(new + 1, "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]>>"), "added"),
        ("and a form made anew", sound.clone().object(parts.form, parts.with(parts.form, "/NeedAppearances true")), "form"),
        ("and a signature taken out", sound.clone().object(parts.field("head"), parts.replaced(parts.field("head"), "/V ", "/Was ")), "removed"),
        ("whose bytes are elsewhere", with(&format!("<</Certs[{new} 0 R]>>")).stream(new, "/F(evil.bin)", ""), "dss"),
    ] {
        attacks.fails(&format!("validation data {name}"), update.onto(&one), rule);
    }
    let after = Parts::of(&control);
    let without = Update::default().object(catalog, parts.text(catalog));
    attacks.fails("validation data taken out", without.onto(&control), "dss");
    let emptied = Update::default().object(catalog, after.replaced(catalog, &format!("/DSS<</Certs[{new} 0 R]>>"), "/DSS<</Certs[]>>"));
    attacks.fails("validation data emptied", emptied.onto(&control), "dss");
    attacks.fails("validation data replaced", Update::default().stream(new, "", "evil").onto(&control), "changed");
    attacks.fails("validation data freed", Update { freed: vec![(new, 1)], ..Update::default() }.onto(&control), "freed");
    for (name, extensions) in [
        ("a program", "<</EVIL<</S/JavaScript/JS(1)>>>>"),
        ("a page", "<</EVIL 3 0 R>>"),
        ("a list of lists", "<</EVIL[[]]>>"),
        ("a number", "<</EVIL 1>>"),
        ("nothing", "null"),
    ] {
        let update = Update::default().object(catalog, parts.with(catalog, &format!("/Extensions {extensions}")));
        attacks.fails(&format!("extensions with {name}"), update.onto(&one), "extensions");
    }
    attacks.list
}

fn der(certificate: &[u8]) -> Vec<u8> {
    [format!("<</Length {}>>\nstream\n", certificate.len()).as_bytes(), certificate, b"\nendstream"].concat()
}
