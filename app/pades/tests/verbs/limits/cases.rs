//! The worst that we can think of in 20 MB: each file is built to be expensive for some part of a reader.

use std::io::Write as _;

use common::pki::{DAY, NOW, crl};

use crate::limits::build::{File, ROOM, bomb, fill, stream};
use crate::limits::signatures::{crowd, root, signatures, signed_revisions, validation_data};

/// Name of a case, and what makes its file.
type Case = (&'static str, fn() -> Vec<u8>);

/// Every case.
pub fn all() -> Vec<Case> {
    vec![
        ("zip bomb as cross-reference stream", || File::document("", "", "").stream("/Size 9/W[1 2 1]/Filter/FlateDecode", &bomb(512 << 20, 1)).done()),
        ("zip bomb in a zip bomb", || File::document("", "", "").stream("/Size 9/W[1 2 1]/Filter[/FlateDecode/FlateDecode]", &bomb(512 << 20, 2)).done()),
        ("zip bomb as description", || changed(&stream("/Type/Metadata/Filter/FlateDecode", &bomb(1 << 30, 1)))),
        ("description below the limit", || changed(&stream("/Type/Metadata/Filter/FlateDecode", &bomb(7 << 20, 1)))),
        ("zip bombs as object streams", zip_bombs),
        ("object streams and values below the limits", full_house),
        ("description of broken letters", || changed(&stream("/Type/Metadata", &vec![0xFF; 9 << 20]))),
        ("array in array", || value(&fill("[", ROOM))),
        ("dictionary in dictionary", || value(&fill("<</a", ROOM))),
        ("array of numbers", || value(&format!("[{}]", fill("0 ", ROOM)))),
        ("array of numbers below the limit", || value(&format!("[{}]", "0 ".repeat(1_400_000)))),
        ("arrays of reals", || value(&format!("[{}]", "0.00000000000000000000000 ".repeat(750_000)))),
        ("array of names", || value(&format!("[{}]", "/a".repeat(1_400_000)))),
        ("array of strings", || value(&format!("[{}]", "()".repeat(1_400_000)))),
        ("array of dictionaries", || value(&format!("[{}]", "<<>>".repeat(740_000)))),
        ("array of references", || value(&format!("[{}]", "9 0 R ".repeat(1_400_000)))),
        ("dictionary of a million keys", || value(&wide(700_000, 0))),
        ("dictionary of a million keys, changed", wide_changed),
        ("one key again and again", || value(&format!("<<{}>>", fill("/a 0", ROOM)))),
        ("numbers between comments", || value(&format!("[{}]", fill(&format!("1%{}\n", "x".repeat(1 << 20)), ROOM)))),
        ("hexadecimal string", || value(&format!("<{}>", fill("00", ROOM)))),
        ("string of brackets", || value(&format!("({}{})", fill("(", ROOM / 2), fill(")", ROOM / 2)))),
        ("string without end", || value(&fill("(", ROOM))),
        ("long name", || value(&format!("/{}", fill("#41", ROOM)))),
        ("long number", || value(&fill("7", ROOM))),
        ("long comment", || value(&format!("%{}\n0", fill("x", ROOM)))),
        ("objects that share a comment", shared_comment),
        ("objects inside each other's strings", nested_strings),
        ("streams that overlap", overlapping_streams),
        ("streams with a field of blanks", shared_blanks),
        ("three hundred thousand objects", || {
            let mut file = File::document("/X 6 0 R", "", "");
            (6..299_900).for_each(|number| file.object(number, format!("[{} 0 R]", number + 1)));
            file.table("", None).done()
        }),
        ("/Prev to itself", || File::document("", "", "").table("/Prev 9", None).done()),
        ("five hundred revisions with big tables", big_tables),
        ("ten thousand revisions", || revisions(10_000, 0)),
        ("five hundred revisions of a form with thousands of fields", || revisions(500, 5_000)),
        ("huge /Size", || File::document("", "", "").table("", Some(u64::from(u32::MAX))).done()),
        ("huger /Size", || File::document("", "", "").table("", Some(u64::MAX)).done()),
        ("largest /Size", || File::document("", "", "").table("", Some(8_388_608)).done()),
        ("/W of nothing", || File::document("", "", "").stream("/Size 4294967295/W[0 0 0]/Index[0 4294967295]", b"").done()),
        ("/W beyond all", || File::document("", "", "").stream("/Size 9/W[1 9000000000000000000 9000000000000000000]", b"").done()),
        ("/Index of a billion", || File::document("", "", "").stream("/Size 999999999/W[0 1 0]/Index[0 999999999]", &fill("x", ROOM).into_bytes()).done()),
        ("/Index of nothings", || File::document("", "", "").stream(&format!("/Size 9/W[1 1 1]/Index[{}]", "0 0 ".repeat(700_000)), b"").done()),
        ("object stream in itself", || {
            let mut file = File::document("/X 6 0 R", "", "");
            file.stream_with(&[(6, 6, 0)]).done()
        }),
        ("object stream whose length is in it", || {
            let mut file = File::document("/X 7 0 R", "", "");
            file.object(6, "<</Type/ObjStm/N 2/First 8/Length 8 0 R>>stream\n7 0 8 3 [] 20\nendstream");
            file.stream_with(&[(7, 6, 0), (8, 6, 1)]).done()
        }),
        ("object streams that extend each other", || {
            let mut file = File::document("/X 7 0 R", "", "");
            file.object(6, stream("/Type/ObjStm/N 1/First 4/Extends 8 0 R", b"7 0 [9 0 R]"));
            file.object(8, stream("/Type/ObjStm/N 1/First 4/Extends 6 0 R", b"9 0 [7 0 R]"));
            file.stream_with(&[(7, 6, 0), (9, 8, 0)]).done()
        }),
        ("object stream of one place", || {
            let mut file = File::document("/X 7 0 R", "", "");
            let numbers: String = (7..50_000).map(|number| format!("{number} 0 ")).collect();
            let data = format!("{numbers}[{}]", "8 0 R ".repeat(50_000));
            file.object(6, stream(&format!("/Type/ObjStm/N 49993/First {}", numbers.len()), data.as_bytes()));
            let packed: Vec<_> = (7..50_000_u32).map(|number| (number, 6, (number - 7) as u16)).collect();
            file.stream_with(&packed).done()
        }),
        ("object stream that promises too much", || {
            let mut file = File::document("/X 7 0 R", "", "");
            file.object(6, stream("/Type/ObjStm/N 9000000000/First 9000000000", b"7 0 []"));
            file.stream_with(&[(7, 6, 0)]).done()
        }),
        ("pages in a circle", || pages(|file| file.object(10, "<</Type/Pages/Kids[10 0 R]>>"))),
        ("pages in a deep tree", || pages(|file| (10..200_000).for_each(|number| file.object(number, format!("<</Type/Pages/Kids[{} 0 R]>>", number + 1))))),
        ("pages that double at every level", || {
            pages(|file| (10..60).for_each(|number| file.object(number, format!("<</Type/Pages/Kids[{0} 0 R {0} 0 R]>>", number + 1))))
        }),
        ("a million pages", || pages(|file| file.object(10, format!("<</Type/Pages/Kids[{}]>>", "3 0 R ".repeat(1_400_000))))),
        ("pages that share one list of children", shared_kids),
        ("pages that share one list of annotations", shared_annotations),
        ("fields in a circle", || form(|file| file.object(10, "<</T(x)/Kids[10 0 R]>>"))),
        ("fields in a deep tree", || form(|file| (10..200_000).for_each(|number| file.object(number, format!("<</T(x)/Kids[{} 0 R]>>", number + 1))))),
        ("fields that double at every level", || {
            form(|file| (10..60).for_each(|number| file.object(number, format!("<</T(x)/Kids[{0} 0 R {0} 0 R]>>", number + 1))))
        }),
        ("fields that share their widgets", || {
            form(|file| {
                file.object(8, format!("[{}]", "9 0 R ".repeat(500_000)));
                file.object(9, "<<>>");
                let kids: String = (11..50_000).map(|number| format!("{number} 0 R ")).collect();
                file.object(10, format!("<</T(x)/Kids[{kids}]>>"));
                (11..50_000).for_each(|number| file.object(number, format!("<</T({number})/Kids 8 0 R>>")));
            })
        }),
        ("fields of one endless name", || {
            form(|file| {
                file.object(8, format!("({})", fill("n", 9 << 20)));
                let kids: String = (11..50_000).map(|number| format!("{number} 0 R ")).collect();
                file.object(10, format!("<</T(x)/FT 9 0 R/Kids[{kids}]>>"));
                file.object(9, format!("/{}", fill("n", 8 << 20)));
                (11..50_000).for_each(|number| file.object(number, "<</T 8 0 R>>"));
            })
        }),
        ("fields of long names", || {
            form(|file| {
                let kids: String = (11..150_000).map(|number| format!("{number} 0 R ")).collect();
                file.object(10, format!("<</T({})/Kids[{kids}]>>", "n".repeat(999)));
                (11..150_000).for_each(|number| file.object(number, format!("<</T({number})>>")));
            })
        }),
        ("a million times the same field", || File::document("", "", &" 5 0 R".repeat(1_400_000)).table("", None).done()),
        ("thousands of signatures over everything", signatures),
        ("five hundred signatures, one a revision", || signed_revisions(500, 17 << 20)),
        ("fifty signatures, one a revision", || signed_revisions(50, 19 << 20)),
        ("a signature with thousands of certificates", crowd),
        ("validation data without end", || validation_data(&crl(&root(), 1, NOW - DAY, NOW + DAY, &vec![(7, NOW - DAY); 60_000]), 1_000)),
        ("validation data of nonsense", || validation_data(&vec![0x30; 3 << 20], 300_000)),
        ("a signature of ten megabytes", || {
            let mut file = File::document("", "", "");
            file.table("", None);
            file.object(5, "<</FT/Sig/T(a)/V 6 0 R/Rect[0 0 1 1]>>");
            file.object(
                6,
                format!("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<{}>>>", fill("30", ROOM - 1_000)),
            );
            file.table("", None).done()
        }),
        ("long title", || {
            let mut file = File::document("", "", "");
            file.object(6, format!("<</Title({})>>", fill("t", ROOM)));
            file.table("/Info 6 0 R", None).done()
        }),
        ("only blanks", || [b"%PDF-1.7\n".as_slice(), &vec![b' '; ROOM], b"startxref 9 %%EOF"].concat()),
        ("only ends", || [b"%PDF-1.7\n".as_slice(), fill("startxref\n9\n%%EOF\n", ROOM).as_bytes()].concat()),
    ]
}

/// A document with one odd value in it.
fn value(text: &str) -> Vec<u8> {
    let mut file = File::document("/X 6 0 R", "", "");
    file.object(6, text);
    file.table("", None).done()
}

/// A document whose description a second revision changes.
fn changed(description: &[u8]) -> Vec<u8> {
    let mut file = File::document("/Metadata 6 0 R", "", "");
    file.object(6, description);
    file.table("", None);
    file.object(6, [description, b" "].concat());
    file.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Metadata 6 0 R/Extensions<</A 1>>>>");
    file.table("", None).done()
}

fn zip_bombs() -> Vec<u8> {
    let mut file = File::document("/X[100 0 R 101 0 R 102 0 R 103 0 R 104 0 R 105 0 R]", "", "");
    let data = bomb(60 << 20, 1);
    (10..16).for_each(|number| file.object(number, stream("/Type/ObjStm/N 1/First 9/Filter/FlateDecode", &data)));
    let packed: Vec<_> = (0..6).map(|index| (100 + index, 10 + index, 0)).collect();
    file.stream_with(&packed).done()
}

/// As much of everything as is read: inflated bytes, values, and bytes of streams.
fn full_house() -> Vec<u8> {
    let mut file = File::document("/X[100 0 R 102 0 R 103 0 R]", "", "");
    file.object(103, stream("", &vec![b'x'; 12 << 20]));
    file.object(102, format!("[{}]", "<<>>".repeat(600_000)));
    let mut real = format!("100 0 [{}]", "0.0000000 ".repeat(200_000)).into_bytes();
    real.resize(60 << 20, b' ');
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&real).unwrap();
    file.object(12, stream("/Type/ObjStm/N 1/First 6/Filter/FlateDecode", &encoder.finish().unwrap()));
    file.stream_with(&[(100, 12, 0)]).done()
}

