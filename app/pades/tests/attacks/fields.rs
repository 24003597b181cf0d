//! One signature in two places, two fields under one name, keys and objects that stand twice, and signatures that moved.

use crate::builder::{Base, Flavour, Update, rewritten, signed};
use crate::case::{Attack, Attacks};
use crate::forge::{RANGE, Recipe, dictionary, sealed};
use crate::forging::filled;
use crate::who::{fang, ming};

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "fields");
    shared(&mut attacks);
    doubled(&mut attacks);
    moved(&mut attacks);
    apart(&mut attacks);
    attacks.list
}

/// Fields that share a value or a name.
fn shared(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (one, two) = (attacks.base.one.clone(), attacks.base.two.clone());
    let (signature, new) = (parts.signatures["head"], parts.next + 20);
    let update = Update::default().object(parts.field("board"), parts.filled("board", &format!("{signature} 0 R")));
    attacks.fails("two fields with one value", update.onto(&one), "one-value");
    let update = Update::default().object(parts.field("finance"), parts.filled("finance", &format!("{signature} 0 R")));
    attacks.fails("two fields with one value, the other one signed", update.onto(&two), "one-value");
    let listed = parts.replaced(parts.form, "]", &format!(" {new} 0 R]"));
    let copy = parts.text(parts.field("head"));
    let same = Update::default().object(parts.form, &listed).object(new, &copy);
    attacks.verdict("two fields with one name", same.onto(&one), "REFUSED form");
    let other = Update::default().object(parts.form, &listed).object(new, copy.replacen("(head)", "(Head)", 1));
    attacks.fails("a copy of the field under another name", other.onto(&one), "one-value");
    let twice = parts.replaced(parts.form, "]", &format!(" {} 0 R]", parts.field("head")));
    attacks.verdict("a field listed twice", Update::default().object(parts.form, twice).onto(&one), "REFUSED form");
    let below = Update::default()
        .object(parts.form, &listed)
        .object(new, format!("<</T(top)/Kids[{} 0 R]>>", new + 1))
        .object(new + 1, format!("<</T(low)/FT/Sig/Parent {new} 0 R/V {signature} 0 R>>"));
    attacks.fails("a field below another with the same value", below.onto(&one), "one-value");
    let inherited = Update::default()
        .object(parts.form, &listed)
        .object(new, format!("<</T(top)/FT/Sig/V {signature} 0 R/Kids[{} 0 R]>>", new + 1))
        .object(new + 1, format!("<</T(low)/Parent {new} 0 R>>"));
    attacks.fails("a field that inherits the value", inherited.onto(&one), "one-value");
    let direct = parts.replaced(parts.form, "]", "<</T(x)/FT/Sig>>]");
    attacks.verdict("a field inside the list", Update::default().object(parts.form, direct).onto(&one), "REFUSED form");
    let circle = Update::default().object(parts.form, &listed).object(new, format!("<</T(x)/Kids[{new} 0 R]>>"));
    attacks.verdict("a field below itself", circle.onto(&one), "REFUSED form");
    let gone = parts.replaced(parts.form, &format!("{} 0 R", parts.field("head")), "");
    attacks.fails("the signed field no longer listed", Update::default().object(parts.form, gone).onto(&one), "field-tree");
    let none = Update::default().object(parts.catalog, parts.replaced(parts.catalog, "/AcroForm", "/AcroFora"));
    attacks.fails("no form any more", none.onto(&one), "field-tree");
    let empty = Update::default().object(parts.form, "<</Fields[]/SigFlags 3>>");
    attacks.fails("an empty form", empty.onto(&one), "field-tree");
}

