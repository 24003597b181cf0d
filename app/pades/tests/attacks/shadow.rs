//! Shadow attacks: what is to be shown later is in the file before it is signed, unseen, and a later revision that looks harmless shows it.

use std::collections::BTreeMap;

use crate::builder::{Base, Flavour, Update, rewritten, signed};
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, sealed};
use crate::parts::Parts;
use crate::who::{fang, ming};

/// The prepared file after Ming signed it.
fn prepared(base: &Base, change: impl FnOnce(&mut BTreeMap<u32, Vec<u8>>)) -> Vec<u8> {
    signed(&rewritten(&base.zero, base.flavour(), change), "head", &ming())
}

/// Fang, who may sign, fills `finance` and brings more.
pub fn insider(file: &[u8], update: Update) -> Vec<u8> {
    let parts = Parts::of(file);
    let (number, field) = (parts.next + 30, parts.field("finance"));
    let update = update.object(field, parts.with(field, &format!("/V {number} 0 R"))).object(number, dictionary(""));
    sealed(&update.onto(file), &Recipe::of(&fang()))
}

/// The field `finance` with another appearance.
fn with_seal(file: &[u8], appearance: &str, update: Update) -> Vec<u8> {
    let parts = Parts::of(file);
    let (number, field) = (parts.next + 30, parts.field("finance"));
    let text = parts.text(field);
    let (before, _) = text.split_once("/AP<<").unwrap();
    let body = format!("{before}/AP {appearance}/V {number} 0 R>>");
    sealed(&update.object(field, body).object(number, dictionary("")).onto(file), &Recipe::of(&fang()))
}

const FORM: &str = "/Type/XObject/Subtype/Form/BBox[0 0 120 120]/Resources<<>>";

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "shadow");
    hide(&mut attacks);
    replace(&mut attacks);
    awaited(&mut attacks);
    shared(&mut attacks);
    awaiting(&mut attacks);
    attacks.list
}

