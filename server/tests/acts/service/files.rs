//! The file route with a large file: it comes by the disk, whole or in part, and is the same either way.

use std::fmt::Write as _;

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use server::store::hash;
use support::world::World;
use tower::ServiceExt;

/// A PDF of one page with a picture of `side` × `side` points of noise.
fn pdf(side: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let noise: Vec<u8> = (0..side * side * 3)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        })
        .collect();
    let content = "q 500 0 0 500 40 200 cm /Im0 Do Q";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Im0 4 0 R >> >> /Contents 5 0 R >>".to_vec(),
        [
            format!(
                "<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length {} >>\nstream\n",
                noise.len()
            )
            .into_bytes(),
            noise,
            b"\nendstream".to_vec(),
        ]
        .concat(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()).into_bytes(),
    ];
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        file.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    let count = objects.len() + 1;
    file.extend_from_slice(format!("xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_sent_whole_or_in_part_and_never_with_wrong_bytes() {
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
    let new = app::model::NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: server::types::sample::values(&definition) };
    let document = creator.submit(new, Some(pdf(1200).into()), None).await.unwrap().document;
    assert!(document.size > 4_000_000);
    let token = server::service::tokens::create_for_login(&world.app, "li.na", "test").await.unwrap();
    let router = server::router::router(world.app.clone(), tokio_util::sync::CancellationToken::new());
    let ask = async |range: Option<&str>| {
        let mut request = Request::get(format!("/api/v1/documents/{}/file", document.number)).header("host", "127.0.0.1:3000");
        request = request.header("authorization", format!("Bearer {token}"));
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let (status, length, range) = (response.status(), header("content-length"), header("content-range"));
        (status, length, range, to_bytes(response.into_body(), usize::MAX).await.unwrap())
    };
    let (status, length, _, whole) = ask(None).await;
    assert_eq!((status, length, hash(&whole)), (StatusCode::OK, document.size.to_string(), document.sha256.clone()));
    for (range, from, to) in [("bytes=0-9", 0, 10), ("bytes=1000000-2999999", 1_000_000, 3_000_000), ("bytes=-5", whole.len() - 5, whole.len())] {
        let (status, length, place, part) = ask(Some(range)).await;
        assert_eq!((status, length, part), (StatusCode::PARTIAL_CONTENT, (to - from).to_string(), whole.slice(from..to)));
        assert_eq!(place, format!("bytes {from}-{}/{}", to - 1, whole.len()));
    }
    assert_eq!(ask(Some("bytes=99999999-")).await.0, StatusCode::RANGE_NOT_SATISFIABLE);

    let file = world.folder.path().join("data/files").join(&document.store_path);
    let mut bytes = whole.to_vec();
    bytes[3_000_000] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    // Not even the part that would be right: the whole is checked before its first byte leaves.
    assert_eq!(ask(Some("bytes=0-9")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!world.folder.path().join("data").read_dir().unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(".tmp")));
}
