//! Faults of the rooms below in the words of people: index, store, PDFs, signatures.

use app::error::Code;

use crate::error::{Error, internal};
use crate::index::{Constraint, IndexError};
use crate::store::StoreError;

impl From<IndexError> for Error {
    fn from(error: IndexError) -> Self {
        match &error {
            IndexError::Unavailable(_) | IndexError::Refused(_) | IndexError::Busy => Self::new(
                Code::IndexUnavailable,
                "The index does not answer right now. Nothing was changed; what was confirmed before is safe.",
                "索引数据库暂时没有应答。没有任何更改，此前确认的内容不受影响。",
            )
            .next("Try again in a minute. If it stays so, ask an administrator to check the database.", "请一分钟后重试。如仍如此，请管理员检查数据库。"),
            IndexError::Unknown(_) => Self::new(
                Code::IndexUnavailable,
                "The index went away in the very moment of saving. Whether this was saved is not known yet; nothing is saved twice.",
                "索引数据库在保存的瞬间中断，尚不确定是否已保存；不会重复保存。",
            )
            .next(
                "Open the document, or send the same request again with the same Idempotency-Key: either shows what is there.",
                "请打开单据查看，或用同一 Idempotency-Key 重发相同请求，即可知道结果。",
            ),
            IndexError::Full(_) => Self::new(
                Code::IndexUnavailable,
                "The index has no room left. Nothing was changed; what was confirmed before is safe.",
                "索引数据库空间已满。没有任何更改，此前确认的内容不受影响。",
            )
            .next("Ask an administrator to free space, then try again.", "请管理员清理空间后重试。"),
            IndexError::BadCursor => Self::new(Code::InvalidInput, "The cursor does not belong to this list.", "游标不属于该列表。")
                .next("Begin again without a cursor.", "请去掉游标，从头读取。"),
            IndexError::Constraint(Constraint::Login) => {
                Self::new(Code::InvalidInput, "That sign-in name is taken. Nothing was changed.", "该登录名已被使用，数据没有变化。")
                    .next("Choose another one.", "请更换登录名。")
            }
            IndexError::Constraint(Constraint::TypeDatabase) => Self::new(
                Code::InvalidInput,
                "A known type cannot move to another database; its documents are in the old one. Nothing was changed.",
                "已有类型不能更换数据库，其单据保存在原数据库中。数据没有变化。",
            )
            .next("Keep `database` as it was, or import the type under another code.", "请保持 database 不变，或以新的类型代码导入。"),
            IndexError::Constraint(Constraint::LiveMatter) => Self::new(
                Code::DuplicateMatter,
                "Another document took this matter a moment ago and is gone again. Nothing was created.",
                "另一单据刚刚占用又释放了该事项，没有创建任何内容。",
            )
            .next("Try again.", "请重试。"),
            IndexError::Constraint(Constraint::Number) => Self::new(
                Code::WrongState,
                "The number that comes next is taken by an older document. Nothing was created.",
                "下一个编号已被旧单据占用，没有创建任何内容。",
            )
            .next(
                "Try again: the number after it comes next. If it stays so, ask an administrator to look at the type's numbering.",
                "请重试，将使用再下一个编号。如仍如此，请管理员检查该类型的编号规则。",
            ),
            IndexError::Constraint(Constraint::Decision) => return crate::permission::already_decided().cause(error),
            IndexError::Constraint(Constraint::IdempotencyKey) => Self::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used by another request a moment ago. Nothing was created.",
                "该 Idempotency-Key 刚刚被另一请求使用，没有创建任何内容。",
            )
            .next("Send the same again, or a new key with a new request.", "请重发相同请求，或为新请求使用新的键。"),
            IndexError::Constraint(Constraint::IntentGone) => Self::new(
                Code::StoreUnavailable,
                "Storing the file took too long, so it was given up. Nothing was changed.",
                "保存文件超时，操作已放弃，数据没有变化。",
            )
            .next("Try again.", "请重试。"),
            IndexError::Constraint(_) | IndexError::Corrupt(_) | IndexError::Defect(_) => return internal(error),
        }
        .cause(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let (text, next) = (error.text(), error.next());
        Self::new(Code::StoreUnavailable, text.en, text.zh).next(next.en, next.zh).cause(error)
    }
}

