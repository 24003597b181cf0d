//! Importing types, and trying them before.

use app::error::Code;
use app::model::{Lang, Number, TypeCode, TypeDefinition, TypeFiles, TypeSource};
use bytes::Bytes;
use pades::Limits;

use crate::App;
use crate::error::{Error, Result, internal, invalid_field};
use crate::index::{MAIN, TypeRow};
use crate::permission::{ManageTypes, Permit};
use crate::service::record::{self, Committed, Record, TypeRecord};
use crate::store::VolumeName;
use crate::types::{self, ImportProblem, TemplateData};
use crate::typesetting::Layout;

/// A type's files as they were imported.
///
/// # Errors
/// `NotFound`.
pub async fn files(app: &App, _permit: Permit<ManageTypes>, code: &TypeCode) -> Result<TypeFiles> {
    let row = app.index.type_row(code).await?.ok_or_else(crate::error::not_found)?;
    Ok(TypeFiles { definition: row.definition, template: row.template })
}

/// Imports or replaces a type.
///
/// # Errors
/// What is wrong with it, with file and line; `code` differs from the definition's; its database is not configured.
pub async fn import(app: &App, permit: Permit<ManageTypes>, code: Option<TypeCode>, files: TypeFiles) -> Result<TypeDefinition> {
    save(app, &permit.person().id, code, files).await
}

/// Imports from the command line.
///
/// # Errors
/// As [`import`].
pub async fn import_here(app: &App, files: TypeFiles) -> Result<TypeDefinition> {
    save(app, "", None, files).await
}

/// Imports each type that ships, unless one of its code is there already.
///
/// # Errors
/// When the index does not answer.
pub async fn import_shipped(app: &App) -> Result<()> {
    for files in types::shipped::all() {
        // Their templates are laid out by the tests; doing it again at the first start would only cost time and memory.
        let definition = types::definition::check(&files).map_err(|problem| refused(&problem))?;
        if app.index.type_row(&definition.code).await?.is_none() {
            keep(app, "", definition, files, true).await?;
        }
    }
    Ok(())
}

/// A sample PDF from files not imported yet.
///
/// # Errors
/// What is wrong with them.
pub async fn preview(app: &App, permit: Permit<ManageTypes>, files: TypeFiles, lang: Lang) -> Result<Bytes> {
    let account = &permit.person().id;
    let definition = check(app, account, &files).await?;
    if definition.source == TypeSource::Upload {
        return Err(invalid_field(
            "template",
            "This type's documents are uploaded PDFs; there is no template to show.",
            "该类型使用上传的 PDF，没有模板可预览。",
        ));
    }
    let template = files.template.ok_or_else(|| internal("a checked type without template"))?;
    let pdf = app.typesetting.trial(account, sample(&definition, &template, lang)).await?;
    pdf.map(Bytes::from).map_err(|error| refused(&ImportProblem::template(&error)))
}

async fn save(app: &App, account: &str, code: Option<TypeCode>, files: TypeFiles) -> Result<TypeDefinition> {
    // 1. The definition, its conditions, its numbering, its matter; the template with sample data in both languages.
    let definition = check(app, account, &files).await?;
    if code.is_some_and(|code| code != definition.code) {
        let text = format!("The definition's code is {}, not the one in the address.", definition.code);
        return Err(invalid_field("code", text, format!("定义中的类型代码为 {}，与地址不符。", definition.code)));
    }
    keep(app, account, definition, files, false).await
}

