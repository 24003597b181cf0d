//! Verify: drop a PDF, read the verdict. All of it happens in this browser; nothing is sent.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::parts::alive::Alive;
use crate::parts::icon::Icon;
use crate::visit::t;

/// The page. Anyone may use it.
#[component]
pub fn VerifyPage() -> impl IntoView {
    view! {
        <Title text=t("Verify", "核验") />
        <div class="page narrow verify">
            <h1>{t("Verify a signed PDF", "核验已签章的 PDF")}</h1>
            <p class="quiet-text"><Icon name="verify" />{t("The file is checked in this browser, also without a network. Nothing is sent.", "文件只在本浏览器中核验（断网也可），不会上传。")}</p>
            <Alive waiting=|| view! { <div class="drop"></div> }>{live()}</Alive>
        </div>
    }
}

#[cfg(not(feature = "hydrate"))]
fn live() {}

#[cfg(feature = "hydrate")]
fn live() -> impl IntoView {
    view! { <checked::Checked /> }
}

#[cfg(feature = "hydrate")]
mod checked {
    use leptos::ev;
    use leptos::prelude::*;

    use crate::browser::{bytes, file, offline, report};
    use crate::error::{AppError, AppResult};
    use crate::parts::checks::short;
    use crate::parts::facts::Facts;
    use crate::parts::icon::Icon;
    use crate::parts::note::{Note, Tone};
    use crate::parts::proof::signatures::{Line, Reasons, Signatures, verdict};
    use crate::parts::states::{Loading, Problem};
    use crate::visit::{lang, t};

    /// A file and what was found in it.
    #[derive(Clone)]
    struct Found {
        name: String,
        digest: String,
        report: AppResult<report::Report>,
    }