/// What covered the true content is taken away.
fn hide(attacks: &mut Attacks<'_>) {
    let (base, parts) = (attacks.base, attacks.parts.clone());
    let (page, content, over) = (parts.page, parts.content, parts.next + 40);
    let zero = Parts::of(&base.zero);
    let cover = |all: &mut BTreeMap<u32, Vec<u8>>, kind: &str, body: &str| {
        all.insert(over, format!("<<{kind}/Length {}>>\nstream\n{body}\nendstream", body.len()).into_bytes());
    };
    let page_with = |more: &str| zero.replaced(page, "/XObject<<", &format!("/XObject<</Cover {over} 0 R{more}"));
    let has_objects = zero.text(page).contains("/XObject<<");
    let covered = prepared(base, |all| {
        let text = if has_objects { page_with("") } else { zero.replaced(page, "/Resources<<", &format!("/Resources<</XObject<</Cover {over} 0 R>>")) };
        all.insert(page, text.into_bytes());
        cover(all, FORM, "1 g 0 0 600 800 re f");
        let old = String::from_utf8(all[&content].clone()).unwrap();
        let old = old.split("stream\n").nth(1).unwrap().strip_suffix("\nend").unwrap_or("").to_owned();
        let new = format!("{old} /Cover Do");
        all.insert(content, format!("<</Length {}>>\nstream\n{new}\nendstream", new.len()).into_bytes());
    });
    for (name, update, rule) in [
        ("the cover freed", Update { freed: vec![(over, 1)], ..Update::default() }, "freed"),
        ("the cover null", Update::default().object(over, "null"), "changed"),
        ("the cover empty", Update::default().stream(over, FORM, ""), "changed"),
        ("the cover made small", Update::default().stream(over, "/Type/XObject/Subtype/Form/BBox[0 0 0 0]", "1 g 0 0 600 800 re f"), "changed"),
        (
            "the cover of another kind",
            Update::default().stream(over, "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "x"),
            "changed",
        ),
        ("the cover in a hidden layer", Update::default().stream(over, &format!("{FORM}/OC<</Type/OCG/Name(x)>>"), "1 g 0 0 600 800 re f"), "changed"),
        ("the cover of another generation", Update { objects: vec![(over, 1, b"null".to_vec())], ..Update::default() }, "replaced"),
        ("the cover marked free with no generation", Update { freed: vec![(over, 65_535)], ..Update::default() }, "freed"),
        ("the table cut before the cover", Update { size: Some(over), ..Update::default() }, "trailer"),
    ] {
        if name.starts_with("the table") && base.flavour() != Flavour::Table {
            attacks.unreadable(&format!("hide: {name}"), update.onto(&covered), "beyond");
            continue;
        }
        attacks.fails(&format!("hide: {name}"), update.onto(&covered), rule);
        if name != "the table cut before the cover" {
            attacks.fails(&format!("hide: {name}, by somebody who signs"), insider(&covered, update), rule);
        }
    }
}

/// What is shown is exchanged for what waits.
fn replace(attacks: &mut Attacks<'_>) {
    let (base, parts) = (attacks.base, attacks.parts.clone());
    let waiting = parts.next + 40;
    let evil = "BT /F1 12 Tf 72 720 Td (99.80) Tj ET";
    // two whole documents in one file: the second one has its own catalogue, pages and content
    let two = prepared(base, |all| {
        let catalog =
            String::from_utf8(all[&parts.catalog].clone()).unwrap().replacen(&format!("/Pages {} 0 R", parts.pages), &format!("/Pages {} 0 R", waiting + 1), 1);
        all.insert(waiting, catalog.into_bytes());
        all.insert(waiting + 1, format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", waiting + 2).into_bytes());
        all.insert(waiting + 2, format!("<</Type/Page/Parent {} 0 R/MediaBox[0 0 595 842]/Contents {} 0 R>>", waiting + 1, waiting + 3).into_bytes());
        all.insert(waiting + 3, format!("<</Length {}>>\nstream\n{evil}\nendstream", evil.len()).into_bytes());
        all.insert(waiting + 4, b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".to_vec());
    });
    let old = Parts::of(&two);
    let place = |number: u32| {
        let pdf = pades::pdf::Pdf::parse(&two, &pades::Limits::default()).unwrap();
        match pdf.latest().entry(number) {
            pades::pdf::Entry::Offset { offset, .. } => Some(offset),
            _ => None,
        }
    };
    let trailer = |number: u32| Update { without: vec!["Root"], more_trailer: format!("/Root {number} 0 R"), ..Update::default() };
    let mut cases = vec![
        ("the other catalogue", trailer(waiting), "trailer"),
        (
            "the other pages",
            Update::default().object(old.catalog, old.replaced(old.catalog, &format!("/Pages {} 0 R", old.pages), &format!("/Pages {} 0 R", waiting + 1))),
            "catalogue",
        ),
        (
            "the other page",
            Update::default().object(old.pages, old.replaced(old.pages, &format!("{} 0 R", old.page), &format!("{} 0 R", waiting + 2))),
            "changed",
        ),
        ("the other font", Update::default().object(old.font, old.text(waiting + 4)), "changed"),
    ];
    if let Some(place) = place(waiting + 3) {
        let pointed = |number: u32| Update { pointed: vec![(number, place, 0)], ..Update::default() };
        // the object there has another number, which readers may not care about
        cases.push(("an entry that points at the other content", pointed(old.content), "revision-unreadable"));
        cases.push(("a new entry that points at the other content", pointed(waiting + 9), "revision-unreadable"));
    }
    for (name, update, rule) in cases {
        attacks.fails(&format!("replace: {name}"), update.onto(&two), rule);
        if rule != "trailer" {
            attacks.fails(&format!("replace: {name}, by somebody who signs"), insider(&two, update), rule);
        }
    }
    // seals that show what waited
    for (name, appearance, extra) in [
        ("the other content as a seal", format!("<</N {} 0 R>>", waiting + 3), Update::default()),
        (
            "a seal that shows the other content",
            format!("<</N {} 0 R>>", waiting + 20),
            Update::default().stream(
                waiting + 20,
                &format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>", waiting + 3),
                "/X Do",
            ),
        ),
        (
            "a seal in the other font",
            format!("<</N {} 0 R>>", waiting + 20),
            Update::default().stream(waiting + 20, &format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</X {} 0 R>>>>", waiting + 4), ""),
        ),
        ("a seal with a second state", format!("<</N {0} 0 R/D {0} 0 R>>", waiting + 20), Update::default().stream(waiting + 20, FORM, "")),
        ("a seal with states to choose from", format!("<</N<</On {0} 0 R/Off {0} 0 R>>>>", waiting + 20), Update::default().stream(waiting + 20, FORM, "")),
        ("a seal in a layer", format!("<</N {} 0 R>>", waiting + 20), Update::default().stream(waiting + 20, &format!("{FORM}/OC<</Type/OCG/Name(x)>>"), "")),
        (
            "a seal from another file",
            format!("<</N {} 0 R>>", waiting + 20),
            Update::default().stream(waiting + 20, &format!("{FORM}/Ref<</F(other.pdf)/Page 0>>"), ""),
        ),
        (
            "a seal with other pictures for print",
            format!("<</N {} 0 R>>", waiting + 20),
            Update::default().stream(waiting + 20, &format!("{FORM}/Alternates[]"), ""),
        ),
        ("a seal of PostScript", format!("<</N {} 0 R>>", waiting + 20), Update::default().stream(waiting + 20, "/Type/XObject/Subtype/PS", "showpage")),
        (
            "a seal whose bytes are elsewhere",
            format!("<</N {} 0 R>>", waiting + 20),
            Update::default().stream(waiting + 20, &format!("{FORM}/F(other.bin)"), ""),
        ),
        ("a seal that is nothing", "<<>>".into(), Update::default()),
        ("a seal that is null", "null".into(), Update::default()),
        ("a seal nowhere", "<</N 9990 0 R>>".into(), Update::default()),
    ] {
        let file = with_seal(&two, &appearance, extra);
        attacks.outside(&format!("replace: {name}, as a decision"), &two, file.clone(), "finance", &fang(), "TOTAL-FAILED FORMAT_FAILURE appearance");
        attacks.fails(&format!("replace: {name}"), file, "appearance");
    }
}

/// The file refers to objects that are not there yet, and a later revision, otherwise sound, brings just these.
fn awaited(attacks: &mut Attacks<'_>) {
    let (base, parts) = (attacks.base, attacks.parts.clone());
    let zero = Parts::of(&base.zero);
    let gone = parts.next + 60;
    let (page, pages, catalog) = (parts.page, parts.pages, parts.catalog);
    let places: Vec<(&str, u32, String)> = vec![
        ("content", page, zero.text(page).replacen("/Contents", &format!("/Contents {gone} 0 R/Old"), 1)),
        ("resource", page, zero.replaced(page, "/Resources<<", &format!("/Resources<</ExtGState<</G {gone} 0 R>>"))),
        ("list of annotations", page, zero.text(page).replacen("/Annots", &format!("/Annots {gone} 0 R/Old"), 1)),
        ("page", pages, zero.with(pages, &format!("/Later[{gone} 0 R]"))),
        ("list of layers", catalog, zero.with(catalog, &format!("/OCProperties {gone} 0 R"))),
        ("action", catalog, zero.with(catalog, &format!("/OpenAction {gone} 0 R"))),
        ("outline", catalog, zero.with(catalog, &format!("/Outlines {gone} 0 R"))),
        ("seal", parts.field("board"), zero.text(parts.field("board")).replacen("/AP<<", &format!("/AP<</D {gone} 0 R"), 1)),
    ];
    for (name, number, text) in places {
        let file = prepared(base, |all| drop(all.insert(number, text.into_bytes())));
        let seal = with_seal(&file, &format!("<</N {gone} 0 R>>"), Update::default().stream(gone, FORM, "99 w"));
        attacks.outside(
            &format!("awaited {name} comes as a seal, as a decision"),
            &file,
            seal.clone(),
            "finance",
            &fang(),
            "TOTAL-FAILED FORMAT_FAILURE awaited",
        );
        attacks.fails(&format!("awaited {name} comes as a seal"), seal, "awaited");
        let own = Parts::of(&file);
        let evidence = Update::default().object(catalog, own.with(catalog, &format!("/DSS<</Certs[{gone} 0 R]>>"))).stream(gone, "", "99 w");
        attacks.fails(&format!("awaited {name} comes as validation data"), evidence.onto(&file), "awaited");
    }
}

/// Somebody who signs refers to the next number that is free, so that the next signature would look like a shadow attack.
fn awaiting(attacks: &mut Attacks<'_>) {
    let one = &attacks.base.one;
    let parts = attacks.parts.clone();
    for ahead in [1, 32, 7000] {
        let number = parts.next + 30;
        let field = parts.with(parts.field("finance"), &format!("/V {number} 0 R"));
        let signature = dictionary(&format!("/Prop_Build {} 0 R", parts.next + ahead));
        let file = sealed(&Update::default().object(parts.field("finance"), field).object(number, signature).onto(one), &Recipe::of(&fang()));
        attacks.outside(
            &format!("a number {ahead} ahead is waited for, as a decision"),
            one,
            file.clone(),
            "finance",
            &fang(),
            "TOTAL-FAILED FORMAT_FAILURE awaiting",
        );
        attacks.verdict(&format!("a number {ahead} ahead is waited for, which is reported"), file, "TOTAL-PASSED awaiting");
    }
}

/// One object with two offices, of which only one may change.
fn shared(attacks: &mut Attacks<'_>) {
    let (base, parts) = (attacks.base, attacks.parts.clone());
    let zero = Parts::of(&base.zero);
    let (page, catalog, info, both) = (parts.page, parts.catalog, parts.info, parts.next + 60);
    let packet = |text: &str| format!("<</Type/Metadata/Subtype/XML/Length {}>>\nstream\n{text}\nendstream", text.len()).into_bytes();
    let described_at = |text: &str| {
        format!(
            "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description xmlns:x='http://ns.adobe.com/xap/1.0/'>\
             <x:ModifyDate>{text}</x:ModifyDate></r:Description></r:RDF>"
        )
    };
    let contents = zero.text(page).replacen("/Contents", &format!("/Contents {both} 0 R/Old"), 1);
    let described = zero.text(catalog).replacen("/Metadata", &format!("/Metadata {both} 0 R/Old"), 1);
    let file = prepared(base, |all| {
        all.insert(page, contents.clone().into_bytes());
        all.insert(catalog, described.into_bytes());
        all.insert(both, packet(&described_at("BT (12.80) Tj ET")));
    });
    let update = Update::default().object(both, packet(&described_at("BT (99.80) Tj ET")));
    attacks.fails("the description is the page's content", update.onto(&file), "shared");
    let file = prepared(base, |all| {
        all.insert(page, zero.replaced(page, "/Resources<<", &format!("/Properties {info} 0 R/Resources<<")).into_bytes());
    });
    let own = Parts::of(&file);
    attacks.fails(
        "the information is used by the page",
        Update::default().object(info, own.replaced(info, "/ModDate", "/ModDate(x)/Was").replacen("/Was(", "/Producer(", 1)).onto(&file),
        "shared",
    );
    let file = prepared(base, |all| {
        all.insert(page, contents.into_bytes());
        all.insert(catalog, zero.with(catalog, &format!("/DSS<</Certs {both} 0 R>>")).into_bytes());
        all.insert(both, b"[]".to_vec());
    });
    let update = Update::default().object(both, format!("[{} 0 R]", 5000)).stream(5000, "", "99 w");
    attacks.fails("a list of certificates is the page's content", update.onto(&file), "shared");
    let form = parts.form;
    let file = prepared(base, |all| {
        all.insert(page, zero.replaced(page, "/Resources<<", &format!("/Resources {form} 0 R/Old<<")).into_bytes());
        all.insert(form, zero.replaced(form, "/SigFlags 3", "/SigFlags 1").into_bytes());
    });
    let own = Parts::of(&file);
    attacks.fails("the form is the page's resources", Update::default().object(form, own.replaced(form, "/SigFlags 1", "/SigFlags 3")).onto(&file), "shared");
}
