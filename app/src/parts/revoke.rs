//! Revoking a certificate: why, in RFC 5280's reasons and one's own words; or at once, because the device is gone.

use leptos::prelude::*;

use crate::api;
use crate::error::AppError;
use crate::model::Certificate;
use crate::parts::dialog::Dialog;
use crate::parts::form::{SelectField, SendButton, TextArea};
use crate::parts::note::Tone;
use crate::parts::states::Problem;
use crate::parts::toast::use_toasts;
use crate::visit::t;

/// What is to be revoked and how it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The certificate.
    pub certificate: Certificate,
    /// Its owner's name, where an administrator asks.
    pub owner: Option<String>,
    /// The device is lost: nothing more needs to be said.
    pub lost: bool,
}

/// The dialog, open while `asked` holds something. `done` hears of the revocation.
#[component]
pub fn Revoke(asked: RwSignal<Option<Asked>>, done: Callback<Certificate>) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let toasts = use_toasts();
    let lost = move || asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.lost));
    let others = Memo::new(move |_| asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.owner.is_some())));
    Effect::new(move |_| {
        if asked.with(Option::is_some) {
            failed.set(None);
            note.set(String::new());
            reason.set(if others.get_untracked() { "privilegeWithdrawn" } else { "superseded" }.to_owned());
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            asked.set(None);
        }
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(Asked { certificate, owner, lost }) = asked.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failed.set(None);
        let reason = if lost { LOST.to_owned() } else { reason.get_untracked() };
        let note = Some(note.get_untracked()).filter(|note| !note.trim().is_empty());
        leptos::task::spawn_local(async move {
            let outcome = match owner {
                Some(_) => api::admin::revoke(certificate.serial, reason, note).await,
                None => api::keys::revoke(certificate.serial, reason, note).await,
            };
            busy.set(false);
            match outcome {
                Ok(certificate) => {
                    open.set(false);
                    toasts.show(Tone::Good, t("Revoked. What it signed before stays signed.", "已吊销。此前的签章仍然有效。"));
                    done.try_run(certificate);
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let device = move || {
        asked.with(|asked| {
            let Some(asked) = asked else { return String::new() };
            let owner = asked.owner.as_ref().map(|owner| format!("{owner} · ")).unwrap_or_default();
            owner + &asked.certificate.device
        })
    };
    let title = Signal::derive(move || {
        if lost() { t("Lost this device?", "这台设备丢失了？") } else { t("Revoke this certificate?", "吊销这张证书？") }.to_owned()
    });
    view! {
        <Dialog open id="revoke" title>
            <p><strong>{device}</strong></p>
            {move || {
                if lost() {
                    view! {
                        <ul class="plain-list">
                            <li>{t("From now on nobody can sign with its key, whoever has the device.", "从现在起，无论设备在谁手中，都不能再用其密钥签章。")}</li>
                            <li>{t("Whoever checks a signature sees at once that the key does not count any more.", "任何人核验签名时，都会立即看到该密钥已失效。")}</li>
                            <li>{t("What you signed before stays signed, and what waits for you goes on waiting.", "此前的签章仍然有效，待办单据不受影响。")}</li>
                            <li>{t("It cannot be undone. On the device you have now, a new key is made in a tap.", "此操作无法撤销。在现有设备上一键即可生成新密钥。")}</li>
                        </ul>
                    }
                    .into_any()
                } else {
                    view! { <p>{t("Its key can sign nothing from now on. This cannot be undone; a new key is made in a tap.", "该密钥从此不能再签章，且无法恢复；新密钥一键即可生成。")}</p> }
                    .into_any()
                }
            }}
            {move || failed.get().map(|error| view! { <Problem error /> })}
            <form on:submit=send class="stack">
                {move || {
                    (open.get() && !lost())
                        .then(|| {
                            view! {
                                <SelectField id="revoke-reason" label=t("Why", "原因") value=reason required=true options=reasons(others.get()) />
                                <TextArea id="revoke-note" label=t("In your own words", "补充说明") value=note rows=2 maxlength=500
                                    hint=t("Kept here; outsiders see only the reason above.", "仅保存在系统内；外部只能看到上面的原因。") />
                            }
                        })
                }}
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>{t("Keep it", "保留")}</button>
                    <SendButton label=t("Revoke", "吊销") busy_label=t("Revoking…", "正在吊销…") busy />
                </div>
            </form>
        </Dialog>
    }
}

/// RFC 5280 §5.3.1: the key may be in others' hands.
pub const LOST: &str = "keyCompromise";

const REASONS: [(&str, &str, &str); 5] = [
    ("superseded", "Replaced by a new key", "已更换新密钥"),
    (LOST, "The device was lost or someone else used it", "设备遗失或被他人使用"),
    ("cessationOfOperation", "The device is no longer used", "设备不再使用"),
    ("affiliationChanged", "The person's post changed", "岗位变动"),
    ("privilegeWithdrawn", "The person may not sign any more", "不再有签章权限"),
];

/// What can be chosen: an owner does not withdraw his own permission.
fn reasons(by_administrator: bool) -> Vec<(String, String)> {
    let offered = REASONS.iter().filter(|(code, ..)| by_administrator || *code != "privilegeWithdrawn");
    offered.map(|(code, en, zh)| ((*code).to_owned(), t(en, zh).to_owned())).collect()
}

/// A reason in words; words of one's own as they are.
pub fn reason_word(code: &str) -> String {
    REASONS.iter().find(|(known, ..)| *known == code).map_or_else(|| code.to_owned(), |(_, en, zh)| t(en, zh).to_owned())
}
