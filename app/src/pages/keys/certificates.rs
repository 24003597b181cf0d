//! The caller's certificates: on which device, valid when, revoked or not; and revoking one.

use leptos::prelude::*;

use crate::api;
use crate::error::AppError;
use crate::model::Certificate;
use crate::parts::checks::short;
use crate::parts::dialog::Dialog;
use crate::parts::form::{SelectField, SendButton};
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::note::Tone;
use crate::parts::states::{Empty, Loading, Problem};
use crate::parts::toast::use_toasts;
use crate::visit::t;

/// The list. `here` is the serial number of this device's key.
#[component]
pub fn Certificates(changed: RwSignal<u32>, here: RwSignal<Option<String>>) -> impl IntoView {
    let list = Resource::new(move || changed.get(), |_| api::keys::certificates());
    let again = Callback::new(move |()| list.refetch());
    let revoking = RwSignal::new(None::<Certificate>);
    view! {
        <Transition fallback=|| view! { <Loading rows=2 /> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) if list.is_empty() => view! {
                        <Empty icon="key" title=t("No certificate yet", "尚无证书") text=t("The first comes with this device's key.", "生成本机密钥后即有。") />
                    }
                    .into_any(),
                    Ok(list) => {
                        let rows = list.into_iter().map(|certificate| view! { <Row certificate here revoking /> }).collect_view();
                        view! { <ul class="key-list">{rows}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <Revoke revoking again />
    }
}

#[component]
fn Row(certificate: Certificate, here: RwSignal<Option<String>>, revoking: RwSignal<Option<Certificate>>) -> impl IntoView {
    let revoked = certificate.revoked_at.clone();
    let live = revoked.is_none();
    let serial = StoredValue::new(certificate.serial.clone());
    let mine = move || here.with(|here| here.as_deref().is_some_and(|here| serial.with_value(|serial| serial == here)));
    let reason = certificate.revocation_reason.clone();
    let chosen = certificate.clone();
    view! {
        <li>
            <div>
                <p>
                    <strong>{certificate.device.clone()}</strong>
                    <Show when=mine>" " <span class="chip wait"><Icon name="key" />{t("This device", "本机")}</span></Show>
                    {(!live).then(|| view! { " " <span class="chip bad"><Icon name="cross" />{t("Revoked", "已吊销")}</span> })}
                </p>
                <p class="quiet-text">
                    <Moment at=certificate.not_before.clone() /> " – " <Moment at=certificate.not_after.clone() /> " · " <span class="number">{short(&certificate.serial)}</span>
                </p>
                {revoked.map(|at| view! { <p class="quiet-text">{t("Revoked ", "吊销于 ")}<Moment at />{reason.map(|reason| format!(" · {}", reason_word(&reason)))}</p> })}
            </div>
            {live
                .then(|| {
                    view! {
                        <button type="button" class="button small danger" on:click=move |_| revoking.set(Some(chosen.clone()))>
                            {t("Revoke", "吊销")}<span class="hidden">" " {certificate.device.clone()} " " {short(&certificate.serial)}</span>
                        </button>
                    }
                })}
        </li>
    }
}

#[component]
fn Revoke(revoking: RwSignal<Option<Certificate>>, again: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new("superseded".to_owned());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if revoking.with(Option::is_some) {
            failed.set(None);
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            revoking.set(None);
        }
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(certificate) = revoking.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let outcome = api::keys::revoke(certificate.serial, reason.get_untracked()).await;
            busy.set(false);
            match outcome {
                Ok(_) => {
                    open.set(false);
                    toasts.show(Tone::Good, t("Revoked. What it signed before stays signed.", "已吊销。此前的签章仍然有效。"));
                    again.run(());
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let device = move || revoking.with(|certificate| certificate.as_ref().map(|certificate| certificate.device.clone()).unwrap_or_default());
    view! {
        <Dialog open id="revoke" title=t("Revoke this certificate?", "吊销这张证书?")>
            <p><strong>{device}</strong></p>
            <p>{t("Its key can sign nothing from now on. This cannot be undone; a new key is made in a tap.", "该密钥从此不能再签章,且无法恢复;新密钥一键即可生成。")}</p>
            {move || failed.get().map(|error| view! { <Problem error /> })}
            <form on:submit=send class="stack">
                <SelectField id="revoke-reason" label=t("Why", "原因") value=reason required=true options=reasons() />
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>{t("Keep it", "保留")}</button>
                    <SendButton label=t("Revoke", "吊销") busy_label=t("Revoking…", "正在吊销…") busy />
                </div>
            </form>
        </Dialog>
    }
}

const REASONS: [(&str, &str, &str); 4] = [
    ("superseded", "Replaced by a new key", "已更换新密钥"),
    ("keyCompromise", "The device was lost or someone else used it", "设备遗失或被他人使用"),
    ("cessationOfOperation", "The device is no longer used", "设备不再使用"),
    ("affiliationChanged", "I changed my post", "岗位变动"),
];

fn reasons() -> Vec<(String, String)> {
    REASONS.iter().map(|(code, en, zh)| ((*code).to_owned(), t(en, zh).to_owned())).collect()
}

fn reason_word(code: &str) -> String {
    REASONS.iter().find(|(known, ..)| *known == code).map_or_else(|| code.to_owned(), |(_, en, zh)| t(en, zh).to_owned())
}
