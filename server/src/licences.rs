//! `/licences`: what is inside the program and under which licences, for anyone to read. The list is `server/licences.json`, made by `make licences`.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::OnceLock;

use app::markup::escaped;
use app::model::Lang;
use app::visit::Theme;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::rest::tag;
use crate::{session, site};

/// The page, in the reader's language, light or dark. Each form is drawn once and kept packed.
pub async fn page(headers: HeaderMap) -> Response {
    static DRAWN: [OnceLock<Drawn>; 6] = [const { OnceLock::new() }; 6];
    let (lang, theme) = (session::lang(&headers), session::theme(&headers));
    let drawn = DRAWN[lang as usize * 3 + theme as usize].get_or_init(|| Drawn::new(&html(lang, theme, &list())));
    let packed = site::accepts(&headers, "gzip");
    let tag = tag::quoted(&format!("{}{}", drawn.digest, if packed { "-gzip" } else { "" }));
    let mut response = if tag::matches(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if packed {
        Response::new(Body::from(drawn.gzip.as_slice()))
    } else {
        Response::new(Body::from(drawn.plain()))
    };
    let answer = response.headers_mut();
    if packed {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer.insert(header::ETAG, tag);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// One text and all that stands under it.
#[derive(Deserialize)]
struct Licence {
    /// The SPDX identifier; empty for a notice, which stands beside a licence.
    id: String,
    name: String,
    /// Names and versions on crates.io.
    crates: Vec<String>,
    others: Vec<Other>,
    text: String,
}

/// A part that is no crate.
#[derive(Deserialize)]
struct Other {
    name: String,
    link: Option<String>,
}

fn list() -> Vec<Licence> {
    serde_json::from_str(include_str!("../licences.json")).expect("a test reads the embedded list")
}

struct Drawn {
    gzip: Vec<u8>,
    digest: String,
}

impl Drawn {
    fn new(html: &str) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = encoder.write_all(html.as_bytes()).and_then(|()| encoder.finish()).expect("memory takes every byte");
        Self { gzip, digest: hex::encode(&Sha256::digest(html)[..16]) }
    }

    /// For the rare client that takes no gzip.
    fn plain(&self) -> Vec<u8> {
        let mut html = Vec::new();
        GzDecoder::new(self.gzip.as_slice()).read_to_end(&mut html).expect("we packed it ourselves");
        html
    }
}

fn html(lang: Lang, theme: Theme, list: &[Licence]) -> String {
    let title = lang.pick("Licences", "许可证");
    let intro = lang.pick(
        "Signet stands on the work of many: this is what is inside the program, each part with its licence.",
        "Signet 建立在众多开源作品之上：以下是本程序所含的全部组成部分及其许可证。",
    );
    let mut html = format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\
         <title>{title} · Signet</title><link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"/pkg/signet.css\"></head><body>\
         <a class=\"skip\" href=\"#main\">{}</a>\
         <header class=\"top\"><a class=\"brand\" href=\"/\"><span class=\"mark\" aria-hidden=\"true\">印</span><span>Signet</span></a></header>\
         <main id=\"main\" tabindex=\"-1\"><div class=\"page narrow licences\"><div class=\"page-head\"><h1>{title}</h1><p>{intro}</p></div>",
        lang.tag(),
        theme.code(),
        lang.pick("Skip to the page", "跳到正文"),
    );
    let groups: Vec<&[Licence]> = list.chunk_by(|one, next| one.id == next.id).collect();
    contents(&mut html, lang, &groups);
    for group in groups {
        let _ = write!(html, "<section class=\"panel\" aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>", anchor(group), heading(lang, group));
        for licence in group {
            parts(&mut html, licence);
            text(&mut html, lang, licence);
        }
        html.push_str("</section>");
    }
    html.push_str("</div></main></body></html>");
    html
}

/// The licences with the number of parts under each, as links into the page.
fn contents(html: &mut String, lang: Lang, groups: &[&[Licence]]) {
    let _ = write!(html, "<nav aria-label=\"{}\"><ul class=\"licence-parts\">", lang.pick("Licences on this page", "本页许可证"));
    for group in groups {
        let count: usize = group.iter().map(|licence| licence.crates.len() + licence.others.len()).sum();
        let _ = write!(html, "<li><a href=\"#{}\">{}</a> <span class=\"quiet-text\">{count}</span></li>", anchor(group), heading(lang, group));
    }
    html.push_str("</ul></nav>");
}

fn parts(html: &mut String, licence: &Licence) {
    html.push_str("<ul class=\"licence-parts\">");
    for Other { name, link } in &licence.others {
        let name = escaped(name);
        let _ = match link {
            Some(link) => write!(html, "<li><a href=\"{}\">{name}</a></li>", escaped(link)),
            None => write!(html, "<li>{name}</li>"),
        };
    }
    for name in &licence.crates {
        let _ = write!(html, "<li><a href=\"https://crates.io/crates/{}\">{}</a></li>", escaped(&name.replace(' ', "/")), escaped(name));
    }
    html.push_str("</ul>");
}

/// The text, folded in, with whose it is in view. Licences stay in their own language.
fn text(html: &mut String, lang: Lang, licence: &Licence) {
    let owner = licence.text.lines().map(str::trim).find(|line| line.starts_with("Copyright") && line.bytes().any(|byte| byte.is_ascii_digit()));
    let label = if licence.id.is_empty() { lang.pick("Text", "全文") } else { lang.pick("Text of the licence", "许可证全文") };
    let owner = owner.map(|owner| format!(" <span class=\"quiet-text\" lang=\"en\">{}</span>", escaped(owner))).unwrap_or_default();
    let _ = write!(html, "<details><summary>{label}{owner}</summary><pre lang=\"en\">{}</pre></details>", escaped(&licence.text));
}

fn heading(lang: Lang, group: &[Licence]) -> String {
    match group.first() {
        Some(licence) if !licence.id.is_empty() => escaped(&licence.name),
        _ => lang.pick("Notices", "附加声明").to_owned(),
    }
}

fn anchor(group: &[Licence]) -> String {
    let id = group.first().map(|licence| licence.id.replace([' ', '.'], "-").to_lowercase()).unwrap_or_default();
    if id.is_empty() { "notices".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_text() {
        let list = list();
        assert!(list.iter().all(|licence| !licence.text.trim().is_empty() && licence.crates.len() + licence.others.len() > 0));
        assert!(list.iter().any(|licence| licence.id == "OFL-1.1" && licence.text.contains("SIL OPEN FONT LICENSE")));
    }

    #[test]
    fn what_the_list_says_is_never_markup() {
        let other = Other { name: "<b>".into(), link: Some("https://example.org/\"".into()) };
        let licence = Licence {
            id: "MIT".into(),
            name: "MIT & more".into(),
            crates: vec!["a 1.0.0".into()],
            others: vec![other],
            text: "Copyright 2026 <me@example.org>".into(),
        };
        let html = html(Lang::Zh, Theme::Dark, &[licence]);
        assert!(html.contains("lang=\"zh-CN\" data-theme=\"dark\"") && html.contains("<h2 id=\"mit\">MIT &amp; more</h2>"), "{html}");
        assert!(html.contains("<a href=\"https://example.org/&quot;\">&lt;b&gt;</a>") && !html.contains("<me@"), "{html}");
        assert!(html.contains("<a href=\"https://crates.io/crates/a/1.0.0\">a 1.0.0</a>"), "{html}");
        assert_eq!(Drawn::new(&html).plain(), html.as_bytes());
    }
}
