//! Odd spelling: escaped names, comments and white space where readers differ, numbers and objects that end early (ISO 32000-2 §7.2, §7.3).

use crate::builder::{Base, Update};
use crate::case::{Attack, Attacks};
use crate::forge::{RANGE, Recipe, dictionary, room, sealed};
use crate::forging::filled;
use crate::parts::{Parts, patched};
use crate::who::ming;

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "syntax");
    let recipe = Recipe::of(&ming());
    let range = format!("/ByteRange[{RANGE}]");
    for (name, from, to) in [
        ("a zero byte in a name", "/Type/Sig", "/Type/Sig#00".to_owned()),
        ("a key with a zero byte", "/Type/Sig", "/Type/Sig/V#00 1".into()),
        ("a key without a value", "/Type/Sig", "/Type/Sig/Trusted".into()),
        ("a value without a key", "/Type/Sig", "/Type/Sig true".into()),
        ("a word that is none", "/Type/Sig", "/Type/Sig/A yes".into()),
        ("a list left open", "/Type/Sig", "/Type/Sig/A[1 2".into()),
        ("a list closed twice", "/Type/Sig", "/Type/Sig/A[1 2]]".into()),
        ("a string left open", "/Type/Sig", "/Type/Sig/A(1".into()),
        ("a dictionary closed early", "/Type/Sig", "/Type/Sig>>".into()),
        ("braces", "/Type/Sig", "/Type/Sig/A{1}".into()),
        ("a number of two points", "/Type/Sig", "/Type/Sig/A 1.2.3".into()),
        ("a number with a sign behind", "/Type/Sig", "/Type/Sig/A 1-".into()),
        ("a hexadecimal string with a letter", "/Type/Sig", "/Type/Sig/A<0g>".into()),
        ("a hundred levels", "/Type/Sig", format!("/Type/Sig/A{}{}", "[".repeat(100), "]".repeat(100))),
        ("the value in a comment", "/Contents", "%/Contents".into()),
        ("the range in a comment", "/ByteRange", "%/ByteRange".into()),
        ("the type in a comment", "/Type/Sig", "%/Type/Sig\n".into()),
        ("the end in a comment", ">>", "%>>".into()),
    ] {
        let text = dictionary("");
        let text = if name == "the end in a comment" { format!("{}%>>", text.strip_suffix(">>").unwrap()) } else { text.replacen(from, &to, 1) };
        let file = sealed(&filled(&attacks, text), &recipe);
        match name {
            "a hundred levels" => attacks.verdict(name, file, "TOO-LARGE levels of nesting"),
            "the type in a comment" => attacks.fails(name, file, "type"),
            _ => attacks.unreadable(name, file, ""),
        }
    }
    for (name, text) in [
        ("a comment in the range", format!("/ByteRange[0 1 2 3 %{RANGE}\n]")),
        ("a range of a comment", format!("/ByteRange%{RANGE}\n[]")),
        ("a range spelt in another way", format!("/Byterange[{RANGE}]")),
        ("a range with a blank in its key", format!("/Byte#20Range[{RANGE}]")),
        ("a range with a blank behind its key", format!("/ByteRange#20[{RANGE}]")),
        ("a range under its old key", format!("/ByteRange null/OldByteRange[{RANGE}]")),
    ] {
        let file = sealed(&filled(&attacks, dictionary("").replacen(&range, &text, 1)), &recipe);
        attacks.fails(name, file, "byte-range");
    }
    for (name, key) in [("in capitals", "/CONTENTS"), ("with a blank", "/Contents#20"), ("with a stroke", "/Contents_"), ("of two letters", "/Co")] {
        let file = sealed(&filled(&attacks, dictionary("").replacen(&format!("/Contents{}", room()), &format!("{key}{}", room()), 1)), &recipe);
        attacks.fails(&format!("the value under a key {name}"), file, "contents");
    }
    objects(&mut attacks);
    attacks.list
}

/// Objects of a later revision that are cut, glued or of another length than they say.
fn objects(attacks: &mut Attacks<'_>) {
    let (base, parts) = (attacks.base, Parts::of(&attacks.base.one));
    let (content, catalog) = (parts.content, parts.catalog);
    for (name, body) in [
        ("no length", "<<>>\nstream\nevil\nendstream"),
        ("too long a length", "<</Length 5000>>\nstream\nevil\nendstream"),
        ("too short a length", "<</Length 2>>\nstream\nevil\nendstream"),
        ("a negative length", "<</Length -4>>\nstream\nevil\nendstream"),
        ("a length nowhere", "<</Length 9990 0 R>>\nstream\nevil\nendstream"),
        ("no end of line", "<</Length 4>>\nstream evil\nendstream"),
        ("a bare return", "<</Length 4>>\nstream\revil\nendstream"),
        ("no end", "<</Length 4>>\nstream\nevil"),
        ("nothing", ""),
        ("two values", "1 2"),
        ("a word", "evil"),
    ] {
        attacks.fails(&format!("the content with {name}"), Update::default().object(content, body).onto(&base.one), "revision-unreadable");
    }
    let length = parts.next + 20;
    let elsewhere = Update::default().object(content, format!("<</Length {length} 0 R>>\nstream\nevil\nendstream")).object(length, "4");
    attacks.fails("the content with its length elsewhere", elsewhere.onto(&base.one), "changed");
    let update = Update::default().object(catalog, parts.text(catalog));
    let file = update.onto(&base.one);
    for (name, from, to) in [
        ("glued to its number", format!("\n{catalog} 0 obj\n<<"), format!("\n{catalog} 0 obj\0<<")),
        ("of another number", format!("\n{catalog} 0 obj\n<<"), format!("\n{} 0 obj\n<<", (catalog + 1) % 10)),
        ("of another generation", format!("\n{catalog} 0 obj\n<<"), format!("\n{catalog} 1 obj\n<<")),
        ("without its word", format!("\n{catalog} 0 obj\n<<"), format!("\n{catalog} 0 obx\n<<")),
    ] {
        if from.len() == to.len() && name != "glued to its number" {
            attacks.unreadable(&format!("the catalogue {name}"), patched(&file, from.as_bytes(), to.as_bytes()), "");
        }
    }
    attacks.unreadable("the catalogue without its end", patched(&file, b"\nendobj\n", b"\nendobx\n"), "");
}
