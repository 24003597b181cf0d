//! The types that ship with Signet, inside the program.

use app::model::{TypeDefinition, TypeFiles};

use super::definition;

const SHIPPED: [(&str, Option<&str>); 3] = [
    (include_str!("../../types/EXP/type.toml"), Some(include_str!("../../types/EXP/template.typ"))),
    (include_str!("../../types/WO/type.toml"), Some(include_str!("../../types/WO/template.typ"))),
    (include_str!("../../types/RCT/type.toml"), None),
];

/// Their folders' texts: expense claim, work order, receipt.
pub fn all() -> Vec<TypeFiles> {
    SHIPPED.iter().map(|(definition, template)| TypeFiles { definition: (*definition).to_owned(), template: template.map(str::to_owned) }).collect()
}

/// Their definitions.
pub fn definitions() -> Vec<TypeDefinition> {
    all().iter().map(|files| definition::check(files).expect("the shipped types are checked by a test")).collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::{fs, path::PathBuf};

    use app::model::{Lang, TypeSource};
    use serde_json::{Value, json};

    use super::*;
    use crate::types::{TemplateData, Values, condition, sample};

    fn pdf(files: &TypeFiles, values: &Values, lang: Lang) -> Vec<u8> {
        let definition = definition::check(files).unwrap();
        let route = condition::route(&definition, values).unwrap();
        let number = format!("{}-2026-000123", definition.code);
        let data = TemplateData {
            definition: &definition,
            number: Some(&number),
            title: lang.pick("Trip to Qingdao", "差旅费 · 济南至青岛"),
            edition: 1,
            created_at: "2026-11-23 14:02",
            creator_name: lang.pick("Li Na", "李娜"),
            client_number: "C00042",
            values,
            route: &route,
            public_url: "https://signet.example",
            lang,
        };
        let (data, given) = data.files();
        let given: Vec<(&str, &[u8])> = given.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        render::Renderer::new().pdf(files.template.as_deref().unwrap(), &data, &given, 1_795_428_000).unwrap()
    }

    fn pages(pdf: &[u8]) -> usize {
        pdf.windows(11).filter(|window| window == b"/Type/Page\n" || window.starts_with(b"/Type/Page/")).count()
    }

    /// Text of the PDF where poppler is installed; `SIGNET_KEEP` names a folder to leave the PDFs in.
    fn text(name: &str, pdf: &[u8]) -> Option<String> {
        if let Some(folder) = std::env::var_os("SIGNET_KEEP") {
            fs::write(PathBuf::from(folder).join(name), pdf).unwrap();
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pdf).unwrap();
        let output = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").stderr(Stdio::null()).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    #[test]
    fn every_shipped_template_renders_in_both_languages() {
        for files in all() {
            let definition = definition::check(&files).unwrap();
            if definition.source == TypeSource::Upload {
                continue;
            }
            for lang in [Lang::Zh, Lang::En] {
                let values = sample::values(&definition);
                let pdf = pdf(&files, &values, lang);
                assert!(pdf.len() < 200_000, "{}", pdf.len());
                assert_eq!(pages(&pdf), 1, "{} {lang:?}", definition.code);
                if let Some(text) = text(&format!("{}-{}.pdf", definition.code, lang.code()), &pdf) {
                    assert!(text.contains(&format!("{}-2026-000123", definition.code)), "{text}");
                    assert!(text.contains(definition.steps[0].name.pick(lang)), "{text}");
                }
            }
        }
    }

    #[test]
    fn many_rows_and_long_text_flow_over_pages_and_the_strip_stays_on_the_last() {
        for files in all().into_iter().filter(|files| files.template.is_some()) {
            let definition = definition::check(&files).unwrap();
            let mut values = sample::values(&definition);
            for (key, value) in &mut values {
                match definition.fields.iter().find(|field| &field.key == key).map(|field| field.kind) {
                    Some(app::model::FieldKind::Table) => {
                        let row = value[0].clone();
                        *value = Value::Array(vec![row; 120]);
                    }
                    Some(app::model::FieldKind::Paragraph) => *value = json!("很长的事由，会换行，也会跨页。".repeat(200)),
                    Some(app::model::FieldKind::Text) => *value = json!("Averyveryverylongwordwithoutanyspace".repeat(5)),
                    _ => {}
                }
            }
            let pdf = pdf(&files, &values, Lang::Zh);
            assert!((2..=12).contains(&pages(&pdf)), "{} pages", pages(&pdf));
            if let Some(text) = text(&format!("{}-long.pdf", definition.code), &pdf) {
                let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
                let strip = definition.steps[0].name.zh.as_str();
                let shown: Vec<usize> = pages.iter().map(|page| page.matches(strip).count()).collect();
                assert_eq!(shown.iter().sum::<usize>(), 1, "the strip is there once: {shown:?}");
                assert_eq!(shown.last(), Some(&1), "the strip is on the last page");
            }
        }
    }

    #[test]
    fn the_least_a_document_can_have_renders() {
        for files in all().into_iter().filter(|files| files.template.is_some()) {
            let definition = definition::check(&files).unwrap();
            let mut values = sample::values(&definition);
            values.retain(|key, _| definition.fields.iter().any(|field| &field.key == key && field.required));
            assert_eq!(pages(&pdf(&files, &values, Lang::En)), 1);
        }
    }
}
