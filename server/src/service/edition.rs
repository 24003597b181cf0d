//! The stages that a creation, a preview and a correction share: check what was sent, plan the route, make the PDF.

use std::borrow::Cow;
use std::collections::BTreeMap;

use app::error::Code;
use app::model::{Lang, NewDocument, Number, StepDefinition, TypeDefinition, TypeSource};
use bytes::Bytes;
use pades::{Appearance, Issue, Limits, PageGeometry, Stamp};
use render::seal::Drawing;
use render::stamp::{StampText, stamp};
use serde_json::Value;

use crate::App;
use crate::caller::Person;
use crate::clock;
use crate::error::{Error, Result, internal, invalid, invalid_field};
use crate::index::{EditionContent, NewFile, NewStep, StepFieldRow};
use crate::service::catalog::Type;
use crate::service::faults::document_refused;
use crate::service::paper::{self, Paper};
use crate::service::record::{self, Deed, DeedCreator, DeedStep};
use crate::service::route::{self, Asked, PlannedStep};
use crate::types::{self, TemplateData};
use crate::typesetting::Layout;

/// What was sent, checked, with the people its route asks.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The type as it is now.
    pub definition: TypeDefinition,
    template: Option<String>,
    /// Checked values.
    pub fields: BTreeMap<String, Value>,
    /// What the document is about.
    pub matter: String,
    /// Its title.
    pub title: String,
    steps: Vec<StepDefinition>,
    asked: Vec<Vec<Asked>>,
    upload: Option<Bytes>,
    lang: Lang,
}

/// When the document and this edition of it were created: what the file says and what the rows say are the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// When the first edition was created.
    pub created_at: i64,
    /// When this one is.
    pub at: i64,
}

/// Revision 0 and its route.
pub struct Made {
    /// The file.
    pub pdf: Bytes,
    planned: Vec<PlannedStep>,
    names: BTreeMap<String, String>,
}

/// Checks values, conditions, matter, the people asked, and that a file came exactly when the type wants one.
///
/// # Errors
/// `InvalidInput` with every field's reason, or a step that no one can decide.
pub async fn draft(app: &App, known: Type, new: NewDocument, upload: Option<Bytes>, lang: Lang) -> Result<Draft> {
    let Type { definition, template } = known;
    // 1. Values and title.
    let fields = types::values::check(&definition, &new.fields).map_err(|problems| {
        invalid("Some fields need another look. Nothing was created.", "部分字段需要修改，单据未创建。")
            .next("Correct the marked fields and send it again.", "请修改标出的字段后重新提交。")
            .fields(problems)
    })?;
    right_file(&definition, upload.as_ref())?;
    // 2. The route: steps whose condition holds, and who is asked.
    let steps = types::condition::route(&definition, &fields).map_err(|text| invalid(text.en, text.zh))?;
    let steps: Vec<StepDefinition> = steps.into_iter().cloned().collect();
    if steps.is_empty() {
        return Err(invalid(
            "With these values no step asks anyone, so there is nothing to approve. Nothing was created.",
            "按所填内容没有任何审批环节，单据未创建。",
        )
        .next("Check the values, or ask an administrator to look at the type's conditions.", "请核对所填内容，或联系管理员检查该类型的条件。"));
    }
    let mut asked = Vec::with_capacity(steps.len());
    for step in &steps {
        let holders = app.index.accounts_with_role(&step.role).await?;
        if holders.is_empty() {
            return Err(route::no_one_to_ask(step));
        }
        asked.push(holders.into_iter().map(|row| Asked { account: row.id, name: row.name }).collect());
    }
    // 3. The matter.
    let matter = types::matter::matter(&definition, &fields);
    let title = types::values::title(&definition, new.title.as_deref(), &types::matter::shown(&definition, &fields), lang)
        .map_err(|text| invalid_field("title", text.en, text.zh))?;
    Ok(Draft { definition, template, fields, matter, title, steps, asked, upload, lang })
}