/// What ships is imported although the store may be away: the server starts then, too, and the record is written as soon as it is back.
async fn keep(app: &App, account: &str, definition: TypeDefinition, files: TypeFiles, ships: bool) -> Result<TypeDefinition> {
    // 2. Its database.
    if !app.index.has_database(&definition.database) {
        let names = app.index.database_names().join(", ");
        return Err(invalid_field(
            "database",
            format!("There is no configured database {:?}; there are: {names}.", definition.database),
            format!("没有配置名为 {:?} 的数据库；现有：{names}。", definition.database),
        )
        .next(
            format!("Use {MAIN:?}, or set SIGNET_DATABASE_<NAME>_URL and restart."),
            format!("请使用 {MAIN:?}，或设置 SIGNET_DATABASE_<NAME>_URL 后重启。"),
        ));
    }
    // 3. Its volume.
    if let Some(volume) = &definition.volume
        && !app.store.names().any(|name| name.as_str() == volume)
    {
        let names = app.store.names().map(VolumeName::as_str).collect::<Vec<_>>().join(", ");
        return Err(invalid_field(
            "volume",
            format!("There is no configured volume {volume:?}; there are: {names}."),
            format!("没有配置名为 {volume:?} 的存储卷；现有：{names}。"),
        )
        .next("Use one of these, or set SIGNET_FTP_<NAME>_URL and restart.", "请使用其中之一，或设置 SIGNET_FTP_<NAME>_URL 后重启。"));
    }
    // 4. The record, and the row.
    for _ in 0..record::TRIES {
        if write(app, account, &definition, &files, ships).await? {
            return Ok(definition);
        }
    }
    Err(record::overtaken())
}

/// False where another import of the type was faster.
async fn write(app: &App, account: &str, definition: &TypeDefinition, files: &TypeFiles, ships: bool) -> Result<bool> {
    let version = app.index.record_version(MAIN, "type", definition.code.as_str()).await?;
    let row = TypeRow {
        code: definition.code.clone(),
        database: definition.database.clone(),
        definition: files.definition.clone(),
        template: files.template.clone(),
        imported_at: app.clock.now(),
        imported_by: account.to_owned(),
    };
    let kept = match record::keep(app, &Record::Type(TypeRecord::of(&row)), version + 1).await {
        Ok(kept) => kept,
        Err(error) if ships && error.code() == Code::StoreUnavailable => {
            tracing::warn!(%error, code = %row.code, "the record of a type that ships is written later");
            app.index.save_type(row, None).await?;
            return Ok(true);
        }
        Err(error) => return Err(error),
    };
    let done = app.index.save_type(row, Some(kept.clone())).await;
    Ok(matches!(record::settle(app, MAIN, &kept, done).await?, Committed::Done(())))
}

async fn check(app: &App, account: &str, files: &TypeFiles) -> Result<TypeDefinition> {
    let checked = files.clone();
    let definition = app.work(move || types::definition::check(&checked)).await?.map_err(|problem| refused(&problem))?;
    if let Some(template) = &files.template {
        for lang in [Lang::En, Lang::Zh] {
            let laid = app.typesetting.trial(account, sample(&definition, template, lang)).await?;
            let pdf = laid.map_err(|error| refused(&ImportProblem::template(&error)))?;
            // The checks of every document made of it: better said here than to whoever fills in the first one.
            let taken = app.work(move || pades::inspect(&pdf, &Limits::default())).await?;
            taken.map_err(|error| refused(&ImportProblem::content(&error)))?;
        }
    }
    Ok(definition)
}

/// The template with sample values.
fn sample(definition: &TypeDefinition, template: &str, lang: Lang) -> Layout {
    let values = types::sample::values(definition);
    let route: Vec<_> = definition.steps.iter().collect();
    let number = types::numbering::number(&definition.number, 2026, 11, 123);
    let (data, files) = TemplateData {
        definition,
        number: number.as_ref().map(Number::as_str),
        title: definition.name.pick(lang),
        edition: 1,
        created_at: "2026-11-23 14:02",
        creator_name: lang.pick("Li Na", "李娜"),
        client_number: "C00042",
        values: &values,
        route: &route,
        public_url: "https://signet.example",
        lang,
    }
    .files();
    Layout { template: template.to_owned(), data, files, clock: 1_795_413_720 }
}

fn refused(problem: &ImportProblem) -> Error {
    let told = problem.told();
    let key = if problem.file == "template.typ" { "template" } else { "definition" };
    invalid_field(key, told.en, told.zh).next("Correct that line and import it again. The type is as it was before.", "请修改该行后重新导入。类型保持原状。")
}
