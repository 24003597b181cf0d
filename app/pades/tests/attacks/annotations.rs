//! Evil annotations and sneaky signatures: drawings over the signed page, as comments or as signature fields of their own.

use crate::builder::{Base, Update};
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, sealed};
use crate::parts::Parts;
use crate::shadow::insider;
use crate::who::{Signer, fang};

const SEAL: &str = "/Type/XObject/Subtype/Form/BBox[0 0 120 120]/Resources<<>>";

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "annotations");
    evil(&mut attacks);
    sneaky(&mut attacks);
    attacks.list
}

fn evil(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (page, new) = (parts.page, parts.next + 20);
    for (kind, more) in [
        ("FreeText", "/Contents(99.80)/DA(/F1 12 Tf)"),
        ("Stamp", "/Name/Approved"),
        ("Redact", "/IC[1 1 1]"),
        ("Square", "/IC[1 1 1]"),
        ("Circle", "/IC[1 1 1]"),
        ("Highlight", "/QuadPoints[0 0 9 0 0 9 9 9]"),
        ("Ink", "/InkList[[0 0 9 9]]"),
        ("Line", "/L[0 0 9 9]"),
        ("Polygon", "/Vertices[0 0 9 0 9 9]"),
        ("Text", "/Contents(approved)"),
        ("Popup", "/Open true"),
        ("Caret", ""),
        ("Watermark", ""),
        ("PrinterMark", ""),
        ("TrapNet", ""),
        ("Link", "/A<</S/URI/URI(https://evil.example)>>"),
        ("Screen", "/A<</S/Rendition>>"),
        ("FileAttachment", "/FS<</Type/Filespec/F(a)>>"),
        ("Movie", "/Movie<</F(a)>>"),
        ("Sound", ""),
        ("3D", ""),
        ("RichMedia", ""),
        ("Widget", "/FT/Tx/T(paid)/V(yes)"),
    ] {
        let annotation = format!("<</Type/Annot/Subtype/{kind}/Rect[60 700 300 760]/F 4{more}/AP<</N {} 0 R>>>>", new + 1);
        let listed = parts.replaced(page, "/Annots [", &format!("/Annots [{new} 0 R "));
        let update = Update::default().object(page, listed).object(new, annotation).stream(new + 1, SEAL, "1 g 0 0 120 120 re f");
        attacks.fails(&format!("a {kind} over the page"), update.onto(&attacks.base.one), "changed");
        attacks.fails(&format!("a {kind} over the page, by somebody who signs"), insider(&attacks.base.one, update.clone()), "changed");
        let file = insider(&attacks.base.one, update);
        attacks.outside(
            &format!("a {kind} over the page, as a decision"),
            &attacks.base.one.clone(),
            file,
            "finance",
            &fang(),
            "TOTAL-FAILED FORMAT_FAILURE changed",
        );
    }
}

/// A field that shows nothing, made and signed at once.
pub fn with_new_field(file: &[u8], signer: &Signer) -> Vec<u8> {
    let parts = Parts::of(file);
    let (form, new) = (parts.form, parts.next + 20);
    let field = format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(more)/F 132/P {} 0 R/Rect[0 0 0 0]/V {} 0 R>>", parts.page, new + 1);
    let listed = parts.replaced(form, "]", &format!(" {new} 0 R]"));
    let update = Update::default().object(new, field).object(new + 1, dictionary("")).object(form, listed);
    sealed(&update.onto(file), &Recipe::of(signer))
}

