//! Document types: those the caller may use, one of them, import.

use app::error::Code;
use app::model::{Page, TypeCode, TypeDefinition, TypeFiles, TypeSummary};
use axum::Json;
use axum::extract::Multipart;

use super::door::{Asked, Door, Named, Part};
use super::problem::{Answer, Problem};

/// Types the caller may use.
#[utoipa::path(get, path = "/api/v1/types", operation_id = "listTypes", tag = "types",
    params(("limit" = Option<u32>, Query, description = "1 to 200, 50 where absent"), ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<TypeSummary>, description = "One page")))]
pub async fn list(door: Door, Asked(part): Asked<Part>) -> Answer<Json<Page<TypeSummary>>> {
    let types = door.desk.types().await?;
    part.of(door.lang, types).map(Json)
}

/// One type with its fields and its route.
#[utoipa::path(get, path = "/api/v1/types/{code}", operation_id = "readType", tag = "types", params(("code" = TypeCode, Path, description = "The type's code")),
    responses((status = 200, body = TypeDefinition, description = "The type"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn read(door: Door, Named(code): Named<TypeCode>) -> Answer<Json<TypeDefinition>> {
    Ok(Json(door.desk.definition(code).await?))
}

/// Imports or replaces a type (administrators).
#[utoipa::path(put, path = "/api/v1/types/{code}", operation_id = "importType", tag = "types", params(("code" = TypeCode, Path, description = "The type's code")),
    request_body(content = Folder, content_type = "multipart/form-data"),
    responses((status = 200, body = TypeDefinition, description = "Imported"), (status = 403, body = Problem, content_type = "application/problem+json", description = "not_permitted"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "invalid_input")))]
pub async fn import(
    door: Door,
    Named(code): Named<TypeCode>,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Answer<Json<TypeDefinition>> {
    let multipart = multipart.map_err(|_| super::door::unsupported(door.lang, "multipart/form-data"))?;
    let files = folder(&door, multipart).await?;
    Ok(Json(door.desk.import_type(Some(code), files).await?))
}

/// A type's folder, file by file.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body to readers of the OpenAPI document; the parts are read one by one")]
pub struct Folder {
    /// The definition.
    #[schema(rename = "type.toml")]
    definition: String,
    /// The Typst template; absent for upload types.
    #[schema(rename = "template.typ")]
    template: Option<String>,
}

async fn folder(door: &Door, mut multipart: Multipart) -> Answer<TypeFiles> {
    let lang = door.lang;
    let broken = |error: axum::extract::multipart::MultipartError| Problem::of_status(lang, error.status());
    let wrong = |en: &str, zh: &str| Problem::edge(lang, Code::InvalidInput, en, zh);
    let (mut definition, mut template) = (None, None);
    while let Some(part) = multipart.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let slot = match name.as_str() {
            "type.toml" => &mut definition,
            "template.typ" => &mut template,
            _ => return Err(wrong("The parts are `type.toml` and `template.typ`.", "multipart 只能有 type.toml 和 template.typ。")),
        };
        let bytes = part.bytes().await.map_err(broken)?;
        let text = String::from_utf8(bytes.into()).map_err(|_| wrong("A type's files are UTF-8 text.", "类型文件须为 UTF-8 文本。"))?;
        if slot.replace(text).is_some() {
            return Err(wrong("Each part may come once.", "每个部分只能出现一次。"));
        }
    }
    let definition = definition.ok_or_else(|| wrong("The part `type.toml` is missing.", "缺少 type.toml 部分。"))?;
    Ok(TypeFiles { definition, template })
}
