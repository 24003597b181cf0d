//! Decisions whose field comes with the signature: somewhere else than a seal may be, seen by nobody, or with more than itself.

use crate::builder::{Base, Update, signed};
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, sealed};
use crate::parts::Parts;
use crate::who::fang;

const SEAL: &str = "/Type/XObject/Subtype/Form/BBox[0 0 120 120]/Resources<<>>";
/// A place that is free in all bases.
const FREE: &str = "340 300 460 420";

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "new fields");
    places(&mut attacks);
    company(&mut attacks);
    attacks.list
}

/// A decision on the document that Ming has signed: what is new in it, before it is sealed.
struct Making<'p> {
    parts: &'p Parts,
    new: u32,
}

impl Making<'_> {
    fn field(&self, name: &str, rect: &str, more: &str) -> String {
        let (page, new) = (self.parts.page, self.new);
        format!("<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/P {page} 0 R/Rect[{rect}]/V {} 0 R/AP<</N {} 0 R>>{more}>>", new + 1, new + 2)
    }

    /// The field with all that it needs; `also` are more items of the form's list.
    fn update(&self, field: &str, also: &str) -> Update {
        let (new, form) = (self.new, self.parts.form);
        let listed = self.parts.replaced(form, "]", &format!(" {new} 0 R{also}]"));
        Update::default().object(new, field).object(new + 1, dictionary("")).stream(new + 2, SEAL, "1 0 0 RG 4 4 112 112 re S").object(form, listed)
    }

    /// The page with the field among its annotations.
    fn on_page(&self, update: Update) -> Update {
        let text = self.parts.text(self.parts.page);
        let at = text.find("/Annots [").unwrap() + 9;
        let end = at + text[at..].find(']').unwrap();
        update.object(self.parts.page, format!("{} {} 0 R{}", &text[..end], self.new, &text[end..]))
    }
}

fn places(attacks: &mut Attacks<'_>) {
    let (parts, one) = (attacks.parts.clone(), attacks.base.one.clone());
    let making = Making { parts: &parts, new: parts.next + 20 };
    let mut make = |name: &str, field: String, rule: &str| {
        let file = sealed(&making.on_page(making.update(&field, "")).onto(&one), &Recipe::of(&fang()));
        attacks.makes(name, &one, file, "more", &fang(), rule);
    };
    for (name, rect, rule) in [
        ("more than a quarter of the page", "20 200 420 600", "seal-size"),
        ("beyond the edge", "520 300 640 420", "seal-place"),
        ("below the page", "340 -60 460 60", "seal-place"),
        ("far away", "3400 3000 3520 3120", "seal-place"),
        ("over a seal", "90 90 190 190", "seal-overlap"),
        ("over the place of the next one", "350 70 440 170", "seal-overlap"),
    ] {
        make(name, making.field("more", rect, "/F 132"), rule);
    }
    for (name, flags) in [("hidden", "/F 134"), ("not printed", "/F 128"), ("not on screens", "/F 164"), ("turned away at will", "/F 388"), ("by default", "")]
    {
        make(name, making.field("more", FREE, flags), "field-flags");
    }
    make("of another name", making.field("other", FREE, "/F 132"), "field-empty");
    make("which locks all", making.field("more", FREE, "/F 132/Lock<</Type/SigFieldLock/Action/All>>"), "mdp");
    let elsewhere = making.field("more", FREE, "/F 132").replace(&format!("/P {} 0 R", parts.page), &format!("/P {} 0 R", parts.pages));
    make("which names another page", elsewhere, "new-field");
    make("without a rectangle", making.field("more", FREE, "/F 132").replace(&format!("/Rect[{FREE}]"), ""), "seal-place");
}

fn company(attacks: &mut Attacks<'_>) {
    let (parts, base) = (attacks.parts.clone(), attacks.base);
    let one = base.one.clone();
    let making = Making { parts: &parts, new: parts.next + 20 };
    let (new, field) = (making.new, making.field("more", FREE, "/F 132"));
    let mut make = |name: &str, update: Update, rule: &str| {
        attacks.makes(name, &one, sealed(&update.onto(&one), &Recipe::of(&fang())), "more", &fang(), rule);
    };
    make("on no page", making.update(&field, ""), "new-field");
    let second = making.field("second", "340 500 400 560", "/F 132");
    make(
        "and a second one with the same value",
        making.on_page(making.update(&field, &format!(" {} 0 R", new + 4)).object(new + 4, second.as_str())),
        "one-value",
    );
    let empty = second.replace(&format!("/V {} 0 R", new + 1), "");
    make("and an empty one", making.on_page(making.update(&field, &format!(" {} 0 R", new + 4)).object(new + 4, empty)), "new-field");
    let fonts = parts.replaced(parts.form, "]", &format!(" {new} 0 R]/DR<</Font<</F {} 0 R>>>>", parts.font));
    make("and other resources for the form", making.on_page(making.update(&field, "")).object(parts.form, fonts), "form");
    let drawn_anew = parts.replaced(parts.form, "]", &format!(" {new} 0 R]/NeedAppearances true"));
    make("and a form drawn anew", making.on_page(making.update(&field, "")).object(parts.form, drawn_anew), "form");
    make("and another content", making.on_page(making.update(&field, "")).stream(parts.content, "", "evil"), "changed");
    let comment = making.update(&field, "").object(new + 4, "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]>>");
    make("and a comment", making.on_page(comment), "added");
    // the field was to be made, and one that is there was filled instead
    attacks.makes("instead of which another is filled", &one, signed(&one, "finance", &fang()), "finance", &fang(), "only-this-field");
}
