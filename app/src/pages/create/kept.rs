//! The draft on this device: restored when the page opens, kept while it is filled in, gone when it was sent.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;

use super::form::Form;
use crate::browser::draft::{self, Draft, Files};
use crate::browser::pieces::Calm;
use crate::model::{FieldKind, TypeDefinition};

/// The draft of one form. `Copy`.
#[derive(Clone, Copy)]
pub struct Kept {
    name: StoredValue<String>,
    form: Form,
    key: StoredValue<String>,
    over: StoredValue<bool>,
    texts: Calm,
    files: Calm,
    /// When what was restored was kept, RFC 3339; nothing when nothing was restored.
    pub restored: RwSignal<Option<String>>,
    /// When it was last kept.
    pub kept_at: RwSignal<Option<String>>,
}

impl Kept {
    /// Restores the draft `name` into `form`, if there is one, and keeps it from now on.
    pub fn begin(name: String, form: Form) -> Self {
        let found = draft::read(&name);
        let kept = Self {
            key: StoredValue::new(found.as_ref().map(|draft| draft.key.clone()).filter(|key| !key.is_empty()).unwrap_or_else(draft::fresh_key)),
            name: StoredValue::new(name),
            form,
            over: StoredValue::new(false),
            texts: Calm::new(400),
            files: Calm::new(700),
            restored: RwSignal::new(None),
            kept_at: RwSignal::new(None),
        };
        if let Some(draft) = found {
            form.fill(&draft.title, &draft.fields);
            kept.restored.set(Some(draft.kept_at));
            kept.restore_files();
        }
        Effect::new(move |before: Option<()>| {
            let document = form.document();
            if before.is_some() {
                kept.texts.run(move || kept.keep(document.title.unwrap_or_default(), document.fields));
            }
        });
        Effect::new(move |before: Option<()>| {
            let files = kept.gather();
            if before.is_some() {
                kept.files.run(move || kept.keep_files(files));
            }
        });
        kept
    }

    /// The idempotency key of this draft.
    pub fn key(self) -> String {
        self.key.get_value()
    }

    /// A new idempotency key: what is sent next is another request.
    pub fn renew(self) {
        self.key.set_value(draft::fresh_key());
    }

    /// The draft's name.
    pub fn name(self) -> String {
        self.name.get_value()
    }

    /// Forgets the draft of this `name`. Nothing is kept any more when it was sent.
    pub async fn forget(self, name: &str, sent: bool) {
        self.over.set_value(sent);
        self.texts.stop();
        self.files.stop();
        draft::remove(name).await;
        self.restored.try_set(None);
        self.kept_at.try_set(None);
        self.renew();
    }

    fn keep(self, title: String, mut fields: BTreeMap<String, Value>) {
        if self.over.try_get_value() != Some(false) {
            return;
        }
        for key in self.picture_keys() {
            fields.remove(&key);
        }
        let kept_at = String::from(js_sys::Date::new_0().to_iso_string());
        let draft = Draft { title, fields, key: self.key.get_value(), kept_at: kept_at.clone() };
        if draft::write(&self.name.get_value(), &draft) {
            self.kept_at.set(Some(kept_at));
        }
    }

    fn keep_files(self, files: Files) {
        if self.over.try_get_value() != Some(false) {
            return;
        }
        let name = self.name();
        leptos::task::spawn_local(async move {
            // A vault that refuses loses the draft's pictures at most; the form still has them.
            let _ = draft::write_files(&name, &files).await;
        });
        let document = untrack(|| self.form.document());
        self.keep(document.title.unwrap_or_default(), document.fields);
    }

    fn restore_files(self) {
        let name = self.name();
        leptos::task::spawn_local(async move {
            let Ok(files) = draft::read_files(&name).await else { return };
            if files.pdf.is_some() {
                self.form.pdf.try_set(files.pdf);
            }
            self.form.entries.try_with_value(|entries| {
                for entry in entries {
                    if let Some(picture) = files.pictures.get(&entry.field.key) {
                        entry.value.try_set(picture.clone());
                    }
                }
            });
        });
    }

    fn gather(self) -> Files {
        let pictures = self.form.entries.with_value(|entries| {
            let pictures = entries.iter().filter(|entry| entry.field.kind == FieldKind::Image);
            pictures.map(|entry| (entry.field.key.clone(), entry.value.get())).filter(|(_, picture)| !picture.is_empty()).collect()
        });
        Files { pictures, pdf: self.form.pdf.get() }
    }

    fn picture_keys(self) -> Vec<String> {
        let keys =
            |definition: &TypeDefinition| definition.fields.iter().filter(|field| field.kind == FieldKind::Image).map(|field| field.key.clone()).collect();
        self.form.definition.with_value(keys)
    }
}