/// New signature fields, as other programs make them, and what they must not be.
fn sneaky(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let one = attacks.base.one.clone();
    let (page, form, new) = (parts.page, parts.form, parts.next + 20);
    let make = |field: &str, listed: bool, on_page: bool, more: Update| {
        let mut update = more.object(new, field).object(new + 1, dictionary("")).stream(new + 2, SEAL, "1 g 0 0 120 120 re f");
        if listed {
            update = update.object(form, parts.replaced(form, "]", &format!(" {new} 0 R]")));
        }
        if on_page {
            let text = parts.text(page);
            let at = text.find("/Annots [").unwrap() + 9;
            let end = at + text[at..].find(']').unwrap();
            update = update.object(page, format!("{} {new} 0 R{}", &text[..end], &text[end..]));
        }
        sealed(&update.onto(&one), &Recipe::of(&fang()))
    };
    let field = |rect: &str, more: &str| format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(more)/F 132/P {page} 0 R/Rect[{rect}]/V {} 0 R{more}>>", new + 1);
    let seal = format!("/AP<</N {} 0 R>>", new + 2);
    let small = "400 700 500 760";
    let invisible = field("0 0 0 0", "");
    let file = with_new_field(&one, &fang());
    attacks.outside("a new field that shows nothing, as a decision", &one, file.clone(), "more", &fang(), "TOTAL-FAILED FORMAT_FAILURE only-this-field");
    attacks.verdict("a new field that shows nothing, which is reported", file, "TOTAL-PASSED field-created");
    let visible = make(&field(small, &seal), true, true, Update::default());
    attacks.outside("a new field with a seal, as a decision", &one, visible.clone(), "more", &fang(), "TOTAL-FAILED FORMAT_FAILURE only-this-field");
    attacks.verdict("a new field with a seal, which is reported", visible, "TOTAL-PASSED field-created");
    for (name, file, rule) in [
        ("covers the page", make(&field("0 0 595 842", &seal), true, true, Update::default()), "appearance"),
        ("is not listed in the form", make(&field(small, &seal), false, true, Update::default()), "changed"),
        ("has an action", make(&field(small, &format!("{seal}/A<</S/JavaScript/JS(1)>>")), true, true, Update::default()), "new-field"),
        ("acts by itself", make(&field(small, &format!("{seal}/AA<</E<</S/JavaScript/JS(1)>>>>")), true, true, Update::default()), "new-field"),
        ("stands in a layer", make(&field(small, &format!("{seal}/OC<</Type/OCG/Name(x)>>")), true, true, Update::default()), "new-field"),
        ("has a second state", make(&field(small, &format!("/AP<</N {0} 0 R/R {0} 0 R>>", new + 2)), true, true, Update::default()), "appearance"),
        (
            "shows the page's font",
            make(
                &field(small, &format!("/AP<</N {} 0 R>>", new + 3)),
                true,
                true,
                Update::default().stream(new + 3, &format!("/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F {} 0 R>>>>", parts.font), ""),
            ),
            "appearance",
        ),
        ("is no widget", make(&field(small, &seal).replace("/Subtype/Widget", "/Subtype/FreeText"), true, true, Update::default()), "new-field"),
        ("is a text field", make(&field(small, &seal).replace("/FT/Sig", "/FT/Tx"), true, true, Update::default()), "new-field"),
        (
            "is not signed",
            sealed(
                &Update::default()
                    .object(new, field(small, &seal).replace(&format!("/V {} 0 R", new + 1), ""))
                    .object(new + 1, dictionary(""))
                    .stream(new + 2, SEAL, "")
                    .object(form, parts.replaced(form, "]", &format!(" {new} 0 R]")))
                    .onto(&one),
                &Recipe::of(&fang()),
            ),
            "new-field",
        ),
        ("has children", make(&field(small, &format!("{seal}/Kids[]")), true, true, Update::default()), "new-field"),
        (
            "brings a comment along",
            make(&field(small, &seal), true, true, Update::default().object(new + 4, "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]>>")),
            "added",
        ),
        ("changes the page's content", make(&field(small, &seal), true, true, Update::default().stream(parts.content, "", "evil")), "changed"),
        (
            "fills another one, too",
            insider(
                &one,
                Update::default().object(new, &invisible).object(new + 1, dictionary("")).object(form, parts.replaced(form, "]", &format!(" {new} 0 R]"))),
            ),
            "one-signature",
        ),
    ] {
        attacks.fails(&format!("a new field that {name}"), file, rule);
    }
    // a page that gets more than the field
    let text = parts.text(page);
    let at = text.find("/Annots [").unwrap() + 9;
    for (name, changed) in [
        ("first in the list", format!("{}{new} 0 R {}", &text[..at], &text[at..])),
        ("in place of the others", format!("{}{new} 0 R]{}", &text[..at], &text[at + text[at..].find(']').unwrap() + 1..])),
        (
            "twice in the list",
            format!("{} {new} 0 R {new} 0 R]{}", &text[..at + text[at..].find(']').unwrap()], &text[at + text[at..].find(']').unwrap() + 1..]),
        ),
        (
            "and a page turned",
            format!("{} {new} 0 R]/Rotate 180{}", &text[..at + text[at..].find(']').unwrap()], &text[at + text[at..].find(']').unwrap() + 1..]),
        ),
    ] {
        let changed = if text.contains("/Rotate") { changed.replacen("/Rotate 180", "/UserUnit 2", 1) } else { changed };
        let file = make(&field(small, &seal), true, false, Update::default().object(page, changed));
        attacks.fails(&format!("a new field {name}"), file, "changed");
    }
}
