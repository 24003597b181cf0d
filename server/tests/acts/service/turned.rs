//! Pages that are shown turned or cut: stamp and seals lie where the reader sees them, upright. Judged by pictures that poppler draws.

use std::process::Command;

use app::model::NewDocument;
use support::world::World;

/// What the reader sees of every page here, points.
const SEEN: (usize, usize) = (500, 640);

/// A page that is shown `SEEN`, turned by `rotate`, its visible part cut out of a larger one. In its middle, as seen, a grey wedge.
fn page(rotate: i32) -> Vec<u8> {
    let (width, height) = if rotate % 180 == 0 { SEEN } else { (SEEN.1, SEEN.0) };
    let (left, bottom) = (33, 57);
    let (right, top) = (left + width, bottom + height);
    let placed = match rotate {
        90 => format!("0 1 -1 0 {right} {bottom} cm"),
        180 => format!("-1 0 0 -1 {right} {top} cm"),
        270 => format!("0 -1 1 0 {left} {top} cm"),
        _ => format!("1 0 0 1 {left} {bottom} cm"),
    };
    let content = format!("q {placed} 0.6 g 180 300 m 320 300 l 180 380 l f Q");
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for body in [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</ProcSet[/PDF]>>>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/CropBox[{left} {bottom} {right} {top}]/Rotate {rotate}/Contents 4 0 R>>", right + 21, top + 44),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ] {
        places.push(pdf.len());
        pdf += &format!("{} 0 obj\n{body}\nendobj\n", places.len());
    }
    let start = pdf.len();
    pdf += "xref\n0 5\n0000000000 65535 f \n";
    for place in places {
        pdf += &format!("{place:010} 00000 n \n");
    }
    pdf += &format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    pdf.into_bytes()
}

/// The first page as it is seen, one pixel a point, red, green and blue.
fn picture(pdf: &[u8], folder: &std::path::Path) -> Vec<[u8; 3]> {
    let file = folder.join("turned.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = Command::new("pdftoppm").args(["-cropbox", "-r", "72", "-f", "1", "-l", "1"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let header = format!("P6\n{} {}\n255\n", SEEN.0, SEEN.1);
    let pixels = output.stdout.strip_prefix(header.as_bytes()).unwrap_or_else(|| panic!("a picture of another size"));
    pixels.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

/// How many pixels of a part (left, top, right, bottom) are `wanted`.
fn count(picture: &[[u8; 3]], [left, top, right, bottom]: [usize; 4], wanted: impl Fn([u8; 3]) -> bool) -> usize {
    (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))).filter(|(x, y)| wanted(picture[y * SEEN.0 + x])).count()
}

fn red([r, g, b]: [u8; 3]) -> bool {
    r > 120 && g < 120 && b < 120
}

fn dark([r, g, b]: [u8; 3]) -> bool {
    r < 90 && g < 90 && b < 90
}

#[tokio::test(flavor = "multi_thread")]
async fn stamp_and_seals_are_where_the_reader_sees_them_however_the_page_is_turned() {
    if Command::new("pdftoppm").arg("-v").output().is_err() {
        println!("skipped: no pdftoppm");
        return;
    }
    let mut first: Option<Vec<[u8; 3]>> = None;
    for rotate in [0, 90, 180, 270] {
        // A world each, so that the numbers are the same.
        let world = World::new().await;
        let creator = world.desk("li.na").await;
        let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
        let new = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: server::types::sample::values(&definition) };
        let number = creator.submit(new, Some(page(rotate).into()), None).await.unwrap().document.number;
        for login in ["wang.jianguo", "chen.jing"] {
            let key = world.key(login).await;
            world.seal(login, &number, &key).await.unwrap();
        }
        let file = creator.file(number, None).await.unwrap();
        assert!(server::service::verify::run(&world.app, file.bytes.clone(), ()).await.unwrap().passed());
        let picture = picture(&file.bytes, world.folder.path());
        // The stamp: upper right, 170 by 51 points, 14 from the edges, its code on its left.
        let stamp = [SEEN.0 - 14 - 170, 14, SEEN.0 - 14, 14 + 51];
        assert!(count(&picture, [stamp[0], stamp[1], stamp[0] + 50, stamp[3]], dark) > 400, "the stamp's code at {rotate}");
        // Finance's seal, which the type places at 150, 12 mm: pushed to the edge. The head's, which its approver left where it was offered:
        // beside that, a few points of paper between them.
        let finance = [SEEN.0 - 119, SEEN.1 - 34 - 119, SEEN.0, SEEN.1 - 34];
        let head = [finance[0] - 140, SEEN.1 - 28 - 119, finance[0] - 4, SEEN.1 - 28];
        let both = [head[0], finance[1] - 2, SEEN.0, SEEN.1];
        assert_eq!(count(&picture, [head[2], 0, finance[0] - 1, SEEN.1], red), 0, "between the seals at {rotate}");
        assert!(count(&picture, head, red) > 1_500 && count(&picture, finance, red) > 1_500, "the seals at {rotate}");
        let everywhere = count(&picture, [0, 0, SEEN.0, SEEN.1], red);
        assert_eq!(everywhere, count(&picture, both, red), "red outside the seals at {rotate}");
        match &first {
            None => first = Some(picture),
            Some(first) => {
                // Upright and in place: the same picture, but for what smoothing makes of turned edges.
                let differs = |(one, other): (&[u8; 3], &[u8; 3])| (0..3).any(|c| one[c].abs_diff(other[c]) > 130);
                let different = first.iter().zip(&picture).filter(|pair| differs(*pair)).count();
                assert!(different < 300, "{different} pixels differ at {rotate}");
            }
        }
    }
}
