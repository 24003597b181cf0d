//! How long one expense claim takes from template and data to the PDF, and how long it takes to find out where its page is printed:
//! `cargo bench --workspace --bench render`.

use std::time::Instant;

use serde_json::json;

const DOCUMENTS: u32 = 100;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let renderer = render::Renderer::new();
    let template = include_str!("../../types/EXP/template.typ");
    let made = |sequence: u32| {
        let number = format!("EXP-2026-{sequence:06}");
        let data = json!({
            "number": number, "type": { "code": "EXP", "name": "费用报销单" }, "title": "差旅", "edition": 1, "created_at": "2026-11-23 10:00",
            "creator": { "name": "李娜", "client_number": "C00042" },
            "fields": { "project": "P-17", "invoice": format!("INV-{sequence}"), "department": "工程一部", "date": "2026-11-23", "amount": "128.00",
                "reason": "差旅", "items": null, "receipt": null },
            "labels": { "project": "项目", "invoice": "发票号码", "department": "部门", "date": "日期", "amount": "金额", "reason": "事由", "items": "明细", "receipt": "票据" }, "steps": [{ "key": "head", "name": "部门负责人" }], "public_url": "http://127.0.0.1:3000", "lang": "zh"
        });
        let code = render::qr::svg(&format!("http://127.0.0.1:3000/documents/{number}"));
        renderer.pdf(template, &data, &[("qr.svg", code.as_bytes())], 1_795_428_000).expect("a PDF")
    };
    let claim = made(0);
    let bytes = claim.len();
    let began = Instant::now();
    for sequence in 1..=DOCUMENTS {
        made(sequence);
    }
    let each = began.elapsed().as_secs_f64() * 1000.0 / f64::from(DOCUMENTS);
    println!("rendered: {DOCUMENTS} claims of {bytes} bytes, {each:.2} ms each");
    let began = Instant::now();
    for _ in 0..DOCUMENTS {
        render::ink::Ink::of(claim.clone(), 0).expect("it is drawn");
    }
    let each = began.elapsed().as_secs_f64() * 1000.0 / f64::from(DOCUMENTS);
    println!("drawn to see where it is printed: {each:.2} ms each");
}