fn wide(keys: usize, value: usize) -> String {
    let mut text = String::from("<<");
    (0..keys).for_each(|key| text += &format!("/k{key:06} {value}"));
    text + ">>"
}

fn wide_changed() -> Vec<u8> {
    let mut file = File::document("/X 6 0 R", "", "");
    file.object(6, wide(350_000, 0));
    file.table("", None);
    file.object(6, wide(350_000, 1));
    file.table("", None).done()
}

/// `1 0 obj%2 0 obj%…`: every object begins with the same comment.
fn shared_comment() -> Vec<u8> {
    let mut file = File::document("/X[10 0 R]", "", "");
    for number in 10..100_000 {
        file.here(number);
        let _ = write!(file.out, "{number} 0 obj%");
    }
    let rest = ROOM - file.out.len() - 4_000_000;
    file.out.extend(fill("x", rest).into_bytes());
    let all: String = (10..100_000).map(|number| format!("{number} 0 R ")).collect();
    let _ = writeln!(file.out, "\n[{}]\nendobj", &all[..all.len() / 2 - all.len() / 2 % 8]);
    file.table("", None).done()
}

/// `10 0 obj (11 0 obj (… ) endobj ) endobj`
fn nested_strings() -> Vec<u8> {
    let all: String = (10..200_000).map(|number| format!("{number} 0 R ")).collect();
    let mut file = File::document(&format!("/X[{all}]"), "", "");
    for number in 10..200_000 {
        file.here(number);
        let _ = write!(file.out, "{number} 0 obj (");
    }
    file.out.extend(")endobj ".repeat(199_990).into_bytes());
    file.table("", None).done()
}