/// Keys and objects that stand twice.
fn doubled(attacks: &mut Attacks<'_>) {
    let recipe = Recipe::of(&ming());
    for (name, more) in [
        ("ByteRange", format!("/ByteRange[{}]", RANGE.replace('0', "1"))),
        ("ByteRange spelt out", "/Byte#52ange[0 1 2 3]".into()),
        ("Contents", "/Contents<00>".into()),
        ("Contents spelt out", "/#43ontents<00>".into()),
        ("Type", "/Type/Sig".into()),
        ("SubFilter", "/SubFilter/adbe.pkcs7.detached".into()),
        ("M", "/M(D:20200101000000Z)".into()),
        ("M spelt out", "/#4D(D:20200101000000Z)".into()),
    ] {
        attacks.unreadable(&format!("key {name} twice"), sealed(&filled(attacks, dictionary(&more)), &recipe), "stands twice");
    }
    let zero = crate::parts::Parts::of(&attacks.base.zero);
    for (name, from, to) in [
        ("V", "/FT/Sig", "/V null/FT/Sig"),
        ("V spelt out", "/FT/Sig", "/#56 null/FT/Sig"),
        ("T", "/FT/Sig", "/T(other)/FT/Sig"),
        ("AP spelt out", "/FT/Sig", "/#41P null/FT/Sig"),
    ] {
        let number = zero.next + 5;
        let field = zero.filled("head", &format!("{number} 0 R")).replacen(from, to, 1);
        let file = Update::default().object(zero.field("head"), field).object(number, dictionary("")).onto(&attacks.base.zero);
        attacks.unreadable(&format!("key {name} of the field twice"), sealed(&file, &recipe), "stands twice");
    }
    let catalog = Update::default().object(zero.catalog, zero.with(zero.catalog, "/Pages 9 0 R"));
    attacks.unreadable("key Pages of the catalogue twice", catalog.onto(&attacks.base.one), "stands twice");
    let trailer = Update { more_trailer: "/Root 9 0 R".into(), ..Update::default() };
    attacks.unreadable("key Root of the trailer twice", trailer.onto(&attacks.base.one), "stands twice");
    let content = zero.content;
    for (name, first) in [("before the real one", true), ("after the real one", false)] {
        let (good, evil) = (zero.all[&content].clone(), b"<</Length 4>>\nstream\nevil\nendstream".to_vec());
        let order = if first { vec![evil, good] } else { vec![good, evil] };
        let update = Update { objects: order.into_iter().map(|body| (content, 0, body)).collect(), ..Update::default() };
        attacks.fails(&format!("object number twice in a revision, {name}"), update.onto(&attacks.base.one), if first { "loose-bytes" } else { "changed" });
    }
    if attacks.base.name == "form" {
        let xref = attacks.base.one.len() + format!("{content} 0 obj\nnull\nendobj\n").len();
        let tail = format!(
            "{content} 0 obj\nnull\nendobj\nxref\n{content} 1\n{:010} 00000 n\r\n{content} 1\n{:010} 00000 n\r\ntrailer\n<</Size 99/Root {} 0 R/Prev {}>>\nstartxref\n{xref}\n%%EOF\n",
            attacks.base.one.len(),
            attacks.base.one.len(),
            zero.catalog,
            xref_of(&attacks.base.one)
        );
        attacks.unreadable("entry twice in a table", [&attacks.base.one[..], tail.as_bytes()].concat(), "stands twice");
    }
}

fn xref_of(file: &[u8]) -> usize {
    pades::pdf::Pdf::parse(file, &pades::Limits::default()).unwrap().revisions().last().unwrap().xref
}

