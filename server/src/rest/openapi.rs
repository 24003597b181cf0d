//! The OpenAPI 3.1 document, generated from the handlers themselves.

use std::sync::LazyLock;

use axum::Json;
use serde_json::{Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{authority, certificates, decisions, documents, file, health, mailbox, me, ocsp, pictures, tsa, types, verify};

#[derive(OpenApi)]
#[openapi(
    info(title = "Signet", description = "Documents are created once, sealed in the approver's own browser or program, and returned to their creator."),
    paths(
        health::alive, health::ready, health::figures, authority::anchor, authority::revocations, authority::level_revocations, authority::root_revocations, authority::stamp_anchors, authority::trail_key, tsa::stamp, ocsp::post, ocsp::get, verify::verify, me::me, types::list, types::read, types::import,
        documents::create, documents::list, documents::read, file::file, pictures::picture, documents::events, decisions::signing, decisions::sign, decisions::reject,
        documents::withdraw, documents::correct, certificates::enrol, certificates::list, certificates::revoke, mailbox::list, mailbox::stream, mailbox::read,
    ),
    components(schemas(super::problem::Problem, app::model::Box, app::model::Status, app::model::Number, app::model::TypeCode)),
    modifiers(&Bearer),
    security(("bearer" = [])),
)]
struct Signet;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token from the keys page or from `signet token create`")).build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document as JSON, made once.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = serde_json::to_value(Signet::openapi()).expect("an OpenAPI document is JSON");
    for (path, item) in members(&mut document["paths"]) {
        for (method, operation) in members(item) {
            complete(method, path, operation);
        }
    }
    document
});

/// What handlers do not say of themselves: the answers of the layers in front of them, and bodies that are bytes.
fn complete(method: &str, path: &str, operation: &mut Value) {
    let mut statuses = vec![(500, "internal"), (503, "timeout, index_unavailable, store_unavailable")];
    // Only what anyone may ask says so; a token that is none is refused there too.
    if operation.get("security").is_none() || path.starts_with("/api/") {
        statuses.extend([(400, "invalid_input: the request is malformed"), (401, "sign_in_required")]);
    }
    if path.contains('{') {
        statuses.push((404, "not_found"));
    }
    if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] != "path")) {
        statuses.push((422, "invalid_input"));
    }
    if method != "get" {
        statuses.extend([(400, "invalid_input: the request is malformed"), (403, "cross_site, not_permitted"), (408, "timeout"), (413, "too_large")]);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([(415, "unsupported_media_type"), (422, "invalid_input")]);
        of_bytes(&mut operation["requestBody"]["content"]);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, codes) in statuses {
            let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            responses.entry(status.to_string()).or_insert_with(|| json!({ "description": codes, "content": problem }));
        }
        responses.values_mut().filter_map(|response| response.get_mut("content")).for_each(of_bytes);
    }
}

/// Files and DER are no lists of numbers.
fn of_bytes(content: &mut Value) {
    for (media_type, body) in members(content) {
        let is_text = media_type.ends_with("json") || media_type.starts_with("text/") || media_type.starts_with("multipart/");
        if !is_text {
            body["schema"] = json!({ "type": "string", "format": "binary", "contentMediaType": media_type });
        }
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&str, &mut Value)> {
    value.as_object_mut().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// `GET /api/v1/openapi.json`.
pub async fn document() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(members) => {
                for (key, member) in members {
                    match member.as_str() {
                        Some(target) if key == "$ref" => found.push(target),
                        _ => references(member, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_is_openapi_3_1_and_every_reference_leads_somewhere() {
        assert_eq!(DOCUMENT["openapi"], "3.1.0");
        let mut found = Vec::new();
        references(&DOCUMENT, &mut found);
        assert!(found.len() > 30);
        for target in found {
            assert!(DOCUMENT.pointer(&target[1..]).is_some(), "{target}");
        }
    }
}
