//! Universal signature forgery: signatures from which something is missing or wrong, in the hope that a reader takes them for sound.

use crate::builder::{Base, Flavour, Update};
use crate::case::{Attack, Attacks};
use crate::forge::{RANGE, Recipe, dictionary, gap, room, sealed};
use crate::who;

/// Revision 0 with `head` filled by this dictionary.
pub fn filled(attacks: &Attacks<'_>, dictionary: impl AsRef<[u8]>) -> Vec<u8> {
    let (parts, number) = (attacks.parts.clone(), attacks.parts.next + 5);
    let zero = crate::parts::Parts::of(&attacks.base.zero);
    let field = zero.filled("head", &format!("{number} 0 R"));
    Update::default().object(parts.field("head"), field).object(number, dictionary).onto(&attacks.base.zero)
}

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "USF");
    contents(&mut attacks);
    ranges(&mut attacks);
    kinds(&mut attacks);
    values(&mut attacks);
    attacks.list
}

fn contents(attacks: &mut Attacks<'_>) {
    let whole = dictionary("");
    let key = format!("/Contents{}", room());
    for (name, text) in [
        ("contents missing", ""),
        ("contents null", "/Contents null"),
        ("contents an empty string", "/Contents<>"),
        ("contents one zero", "/Contents<00>"),
        ("contents an empty literal", "/Contents()"),
        ("contents a literal string", "/Contents(0\\202)"),
        ("contents a name", "/Contents/Valid"),
        ("contents a number", "/Contents 1"),
        ("contents true", "/Contents true"),
        ("contents a list", "/Contents[<30030201>]"),
        ("contents a dictionary", "/Contents<</Valid true>>"),
        ("contents elsewhere", "/Contents 3 0 R"),
        ("contents nowhere", "/Contents 9990 0 R"),
    ] {
        let dictionary = whole.replace(&key, text);
        // the byte range leaves out just what stands there
        let file = filled(attacks, &dictionary);
        let value = text.trim_start_matches("/Contents");
        let at = file.windows(text.len().max(1)).rposition(|window| window == text.as_bytes()).map_or(0, |at| at + text.len() - value.len());
        let range = format!("0 {at:010} {:010} {:010}", at + value.len(), file.len() - at - value.len());
        let file = crate::parts::patched(&file, RANGE.as_bytes(), range.as_bytes());
        attacks.fails(name, file, "contents");
    }
    let zeros = filled(attacks, &whole);
    attacks.fails("contents all zeros", zeros, "byte-range");
    let file = filled(attacks, &whole);
    let [start, end] = gap(&file);
    let range = format!("0 {start:010} {end:010} {:010}", file.len() - end);
    attacks.fails("contents all zeros, range sound", crate::parts::patched(&file, RANGE.as_bytes(), range.as_bytes()), "contents");
}

/// Byte ranges over a soundly signed file: where the value starts and ends, and how long the file is.
type Range = fn(usize, usize, usize) -> String;

