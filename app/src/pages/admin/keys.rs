//! Keys of everyone: which were made, which nothing but a sign-in stands behind, and revoking one.

use leptos::prelude::*;

use crate::api;
use crate::model::{CertificateState, Issued};
use crate::parts::certificate::CertificateText;
use crate::parts::checks::short;
use crate::parts::revoke::{Asked, Revoke};
use crate::parts::states::{Empty, Loading, Problem};
use crate::visit::t;

/// The list, new keys without an older one's word first in question.
#[component]
pub fn Keys() -> impl IntoView {
    let all = RwSignal::new(false);
    let list = Resource::new(move || all.get(), |all| api::admin::issued(!all));
    let again = Callback::new(move |()| list.refetch());
    let asked = RwSignal::new(None::<Asked>);
    let done = Callback::new(move |_| list.refetch());
    let pick = move |wanted: bool, label: &'static str| {
        let pressed = move || if all.get() == wanted { "true" } else { "false" };
        view! { <button type="button" class="tag pick" aria-pressed=pressed on:click=move |_| all.set(wanted)>{label}</button> }
    };
    view! {
        <section class="panel" aria-labelledby="admin-keys">
            <h2 id="admin-keys">{t("Keys", "密钥")}</h2>
            <p class="quiet-text">
                {t(
                    "A new key that no older key of its owner signed for is shown to the owner and here. Ask the person when you do not expect it; revoke what is not theirs.",
                    "没有旧密钥签名确认的新密钥，会提示本人并列在此处。若非意料之中，请向本人核实；不属于本人的请吊销。",
                )}
            </p>
            <div class="tags">{pick(false, t("New keys", "新密钥"))}{pick(true, t("All keys", "全部密钥"))}</div>
            <Transition fallback=|| view! { <Loading rows=3 /> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) if list.is_empty() => view! {
                            <Empty icon="key" title=t("None", "没有") text=t("Every key that counts follows from an older one or was the first.", "所有有效密钥均为首个密钥或由旧密钥续期。") />
                        }
                        .into_any(),
                        Ok(list) => {
                            let rows = list.into_iter().map(|issued| view! { <Row issued asked /> }).collect_view();
                            view! { <ul class="key-list">{rows}</ul> }.into_any()
                        }
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </section>
        <Revoke asked done />
    }
}

#[component]
fn Row(issued: Issued, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let Issued { login, name, certificate } = issued;
    let live = matches!(certificate.state, CertificateState::Valid | CertificateState::Replaced);
    let what = format!(" {name} {}", short(&certificate.serial));
    let chosen = StoredValue::new(Asked { certificate: certificate.clone(), owner: Some(name.clone()), lost: false });
    view! {
        <li>
            <CertificateText certificate owner=format!("{name} ({login})") />
            {live
                .then(|| {
                    view! {
                        <div class="key-actions">
                            <button type="button" class="button small danger" on:click=move |_| asked.set(Some(chosen.get_value()))>
                                {t("Revoke", "吊销")}<span class="hidden">{what}</span>
                            </button>
                        </div>
                    }
                })}
        </li>
    }
}