/// What can be shown of a document that is still being filled in.
///
/// # Errors
/// A file where the type makes its own, or none where it wants one.
pub async fn sketch(app: &App, known: Type, new: &NewDocument, upload: Option<Bytes>, lang: Lang) -> Result<Draft> {
    let Type { definition, template } = known;
    right_file(&definition, upload.as_ref())?;
    let fields = types::blank::filled(&definition, &new.fields);
    // A condition that needs what is missing adds no step yet.
    let steps: Vec<StepDefinition> = types::condition::route(&definition, &fields).unwrap_or_default().into_iter().cloned().collect();
    let mut asked = Vec::with_capacity(steps.len());
    for step in &steps {
        let mut people: Vec<Asked> = app.index.accounts_with_role(&step.role).await?.into_iter().map(|row| Asked { account: row.id, name: row.name }).collect();
        if people.is_empty() {
            // Said when the document is sent; its place is shown all the same.
            people.push(Asked { account: String::new(), name: String::new() });
        }
        asked.push(people);
    }
    let known = definition.matter.iter().all(|key| fields.get(key).is_some_and(|value| value != ""));
    let matter = if known { types::matter::matter(&definition, &fields) } else { String::new() };
    let shown = if known { types::matter::shown(&definition, &fields) } else { String::new() };
    let title = types::values::title(&definition, new.title.as_deref(), &shown, lang).unwrap_or_default();
    Ok(Draft { definition, template, fields, matter, title: title.trim().to_owned(), steps, asked, upload, lang })
}

/// A file comes exactly when the type wants one.
fn right_file(definition: &TypeDefinition, upload: Option<&Bytes>) -> Result<()> {
    match (definition.source, upload) {
        (TypeSource::Upload, None) => Err(invalid_field("file", "Choose the PDF that this document is.", "请选择作为单据的 PDF 文件。")),
        (TypeSource::Template, Some(_)) => Err(invalid_field("file", "This type makes its own PDF; send no file.", "该类型自动生成 PDF，请不要上传文件。")),
        _ => Ok(()),
    }
}

/// How long revision 0 may be, bytes: with the signatures it waits for, and the evidence after the last one, it must stay within what is read.
fn longest(signatures: usize) -> usize {
    /// CMS with its stamp, and a seal of many outlines.
    const SIGNATURE: usize = 96 << 10;
    /// Certificates, lists, answers, and the stamp over all.
    const EVIDENCE: usize = 1 << 20;
    /// What a small document always has.
    const LEAST: usize = 4 << 20;
    Limits::default().max_bytes.saturating_sub(EVIDENCE + signatures.saturating_mul(SIGNATURE)).max(LEAST)
}

impl Draft {
    /// The language the document is made in.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Makes revision 0: the rendered or uploaded PDF with number, fields and, for uploads, the stamp.
    ///
    /// # Errors
    /// What the PDF is refused for, a template that fails, a seal that does not fit.
    pub async fn make(&self, app: &App, creator: &Person, number: &Number, edition: u32, moments: Moments) -> Result<Made> {
        let now = moments.at;
        let (pdf, pages) = self.page(app, creator, Some(number.as_str()), edition, now).await?;
        let planned = route::plan(&self.steps.iter().collect::<Vec<_>>(), &self.asked, &pages, self.upload.is_some())?;
        let stamp = self.stamp(app, creator, number.as_str(), None, &pdf, &pages, &planned, now).await?;
        let issue = Issue {
            number: number.to_string(),
            title: self.title.clone(),
            author: creator.me.name.clone(),
            created_at: now.div_euclid(1000),
            fields: planned.iter().flat_map(|step| step.fields.iter().map(route::PlannedField::empty_field)).collect(),
            stamp,
        };
        let limit = longest(issue.fields.len());
        let names: BTreeMap<String, String> = self.asked.iter().flatten().map(|who| (who.account.clone(), who.name.clone())).collect();
        let deed = self.deed(creator, number, edition, moments, steps(&planned, &names)).write()?;
        let pdf = app.work(move || pades::issue_with_data(&pdf, &issue, Some(&deed))).await?.map_err(|error| match self.definition.source {
            TypeSource::Upload => document_refused(error),
            TypeSource::Template => internal(error),
        })?;
        if pdf.len() > limit {
            return Err(document_refused(pades::Error::TooLarge { what: "bytes", limit }));
        }
        Ok(Made { pdf: pdf.into(), planned, names })
    }