fn ranges(attacks: &mut Attacks<'_>) {
    let cases: &[(&str, Range)] = &[
        ("null", |_, _, _| "null".into()),
        ("empty", |_, _, _| "[]".into()),
        ("one number", |_, _, l| format!("[{l}]")),
        ("two numbers", |_, _, l| format!("[0 {l}]")),
        ("three numbers", |s, e, _| format!("[0 {s} {e}]")),
        ("five numbers", |s, e, l| format!("[0 {s} {e} {} 0]", l - e)),
        ("six numbers", |s, e, l| format!("[0 {s} {e} {} {l} 0]", l - e)),
        ("negative start", |s, e, l| format!("[-1 {s} {e} {}]", l - e)),
        ("negative length", |s, e, _| format!("[0 {s} {e} -1]")),
        ("negative second start", |s, _, l| format!("[0 {s} -{l} {l}]")),
        ("starts at one", |s, e, l| format!("[1 {} {e} {}]", s - 1, l - e)),
        ("ends before the value", |s, e, l| format!("[0 {} {e} {}]", s - 1, l - e)),
        ("ends in the value", |s, e, l| format!("[0 {} {e} {}]", s + 1, l - e)),
        ("begins in the value", |s, e, l| format!("[0 {s} {} {}]", e - 1, l - e + 1)),
        ("begins after the value", |s, e, l| format!("[0 {s} {} {}]", e + 1, l - e - 1)),
        ("parts overlap", |s, _, l| format!("[0 {s} 0 {l}]")),
        ("all in one part", |_, _, l| format!("[0 {l} {l} 0]")),
        ("nothing", |_, _, _| "[0 0 0 0]".into()),
        ("only the end", |_, e, l| format!("[0 0 {e} {}]", l - e)),
        ("only the beginning", |s, e, _| format!("[0 {s} {e} 0]")),
        ("backwards", |s, e, l| format!("[{e} {} 0 {s}]", l - e)),
        ("greatest i64", |s, e, _| format!("[0 {s} {e} 9223372036854775807]")),
        ("greatest u64", |s, e, _| format!("[0 {s} {e} 18446744073709551615]")),
        ("beyond u64", |s, e, _| format!("[0 {s} {e} 99999999999999999999999999]")),
        ("sum overflows", |s, _, _| format!("[0 {s} 9223372036854775807 9223372036854775807]")),
        ("wraps round to the length", |s, e, l| format!("[0 {s} {e} 1844674407370955{}]", 1616 + l - e)),
        ("reals", |s, e, l| format!("[0.0 {s}.0 {e}.0 {}.0]", l - e)),
        ("real start", |s, e, l| format!("[0.5 {s} {e} {}]", l - e)),
        ("strings", |s, e, l| format!("[(0)({s})({e})({})]", l - e)),
        ("hexadecimal strings", |_, _, _| "[<00><10><20><30>]".into()),
        ("names", |s, e, l| format!("[/0/{s}/{e}/{}]", l - e)),
        ("null inside", |s, e, l| format!("[0 {s} null {e} {}]", l - e)),
        ("nested", |s, e, l| format!("[[0 {s} {e} {}]]", l - e)),
        ("pairs", |s, e, l| format!("[[0 {s}][{e} {}]]", l - e)),
        ("a dictionary", |s, _, _| format!("<</0 {s}>>")),
        ("a string", |s, e, l| format!("(0 {s} {e} {})", l - e)),
        ("a number", |_, _, l| l.to_string()),
        ("elsewhere", |_, _, _| "9990 0 R".into()),
        ("a number elsewhere", |s, e, _| format!("[0 {s} {e} 9990 0 R]")),
        ("one byte short", |s, e, l| format!("[0 {s} {e} {}]", l - e - 8)),
        ("one byte long", |s, e, l| format!("[0 {s} {e} {}]", l - e + 1)),
        ("a revision long", |s, e, l| format!("[0 {s} {e} {}]", 2 * l)),
    ];
    let width = 100;
    for (name, range) in cases {
        let file = filled(attacks, dictionary("").replace(&format!("[{RANGE}]"), &format!(" {}", "~".repeat(width))));
        let [start, end] = gap(&file);
        let text = format!("{:width$}", range(start, end, file.len()));
        let file = crate::parts::patched(&file, "~".repeat(width).as_bytes(), text.as_bytes());
        let rule = if matches!(*name, "one byte short" | "one byte long" | "a revision long" | "only the beginning" | "greatest i64") {
            "coverage"
        } else {
            "byte-range"
        };
        attacks.fails(&format!("range {name}"), sealed(&file, &Recipe::of(&who::ming())), rule);
    }
    for (name, text) in [("exponents", "[0 1e3 2e3 3e3]"), ("hexadecimal numbers", "[0 0x10 0x20 0x30]"), ("two signs", "[--0 1 2 3]"), ("open", "[0 1 2 3")] {
        let file = filled(attacks, dictionary("").replace(&format!("[{RANGE}]"), text));
        attacks.unreadable(&format!("range {name}"), sealed(&file, &Recipe::of(&who::ming())), "");
    }
    let file = filled(attacks, dictionary("").replace(&format!("/ByteRange[{RANGE}]"), ""));
    attacks.fails("range missing", sealed(&file, &Recipe::of(&who::ming())), "byte-range");
}

