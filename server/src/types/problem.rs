//! What is wrong with a type's folder, and where.

use app::model::LocalText;

use super::both;

/// Why a type cannot be imported. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    /// `type.toml` or `template.typ`.
    pub file: &'static str,
    /// Line in it, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub text: LocalText,
}

impl ImportProblem {
    /// The problem with its place, as a person reads it.
    pub fn told(&self) -> LocalText {
        let Self { file, line, text } = self;
        match line {
            Some(line) => both(format!("{file}, line {line}: {}", text.en), format!("{file} 第 {line} 行：{}", text.zh)),
            None => both(format!("{file}: {}", text.en), format!("{file}：{}", text.zh)),
        }
    }

    /// What the typesetter said about the template.
    pub fn template(error: &render::TemplateError) -> Self {
        Self { file: "template.typ", line: error.line, text: both(error.text.clone(), format!("模板排版出错：{}", error.text)) }
    }

    /// Why no document could be made of what the template lays out.
    pub fn content(error: &pades::Error) -> Self {
        let why = match error {
            pades::Error::Refused { text, .. } => text.clone(),
            other => other.to_string(),
        };
        let text = both(format!("no document can be made of its PDF: {why}"), format!("模板生成的 PDF 不能作为单据：{why}"));
        Self { file: "template.typ", line: None, text }
    }
}
