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

/// Why a PDF may not become a document.
pub fn document_refused(error: pades::Error) -> Error {
    let because = match &error {
        pades::Error::Refused { rule, .. } => refusal_words(rule),
        pades::Error::TooLarge { .. } => ("it is larger than Signet takes", "文件超出系统限制"),
        pades::Error::Malformed { .. } => ("it is damaged", "文件已损坏"),
        _ => ("it cannot be used", "文件不可用"),
    };
    Error::new(
        Code::DocumentRefused,
        format!("This PDF cannot become a document: {} ({error}). Nothing was created.", because.0),
        format!("该 PDF 不能作为单据：{}（{error}）。没有创建任何内容。", because.1),
    )
    .next(
        "Print or export it again as a plain PDF without password, scripts, attachments or signatures, then send that.",
        "请重新打印或导出为不含密码、脚本、附件和签名的普通 PDF 后再提交。",
    )
}

fn refusal_words(rule: &str) -> (&'static str, &'static str) {
    let has = |word: &str| rule.contains(word);
    if has("encrypt") {
        ("it is encrypted", "文件已加密")
    } else if has("sign") {
        ("it carries a signature already", "文件已包含签名")
    } else if has("script") || has("action") || has("launch") || has("xfa") || has("active") {
        ("it has active content", "文件含有活动内容（脚本或动作）")
    } else if has("embed") || has("file") || has("attach") {
        ("it has files inside", "文件中嵌有附件")
    } else if has("optional") || has("layer") || has("oc") {
        ("it has hidden layers", "文件含有可隐藏的图层")
    } else {
        ("a rule forbids it", "不符合规则")
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
