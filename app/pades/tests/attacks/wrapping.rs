//! Signature wrapping: the signed bytes stay, but are moved or left out, so that others stand in their place; and gaps that hold more.

use crate::builder::Base;
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, gap, room, sealed, sealed_over};
use crate::forging::filled;
use crate::who;

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "SWA");
    moved(&mut attacks);
    gaps(&mut attacks);
    padding(&mut attacks);
    attacks.list
}

/// The second signed part goes to the end, and something else into its place.
fn moved(attacks: &mut Attacks<'_>) {
    let one = attacks.base.one.clone();
    let [_, before, after, rest] = attacks.parts.ranges["head"].map(|number| number as usize);
    let (content, signature) = (attacks.parts.content, attacks.parts.signatures["head"]);
    let (first, value, second) = (&one[..before], &one[before..after], &one[after..]);
    let short = value.iter().rposition(|byte| !matches!(byte, b'0' | b'>')).unwrap() / 2 * 2 + 2;
    let evil = format!("\n{content} 0 obj\n<</Length 4>>\nstream\nevil\nendstream\nendobj\n");
    let dictionary = "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20261123080000+08'00')";
    let padded = |text: String| format!("{text:<width$}", width = after - before);
    // no room is gained: the second part stays where it was, so that tables still hold
    let inside: Vec<(&str, String)> = vec![
        ("value cut, more keys in the gap", format!("{}>/ByteRange[0 {before} {after} {rest}]", String::from_utf8_lossy(&value[..short]))),
        ("value cut, another value in the gap", format!("{}>/Contents<00>", String::from_utf8_lossy(&value[..short]))),
        ("value cut, an object in the gap", format!("{}>>>endobj{evil}{signature} 0 obj<</Was true", String::from_utf8_lossy(&value[..short]))),
        ("value cut, a comment in the gap", format!("{}>% approved", String::from_utf8_lossy(&value[..short]))),
        ("value cut, blanks in the gap", format!("{}>", String::from_utf8_lossy(&value[..short]))),
        ("value in two strings", format!("{}><00>", String::from_utf8_lossy(&value[..short]))),
        ("value with blanks inside", format!("<\n{}>", String::from_utf8_lossy(&value[1..short]))),
    ];
    for (name, text) in inside {
        let file = [first, padded(text).as_bytes(), second].concat();
        let expected = match name {
            "value with blanks inside" | "value cut, an object in the gap" | "value cut, blanks in the gap" => "TOTAL-FAILED FORMAT_FAILURE contents",
            "value cut, a comment in the gap" | "value cut, more keys in the gap" | "value cut, another value in the gap" | "value in two strings" => {
                "MALFORMED …"
            }
            _ => "TOTAL-FAILED FORMAT_FAILURE byte-range",
        };
        attacks.verdict(name, file, expected);
    }
    // room is gained: everything after moves, and a new range says so
    for (name, shift) in [("by one", 1), ("by a line", 80), ("by an object", evil.len()), ("by a page", 2000)] {
        let range = |to: usize| format!("{before} {to} {rest}").into_bytes();
        let from = range(after);
        let at = first.windows(from.len()).rposition(|window| window == from).unwrap();
        for (kind, keep) in [("range kept", true), ("range moved", false)] {
            let mut file = [first, value, &evil.as_bytes().repeat(shift / evil.len() + 1)[..shift], second].concat();
            if !keep {
                let to = range(after + shift);
                file.splice(at..at + from.len(), to);
            }
            // by one byte the offsets point at white space, and everything else is seen
            let expected = match (shift, kind) {
                (1, "range kept") => "TOTAL-FAILED FORMAT_FAILURE coverage",
                (1, _) => "TOTAL-FAILED FORMAT_FAILURE byte-range",
                _ => "MALFORMED …",
            };
            attacks.verdict(&format!("second part moved {name}, {kind}"), file, expected);
        }
    }
    // a second dictionary points back at the old value
    for (name, extra) in [
        (
            "a second dictionary over the old parts",
            format!("{signature} 0 obj\n<<{dictionary}/ByteRange[0 {before} {after} {rest}]/Contents{}>>\nendobj", String::from_utf8_lossy(value)),
        ),
        (
            "a second dictionary over the old parts and no gap",
            format!("{signature} 0 obj\n<<{dictionary}/ByteRange[0 {} {after} {rest}]/Contents{}>>\nendobj", after, String::from_utf8_lossy(value)),
        ),
    ] {
        let body = extra.split_once("obj\n").unwrap().1.strip_suffix("\nendobj").unwrap();
        let file = crate::builder::Update::default().object(signature, body).stream(content, "", "evil").onto(&one);
        attacks.fails(name, file, "byte-range");
    }
}

