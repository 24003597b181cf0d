//! The caller's certificates, every one that was ever issued: what each is worth, whose device it is on, and ending one.

use leptos::prelude::*;

use super::List;
use crate::api;
use crate::error::AppError;
use crate::model::{Certificate, CertificateState};
use crate::parts::certificate::CertificateText;
use crate::parts::checks::short;
use crate::parts::icon::Icon;
use crate::parts::note::{Note, Tone};
use crate::parts::revoke::{Asked, LOST, Revoke};
use crate::parts::states::{Empty, Loading, Problem};
use crate::visit::{lang, t};

/// The list. `here` is the serial number of this device's key.
#[component]
pub fn Certificates(list: List, here: RwSignal<Option<String>>) -> impl IntoView {
    let again = Callback::new(move |()| list.refetch());
    let asked = RwSignal::new(None::<Asked>);
    let lost = RwSignal::new(None::<Certificate>);
    let failed = RwSignal::new(None::<AppError>);
    let done = Callback::new(move |certificate: Certificate| {
        lost.set(Some(certificate).filter(|certificate| certificate.revocation_reason.as_deref() == Some(LOST)));
        list.refetch();
    });
    view! {
        {move || lost.get().map(|certificate| view! { <AfterLoss certificate /> })}
        {move || failed.get().map(|error| view! { <Problem error /> })}
        <Transition fallback=|| view! { <Loading rows=2 /> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) if list.is_empty() => view! {
                        <Empty icon="key" title=t("No certificate yet", "尚无证书") text=t("The first comes with this device's key.", "生成本机密钥后即有。") />
                    }
                    .into_any(),
                    Ok(list) => {
                        let rows = list.into_iter().map(|certificate| view! { <Row certificate here asked failed again /> }).collect_view();
                        view! { <ul class="key-list">{rows}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <Revoke asked done />
    }
}

#[component]
fn Row(
    certificate: Certificate,
    here: RwSignal<Option<String>>,
    asked: RwSignal<Option<Asked>>,
    failed: RwSignal<Option<AppError>>,
    again: Callback<()>,
) -> impl IntoView {
    let serial = StoredValue::new(certificate.serial.clone());
    let mine = Signal::derive(move || here.with(|here| here.as_deref().is_some_and(|here| serial.with_value(|serial| serial == here))));
    let live = matches!(certificate.state, CertificateState::Valid | CertificateState::Replaced);
    let unproven = certificate.is_unproven();
    let name = StoredValue::new(format!(" {} {}", certificate.device, short(&certificate.serial)));
    let chosen = StoredValue::new(certificate.clone());
    let ask = move |lost: bool| asked.set(Some(Asked { certificate: chosen.get_value(), owner: None, lost }));
    let confirm = move |_| {
        leptos::task::spawn_local(async move {
            match api::keys::confirm(serial.get_value()).await {
                Ok(_) => drop(again.try_run(())),
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    view! {
        <li>
            <CertificateText certificate mine />
            {live
                .then(|| {
                    view! {
                        <div class="key-actions">
                            {unproven
                                .then(|| {
                                    view! {
                                        <button type="button" class="button small" on:click=confirm>
                                            <Icon name="check" />
                                            {t("It is mine", "是我的")}<span class="hidden">{name.get_value()}</span>
                                        </button>
                                    }
                                })}
                            <Show when=move || !mine.get()>
                                <button type="button" class="button small" on:click=move |_| ask(true)>
                                    {t("Lost this device", "设备已丢失")}<span class="hidden">{name.get_value()}</span>
                                </button>
                            </Show>
                            <button type="button" class="button small danger" on:click=move |_| ask(false)>
                                {t("Revoke", "吊销")}<span class="hidden">{name.get_value()}</span>
                            </button>
                        </div>
                    }
                })}
        </li>
    }
}

/// What happened after a loss, and what to do.
#[component]
fn AfterLoss(certificate: Certificate) -> impl IntoView {
    let device = certificate.device;
    view! {
        <Note tone=Tone::Good>
            <p><strong>{lang().pick(format!("The key of {device} does not count any more."), format!("{device} 的密钥已失效。"))}</strong></p>
            <p>
                {t(
                    "It is on the revocation list that everyone reads. If this device has no key yet, make one above. If the other device knew your password, change it below: that signs you out everywhere.",
                    "它已列入公开的吊销列表。如本机尚无密钥，请在上方生成；如对方设备保存过您的密码，请在下方修改密码，所有设备都将退出登录。",
                )}
            </p>
        </Note>
    }
}
