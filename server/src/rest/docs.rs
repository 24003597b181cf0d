//! `/api/docs`: the OpenAPI document as a page that people read. No script, one style sheet, nothing from elsewhere.

use std::fmt::Write as _;
use std::sync::LazyLock;

use app::markup::escaped;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::Value;

use super::openapi::DOCUMENT;
use super::problem::CODES;

static PAGE: LazyLock<String> = LazyLock::new(page);

/// The page.
pub async fn docs() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], PAGE.as_str())
}

/// Its style sheet.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], include_str!("docs.css"))
}

fn page() -> String {
    let mut html = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>API · Signet</title><link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><main><h1>Signet API</h1>\
         <p>Send <code>Authorization: Bearer &lt;token&gt;</code> with a token from the keys page or from <code>signet token create</code>. Times are RFC 3339 UTC, money is a decimal string, \
         unknown JSON members are refused. Any replica answers any call. After a 503, or no answer at all, send the same again, with the same <code>Idempotency-Key</code> \
         where there is one: nothing is done twice. Streams and downloads break off within a second after the right to them is taken. Lists take <code>limit</code> and <code>cursor</code> and answer <code>items</code> and <code>next</code>. \
         The same as a machine reads it: <a href=\"/api/v1/openapi.json\">openapi.json</a>.</p>",
    );
    calls(&mut html);
    codes(&mut html);
    schemas(&mut html);
    html.push_str("</main></body></html>");
    html
}

fn calls(html: &mut String) {
    html.push_str("<h2 id=\"calls\">Calls</h2>");
    for (path, methods) in members(&DOCUMENT["paths"]) {
        for (method, call) in members(methods) {
            let _ = write!(
                html,
                "<section><h3 id=\"{id}\"><b>{verb}</b> <code>{path}</code></h3><p>{text}</p>",
                id = escaped(&text(call, "operationId")),
                verb = method.to_uppercase(),
                path = escaped(path),
                text = escaped(&text(call, "summary"))
            );
            if !text(call, "description").is_empty() {
                let _ = write!(html, "<p>{}</p>", escaped(&text(call, "description")));
            }
            parameters(html, call);
            let bodies: Vec<String> =
                members(&call["requestBody"]["content"]).map(|(media, body)| format!("<code>{}</code> {}", escaped(media), kind(&body["schema"]))).collect();
            if !bodies.is_empty() {
                let _ = write!(html, "<p>Body: {}</p>", bodies.join(" or "));
            }
            html.push_str("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Answer</th><th scope=\"col\">Body</th></tr></thead><tbody>");
            for (status, answer) in members(&call["responses"]) {
                let bodies: Vec<String> = members(&answer["content"])
                    .map(|(media, body)| if body["schema"].is_object() { kind(&body["schema"]) } else { format!("<code>{}</code>", escaped(media)) })
                    .collect();
                let _ = write!(html, "<tr><td>{status}</td><td>{}</td><td>{}</td></tr>", escaped(&text(answer, "description")), bodies.join(", "));
            }
            html.push_str("</tbody></table></div></section>");
        }
    }
}

fn parameters(html: &mut String, call: &Value) {
    let Some(parameters) = call["parameters"].as_array() else { return };
    html.push_str("<dl>");
    for parameter in parameters {
        let need = if parameter["required"] == true { ", required" } else { "" };
        let _ = write!(
            html,
            "<dt><code>{}</code> <small>{}{need}</small></dt><dd>{}</dd>",
            escaped(&text(parameter, "name")),
            escaped(&text(parameter, "in")),
            escaped(&text(parameter, "description"))
        );
    }
    html.push_str("</dl>");
}

fn codes(html: &mut String) {
    html.push_str("<h2 id=\"codes\">Error codes</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Status</th><th scope=\"col\">Meaning</th></tr></thead><tbody>");
    for (code, status, title) in CODES {
        let _ = write!(html, "<tr id=\"{code}\"><td><code>{code}</code></td><td>{status}</td><td>{}</td></tr>", escaped(title));
    }
    html.push_str("</tbody></table></div>");
}

fn schemas(html: &mut String) {
    html.push_str("<h2 id=\"values\">Values</h2>");
    for (name, schema) in members(&DOCUMENT["components"]["schemas"]) {
        let _ = write!(html, "<section><h3 id=\"value-{name}\"><code>{name}</code></h3><p>{}</p>", escaped(&text(schema, "description")), name = escaped(name));
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> = values.iter().filter_map(Value::as_str).map(|value| format!("<code>{}</code>", escaped(value))).collect();
            let _ = write!(html, "<p>One of {}.</p>", values.join(", "));
        }
        if schema["properties"].is_object() {
            html.push_str("<dl>");
            for (key, property) in members(&schema["properties"]) {
                let _ = write!(
                    html,
                    "<dt><code>{}</code> <small>{}</small></dt><dd>{}</dd>",
                    escaped(key),
                    kind(property),
                    escaped(&text(property, "description"))
                );
            }
            html.push_str("</dl>");
        }
        html.push_str("</section>");
    }
}

/// A schema in a word or two, with a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next()) {
        return format!("<a href=\"#value-{0}\">{0}</a>", escaped(name));
    }
    if let Some(choices) = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[*key].as_array()) {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if schema["items"].is_object() {
        return format!("list of {}", kind(&schema["items"]));
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(escaped).collect::<Vec<_>>().join(" or "),
        Value::String(kind) => escaped(kind),
        _ => "any".to_owned(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