    /// The PDF of a [`sketch`], without a number.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub async fn preview(&self, app: &App, creator: &Person) -> Result<Bytes> {
        let now = app.clock.now();
        let mut made = self.page(app, creator, None, 1, now).await;
        if made.is_err() && self.definition.source == TypeSource::Template {
            // The template cannot do with empty places: something stands in for what is missing.
            let today = clock::date(now).to_string();
            let whole = Self { fields: types::blank::stand_ins(&self.definition, &self.fields, &today), ..self.clone() };
            made = whole.page(app, creator, None, 1, now).await;
        }
        let (pdf, pages) = made?;
        let planned = route::plan(&self.steps.iter().collect::<Vec<_>>(), &self.asked, &pages, self.upload.is_some())?;
        // the number comes when it is sent; its place is shown
        let number = format!("{}-…", self.definition.code);
        let Some(stamp) = self.stamp(app, creator, &number, Some(&creator.id), &pdf, &pages, &planned, now).await? else { return Ok(pdf) };
        let issue = Issue {
            number,
            title: self.title.clone(),
            author: creator.me.name.clone(),
            created_at: now.div_euclid(1000),
            fields: Vec::new(),
            stamp: Some(stamp),
        };
        app.work(move || pades::issue(&pdf, &issue)).await?.map(Bytes::from).map_err(document_refused)
    }

    /// The page content before anything is added, and its geometry.
    async fn page(&self, app: &App, creator: &Person, number: Option<&str>, edition: u32, now: i64) -> Result<(Bytes, Vec<PageGeometry>)> {
        let uploaded = self.upload.is_some();
        let pdf = match (&self.upload, &self.template) {
            (Some(pdf), _) => pdf.clone(),
            (None, Some(template)) => {
                let (data, files) = self.data(app, creator, number, edition, now);
                let layout = Layout { template: template.clone(), data, files, clock: now.div_euclid(1000) };
                // Without a number it is only shown.
                let laid = match number {
                    Some(_) => app.typesetting.document(layout).await?,
                    None => app.typesetting.preview(&creator.id, layout).await?,
                };
                Bytes::from(laid.map_err(template_failed)?)
            }
            (None, None) => return Err(internal("a type without template and without upload")),
        };
        app.work(move || {
            let told = |error| if uploaded { document_refused(error) } else { internal(error) };
            // What is shown before it is sent is what would be signed: repaired, decrypted, without what does nothing.
            let pdf = match pades::normalized(&pdf, &Limits::default()).map_err(told)? {
                Cow::Owned(anew) => anew.into(),
                Cow::Borrowed(_) => pdf,
            };
            let inspection = pades::inspect(&pdf, &Limits::default()).map_err(told)?;
            Ok((pdf, inspection.pages))
        })
        .await?
    }

    /// What the template reads (design: "A type is a folder"), and the pictures beside it.
    fn data(&self, app: &App, creator: &Person, number: Option<&str>, edition: u32, now: i64) -> (Value, Vec<(String, Vec<u8>)>) {
        TemplateData {
            definition: &self.definition,
            number,
            title: &self.title,
            edition,
            created_at: &clock::minute(now),
            creator_name: &creator.me.name,
            client_number: creator.me.client_number.as_str(),
            values: &self.fields,
            route: &self.steps.iter().collect::<Vec<_>>(),
            public_url: app.config.public_base(),
            lang: self.lang,
        }
        .files()
    }

    /// Number and code for an uploaded PDF: on its first page, where nothing is printed and no seal will be; else on a strip at its foot, which is made
    /// as well where the page has no room for its seals. `account` is whose preview it is.
    #[expect(clippy::too_many_arguments, reason = "all that the stamp says and all that it must not cover")]
    async fn stamp(
        &self,
        app: &App,
        creator: &Person,
        number: &str,
        account: Option<&str>,
        pdf: &Bytes,
        pages: &[PageGeometry],
        planned: &[PlannedStep],
        now: i64,
    ) -> Result<Option<Stamp>> {
        let (Some(_), Some(first)) = (&self.upload, pages.first()) else {
            route::check_room(planned, pages)?;
            return Ok(None);
        };
        let here = || planned.iter().flat_map(|step| &step.fields).filter(|field| field.page == 1);
        let fixed: Vec<pades::Rect> = here().filter_map(|field| field.rect).collect();
        let strip = || paper::strip(first, here().filter(|field| field.rect.is_none()).count());
        let ink = app.typesetting.ink(account, pdf.clone(), 0).await?;
        let mut paper = paper::free(first, ink.as_ref(), &fixed).unwrap_or_else(strip);
        let room = |paper: &Paper| {
            let pages: Vec<PageGeometry> = std::iter::once(first.with_strip(paper.strip)).chain(pages[1..].iter().copied()).collect();
            route::check_room(planned, &pages)
        };
        if paper.strip == 0 && room(&paper).is_err() {
            paper = strip();
        }
        room(&paper)?;
        let url = app.document_url(number);
        let note = format!("{} {}", creator.me.name, clock::date(now));
        let Drawing { width, height, content } = stamp(&StampText { number, title: self.definition.name.pick(self.lang), note: &note, url: &url });
        Ok(Some(Stamp { page: 1, rect: paper.rect, appearance: Appearance { width, height, content }, strip: paper.strip }))
    }

    /// The rows of the edition, its file already stored.
    pub fn content(&self, made: &Made, file: NewFile) -> EditionContent {
        let steps = steps(&made.planned, &made.names);
        EditionContent { title: self.title.clone(), matter: self.matter.clone(), fields: self.fields.clone(), steps, file }
    }

    /// What the file says of itself: all that the rows say.
    fn deed(&self, creator: &Person, number: &Number, edition: u32, moments: Moments, steps: Vec<NewStep>) -> Deed {
        Deed {
            v: record::VERSION,
            number: number.clone(),
            type_code: number.type_code(),
            edition,
            title: self.title.clone(),
            matter: self.matter.clone(),
            fields: self.fields.clone(),
            lang: self.lang.code().to_owned(),
            creator: DeedCreator {
                account: creator.id.clone(),
                login: creator.me.login.clone(),
                name: creator.me.name.clone(),
                client_number: creator.me.client_number.clone(),
            },
            created_at: moments.created_at,
            at: moments.at,
            steps: steps.into_iter().map(DeedStep::from).collect(),
        }
    }
}