/// Why a PDF may not become a document, in the words of an office; where in the file goes to the log.
pub fn document_refused(error: pades::Error) -> Error {
    let ((en, zh), (next_en, next_zh)) = match &error {
        pades::Error::Refused { rule, text, .. } => {
            let (zh, next) = refusal_words(rule);
            ((text.clone(), zh), next)
        }
        pades::Error::TooLarge { what, limit } => ((format!("It has more {what} than Signet takes ({limit})."), "文件超出系统限制。"), SMALLER),
        pades::Error::Malformed { .. } => {
            (("The file is damaged, and nothing that can be relied on is left of it.".to_owned(), "文件已损坏，无法可靠修复。"), ANEW)
        }
        _ => (("It cannot be used.".to_owned(), "文件不可用。"), ANEW),
    };
    Error::new(
        Code::DocumentRefused,
        format!("This PDF cannot become a document. {en} Nothing was created."),
        format!("该 PDF 不能作为单据：{zh}没有创建任何内容。"),
    )
    .next(next_en, next_zh)
    .cause(error)
}

/// What to do, in English and Chinese.
type Next = (&'static str, &'static str);

const ANEW: Next =
    ("Open it in the program that made it, print or export it as a new PDF, and send that.", "请在原程序中打开，重新打印或导出为新的 PDF 后再提交。");
const SMALLER: Next = ("Split it, or export it with smaller pictures, and send that.", "请拆分文件，或压缩图片后重新导出再提交。");
const PRINT: Next = ("Print it into a new PDF as it is shown, and send that.", "请将其按显示内容打印为新的 PDF 后再提交。");

/// The reason in Chinese, and what to do.
fn refusal_words(rule: &str) -> (&'static str, Next) {
    match rule {
        "encrypted" => (
            "文件需要密码才能打开。",
            ("Open it with its password, print or save it into a new PDF without one, and send that.", "请用密码打开，打印或另存为不带密码的新 PDF 后再提交。"),
        ),
        "signed" => (
            "文件已包含签名，而新单据必须从没有签名的文件开始。",
            (
                "Ask the sender for the file without a signature. If there is none, print it into a new PDF, send that, and keep the signed file: only there can its signature be checked.",
                "请向发送方索取未签名的文件。如没有，请打印为新的 PDF 提交，并妥善保存已签名的原件：只有原件上的签名才能验证。",
            ),
        ),
        "issued" => (
            "该文件出自 Signet，已带有单据编号和签章位置。",
            ("Send the PDF that the document was made from, as it was before it was uploaded.", "请提交生成该单据时所用的原始 PDF（上传之前的文件）。"),
        ),
        "two-readings" | "generations" => ("文件已损坏，且可以有两种不同的读法。", ANEW),
        "javascript" | "action" | "open-action" | "multimedia" => ("文件含有会自动执行的内容（脚本、动作或多媒体）。", PRINT),
        "undrawn" => ("文件中的表单填有未绘制到页面上的内容，不同的程序会显示不同的画面。", PRINT),
        "xfa" => ("文件是由程序动态生成内容的 XFA 表单。", PRINT),
        "embedded-files" | "external" => (
            "文件中嵌有可执行、无法识别或缺失的附件。",
            (
                "Remove that attachment, or print the PDF into a new one, and send that. Data, pictures, text and PDFs may stay inside.",
                "请移除该附件，或打印为新的 PDF 后再提交。数据、图片、文本和 PDF 附件可以保留。",
            ),
        ),
        "optional-content" | "alternates" => ("文件含有可显示或隐藏的内容，不同的人可能看到不同的画面。", PRINT),
        _ => ("文件结构不符合要求。", ANEW),
    }
}

/// Why a signature was not taken.
pub fn signature_invalid(error: pades::Error) -> Error {
    let (indication, sub_indication) = match &error {
        pades::Error::Signature { indication, sub_indication, .. } => ((*indication).to_owned(), Some((*sub_indication).to_owned())),
        _ => ("TOTAL-FAILED".to_owned(), Some("FORMAT_FAILURE".to_owned())),
    };
    let rule = if let pades::Error::Signature { rule, .. } = &error { rule.as_str() } else { "" };
    let next = match rule {
        "name" => Some((
            "Sign again without a name (/Name), or with the name that your account has.",
            "签名中的姓名（/Name）与签名人不符。请不填姓名或填写账户中的姓名后重新签署。",
        )),
        "reason" => Some((
            "Sign again without a reason (/Reason), or with the one that the decision has. What you want to say against a document belongs into a rejection.",
            "签名中的理由（/Reason）与此项审批不一致。请不填理由或填写审批自带的理由后重新签署；如有异议，请驳回单据。",
        )),
        _ => None,
    };
    let refused = Error::new(
        Code::SignatureInvalid,
        format!("The signature was not taken: {error}. The document is as it was."),
        format!("签名未被接受：{error}。单据保持原状。"),
    );
    if let Some((en, zh)) = next {
        return refused.next(en, zh).indication(indication, sub_indication);
    }
    refused
        .next("Load the document again and sign its newest revision with one of your certificates.", "请重新打开单据，使用您的证书对最新版本签署。")
        .indication(indication, sub_indication)
}
