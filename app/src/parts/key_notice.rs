//! Above every page: a new key that nobody spoke for, and this device's key when its end is near.
//!
//! Whoever runs the authority could certify a key in someone else's name. It cannot be done unseen: the owner is asked here, on every
//! device, until the question is answered.

use leptos::prelude::*;

use super::icon::Icon;
use super::states::Problem;
use crate::api;
use crate::browser::key::Key;
use crate::error::AppError;
use crate::model::Certificate;
use crate::parts::moment::Moment;
use crate::parts::revoke::LOST;
use crate::visit::{lang, me, t};

/// Days before the end of this device's key when its owner is told.
const WARNING_DAYS: i32 = 30;

/// What there is to say; nothing most of the time.
#[component]
pub fn KeyNotice() -> impl IntoView {
    let unproven = RwSignal::new(Vec::<Certificate>::new());
    let ends = RwSignal::new(None::<i32>);
    leptos::task::spawn_local(async move {
        let Some(me) = me() else { return };
        // A notice that cannot be had now comes with the next page.
        let Ok(list) = api::keys::certificates().await else { return };
        if list.is_empty() {
            return;
        }
        let here = Key::find(&me.login).await.ok().flatten();
        let serial = here.as_ref().map(|key| key.serial.clone());
        // Whoever holds the key in this very browser need not be asked.
        let asked = list.into_iter().filter(|certificate| certificate.is_unproven() && Some(&certificate.serial) != serial.as_ref()).collect();
        unproven.try_set(asked);
        ends.try_set(here.map(|key| key.days_left()).filter(|days| (0..WARNING_DAYS).contains(days)));
    });
    let at_keys = leptos_router::hooks::use_location().pathname;
    view! {
        {move || match unproven.get().as_slice() {
            [] => ().into_any(),
            [certificate] => view! { <Unproven certificate=certificate.clone() unproven /> }.into_any(),
            several => view! { <Several count=several.len() at_keys /> }.into_any(),
        }}
        {move || {
            let days = ends.get().filter(|_| at_keys.get() != "/keys")?;
            let text = lang()
                .pick(
                    format!("This device's key ends in {days} days. Renewing it takes one tap; nothing pending suffers."),
                    format!("本机密钥还有 {days} 天到期，一键即可续期，待办单据不受影响。"),
                );
            Some(
                view! {
                    <aside class="key-notice" aria-label=t("This device's key", "本机密钥")>
                        <p><Icon name="clock" />{text}</p>
                        <div class="key-actions"><a class="button small" href="/keys">{t("Renew", "续期")}</a></div>
                    </aside>
                },
            )
        }}
    }
}

/// More than one question is asked where each key is listed.
#[component]
fn Several(count: usize, at_keys: Memo<String>) -> impl IntoView {
    let text =
        lang().pick(format!("{count} new keys were made for your account. Were they all you?"), format!("您的账号登记了 {count} 个新密钥，都是您本人操作吗？"));
    view! {
        <aside class="key-notice" aria-label=t("New keys in your name", "以您的名义登记的新密钥")>
            <p><Icon name="warning" />{text}</p>
            <Show when=move || at_keys.get() != "/keys">
                <div class="key-actions"><a class="button small" href="/keys">{t("Look at them", "查看")}</a></div>
            </Show>
        </aside>
    }
}

#[component]
fn Unproven(certificate: Certificate, unproven: RwSignal<Vec<Certificate>>) -> impl IntoView {
    let serial = StoredValue::new(certificate.serial.clone());
    let sure = RwSignal::new(false);
    let revoked = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let mine = move |_| {
        let serial = serial.get_value();
        leptos::task::spawn_local(async move {
            match api::keys::confirm(serial.clone()).await {
                Ok(_) => unproven.update(|list| list.retain(|other| other.serial != serial)),
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let not_mine = move |_| {
        // The second press means it.
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        leptos::task::spawn_local(async move {
            match api::keys::revoke(serial.get_value(), LOST.to_owned(), None).await {
                Ok(_) => revoked.set(true),
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    view! {
        <aside class="key-notice" aria-label=t("A new key in your name", "以您的名义登记的新密钥")>
            {move || failed.get().map(|error| view! { <Problem error /> })}
            {move || {
                if revoked.get() {
                    view! {
                        <p role="status"><Icon name="check" />{t("Revoked: it signs nothing. Change your password now, and tell an administrator.", "已吊销，该密钥不能签章。请立即修改密码，并告知管理员。")}</p>
                        <div class="key-actions"><a class="button small" href="/keys#keys-password">{t("Change the password", "修改密码")}</a></div>
                    }
                    .into_any()
                } else {
                    view! {
                        <p>
                            <Icon name="warning" />
                            <span>
                                {t("A new key was made for your account on ", "您的账号登记了新密钥：")} <Moment at=certificate.issued_at.clone() />
                                {lang().pick(format!(" ({}). Was it you?", certificate.device), format!("({})。是您本人操作吗？", certificate.device))}
                            </span>
                        </p>
                        <div class="key-actions">
                            <button type="button" class="button small" on:click=mine>{t("Yes, it is mine", "是我本人")}</button>
                            <button type="button" class="button small danger" on:click=not_mine>
                                {move || if sure.get() { t("Press again to revoke it", "再按一次即吊销") } else { t("No, revoke it", "不是，吊销") }}
                            </button>
                        </div>
                    }
                    .into_any()
                }
            }}
        </aside>
    }
}
