//! The stamp on uploaded pages: a form of its own among the page's resources, wherever those stand; what the page drew before it still draws.

use pades::pdf::{Pdf, Value};
use pades::{Appearance, Issue, Limits, Stamp, issue};

/// A file whose page, page tree and two more objects are these.
fn file(tree: &str, page: &str, more: &[&str]) -> Vec<u8> {
    let content = "q 1 0 0 1 5 5 cm /Own Do Q";
    let form = "0 0 9 9 re f";
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[3 0 R]/Count 1{tree}>>"),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R{page}>>"),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        format!("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length {}>>\nstream\n{form}\nendstream", form.len()),
    ];
    objects.extend(more.iter().map(ToString::to_string));
    let (mut out, mut table) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f\r\n".to_owned());
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n\r\n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let (start, size) = (out.len(), objects.len() + 1);
    out += &format!("xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    out.into_bytes()
}

fn stamped(original: &[u8]) -> Vec<u8> {
    let appearance = Appearance { width: 170, height: 51, content: "q\n0.2 0.2 0.2 rg\n0 0 m 170 0 l 170 51 l h\nf\nQ".to_owned() };
    let wish = Issue {
        number: "RCT-2026-000001".to_owned(),
        title: "Receipt".to_owned(),
        author: "李娜".to_owned(),
        created_at: 1_795_428_000,
        fields: Vec::new(),
        stamp: Some(Stamp { page: 1, rect: [110, 130, 280, 181], appearance, strip: 0 }),
    };
    issue(original, &wish).unwrap()
}

#[test]
fn the_stamp_joins_the_resources_wherever_they_stand() {
    let own = "/XObject<</Own 5 0 R>>";
    for (name, file) in [
        ("on the page", file("", &format!("/Resources<<{own}/ProcSet[/PDF]>>"), &[])),
        ("apart from it", file("", "/Resources 6 0 R", &[&format!("<<{own}>>")])),
        ("with their list apart", file("", "/Resources<</ProcSet[/PDF]/XObject 6 0 R>>", &["<</Own 5 0 R/SignetStamp0 5 0 R>>"])),
        ("both apart", file("", "/Resources 6 0 R", &["<</XObject 7 0 R>>", "<<\n/Own 5 0 R % a comment\n>>"])),
        ("inherited", file(&format!("/Resources<<{own}>>"), "", &[])),
        ("inherited from apart", file("/Resources 6 0 R", "", &[&format!("<<{own}>>")])),
    ] {
        let made = stamped(&file);
        let pdf = Pdf::parse(&made, &Limits::default()).unwrap();
        let view = pdf.latest();
        let page = &pades::pdf::page::pages(view).unwrap()[0];
        let resources = view.get(&page.dictionary, "Resources").unwrap();
        let objects = view.get(resources.dictionary().unwrap(), "XObject").unwrap();
        let objects = objects.dictionary().unwrap();
        assert!(objects.get("Own").and_then(Value::reference).is_some(), "{name}: what the page draws is gone");
        let stamps = |name: &str| objects.get(name).and_then(Value::reference).map(|form| view.object(form).unwrap());
        let form = stamps("SignetStamp1").or_else(|| stamps("SignetStamp0")).unwrap_or_else(|| panic!("{name}: no stamp"));
        // Colours that depend on no device, whatever the page's are (ISO 19005-2 §6.2.4).
        assert!(form.stream().is_some_and(|form| form.dictionary.has("BBox") && form.dictionary.has("Resources")), "{name}");
        assert!(String::from_utf8_lossy(&made).contains("/DefaultRGB[/CalRGB"), "{name}");
        let place = std::env::temp_dir().join(format!("signet-stamp-{}.pdf", std::process::id()));
        std::fs::write(&place, &made).unwrap();
        let checked = std::process::Command::new("qpdf").arg("--check").arg(&place).output().expect("qpdf is there");
        std::fs::remove_file(&place).unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[test]
fn a_page_without_resources_gets_some_and_wrong_ones_are_refused() {
    let bare = stamped(&file("", "", &[]));
    assert!(String::from_utf8_lossy(&bare).contains("/SignetStamp0"));
    for page in ["/Resources 5", "/Resources[5 0 R]", "/Resources 5 0 R", "/Resources<</XObject[5 0 R]>>"] {
        let wish = Issue {
            number: "RCT-2026-000001".to_owned(),
            title: String::new(),
            author: String::new(),
            created_at: 0,
            fields: Vec::new(),
            stamp: Some(Stamp { page: 1, rect: [0, 0, 9, 9], appearance: Appearance { width: 9, height: 9, content: "n".to_owned() }, strip: 0 }),
        };
        assert!(issue(&file("", page, &[]), &wish).is_err(), "{page}");
    }
}

/// The page grows at its foot as readers see it, whatever way it is turned, and shows no more of what was cut off.
#[test]
fn a_strip_makes_the_page_longer_where_its_reader_sees_the_foot() {
    for (rotate, grown) in [(0, [20, -40, 280, 150]), (90, [20, 10, 330, 150]), (180, [20, 10, 280, 200]), (270, [-30, 10, 280, 150])] {
        let upload = file("", &format!("/CropBox[20 10 280 150]/Rotate {rotate}/Resources<</XObject<</Own 5 0 R>>>>"), &[]);
        let appearance = Appearance { width: 9, height: 9, content: "0 0 9 9 re f".to_owned() };
        let wish = Issue {
            number: "RCT-2026-000001".to_owned(),
            title: "Receipt".to_owned(),
            author: "李娜".to_owned(),
            created_at: 1_795_428_000,
            fields: Vec::new(),
            stamp: Some(Stamp { page: 1, rect: [30, 30, 60, 60], appearance, strip: 50 }),
        };
        let file = issue(&upload, &wish).unwrap();
        let page = pades::seal_places(&file).unwrap().pages[0];
        assert_eq!(page.crop.map(|side| side as i32), grown, "{rotate}");
        assert!(page.media[0] <= page.crop[0] && page.media[1] <= page.crop[1] && page.media[2] >= page.crop[2] && page.media[3] >= page.crop[3]);
        assert!(String::from_utf8_lossy(&file).contains("20 10 260 140 re W n\nq\n"), "what was cut off stays so at {rotate}");
    }
}
