//! Document types.

use leptos::prelude::*;
use leptos::server_fn::codec::{ByteStream, Json, Streaming};

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::{AppError, AppResult};
use crate::model::{TypeCode, TypeDefinition, TypeFiles, TypeSummary};

/// Types the caller may use.
#[server(name = ListTypes, prefix = "/rpc", endpoint = "types/types", protocol = Wire)]
pub async fn types() -> AppResult<Vec<TypeSummary>> {
    answer(desk()?.types().await)
}

/// One type with its fields and route.
#[server(name = ReadDefinition, prefix = "/rpc", endpoint = "types/definition", protocol = Wire)]
pub async fn definition(code: TypeCode) -> AppResult<TypeDefinition> {
    answer(desk()?.definition(code).await)
}

/// A type's files as text (administrators).
#[server(name = ReadTypeFiles, prefix = "/rpc", endpoint = "types/files", protocol = Wire)]
pub async fn type_files(code: TypeCode) -> AppResult<TypeFiles> {
    answer(desk()?.type_files(code).await)
}

/// Imports or replaces a type (administrators).
#[server(name = ImportType, prefix = "/rpc", endpoint = "types/import", protocol = Wire)]
pub async fn import_type(code: Option<TypeCode>, files: TypeFiles) -> AppResult<TypeDefinition> {
    answer(desk()?.import_type(code, files).await)
}

/// A sample PDF from files that are not imported yet (administrators).
#[server(name = PreviewType, prefix = "/rpc", endpoint = "types/preview", input = Json, output = Streaming)]
pub async fn preview_type(files: TypeFiles) -> AppResult<ByteStream<AppError>> {
    let pdf = answer(desk()?.preview_type(files).await)?;
    Ok(super::once(pdf))
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ListTypes>();
    function::<ReadDefinition>();
    function::<ReadTypeFiles>();
    function::<ImportType>();
    function::<PreviewType>();
}