/// Gaps that are not exactly the value, made by somebody who can sign.
fn gaps(attacks: &mut Attacks<'_>) {
    let recipe = Recipe::of(&who::ming());
    let wide = |text: &str, before: usize, after: usize| (text.to_owned(), before, after);
    for (name, (inside, before, after)) in [
        ("blank before", wide(&format!("/Contents {}", room()), 1, 0)),
        ("blank after", wide(&format!("/Contents{} ", room()), 0, 1)),
        ("the key, too", wide(&format!("/Contents{}", room()), 9, 0)),
        ("another key after", wide(&format!("/Contents{}/Reason(approved)", room()), 0, 17)),
        ("another key before", wide(&format!("/Reason(approved)/Contents{}", room()), 26, 0)),
        ("a comment after", wide(&format!("/Contents{}%approved\n", room()), 0, 10)),
        ("the brackets not", wide(&format!("/Contents{}", room()), usize::MAX, usize::MAX)),
    ] {
        let file = filled(attacks, dictionary("").replace(&format!("/Contents{}", room()), &inside));
        let [start, end] = gap(&file);
        let (from, to) = if before == usize::MAX { (start + 1, end - 1) } else { (start - before, end + after) };
        attacks.fails(&format!("gap: {name}"), sealed_over(&file, &recipe, [0, from, to, file.len() - to]), "byte-range");
    }
    let end = |file: &[u8]| gap(file)[1];
    let file = filled(attacks, dictionary(""));
    let [start, _] = gap(&file);
    for (name, range, rule) in [
        ("leaves out the rest of its revision", [0, start, end(&file), 10], "coverage"),
        ("leaves out the beginning", [10, start - 10, end(&file), file.len() - end(&file)], "byte-range"),
        ("leaves out the header", [9, start - 9, end(&file), file.len() - end(&file)], "byte-range"),
    ] {
        attacks.fails(&format!("gap: {name}"), sealed_over(&file, &recipe, range), rule);
    }
}

/// What stands in the value behind the signature, which nothing protects.
fn padding(attacks: &mut Attacks<'_>) {
    let file = sealed(&filled(attacks, dictionary("")), &Recipe::of(&who::ming()));
    let [_, _, after, _] = crate::parts::Parts::of(&file).ranges["head"].map(|number| number as usize);
    let set = |back: usize, text: &[u8]| {
        let mut out = file.clone();
        out[after - back..after - back + text.len()].copy_from_slice(text);
        out
    };
    for (name, changed, rule) in [
        ("not zero at the end", set(3, b"01"), "contents"),
        ("a letter at the end", set(3, b"0f"), "contents"),
        ("a sequence behind", set(13, b"3003020101"), "contents"),
        ("a blank in it", set(9, b"  "), "contents"),
        ("a line in it", set(9, b"\r\n"), "contents"),
        ("a zero byte in it", set(9, b"\0\0"), "contents"),
    ] {
        attacks.fails(&format!("padding: {name}"), changed, rule);
    }
    attacks.unreadable("padding: no digit in it", set(9, b"xy"), "hexadecimal");
    attacks.unreadable("padding: ends early", set(9, b">("), "");
    attacks.unreadable("padding: a comment in it", set(9, b"%a"), "hexadecimal");
    let start = file.windows(9).rposition(|window| window == b"/Contents").unwrap() + 10;
    let letter = (start..after).find(|&at| file[at].is_ascii_lowercase()).unwrap();
    let mut upper = file.clone();
    upper[letter] = upper[letter].to_ascii_uppercase();
    attacks.verdict("a digit in upper case, which is reported", upper, "TOTAL-PASSED contents-case");
    let mut half = file.clone();
    half[start..start + 400].make_ascii_uppercase();
    attacks.verdict("half of the digits in upper case, which is reported", half, "TOTAL-PASSED contents-case");
}
