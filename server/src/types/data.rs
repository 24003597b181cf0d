//! What a template reads: `data.json`, `qr.svg` and the document's pictures.

use std::collections::BTreeMap;

use app::model::{FieldKind, Lang, StepDefinition, TypeDefinition};
use serde_json::{Map, Value, json};

use super::picture;

/// A document as its template gets it. `created_at` is written out in local time for people to read: `2026-11-23 14:02`.
pub struct TemplateData<'a> {
    /// The type.
    pub definition: &'a TypeDefinition,
    /// The number; a preview has none yet.
    pub number: Option<&'a str>,
    /// The title.
    pub title: &'a str,
    /// The edition.
    pub edition: u32,
    /// When it was created.
    pub created_at: &'a str,
    /// The creator's name.
    pub creator_name: &'a str,
    /// The creator's client number.
    pub client_number: &'a str,
    /// Checked values.
    pub values: &'a BTreeMap<String, Value>,
    /// The steps it passes ([`super::condition::route`]).
    pub route: &'a [&'a StepDefinition],
    /// Address of this installation, without a slash at the end.
    pub public_url: &'a str,
    /// Language to print in.
    pub lang: Lang,
}

/// The address of a document's page.
pub fn document_url(public_url: &str, number: &str) -> String {
    format!("{}/documents/{number}", public_url.trim_end_matches('/'))
}

impl TemplateData<'_> {
    /// `data.json`, and the files to give beside it (name, bytes). Every field of the type has a member, null where it was left
    /// empty; a picture's value is its file's name. Labels come along in the printed language.
    pub fn files(&self) -> (Value, Vec<(String, Vec<u8>)>) {
        let mut files = Vec::new();
        let mut fields = Map::new();
        let mut labels = Map::new();
        for field in &self.definition.fields {
            let mut value = self.values.get(&field.key).cloned().unwrap_or(Value::Null);
            if field.kind == FieldKind::Image {
                let picture = value.as_str().and_then(|url| picture::parse(url).ok());
                value = picture.map_or(Value::Null, |picture| {
                    let name = format!("{}.{}", field.key, picture.extension);
                    files.push((name.clone(), picture.bytes));
                    Value::String(name)
                });
            }
            if let Some(choice) = field.choices.iter().find(|choice| Some(choice.value.as_str()) == value.as_str()) {
                value = Value::String(choice.label.pick(self.lang).to_owned());
            }
            fields.insert(field.key.clone(), value);
            labels.insert(field.key.clone(), Value::String(field.label.pick(self.lang).to_owned()));
        }
        let number = self.number.unwrap_or_default();
        let link = if number.is_empty() { self.public_url.to_owned() } else { document_url(self.public_url, number) };
        files.push(("qr.svg".to_owned(), render::qr::svg(&link).into_bytes()));
        let step = |step: &&StepDefinition| json!({ "key": step.key, "name": step.name.pick(self.lang) });
        let data = json!({
            "number": number,
            "type": { "code": self.definition.code.as_str(), "name": self.definition.name.pick(self.lang) },
            "title": self.title,
            "edition": self.edition,
            "created_at": self.created_at,
            "creator": { "name": self.creator_name, "client_number": self.client_number },
            "fields": fields,
            "labels": labels,
            "steps": self.route.iter().map(step).collect::<Vec<_>>(),
            "public_url": self.public_url,
            "lang": self.lang.code(),
        });
        (data, files)
    }
}
