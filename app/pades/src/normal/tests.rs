//! What is made of uploads, kind by kind.

use std::borrow::Cow;

use super::normalized;
use crate::pdf::field::fields;
use crate::pdf::page::pages;
use crate::pdf::{Pdf, Reference, Value, write};
use crate::{Error, Limits, inspect};

const CONTENT: &str = "BT /F1 12 Tf 20 20 Td (12.80) Tj ET";

/// A page that says 12.80, with more in its catalogue and its page, and more objects from 6 on.
fn document(catalog: &str, page: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>").into_bytes(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{page}>>").into_bytes(),
        write::stream("", CONTENT.as_bytes()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    objects.extend(more.iter().map(|object| object.as_bytes().to_vec()));
    let bodies = (1..).map(object).zip(objects).collect();
    write::whole("1.7", &bodies, object(1), None).unwrap()
}

fn object(number: u32) -> Reference {
    Reference { number, generation: 0 }
}

/// `from` replaced where it stands last.
fn patched(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).rposition(|window| window == from).unwrap();
    [&file[..at], to, &file[at + from.len()..]].concat()
}

fn taken(upload: &[u8]) -> Vec<u8> {
    normalized(upload, &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(upload))).into_owned()
}

/// What the first page of a file draws.
fn drawn(file: &[u8]) -> Vec<u8> {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    let page = pages(pdf.latest()).unwrap().remove(0);
    let content = pdf.latest().get(&page.dictionary, "Contents").unwrap();
    pdf.latest().inflate(content.stream().unwrap()).unwrap()
}