/// Each stream's data hold all the streams after it.
fn overlapping_streams() -> Vec<u8> {
    let all: String = (10..100_000).map(|number| format!("{number} 0 R ")).collect();
    let mut file = File::document(&format!("/X[{all}]"), "", "");
    let end = 12_000_000;
    for number in 10..100_000 {
        file.here(number);
        let before = format!("{number} 0 obj<</Length 00000000>>stream\n");
        let length = end - file.out.len() - before.len();
        let _ = writeln!(file.out, "{number} 0 obj<</Length {length:08}>>stream");
    }
    file.out.resize(end, b'x');
    file.out.extend_from_slice(b"\nendstream endobj\n");
    file.table("", None).done()
}

/// Streams that end in the same blanks.
fn shared_blanks() -> Vec<u8> {
    let all: String = (10..100_000).map(|number| format!("{number} 0 R ")).collect();
    let mut file = File::document(&format!("/X[{all}]"), "", "");
    for number in 10..100_000 {
        file.here(number);
        let _ = writeln!(file.out, "{number} 0 obj<</Length 0>>stream");
    }
    let end = 15_000_000;
    file.out.resize(end, b' ');
    file.out.extend_from_slice(b"\nendstream endobj\n");
    file.table("", None).done()
}

/// Every revision lists hundreds of objects, most of which are nowhere, and a million references look for them.
fn big_tables() -> Vec<u8> {
    let refs: String = (0..180_000).map(|index| format!("{} 0 R ", 300_000 + index)).collect();
    let mut file = File::document(&format!("/X[{refs}]"), "", "");
    file.table("", None);
    for _ in 0..500 {
        (0..580).for_each(|index| file.list(1_000 + index, 9));
        file.table("", None);
    }
    file.done()
}

