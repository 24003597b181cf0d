//! The checks done in this browser over the very bytes that are shown: digest, every signature, nothing changed afterwards.

use leptos::prelude::*;

use super::alive::Alive;
use crate::model::{Number, Sha256, Step};
use crate::visit::t;

/// The checks of a document's revision. Each says what was found; the reasons fold out.
#[component]
pub fn Proof(number: Number, revision: u32, sha256: Sha256, steps: Vec<Step>) -> impl IntoView {
    let steps = StoredValue::new(steps);
    view! {
        <div class="proof" role="status">
            <Alive waiting=|| view! { <p class="quiet-text">{t("Checking in this browser…", "正在本机核验…")}</p> }>
                {live::checks(number.clone(), revision, sha256.clone(), steps.get_value())}
            </Alive>
        </div>
    }
}

#[cfg(not(feature = "hydrate"))]
mod live {
    use super::{Number, Sha256, Step};

    pub fn checks(_: Number, _: u32, _: Sha256, _: Vec<Step>) {}
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::prelude::*;

    use super::signatures::{Line, Signatures};
    use crate::browser::{file, report};
    use crate::error::{AppError, AppResult};
    use crate::model::{Number, Sha256, Step};
    use crate::parts::states::Problem;
    use crate::visit::t;

    pub fn checks(number: Number, revision: u32, sha256: Sha256, steps: Vec<Step>) -> impl IntoView {
        let steps = StoredValue::new(steps);
        let found = RwSignal::new(None::<AppResult<report::Report>>);
        let wanted = StoredValue::new((number, sha256));
        let check = move || {
            found.set(None);
            leptos::task::spawn_local(async move {
                let Some((number, sha256)) = wanted.try_get_value() else { return };
                let outcome = run(&number, revision, &sha256).await;
                // A page that has gone meanwhile does not want to know.
                drop(found.try_set(Some(outcome)));
            });
        };
        check();
        let retry = Callback::new(move |()| check());
        move || match found.get() {
            None => view! { <p class="quiet-text">{t("Checking in this browser…", "正在本机核验…")}</p> }.into_any(),
            Some(Err(error)) => view! { <Problem error retry /> }.into_any(),
            Some(Ok(report)) => view! {
                <ul class="checks">
                    <Line good=true text=t("The content matches the registered digest", "内容与登记的摘要一致").to_owned() />
                    <Signatures report steps=steps.get_value() />
                </ul>
            }
            .into_any(),
        }
    }

    async fn run(number: &Number, revision: u32, sha256: &Sha256) -> Result<report::Report, AppError> {
        let bytes = file::revision(number, revision, sha256).await?;
        report::verify(&bytes, &report::authority().await?).await
    }
}

#[cfg(feature = "hydrate")]
pub mod signatures {
    //! Signatures as lines of a list, with their reasons folded in.

    use leptos::prelude::*;

    use crate::browser::report::{Report, Signature};
    use crate::model::Step;
    use crate::parts::checks::short;
    use crate::parts::facts::Facts;
    use crate::parts::icon::Icon;
    use crate::visit::{lang, t};

    /// One finding in a sentence.
    #[component]
    pub fn Line(good: bool, text: String, #[prop(optional)] children: Option<Children>) -> impl IntoView {
        let (class, icon) = if good { ("check good", "check") } else { ("check bad", "cross") };
        view! {
            <li class=class>
                <Icon name=icon />
                <div><span>{text}</span>{children.map(|children| children())}</div>
            </li>
        }
    }

    /// Every signature, and whether anything changed after the last one. `steps` are the document's, where it is known here.
    #[component]
    pub fn Signatures(report: Report, #[prop(optional)] steps: Vec<Step>) -> impl IntoView {
        if report.signatures.is_empty() {
            return view! {
                <li class="check"><Icon name="info" /><div><span>{t("No signature on it yet", "尚无签名")}</span></div></li>
            }
            .into_any();
        }
        let unchanged = report.signatures.iter().all(|signature| signature.modified_after != "forbidden");
        let lines = report
            .signatures
            .into_iter()
            .map(|signature| {
                // a serial number stands at one step, unless one person had two of them
                let mut signed = steps.iter().filter(|step| step.decisions.iter().any(|decision| decision.serial.as_deref() == Some(&*signature.serial)));
                let step = signed.next().filter(|_| signed.next().is_none()).map(|step| step.name.clone());
                view! { <One signature step /> }
            })
            .collect_view();
        view! {
            {lines}
            {if unchanged {
                view! { <Line good=true text=t("Nothing was changed after signing", "签名后未被改动").to_owned() /> }
            } else {
                view! { <Line good=false text=t("The file was changed after signing", "签名后文件被改动").to_owned() /> }
            }}
        }
        .into_any()
    }

