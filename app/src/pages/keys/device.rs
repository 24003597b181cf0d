//! The key of this browser: there or not, valid until when, what may happen to it.

use leptos::prelude::*;

use super::List;
use crate::browser::key::{Key, device_name};
use crate::error::AppError;
use crate::model::CertificateState;
use crate::parts::checks::short;
use crate::parts::device_key::MakeKey;
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::note::{Note, Tone};
use crate::parts::states::{Loading, Problem};
use crate::visit::{lang, me, t};

/// Days before the end when a person is warned.
const WARNING_DAYS: i32 = 30;

/// The state of this device's key.
#[component]
pub fn Device(changed: RwSignal<u32>, here: RwSignal<Option<String>>, list: List) -> impl IntoView {
    let key = RwSignal::new_local(None::<Key>);
    let looked = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    leptos::task::spawn_local(async move {
        let Some(me) = me() else { return };
        match Key::find(&me.login).await {
            Ok(found) => drop(key.try_set(found)),
            Err(error) => drop(failed.try_set(Some(error))),
        }
        looked.try_set(true);
    });
    Effect::new(move |before: Option<Option<String>>| {
        let serial = key.with(|key| key.as_ref().map(|key| key.serial.clone()));
        here.set(serial.clone());
        if before.is_some() && serial.is_some() {
            changed.update(|count| *count += 1);
        }
        serial
    });
    // What the authority says of it; nothing while the list is on its way.
    let state = Memo::new(move |_| {
        let serial = here.get()?;
        list.get()?.ok()?.into_iter().find(|certificate| certificate.serial == serial).map(|certificate| certificate.state)
    });
    view! {
        {move || failed.get().map(|error| view! { <Problem error /> })}
        {move || match (looked.get(), key.get()) {
            (false, _) => view! { <Loading rows=1 /> }.into_any(),
            (true, None) => view! {
                <p>
                    {t(
                        "No key on this device yet. It is made here, stays in this browser and cannot be copied.",
                        "本机尚无密钥。密钥在此生成，只存于本浏览器，无法复制。",
                    )}
                </p>
                <MakeKey made=key />
            }
            .into_any(),
            (true, Some(found)) => view! { <Present found key state /> }.into_any(),
        }}
    }
}

#[component]
fn Present(found: Key, key: RwSignal<Option<Key>, LocalStorage>, state: Memo<Option<CertificateState>>) -> impl IntoView {
    let days = found.days_left();
    let ended = days < 0;
    let gone = move || matches!(state.get(), Some(CertificateState::Revoked | CertificateState::Replaced));
    let soon = !ended && days < WARNING_DAYS;
    let chip = move || {
        let (class, icon, word) = match state.get() {
            Some(CertificateState::Revoked) => ("chip bad", "cross", t("Revoked", "已吊销")),
            Some(CertificateState::Replaced) => ("chip bad", "cross", t("Replaced", "已更换")),
            _ if ended => ("chip bad", "cross", t("Ended", "已到期")),
            _ => ("chip good", "check", t("Ready to sign", "可以签章")),
        };
        view! { <span class=class><Icon name=icon />{word}</span> }
    };
    view! {
        <div class="device-key">
            <span class="empty-mark small"><Icon name="key" /></span>
            <div>
                <p><strong>{t("This device", "本机")}" · "{device_name()}</strong> " " {chip}</p>
                <p class="quiet-text">{t("Valid until ", "有效期至 ")}<Moment at=found.not_after.clone() /> " · " <span class="number">{short(&found.serial)}</span></p>
            </div>
        </div>
        {move || {
            gone()
                .then(|| {
                    view! {
                        <Note tone=Tone::Warn>
                            <p>{t("This key signs nothing any more. Make a new one; nothing pending suffers.", "该密钥不能再签章。请生成新密钥，待办单据不受影响。")}</p>
                        </Note>
                        <MakeKey made=key />
                    }
                })
        }}
        {ended.then(|| view! { <Note tone=Tone::Warn><p>{t("Its certificate has ended. Make a new key; nothing pending suffers.", "证书已到期。请生成新密钥，待办单据不受影响。")}</p></Note> })}
        {soon.then(|| {
            view! {
                <Note tone=Tone::Warn>
                    <p>{lang().pick(format!("It ends in {days} days. Renew it in time; the old key signs for the new one."), format!("还有 {days} 天到期。请及时续期，新密钥由旧密钥签名确认。"))}</p>
                </Note>
            }
        })}
        {may_be_dropped().then(|| {
            view! {
                <Note tone=Tone::Info>
                    <p>
                        {t(
                            "Safari drops what a site keeps after seven days without a visit. Add Signet to the home screen to keep the key.",
                            "Safari 会在七天未访问后清除网站数据。请将 Signet 添加到主屏幕以保留密钥。",
                        )}
                    </p>
                </Note>
            }
        })}
        {move || {
            (!gone() && ended).then(|| view! { <MakeKey made=key /> })
        }}
        {move || {
            (!gone() && soon).then(|| view! { <MakeKey made=key renews=true /> })
        }}
        {move || {
            (!gone() && !ended && !soon)
                .then(|| {
                    view! {
                        <details class="reasons">
                            <summary>{t("Replace it with a new key", "更换为新密钥")}</summary>
                            <p class="quiet-text">
                                {t(
                                    "The old key signs for the new one, so everyone sees that it is still you. The old one ends when the new one first signs.",
                                    "旧密钥会为新密钥签名，表明仍是您本人。新密钥首次签章后，旧密钥即停用。",
                                )}
                            </p>
                            <MakeKey made=key primary=false renews=true />
                        </details>
                    }
                })
        }}
    }
}

/// Safari outside an installed app.
fn may_be_dropped() -> bool {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let safari = agent.contains("Safari/") && !["Chrome/", "CriOS/", "Edg/", "Android"].iter().any(|other| agent.contains(other));
    let installed = window().match_media("(display-mode: standalone)").ok().flatten().is_some_and(|query| query.matches());
    safari && !installed
}