/// Revisions that change nothing, on a form with that many text fields.
fn revisions(count: usize, fields: u32) -> Vec<u8> {
    let form: String = (0..fields).map(|index| format!(" {} 0 R", 10 + index)).collect();
    let mut file = File::document("", "", &form);
    (0..fields).for_each(|index| file.object(10 + index, format!("<</FT/Tx/T({index})>>")));
    file.table("", None);
    for index in 0..count {
        file.object(9, index.to_string());
        file.table("", None);
    }
    file.done()
}

/// A catalogue whose page tree starts at object 10.
fn pages(build: impl Fn(&mut File)) -> Vec<u8> {
    let mut file = File::document("", "", "");
    build(&mut file);
    file.table("", None);
    file.object(1, "<</Type/Catalog/Pages 10 0 R/AcroForm 4 0 R>>");
    file.table("", None).done()
}

/// A form whose fields start at object 10.
fn form(build: impl Fn(&mut File)) -> Vec<u8> {
    let mut file = File::document("", "", " 10 0 R");
    build(&mut file);
    file.table("", None).done()
}

fn shared_kids() -> Vec<u8> {
    pages(|file| {
        let kids: String = (11..100_000).map(|number| format!("{number} 0 R ")).collect();
        file.object(9, format!("[{kids}]"));
        (10..100_000).for_each(|number| file.object(number, "<</Type/Pages/Kids 9 0 R>>"));
    })
}

fn shared_annotations() -> Vec<u8> {
    pages(|file| {
        let kids: String = (11..2_000).map(|number| format!("{number} 0 R ")).collect();
        file.object(8, format!("[{}]", "5 0 R ".repeat(600_000)));
        file.object(10, format!("<</Type/Pages/MediaBox[0 0 9 9]/Kids[{kids}]>>"));
        (11..2_000).for_each(|number| file.object(number, "<</Type/Page/Annots 8 0 R>>"));
    })
}
