//! What went wrong in a service: kind, cause, and what to do next in both languages. The desk translates it once and logs it once.

use std::collections::BTreeMap;

use app::error::{AppError, Code};
use app::model::{Lang, LocalText, Number};

/// The result of every service.
pub type Result<T> = std::result::Result<T, Error>;

/// An error before it is translated.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

/// Boxed, so that a `Result` stays small.
#[derive(Clone, Debug)]
struct Parts {
    code: Code,
    text: LocalText,
    next: Option<LocalText>,
    number: Option<Number>,
    fields: BTreeMap<String, LocalText>,
    indication: Option<String>,
    sub_indication: Option<String>,
    cause: Option<String>,
}

impl Error {
    /// What happened and what was kept, in English and Chinese.
    pub fn new(code: Code, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            text: LocalText { en: en.into(), zh: zh.into() },
            next: None,
            number: None,
            fields: BTreeMap::new(),
            indication: None,
            sub_indication: None,
            cause: None,
        }))
    }

    /// What to do next.
    #[must_use]
    pub fn next(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        self.0.next = Some(LocalText { en: en.into(), zh: zh.into() });
        self
    }

    /// Puts a sentence in front: what it is about.
    #[must_use]
    pub fn about(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        let text = &mut self.0.text;
        *text = LocalText { en: en.into() + &text.en, zh: zh.into() + &text.zh };
        self
    }

    /// The live document that is in the way.
    #[must_use]
    pub fn number(mut self, number: Number) -> Self {
        self.0.number = Some(number);
        self
    }

    /// Reasons by field key.
    #[must_use]
    pub fn fields(mut self, fields: BTreeMap<String, LocalText>) -> Self {
        self.0.fields = fields;
        self
    }

    /// ETSI EN 319 102-1 indication and sub-indication.
    #[must_use]
    pub fn indication(mut self, indication: impl Into<String>, sub_indication: Option<String>) -> Self {
        self.0.indication = Some(indication.into());
        self.0.sub_indication = sub_indication;
        self
    }

    /// What the log should know and the caller should not.
    #[must_use]
    pub fn cause(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// The kind.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The document named with `number`.
    pub fn named_number(&self) -> Option<&Number> {
        self.0.number.as_ref()
    }

    /// The error in the language `lang`.
    pub fn translate(self, lang: Lang) -> AppError {
        let parts = *self.0;
        AppError {
            code: parts.code,
            detail: parts.text.pick(lang).to_owned(),
            next: parts.next.map(|next| next.pick(lang).to_owned()),
            number: parts.number,
            fields: parts.fields.into_iter().map(|(key, text)| (key, text.pick(lang).to_owned())).collect(),
            indication: parts.indication,
            sub_indication: parts.sub_indication,
        }
    }

    /// Writes the one log line of this error: defects and outages loudly, refusals quietly.
    pub fn log(&self, act: &str) {
        let parts = &self.0;
        let cause = parts.cause.as_deref().unwrap_or("");
        match parts.code {
            Code::Internal => tracing::error!(act, code = parts.code.as_str(), detail = parts.text.en, cause, "defect"),
            Code::StoreUnavailable | Code::IndexUnavailable => {
                tracing::warn!(act, code = parts.code.as_str(), detail = parts.text.en, cause, "outage");
            }
            _ => tracing::info!(act, code = parts.code.as_str(), detail = parts.text.en, cause, "refused"),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.text.en)?;
        // A single field's reason is the text itself; it is not said twice.
        for (key, text) in self.0.fields.iter().filter(|(_, text)| text.en != self.0.text.en) {
            write!(f, "\n  {key}: {}", text.en)?;
        }
        if let Some(next) = &self.0.next {
            write!(f, "\n{}", next.en)?;
        }
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// What does not exist, or may not be seen: the two are never told apart.
pub fn not_found() -> Error {
    Error::new(Code::NotFound, "There is nothing here for you under this address.", "这里没有您可以查看的内容。")
        .next("Check the number, or ask its creator whether it has reached you yet.", "请核对编号，或向创建人确认单据是否已流转到您。")
}

/// A defect of ours; the cause goes to the log only.
pub fn internal(cause: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, "Signet could not finish this because of a fault of its own. Nothing was changed.", "系统内部出错，操作未完成，数据没有变化。")
        .next("Try again; if it stays, give the request id to your administrator.", "请重试；如仍出现，请将请求编号告知管理员。")
        .cause(cause)
}

/// Malformed input with one sentence.
pub fn invalid(en: impl Into<String>, zh: impl Into<String>) -> Error {
    Error::new(Code::InvalidInput, en, zh)
}

/// Malformed input of one field.
pub fn invalid_field(key: &str, en: impl Into<String>, zh: impl Into<String>) -> Error {
    let text = LocalText { en: en.into(), zh: zh.into() };
    Error::new(Code::InvalidInput, text.en.clone(), text.zh.clone()).fields(BTreeMap::from([(key.to_owned(), text)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_speaks_the_callers_language_and_hides_its_cause() {
        let error = internal("disk on fire").translate(Lang::Zh);
        assert_eq!(error.code, Code::Internal);
        assert!(error.detail.contains("系统"));
        assert!(!format!("{error:?}").contains("fire"));
    }
}
