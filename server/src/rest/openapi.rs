//! The OpenAPI 3.1 document, generated from the handlers themselves.

use std::sync::LazyLock;

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{authority, certificates, decisions, documents, file, health, mailbox, me, ocsp, tsa, types, verify};

#[derive(OpenApi)]
#[openapi(
    info(title = "Signet", description = "Documents are created once, sealed in the approver's own browser or program, and returned to their creator."),
    paths(
        health::alive, health::ready, health::figures, authority::anchor, authority::revocations, authority::level_revocations, authority::root_revocations, authority::stamp_anchors, authority::trail_key, tsa::stamp, ocsp::post, ocsp::get, verify::verify, me::me, types::list, types::read, types::import,
        documents::create, documents::list, documents::read, file::file, documents::events, decisions::signing, decisions::sign, decisions::reject,
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
pub static DOCUMENT: LazyLock<serde_json::Value> = LazyLock::new(|| serde_json::to_value(Signet::openapi()).expect("an OpenAPI document is JSON"));

/// `GET /api/v1/openapi.json`.
pub async fn document() -> Json<&'static serde_json::Value> {
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