/// Signatures out of their place: in another field, document or revision.
fn moved(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (zero, one, two) = (attacks.base.zero.clone(), attacks.base.one.clone(), attacks.base.two.clone());
    let (head, finance, new) = (parts.field("head"), parts.field("finance"), parts.next + 20);
    let after = crate::parts::Parts::of(&two);
    let copy = parts.text(parts.signatures["head"]);
    let update = Update::default().object(finance, parts.filled("finance", &format!("{new} 0 R"))).object(new, &copy);
    attacks.fails("the signature copied into another field", update.onto(&one), "byte-range");
    let update = Update::default()
        .object(finance, parts.filled("finance", &format!("{} 0 R", parts.signatures["head"])))
        .object(head, parts.replaced(head, "/V ", "/Was "));
    attacks.fails("the signature moved to another field", update.onto(&one), "removed");
    let swapped = Update::default()
        .object(head, after.replaced(head, &format!("/V {} 0 R", after.signatures["head"]), &format!("/V {} 0 R", after.signatures["finance"])))
        .object(finance, after.replaced(finance, &format!("/V {} 0 R", after.signatures["finance"]), &format!("/V {} 0 R", after.signatures["head"])));
    attacks.fails("two signatures exchanged", swapped.onto(&two), "removed");
    let renumbered =
        Update::default().object(head, parts.replaced(head, &format!("/V {} 0 R", parts.signatures["head"]), &format!("/V {new} 0 R"))).object(new, &copy);
    attacks.fails("the signature under another number", renumbered.onto(&one), "removed");
    let again = Update::default().object(parts.signatures["head"], &copy);
    attacks.fails("the signature written again", again.onto(&one), "byte-range");
    let value = copy.split("/Contents").nth(1).unwrap().split('>').next().unwrap();
    let other = rewritten(&zero, Flavour::Table, |all| drop(all.insert(parts.content, b"<</Length 4>>\nstream\nevil\nendstream".to_vec())));
    for (name, file, field) in [("document", other, "head"), ("field", zero.clone(), "finance"), ("revision", one.clone(), "finance")] {
        let made = signed(&file, field, &fang());
        let own = crate::parts::Parts::of(&made);
        let mine = own.text(own.signatures[field]);
        let mine = mine.split("/Contents").nth(1).unwrap().split('>').next().unwrap();
        let length = mine.len().min(value.len());
        let file = crate::parts::patched(&made, &mine.as_bytes()[..length], &value.as_bytes()[..length]);
        attacks.verdict(&format!("the CMS in another {name}"), file.clone(), "TOTAL-FAILED HASH_FAILURE message-digest");
        if name != "document" {
            let original = if name == "field" { &zero } else { &one };
            attacks.outside(
                &format!("the CMS in another {name}, as a decision"),
                original,
                file,
                "finance",
                &ming(),
                "TOTAL-FAILED HASH_FAILURE message-digest",
            );
        }
    }
}

/// Signatures beside the form: only on a page, or on a widget of their own.
fn apart(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (page, signature, new) = (parts.page, parts.signatures["head"], parts.next + 20);
    let widget = format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(x)/V {signature} 0 R/Rect[0 0 9 9]>>");
    let text = parts.text(page);
    let annotations = |more: &str| text.replacen("/Annots [", &format!("/Annots [{more} "), 1);
    let one = &attacks.base.one.clone();
    for (name, update) in [
        ("on the page alone", Update::default().object(page, annotations(&format!("{new} 0 R"))).object(new, &widget)),
        ("inside the page's list", Update::default().object(page, annotations(&widget))),
        (
            "of an unknown parent",
            Update::default()
                .object(page, annotations(&format!("{new} 0 R")))
                .object(new, format!("<</Type/Annot/Subtype/Widget/Parent {} 0 R/Rect[0 0 9 9]>>", new + 1))
                .object(new + 1, format!("<</FT/Sig/T(x)/V {signature} 0 R/Kids[{new} 0 R]>>")),
        ),
        (
            "on a widget of another field",
            Update::default()
                .object(parts.form, parts.replaced(parts.form, "]", &format!(" {new} 0 R]")))
                .object(new, format!("<</FT/Sig/T(x)/Kids[{} 0 R]>>", new + 1))
                .object(new + 1, format!("<</Type/Annot/Subtype/Widget/Parent {new} 0 R/V {signature} 0 R/Rect[0 0 9 9]>>")),
        ),
    ] {
        let rule = if name.starts_with("on a widget") { "new-field" } else { "changed" };
        attacks.fails(&format!("a signature {name}"), update.onto(one), rule);
    }
}