fn rule(upload: &[u8]) -> &'static str {
    match inspect(upload, &Limits::default()) {
        Err(Error::Refused { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_file_stays_byte_for_byte() {
    let file = document("", "/Annots[6 0 R]", &["<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org)>>>>"]);
    assert!(matches!(normalized(&file, &Limits::default()), Ok(Cow::Borrowed(_))));
}

#[test]
fn what_viewers_repair_is_repaired() {
    let file = document("", "", &[]);
    let text = String::from_utf8_lossy(&file).into_owned();
    let start: usize = text.rsplit_once("startxref\n").unwrap().1.lines().next().unwrap().parse().unwrap();
    let pointing = |at: usize| patched(&file, format!("startxref\n{start}").as_bytes(), format!("startxref\n{at}").as_bytes());
    let table = file.windows(6).rposition(|window| window == b"\nxref\n").unwrap() + 1;
    let damaged = [
        [b"\xEF\xBB\xBF".as_slice(), &file].concat(),
        [b"\n".as_slice(), &file].concat(),
        [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &file].concat(),
        [file.as_slice(), b"\0\0junk <html>"].concat(),
        pointing(start - 1),
        pointing(0),
        pointing(start + 2),
        pointing(99_999_999),
        patched(&file, b"/Size 6", b"/Size 3"),
        patched(&file, b" 00000 n\r\n", b" 00000 n\n"),
        patched(&file, b"\nxref\n", b"\n\n\nxref\n"),
        patched(&file, b"%%EOF\n", b""),
        patched(&file, b"4 0 obj\n", b" \n 4 0 obj\n"),
        patched(&file, b"\nendobj\nxref", b"\nxref"),
        patched(&file, format!("/Length {}", CONTENT.len()).as_bytes(), b"/Length 7"),
        patched(&file, format!("/Length {}", CONTENT.len()).as_bytes(), b""),
        patched(&file, b"stream\nBT", b"stream\rBT"),
        // counted from 1, as some programs do
        patched(&file, b"xref\n0 6\n", b"xref\n1 6\n"),
        file[..table].to_vec(),
    ];
    for (index, upload) in damaged.iter().enumerate() {
        assert!(Pdf::parse(upload, &Limits::default()).and_then(|pdf| pdf.latest().object(object(4))).is_err() || index == 12, "{index} is not damaged");
        assert_eq!(drawn(&taken(upload)), CONTENT.as_bytes(), "{index}");
        assert_eq!(inspect(upload, &Limits::default()).unwrap().pages.len(), 1);
    }
}

#[test]
fn two_readings_are_refused_and_a_table_decides() {
    let file = document("", "", &[]);
    let table = file.windows(6).rposition(|window| window == b"\nxref\n").unwrap() + 1;
    let other = format!("4 0 obj\n<</Length {}>>\nstream\n{}\nendstream\nendobj\n", CONTENT.len(), CONTENT.replace("12.80", "99.99"));
    // the same number twice, and nothing that says which
    let torn = [&file[..table], other.as_bytes()].concat();
    assert_eq!(rule(&torn), "two-readings");
    // the same words twice are one reading
    let same = [&file[..table], &file[file.windows(7).position(|window| window == b"4 0 obj").unwrap()..table]].concat();
    assert_eq!(drawn(&taken(&same)), CONTENT.as_bytes());
    // the table finds the first of them, although what stands before the file moved it
    let decided = [b"\n".as_slice(), &file[..table], other.as_bytes(), &file[table..]].concat();
    let at = |offset: usize| format!("startxref\n{offset}");
    let decided = patched(&decided, at(table).as_bytes(), at(table + other.len()).as_bytes());
    assert_eq!(drawn(&taken(&decided)), CONTENT.as_bytes());
    // two catalogues
    let catalogues = patched(&file[..table], b"5 0 obj\n<<", b"5 0 obj\n<</Pages 2 0 R/Type/Catalog>>endobj 9 0 obj<<");
    assert_eq!(rule(&catalogues), "two-readings");
}

#[test]
fn a_damaged_file_with_a_signature_is_not_repaired() {
    for more in ["<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>", "<</Type/Sig/Contents<00>>>", "<</Byte#52ange[0 1 2 3]>>"] {
        let file = document("", "", &[more]);
        assert_eq!(rule(&[b"\n".as_slice(), &file].concat()), "signed", "{more}");
        assert_eq!(rule(&patched(&file, b"startxref\n", b"startxref\n9")), "signed", "{more}");
    }
}

#[test]
fn every_object_has_generation_0() {
    let file = document("/X 6 0 R", "", &["(there)"]);
    let older = patched(&patched(&file, b"6 0 obj", b"6 3 obj"), b"6 0 R", b"6 3 R");
    let at = older.windows(10).rposition(|window| window == b" 00000 n\r\n").unwrap();
    let upload = [&older[..at], b" 00003 n\r\n", &older[at + 10..]].concat();
    assert!(Pdf::parse(&upload, &Limits::default()).unwrap().latest().object(Reference { number: 6, generation: 3 }).unwrap().text().is_some());
    let zero = taken(&upload);
    let pdf = Pdf::parse(&zero, &Limits::default()).unwrap();
    let value = pdf.latest().get(&pdf.latest().catalog().unwrap(), "X").unwrap();
    assert_eq!(value.text().as_deref(), Some("there"));
    assert!(!zero.windows(6).any(|window| window == b" 3 obj" || window == b" 3 R/X"));
}

#[test]
fn annotations_and_fields_get_objects_of_their_own() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/Rect[0 0 9 9]/F 4>>";
    let upload = document(
        &format!("/AcroForm<</Fields[{field}<</T(b)/FT/Tx/Kids[<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>]>>]>>"),
        "/Annots 6 0 R",
        &["[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>]"],
    );
    assert!(fields(Pdf::parse(&upload, &Limits::default()).unwrap().latest()).is_err());
    let zero = taken(&upload);
    let pdf = Pdf::parse(&zero, &Limits::default()).unwrap();
    let names: Vec<String> = fields(pdf.latest()).unwrap().into_iter().map(|field| field.name).collect();
    assert_eq!(names, ["a", "b"]);
    let page = pages(pdf.latest()).unwrap().remove(0);
    let annotations = pdf.latest().get(&page.dictionary, "Annots").unwrap();
    assert!(annotations.array().unwrap().iter().all(|item| item.reference().is_some()));
}

#[test]
fn layers_that_hide_nothing_go_and_their_content_stays() {
    let group = "<</Type/OCG/Name(Stamp)/Usage<</Print<</PrintState/ON>>>>>>";
    let resources = "/Resources<</Properties<</MC0 6 0 R/MC1<</Type/OCMD/OCGs 6 0 R>>>>>>";
    let page = "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/OC 6 0 R>>]";
    let all_on = document("/OCProperties<</OCGs[6 0 R]/D<</ON[6 0 R]/Order[6 0 R]/OFF[]>>>>", page, &[group]);
    let all_on = patched(&all_on, b"/Resources<</Font", format!("/X<<{resources}>>/Resources<</Font").as_bytes());
    let zero = taken(&all_on);
    assert_eq!(drawn(&zero), CONTENT.as_bytes());
    for gone in [&b"OCProperties"[..], b"/OC ", b"/OCG", b"/OCMD"] {
        assert!(!zero.windows(gone.len()).any(|window| window == gone), "{}", String::from_utf8_lossy(gone));
    }
    assert!(inspect(&all_on, &Limits::default()).is_ok());
    let hidden = document("/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>", page, &[group]);
    assert_eq!(rule(&hidden), "optional-content");
    // a resource that happens to be named so is no layer
    let named = document("/AA<<>>", "/X<</OC 5 0 R>>", &[]);
    assert!(taken(&named).windows(9).any(|window| window == b"/OC 5 0 R"));
}

#[test]
fn actions_that_only_help_to_fill_in_go_and_others_stay_refused() {
    let field =
        |actions: &str| document("/AcroForm<</Fields[6 0 R]>>", "/Annots[6 0 R]", &[&format!("<</Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/AA<<{actions}>>>>")]);
    let format = "/F<</S/JavaScript/JS(AFNumber_Format\\(2, 0, 0, 0, \"\", true\\))>>/K<</S/JavaScript/JS(AFNumber_Keystroke\\(2\\))>>";
    let zero = taken(&field(format));
    assert!(!zero.windows(3).any(|window| window == b"/AA" || window == b"/JS"));
    assert!(inspect(&field(format), &Limits::default()).is_ok());
    for acting in ["/F<</S/JavaScript/JS(app.beep\\(1\\))>>", "/E<</S/JavaScript/JS(AFNumber_Format\\(2\\))>>", "/F<</S/SubmitForm>>", "/F<</S/Launch/F(a)>>"] {
        assert_eq!(rule(&field(acting)), "action", "{acting}");
    }
    assert!(inspect(&document("/OpenAction<</S/Named/N/Print>>", "", &[]), &Limits::default()).is_ok());
    assert_eq!(rule(&document("/OpenAction<</S/Named/N/Print/Next<</S/Launch/F(a)>>>>", "", &[])), "open-action");
}

#[test]
fn links_that_lead_elsewhere_than_the_web_lose_their_action() {
    for (address, stays) in [("https://example.org", true), ("mailto:a@example.org", true), ("javascript:alert\\(1\\)", false), ("file:///etc/passwd", false)] {
        for action in [format!("/A<</S/URI/URI({address})>>"), "/A 6 0 R".to_owned(), "/A<</S/GoTo/D[3 0 R/Fit]/Next[6 0 R]>>".to_owned()] {
            let page = format!("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]{action}>>]");
            let zero = taken(&document("", &page, &[&format!("<</S/URI/URI({address})>>")]));
            assert_eq!(zero.windows(4).any(|window| window == b"/URI"), stays, "{address} {action}");
            assert!(inspect(&zero, &Limits::default()).is_ok());
        }
    }
}

#[test]
fn a_document_of_signet_is_told_from_an_upload() {
    let result = inspect(&crate::file::original(), &Limits::default());
    assert!(matches!(&result, Err(Error::Refused { rule: "issued", text, .. }) if text.contains("EXP-2026-000123")), "{result:?}");
}

#[test]
fn what_is_filled_in_must_be_drawn() {
    let field = |entries: &str| format!("<</Type/Annot/Subtype/Widget/T(a)/Rect[0 0 90 20]{entries}>>");
    let form = |entries: &str| {
        document(
            "/AcroForm<</Fields[6 0 R]/NeedAppearances true>>",
            "/Annots[6 0 R]",
            &[&field(entries), "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 17>>\nstream\n(12.) Tj (80) Tj \nendstream"],
        )
    };
    for bare in ["/FT/Tx/V(12.80)", "/FT/Ch/V(a)", "/FT/Ch/V[(a)(b)]", "/FT/Btn/V/Yes", "/FT/Tx/V(12.80)/AP<</D 7 0 R>>", "/FT/Tx/V(13.80)/AP<</N 7 0 R>>"] {
        assert_eq!(rule(&form(bare)), "undrawn", "{bare}");
    }
    for sound in ["/FT/Tx", "/FT/Tx/V()", "/FT/Btn/V/Off", "/FT/Tx/V(12.80)/AP<</N 7 0 R>>", "/FT/Tx/V(12.80)/F 2", "/FT/Btn/V/Yes/AP<</N<</Yes 7 0 R>>>>"] {
        assert!(inspect(&form(sound), &Limits::default()).is_ok(), "{sound}");
    }
}

#[test]
fn cases_from_practice_are_taken() {
    let folder = std::path::Path::new("../../../shared/cases/pdf");
    let Ok(entries) = std::fs::read_dir(folder) else { return println!("{} is not there, nothing was tested", folder.display()) };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let result = inspect(&std::fs::read(&path).unwrap(), &Limits::default());
        match name.as_str() {
            "85-signed-by-supplier.pdf" => assert!(matches!(result, Err(Error::Refused { rule: "signed", .. })), "{name}: {result:?}"),
            // what is filled in is not drawn, and is not lost in silence
            "74-form-no-appearances-needappearances.pdf" => assert!(matches!(result, Err(Error::Refused { rule: "undrawn", .. })), "{name}: {result:?}"),
            _ => assert!(result.is_ok(), "{name}: {result:?}"),
        }
    }
}

/// Every kind of encryption in the corpus that opens without a password: what its pages draw can be read.
#[test]
fn encrypted_files_that_open_without_a_password_are_decrypted() {
    let mut opened = 0;
    for path in ["pdfjs", "pyhanko-pdf"].into_iter().flat_map(crate::census_tests::corpus) {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(pdf) = Pdf::parse_upload(&bytes, &Limits::default()) else { continue };
        if pdf.cipher.is_none() {
            continue;
        }
        opened += 1;
        let Ok(zero) = normalized(&bytes, &Limits::default()) else { continue };
        let pdf = Pdf::parse(&zero, &Limits::default()).unwrap();
        assert!(!pdf.latest().trailer().has("Encrypt"));
        for page in pages(pdf.latest()).unwrap() {
            let content = pdf.latest().get(&page.dictionary, "Contents").unwrap();
            let first = content.array().and_then(<[Value]>::first).map_or(Ok(content.clone()), |first| pdf.latest().resolve(first)).unwrap();
            let Some(stream) = first.stream() else { continue };
            let plain = pdf.latest().inflate(stream).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(plain.iter().take(200).all(u8::is_ascii), "{}", path.display());
        }
    }
    println!("{opened} encrypted files opened");
    assert!(opened >= 4 || crate::census_tests::corpus("pdfjs").is_empty());
}

/// Each of these would take longer than anybody waits.
#[test]
fn trees_that_share_their_branches_and_streams_without_end_are_given_up() {
    let many = |of: u32| format!("{of} 0 R ").repeat(1_000);
    let mut tree: Vec<String> = (7..13).map(|next| format!("<</Kids[{}]>>", many(next))).collect();
    tree.push("<</Kids[]>>".to_owned());
    let tree: Vec<&str> = tree.iter().map(String::as_str).collect();
    let names = document("/Names<</EmbeddedFiles 6 0 R>>", "", &tree);
    let mut levels: Vec<String> = (9..21).map(|next| format!("[/And {}]", many(next))).collect();
    levels.push("[/And 6 0 R]".to_owned());
    let condition = "<</Type/OCMD/VE 8 0 R/OCGs 6 0 R>>";
    let objects: Vec<&str> = ["<</Type/OCG/Name(a)>>", condition].into_iter().chain(levels.iter().map(String::as_str)).collect();
    let layers = document("/OCProperties<</OCGs[6 0 R]/D<</Order[7 0 R]>>>>", "", &objects);
    let endless = b"%PDF-1.7\n".iter().copied().chain((1..200_000).flat_map(|number| format!("{number} 0 obj<<>>stream\n").into_bytes())).collect();
    let start = std::time::Instant::now();
    for (what, file) in [("names", names), ("layers", layers), ("streams", endless)] {
        let outcome = inspect(&file, &Limits::default());
        assert!(matches!(outcome, Err(Error::TooLarge { .. })), "{what}: {outcome:?}");
    }
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn states_of_an_appearance_are_objects_of_their_own() {
    let boxed = "<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/Rect[0 0 9 9]/AP<</N<</Yes 7 0 R>>>>>>";
    let shared = "<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/Rect[9 0 18 9]/AP 9 0 R>>";
    let drawing = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream";
    let file = taken(&document("/AcroForm<</Fields[6 0 R 8 0 R]>>", "/Annots[6 0 R 8 0 R]", &[boxed, drawing, shared, "<</N<</Yes 7 0 R>>>>"]));
    let pdf = Pdf::parse(&file, &Limits::default()).unwrap();
    for field in fields(pdf.latest()).unwrap() {
        let appearance = pdf.latest().get(&field.dictionary, "AP").unwrap();
        let states = appearance.dictionary().unwrap().get("N").and_then(Value::reference).expect("by reference");
        assert!(pdf.latest().object(states).unwrap().dictionary().unwrap().has("Yes"));
    }
}

#[test]
fn what_is_referred_to_and_not_there_is_null() {
    let file = taken(&document("/PageLabels 77 0 R", "", &[]));
    assert!(!String::from_utf8_lossy(&file).contains("77 0 R"));
}
