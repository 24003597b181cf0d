//! Incremental saving attacks: something is changed after the signature, with or without a proper revision around it.

use crate::builder::{Base, Flavour, Update};
use crate::case::{Attack, Attacks};

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "ISA");
    changed(&mut attacks);
    catalogue(&mut attacks);
    forms(&mut attacks);
    metadata(&mut attacks);
    torn(&mut attacks);
    attacks.list
}

/// Both states of the document get the revision: one signature, and two.
fn both(attacks: &mut Attacks<'_>, name: &str, update: &Update, rule: &str) {
    attacks.fails(name, update.onto(&attacks.base.one), rule);
    attacks.fails(&format!("{name}, twice signed"), update.onto(&attacks.base.two), rule);
}

fn changed(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (page, content, font, pages, new) = (parts.page, parts.content, parts.font, parts.pages, parts.next + 20);
    let other = "BT /F1 12 Tf 72 720 Td (99.80) Tj ET";
    let page_text = parts.text(page);
    let contents = page_text.split("/Contents").nth(1).unwrap().split('/').next().unwrap().trim_end_matches(">>").to_owned();
    let replaced = |from: &str, to: &str| Update::default().object(page, page_text.replacen(from, to, 1));
    let kids = parts.text(pages);
    let cases = [
        ("content replaced", Update::default().stream(content, "", other), "changed"),
        ("content emptied", Update::default().stream(content, "", ""), "changed"),
        ("content no stream", Update::default().object(content, "null"), "changed"),
        ("content freed", Update { freed: vec![(content, 1)], ..Update::default() }, "freed"),
        (
            "content of a new generation",
            Update { objects: vec![(content, 1, b"<</Length 0>>\nstream\n\nendstream".to_vec())], ..Update::default() },
            "replaced",
        ),
        ("page shows other content", replaced(&format!("/Contents{contents}"), &format!("/Contents {new} 0 R")).stream(new, "", other), "changed"),
        (
            "page shows more content",
            replaced(&format!("/Contents{contents}"), &format!("/Contents[{content} 0 R {new} 0 R]")).stream(new, "", other),
            "changed",
        ),
        ("page turned", replaced("/MediaBox", "/Rotate 180/MediaBox"), "changed"),
        ("page cropped", replaced("/MediaBox", "/CropBox[0 0 9 9]/MediaBox"), "changed"),
        ("page enlarged", replaced("/MediaBox[0 0 595", "/MediaBox[0 0 999"), "changed"),
        ("page in other units", replaced("/MediaBox", "/UserUnit 2/MediaBox"), "changed"),
        ("page with an action", replaced("/MediaBox", "/AA<</O<</S/Named/N/Print>>>>/MediaBox"), "changed"),
        (
            "page added",
            Update::default()
                .object(pages, kids.replacen(']', &format!(" {new} 0 R]"), 1))
                .object(new, format!("<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 9 9]>>")),
            "changed",
        ),
        (
            "page put first",
            Update::default()
                .object(pages, kids.replacen('[', &format!("[{new} 0 R "), 1))
                .object(new, format!("<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 9 9]>>")),
            "changed",
        ),
        (
            "page replaced in the list",
            Update::default()
                .object(pages, kids.replacen(&format!("{page} 0 R"), &format!("{new} 0 R"), 1))
                .object(new, page_text.replacen(&contents, " null", 1)),
            "changed",
        ),
        ("boxes inherited anew", Update::default().object(pages, kids.replacen("<<", "<</Rotate 90", 1)), "changed"),
        ("font replaced", Update::default().object(font, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"), "changed"),
        (
            "font with other letters",
            Update::default().object(font, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>"),
            "changed",
        ),
        ("an object nobody needs", Update::default().object(new, "<</Type/Page>>"), "added"),
        (
            "a page tree in waiting",
            Update::default().object(new, format!("<</Type/Catalog/Pages {} 0 R>>", new + 1)).object(new + 1, "<</Type/Pages/Kids[]/Count 0>>"),
            "added",
        ),
        ("an object stream in waiting", Update::default().stream(new, "/Type/ObjStm/N 0/First 0", ""), "added"),
    ];
    for (name, update, rule) in cases {
        both(attacks, name, &update, rule);
    }
    if attacks.base.name.starts_with("upload") {
        let third = kids.split(['[', ']']).nth(1).unwrap().split(" 0 R").nth(2).unwrap().trim().to_owned();
        let order = kids.replacen(&format!("{page} 0 R"), "§", 1).replacen(&format!("{third} 0 R"), &format!("{page} 0 R"), 1).replacen(
            '§',
            &format!("{third} 0 R"),
            1,
        );
        both(attacks, "pages in another order", &Update::default().object(pages, order), "changed");
        let fewer = kids.replacen(&format!("{third} 0 R"), "", 1).replacen("/Count 3", "/Count 2", 1);
        both(attacks, "page removed", &Update::default().object(pages, fewer), "changed");
    }
}

fn catalogue(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (catalog, pages, new) = (parts.catalog, parts.pages, parts.next + 20);
    for (state, file) in [("", attacks.base.one.clone()), (", twice signed", attacks.base.two.clone())] {
        attacks.unreadable(&format!("catalogue a list{state}"), Update::default().object(catalog, "[]").onto(&file), "catalogue");
        attacks.verdict(&format!("page freed{state}"), Update { freed: vec![(parts.page, 1)], ..Update::default() }.onto(&file), "REFUSED page-tree");
    }
    let mut cases: Vec<(String, Update, &str)> = Vec::new();
    for (name, more) in [
        ("opens with a program", "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        ("opens elsewhere", "/OpenAction[9 0 R/Fit]"),
        ("acts when closed", "/AA<</WC<</S/JavaScript/JS(1)>>>>"),
        ("programs by name", "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>"),
        ("files inside", "/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a)>>]>>>>"),
        ("layers", "/OCProperties<</OCGs[]/D<<>>>>"),
        ("a portfolio", "/Collection<</View/H>>"),
        ("outlines", "/Outlines<</Type/Outlines>>"),
        ("labels", "/PageLabels<</Nums[0<</S/r>>]>>"),
        ("preferences", "/ViewerPreferences<</HideToolbar true>>"),
        ("another language", "/Lang(de)"),
        ("permissions", "/Perms<</DocMDP 9 0 R>>"),
        ("legal attestation", "/Legal<</Attestation(fine)>>"),
        ("associated files", "/AF[]"),
        ("requirements", "/Requirements[]"),
        ("threads", "/Threads[]"),
        ("a base address", "/URI<</Base(https://evil.example)>>"),
        ("pieces of a program", "/PieceInfo<</Evil<</LastModified(D:2026)>>>>"),
        ("output intents", "/OutputIntents[]"),
        ("an older version", "/Version/1.0"),
        ("an unknown version", "/Version/9.9"),
    ] {
        cases.push((format!("catalogue with {name}"), Update::default().object(catalog, parts.with(catalog, more)), "catalogue"));
    }
    let other_pages = Update::default()
        .object(catalog, parts.replaced(catalog, &format!("{pages} 0 R"), &format!("{new} 0 R")))
        .object(new, format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", new + 1))
        .object(new + 1, format!("<</Type/Page/Parent {new} 0 R/MediaBox[0 0 9 9]>>"));
    cases.push(("catalogue with other pages".into(), other_pages, "catalogue"));
    let trailer = |key: &'static str, number: u32| Update { without: vec![key], more_trailer: format!("/{key} {number} 0 R"), ..Update::default() };
    let all = parts.text(catalog);
    cases.push(("another catalogue".into(), trailer("Root", new).object(new, all), "trailer"));
    cases.push(("another information".into(), trailer("Info", new).object(new, "<</Title(Other)/DocumentNumber(EXP-1)>>"), "trailer"));
    cases.push(("another identity".into(), Update { without: vec!["ID"], more_trailer: "/ID[<03><04>]".into(), ..Update::default() }, "trailer"));
    cases.push(("something else in the trailer".into(), Update { more_trailer: format!("/Later {pages} 0 R"), ..Update::default() }, "trailer"));
    for (name, update, rule) in cases {
        both(attacks, &name, &update, rule);
    }
}

fn forms(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (form, head, board, new) = (parts.form, parts.field("head"), parts.field("board"), parts.next + 20);
    let signature = parts.signatures["head"];
    let board_text = parts.text(board);
    let cases = [
        ("appearances to be drawn anew", Update::default().object(form, parts.with(form, "/NeedAppearances true")), "form"),
        ("a form made anew", Update::default().object(form, parts.with(form, "/XFA[]")), "form"),
        ("another order of calculation", Update::default().object(form, parts.with(form, "/CO[]")), "form"),
        ("other fonts for its fields", Update::default().object(form, parts.with(form, &format!("/DR<</Font<</F1 {} 0 R>>>>", parts.font))), "form"),
        ("another way to write its fields", Update::default().object(form, parts.with(form, "/Q 2")), "form"),
        ("signatures forgotten", Update::default().object(form, parts.replaced(form, "/SigFlags 3", "/SigFlags 0")), "form"),
        ("a flag of the form taken away", Update::default().object(form, parts.replaced(form, "/SigFlags 3", "/SigFlags 1")), "form"),
        ("another seal on the signed field", Update::default().object(head, parts.replaced(head, "/AP<<", &format!("/AP<</X {new} 0 R"))), "field-signed"),
        ("the signed field hidden", Update::default().object(head, parts.replaced(head, "/F 132", "/F 134")), "field-signed"),
        ("the signed field moved", Update::default().object(head, parts.replaced(head, "/Rect[60", "/Rect[0")), "field-signed"),
        ("the empty field moved", Update::default().object(board, board_text.replacen("/Rect[340", "/Rect[0", 1)), "field"),
        ("the empty field renamed", Update::default().object(board, board_text.replacen("(board)", "(chief)", 1)), "field"),
        ("the empty field explained anew", Update::default().object(board, board_text.replacen("/TU", "/TM(x)/TU", 1)), "field"),
        ("the empty field a text", Update::default().object(board, board_text.replacen("/FT/Sig", "/FT/Tx", 1)), "field"),
        ("the empty field hidden", Update::default().object(board, board_text.replacen("/F 132", "/F 2", 1)), "field-flags"),
        ("the empty field not printed", Update::default().object(board, board_text.replacen("/F 132", "/F 128", 1)), "field-flags"),
        ("the empty field on another page", Update::default().object(board, board_text.replacen("/P ", "/P 1", 1)), "field"),
        ("the empty field with an action", Update::default().object(board, board_text.replacen("/F 132", "/F 132/A<</S/Named/N/Print>>", 1)), "field"),
        ("the empty field with another look", Update::default().object(board, board_text.replacen("/AP<<", "/AP<</D 9 0 R", 1)), "field-value"),
        ("the empty field given a text", Update::default().object(board, board_text.replacen("/F 132", "/F 132/V(signed)", 1)), "field-value"),
    ];
    for (name, update, rule) in cases {
        both(attacks, name, &update, rule);
    }
    let freed = Update { freed: vec![(board, 1)], ..Update::default() };
    attacks.verdict("the empty field freed", freed.onto(&attacks.base.one), "REFUSED form");
    for (name, update, once, twice) in [
        ("the signature replaced", Update::default().object(signature, "<</Type/Sig>>"), "sub-filter", "changed"),
        ("the signature freed", Update { freed: vec![(signature, 1)], ..Update::default() }, "signature-object", "freed"),
    ] {
        attacks.fails(name, update.onto(&attacks.base.one), once);
        attacks.fails(&format!("{name}, twice signed"), update.onto(&attacks.base.two), twice);
    }
    let empty = parts.replaced(head, "/V ", "/Was ");
    let update = Update::default().object(head, empty);
    attacks.fails("the signature taken out", update.onto(&attacks.base.one), "removed");
    attacks.fails("the signature taken out, twice signed", update.onto(&attacks.base.two), "field-signed");
}

fn metadata(attacks: &mut Attacks<'_>) {
    let parts = attacks.parts.clone();
    let (info, metadata) = (parts.info, parts.metadata);
    let packet = parts.text(metadata);
    let packet = packet.split("stream\n").nth(1).unwrap().strip_suffix("\nendstream").unwrap().to_owned();
    let xmp = |from: &str, to: &str| {
        assert!(packet.contains(from), "{from} in {packet}");
        Update::default().stream(metadata, "/Type/Metadata/Subtype/XML", &packet.replacen(from, to, 1))
    };
    let number = "EXP-2026-000123";
    let cases = [
        ("another title", Update::default().object(info, parts.replaced(info, "(Taxi)", "(Limousine)")), "info"),
        ("another author", Update::default().object(info, parts.replaced(info, "(Li Na)", "(Wang)")), "info"),
        ("another number", Update::default().object(info, parts.replaced(info, number, "EXP-2026-000999")), "info"),
        ("another time of creation", Update::default().object(info, parts.replaced(info, "/CreationDate(D:2026", "/CreationDate(D:2025")), "info"),
        ("no information", Update::default().object(info, "<<>>"), "info"),
        ("more information", Update::default().object(info, parts.with(info, "/Approved(yes)")), "info"),
        ("another title in XMP", xmp("Taxi", "Limousine"), "metadata"),
        ("another number in XMP", xmp(number, "EXP-2026-000999"), "metadata"),
        (
            "another number in XMP, the old one in a comment",
            xmp(&format!("<dc:identifier>{number}"), &format!("<!-- {number} --><dc:identifier>EXP-1")),
            "metadata",
        ),
        (
            "another number in XMP, the old one elsewhere",
            xmp(&format!("<dc:identifier>{number}"), &format!("<xmp:Label>{number}</xmp:Label><dc:identifier>EXP-1")),
            "metadata",
        ),
        ("XMP that claims to be archival", xmp("<dc:format>", "<pdfaid:part>3</pdfaid:part><dc:format>"), "metadata"),
        ("XMP of entities", xmp("<?xpacket begin", "<!DOCTYPE x [<!ENTITY a \"b\">]><?xpacket begin"), "metadata"),
        ("XMP empty", Update::default().stream(metadata, "/Type/Metadata/Subtype/XML", ""), "metadata"),
        ("XMP no stream", Update::default().object(metadata, "<</Type/Metadata/Subtype/XML>>"), "metadata"),
        ("XMP of another type", Update::default().stream(metadata, "/Type/Page/Subtype/XML", &packet), "metadata"),
    ];
    for (name, update, rule) in cases {
        both(attacks, name, &update, rule);
    }
    let dated = Update::default().object(info, parts.with(info, "/Producer(Other)"));
    attacks.verdict("another producer, which is reported", dated.onto(&attacks.base.one), "TOTAL-PASSED info-renewed");
    let renewed = xmp("</xmp:ModifyDate>", "0</xmp:ModifyDate>");
    attacks.verdict("another date in XMP, which is reported", renewed.onto(&attacks.base.one), "TOTAL-PASSED metadata-renewed");
}

/// Revisions that are none, or end in another way.
fn torn(attacks: &mut Attacks<'_>) {
    let (content, new) = (attacks.parts.content, attacks.parts.next + 20);
    let one = attacks.base.one.clone();
    let table = attacks.base.flavour() == Flavour::Table;
    let add = |tail: &[u8]| [&one[..], tail].concat();
    let body = format!("{content} 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
    for (name, tail) in [
        ("an object after the end", body.clone()),
        ("an object and an end", format!("{body}%%EOF\n")),
        ("an object and a trailer", format!("{body}trailer\n<</Size 99/Root 1 0 R>>\n%%EOF\n")),
        ("an object and a start that leads nowhere", format!("{body}startxref\n0\n%%EOF\n")),
        ("an object and a start beyond the end", format!("{body}startxref\n9999999\n%%EOF\n")),
        ("an object and no table", format!("{body}trailer\n<</Size 99/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", one.len())),
        ("a comment after the end", "% approved\n".into()),
        ("a letter after the end", "x".into()),
        ("a second header", "%PDF-1.7\n".into()),
        ("a second end", "%%EOF\n".into()),
        ("the file once more", String::from_utf8_lossy(&one[..200]).into_owned()),
        ("a table that is cut off", format!("{body}xref\n0 9\n0000000000 65535 f\r\nstartxref\n{}\n%%EOF\n", one.len() + body.len())),
    ] {
        attacks.unreadable(name, add(tail.as_bytes()), "");
    }
    for (name, tail) in [("a line", "\n"), ("two lines", "\r\n\r\n"), ("blanks", "      "), ("zeros", "\0\0\0\0")] {
        attacks.fails(&format!("{name} after the end"), add(tail.as_bytes()), "after-end");
    }
    for (name, end) in [
        ("the end twice", "startxref\n{}\n%%EOF\n%%EOF\n"),
        ("no end", "startxref\n{}\n"),
        ("a broken end", "startxref\n{}\n%EOF\n"),
        ("two starts", "startxref\n1\nstartxref\n{}\n%%EOF\n"),
    ] {
        let at = Update::default().stream(content, "", "x").onto(&one);
        let xref = String::from_utf8_lossy(&at[at.len() - 40..]).split_whitespace().rev().nth(1).unwrap().to_owned();
        let file = Update { end: Some(end.replace("{}", &xref)), ..Update::default() }.stream(content, "", "x").onto(&one);
        attacks.unreadable(name, file, "");
    }
    attacks.verdict("a revision that changes nothing", Update::default().onto(&one), "TOTAL-PASSED revision-empty");
    for (name, loose) in [
        ("an object beside the table", body.clone()),
        ("an old object once more", format!("{new} 0 obj\nnull\nendobj\n")),
        ("a second table", "xref\n0 1\n0000000000 65535 f\r\n".into()),
        ("a second trailer", "trailer\n<</Root 9 0 R>>\n".into()),
        ("an object in a comment", format!("% {content} 0 obj <</Length 0>>\n")),
        ("an end in the middle", "%%EOF\n".into()),
        ("letters", "approved\n".into()),
    ] {
        attacks.fails(&format!("loose: {name}"), Update { loose: loose.into_bytes(), ..Update::default() }.onto(&one), "loose-bytes");
    }
    let other = if table { Flavour::Stream } else { Flavour::Table };
    let file = Update { flavour: Some(other), ..Update::default() }.stream(content, "", "x").onto(&one);
    attacks.fails("content replaced, table of another kind", file, "changed");
}