    /// The place to drop a file, and the verdict below.
    #[component]
    pub fn Checked() -> impl IntoView {
        let found = RwSignal::new(None::<Found>);
        let busy = RwSignal::new(false);
        let over = RwSignal::new(false);
        offline::keep();
        let check = move |chosen: web_sys::File| {
            busy.set(true);
            found.set(None);
            leptos::task::spawn_local(async move {
                let name = chosen.name();
                let (digest, report) = examine(&chosen).await;
                busy.try_set(false);
                found.try_set(Some(Found { name, digest, report }));
            });
        };
        let dropped = move |event: ev::DragEvent| {
            event.prevent_default();
            over.set(false);
            if let Some(chosen) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
                check(chosen);
            }
        };
        view! {
            <div
                class="drop"
                class:over=over
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                <label class="button primary" for="verify-file"><Icon name="upload" />{t("Choose a PDF", "选择 PDF")}</label>
                <input
                    id="verify-file"
                    class="file-input"
                    type="file"
                    accept="application/pdf,.pdf"
                    on:change:target=move |event| {
                        if let Some(chosen) = event.target().files().and_then(|files| files.get(0)) {
                            check(chosen);
                        }
                        // The same file can be chosen again.
                        event.target().set_value("");
                    }
                />
                <p class="quiet-text">{t("or drop it here", "或拖到这里")}</p>
            </div>
            <div aria-live="polite">
                {move || busy.get().then(|| view! { <Loading rows=3 /> })}
                {move || found.get().map(|found| view! { <Verdict found /> })}
            </div>
        }
    }

    async fn examine(chosen: &web_sys::File) -> (String, Result<report::Report, AppError>) {
        let pdf = match file::chosen(chosen).await {
            Ok(pdf) => pdf,
            Err(error) => return (String::new(), Err(error)),
        };
        let digest = bytes::sha256(&pdf).await.unwrap_or_default();
        let report = match report::authority().await {
            Ok(trust) => report::verify(&pdf, &trust).await,
            Err(error) => Err(error),
        };
        (digest, report)
    }

    #[component]
    fn Verdict(found: Found) -> impl IntoView {
        let Found { name, digest, report } = found;
        let body = match report {
            Err(error) => view! { <Unreadable error /> }.into_any(),
            Ok(report) => view! { <Whole report /> }.into_any(),
        };
        view! {
            <section class="panel verdict" aria-labelledby="verdict-name">
                <h2 id="verdict-name">{name}</h2>
                <p class="quiet-text">"SHA-256 " <span class="number">{short(&digest)}</span></p>
                {body}
            </section>
        }
    }

    #[component]
    fn Unreadable(error: AppError) -> impl IntoView {
        view! {
            <Problem error=AppError::new(error.code, t("This file cannot be checked: it is no PDF, or it is damaged.", "无法核验此文件：不是 PDF 或已损坏。"))
                .with_next(t("Ask the sender for the original file, as Signet returned it.", "请向发件人索取 Signet 回传的原始文件。")) />
            <details class="reasons"><summary>{t("Reasons", "依据")}</summary><p class="number">{error.detail}</p></details>
        }
    }

    #[component]
    fn Whole(report: report::Report) -> impl IntoView {
        let people = || report.signatures.iter().filter(|signature| !signature.is_time_stamp());
        let count = people().count();
        let good = people().filter(|signature| signature.passed()).count();
        let technical = report.clone();
        let (tone, text) = if count == 0 {
            (Tone::Warn, t("This PDF carries no signature.", "此 PDF 没有签名。").to_owned())
        } else if report.passed() {
            (
                Tone::Good,
                lang().pick(format!("Genuine and unchanged: {count} of {count} signatures hold."), format!("真实且未被改动：{count} 个签名全部有效。")),
            )
        } else if good == count {
            let text = t("Everyone's signature holds, but a time stamp over them cannot be confirmed here.", "各签名均有效，但其上的时间戳在此无法确认。");
            (Tone::Warn, text.to_owned())
        } else if report.indication == "TOTAL-FAILED" {
            (
                Tone::Bad,
                lang().pick(
                    format!("Do not rely on this file: {} of {count} signatures do not hold.", count - good),
                    format!("请勿采信：{count} 个签名中有 {} 个未通过。", count - good),
                ),
            )
        } else {
            (
                Tone::Warn,
                lang().pick(
                    format!("Not proven: {} of {count} signatures cannot be confirmed here.", count - good),
                    format!("无法证实：{count} 个签名中有 {} 个在此无法确认。", count - good),
                ),
            )
        };
        let each = technical.signatures.into_iter().map(|signature| view! { <Each signature /> }).collect_view();
        view! {
            <Note tone=tone>
                <p><strong>{text}</strong></p>
                {(count == 0).then(|| view! { <p>{t("Perhaps it was printed or saved anew. Ask the sender for the original file.", "可能经过打印或另存。请向发件人索取原始文件。")}</p> })}
            </Note>
            <ul class="checks">{each}</ul>
            {(count > 0).then(|| view! { <details class="reasons"><summary>{t("All checks", "全部检查")}</summary><ul class="checks"><Signatures report /></ul></details> })}
        }
    }

    #[component]
    fn Each(signature: report::Signature) -> impl IntoView {
        let good = signature.passed();
        let text = match (good, signature.coverage.as_str()) {
            (true, _) if signature.is_time_stamp() => {
                lang().pick(format!("{} stamped the time on all of it", signature.signer), format!("{} 对全部内容加盖了时间戳", signature.signer))
            }
            (true, "whole-file") => {
                lang().pick(format!("{} signed the whole file as it is", signature.signer), format!("{} 签署了现有的整个文件", signature.signer))
            }
            (true, _) => lang().pick(
                format!("{} signed it; only further signatures or time stamps came after", signature.signer),
                format!("{} 已签署；其后仅有后续签名或时间戳", signature.signer),
            ),
            (false, _) => format!("{}: {}", signature.signer, verdict(&signature)),
        };
        view! { <Line good text><Facts signature=signature.clone() /><Reasons signature /></Line> }
    }
}