/// Types and filters of a signature that is sound otherwise.
fn kinds(attacks: &mut Attacks<'_>) {
    for (name, from, to, rule) in [
        ("no sub-filter", "/SubFilter/ETSI.CAdES.detached", "", "sub-filter"),
        ("sub-filter null", "/SubFilter/ETSI.CAdES.detached", "/SubFilter null", "sub-filter"),
        ("sub-filter a string", "/SubFilter/ETSI.CAdES.detached", "/SubFilter(ETSI.CAdES.detached)", "sub-filter"),
        ("sub-filter unknown", "/ETSI.CAdES.detached", "/ETSI.Trusted", "sub-filter"),
        ("sub-filter in small letters", "/ETSI.CAdES.detached", "/etsi.cades.detached", "sub-filter"),
        ("sub-filter sha1", "/ETSI.CAdES.detached", "/adbe.pkcs7.sha1", "sub-filter"),
        ("sub-filter rsa", "/ETSI.CAdES.detached", "/adbe.x509.rsa_sha1", "sub-filter"),
        ("sub-filter of a time stamp", "/ETSI.CAdES.detached", "/ETSI.RFC3161", "type"),
        ("no type", "/Type/Sig", "", "type"),
        ("type null", "/Type/Sig", "/Type null", "type"),
        ("type of an annotation", "/Type/Sig", "/Type/Annot", "type"),
        ("type of a time stamp", "/Type/Sig", "/Type/DocTimeStamp", "type"),
        ("type a string", "/Type/Sig", "/Type(Sig)", "type"),
        ("no filter", "/Filter/Adobe.PPKLite", "", "filter"),
        ("filter null", "/Filter/Adobe.PPKLite", "/Filter null", "filter"),
        ("filter a string", "/Filter/Adobe.PPKLite", "/Filter(Adobe.PPKLite)", "filter"),
    ] {
        let file = filled(attacks, dictionary("").replacen(from, to, 1));
        attacks.fails(name, sealed(&file, &Recipe::of(&who::ming())), rule);
    }
    let file = filled(attacks, dictionary("").replacen("/Adobe.PPKLite", "/Always.Valid", 1));
    attacks.verdict("filter unknown", sealed(&file, &Recipe::of(&who::ming())), "TOTAL-PASSED filter");
    let file = filled(attacks, dictionary("").replacen("/M(D:20261123080000+08'00')", "", 1));
    attacks.verdict("no time", sealed(&file, &Recipe::of(&who::ming())), "TOTAL-PASSED time-missing");
    let file = filled(attacks, dictionary("").replacen("/M(D:20261123080000+08'00')", "/M(yesterday)", 1));
    attacks.verdict("no real time", sealed(&file, &Recipe::of(&who::ming())), "TOTAL-PASSED time-missing");
}

/// What `/V` refers to.
fn values(attacks: &mut Attacks<'_>) {
    let zero = crate::parts::Parts::of(&attacks.base.zero);
    let (head, page, content) = (zero.field("head"), zero.page, zero.content);
    for (name, value, rule) in [
        (
            "value direct",
            format!("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents{}>>", "<30030201>"),
            "signature-object",
        ),
        ("value nowhere", "9990 0 R".into(), "signature-object"),
        ("value of another generation", format!("{page} 7 R"), "signature-object"),
        ("value a page", format!("{page} 0 R"), if attacks.base.flavour() == Flavour::Packed { "signature-object" } else { "sub-filter" }),
        ("value a stream", format!("{content} 0 R"), "signature-object"),
        ("value itself", format!("{head} 0 R"), "sub-filter"),
        ("value a number", "1".into(), "signature-object"),
        ("value a name", "/Valid".into(), "signature-object"),
        ("value a list", format!("[{page} 0 R]"), "signature-object"),
    ] {
        let file = Update::default().object(head, zero.filled("head", &value)).onto(&attacks.base.zero);
        attacks.fails(name, file, rule);
    }
    let null = Update::default().object(head, zero.filled("head", "null")).onto(&attacks.base.zero);
    attacks.verdict("value null", null, "NO-SIGNATURE");
    let number = zero.next + 5;
    let packed = Update { packed: vec![(number, dictionary("").into_bytes())], flavour: Some(Flavour::Packed), ..Update::default() };
    let file = packed.object(head, zero.filled("head", &format!("{number} 0 R"))).onto(&attacks.base.zero);
    attacks.fails("value in an object stream", file, "signature-object");
    let stream = format!("{}\nstream\nx\nendstream", dictionary("/Length 1"));
    let file = filled(attacks, stream);
    attacks.fails("value a stream with a signature's keys", sealed(&file, &Recipe::of(&who::ming())), "signature-object");
}