/// The route as rows. `names` are those of the accounts that are asked.
fn steps(planned: &[PlannedStep], names: &BTreeMap<String, String>) -> Vec<NewStep> {
    let step = |planned: &PlannedStep| NewStep {
        key: planned.definition.key.clone(),
        name: planned.definition.name.clone(),
        role: planned.definition.role.clone(),
        decide: planned.definition.decide,
        design: planned.definition.design(),
        fields: (1u32..)
            .zip(&planned.fields)
            .map(|(ordinal, field)| StepFieldRow {
                ordinal,
                field: field.name.clone(),
                page: field.page as i32,
                rect: field.rect,
                rotate: field.rotate,
                movable: field.movable,
                account_name: field.account.as_ref().and_then(|account| names.get(account).cloned()),
                account: field.account.clone(),
            })
            .collect(),
    };
    planned.iter().map(step).collect()
}

/// A template that fails with values that passed: the type is to blame, not the creator.
fn template_failed(error: render::TemplateError) -> Error {
    Error::new(
        Code::InvalidInput,
        format!("The type's template could not lay out these values ({error}). Nothing was created."),
        format!("该类型的模板无法排版所填内容（{error}），单据未创建。"),
    )
    .next("Shorten very long values, or ask an administrator to look at the template.", "请缩短过长的内容，或联系管理员检查模板。")
}