    #[component]
    fn One(signature: Signature, step: Option<String>) -> impl IntoView {
        let good = signature.passed();
        let signer = if signature.signer.is_empty() { t("an unknown signer", "身份不明者").to_owned() } else { signature.signer.clone() };
        let text = match (signature.is_time_stamp(), good) {
            (false, true) => lang().pick(format!("Signature of {signer} holds"), format!("{signer} 的签名有效")),
            (false, false) => lang().pick(format!("Signature of {signer}: {}", verdict(&signature)), format!("{signer} 的签名：{}", verdict(&signature))),
            (true, true) => lang().pick(format!("Time stamp of {signer} over the whole document holds"), format!("{signer} 对整份单据的时间戳有效")),
            (true, false) => lang().pick(format!("Time stamp of {signer}: {}", verdict(&signature)), format!("{signer} 的时间戳：{}", verdict(&signature))),
        };
        view! {
            <Line good text>
                <Facts signature=signature.clone() step />
                <Reasons signature />
            </Line>
        }
    }

    /// The technical report on one signature, folded in.
    #[component]
    pub fn Reasons(signature: Signature) -> impl IntoView {
        let findings =
            signature.findings.into_iter().map(|finding| view! { <li><span class="number">{finding.rule}</span> " " {finding.text}</li> }).collect_view();
        let outcome = signature.indication + &signature.sub_indication.map(|sub| format!(" · {sub}")).unwrap_or_default();
        view! {
            <details class="reasons">
                <summary>{t("Technical details", "技术细节")}</summary>
                <dl>
                    <div><dt>{t("Outcome", "结论")}</dt><dd class="number">{outcome}</dd></div>
                    {(signature.level != "none")
                        .then(|| view! { <div><dt>{t("Level", "级别")}</dt><dd class="number">{signature.level}</dd></div> })}
                    <div><dt>{t("Certificate", "证书")}</dt><dd class="number">{short(&signature.serial)}</dd></div>
                    <div><dt>{t("Field", "签名域")}</dt><dd class="number">{signature.field}</dd></div>
                    <div><dt>{t("Covers", "覆盖")}</dt><dd>{coverage(&signature.coverage)}</dd></div>
                </dl>
                <ul>{findings}</ul>
            </details>
        }
    }

    fn coverage(code: &str) -> &'static str {
        match code {
            "whole-file" => t("the whole file", "整个文件"),
            "revision" => t("its whole revision; later signatures or time stamps came after it", "所签版本的全部内容，其后另有签名或时间戳"),
            _ => t("only a part of the file", "仅文件的一部分"),
        }
    }

    /// What is wrong with a signature, in words a clerk understands.
    pub fn verdict(signature: &Signature) -> &'static str {
        match signature.sub_indication.as_deref() {
            Some("HASH_FAILURE") => t("the content was changed after signing", "签名后内容被改动"),
            Some("SIG_CRYPTO_FAILURE") => t("it was not made with the certificate's key", "并非由证书对应的密钥签署"),
            Some("REVOKED" | "REVOKED_NO_POE") => t("the certificate was revoked", "证书已被吊销"),
            Some("EXPIRED" | "OUT_OF_BOUNDS_NO_POE" | "OUT_OF_BOUNDS_NOT_REVOKED") => t("the certificate had ended", "证书已过有效期"),
            Some("NOT_YET_VALID") => t("the certificate was not valid yet", "证书尚未生效"),
            Some("NO_CERTIFICATE_CHAIN_FOUND") => t("the authority behind it is not known here", "签发机构不受信任"),
            Some("NO_SIGNING_CERTIFICATE_FOUND") => t("the signer's certificate is missing", "缺少签名人证书"),
            Some("FORMAT_FAILURE") => t("it is damaged or not built as it must be", "签名已损坏或格式不符"),
            _ if signature.modified_after == "forbidden" => t("the file was changed afterwards", "签名后文件被改动"),
            _ if signature.indication == "TOTAL-FAILED" => t("it does not hold", "签名无效"),
            _ => t("it cannot be proven either way", "无法确定是否有效"),
        }
    }
}
