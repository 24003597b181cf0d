//! One certificate as a list shows it: whose device, what it is worth, since when and until when, and how it follows from the one before.

use leptos::prelude::*;

use crate::model::{Certificate, CertificateState, Continuity};
use crate::parts::checks::short;
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::revoke::reason_word;
use crate::visit::{lang, t};

/// The text of a row. `mine` marks this device's own; `owner` names the person, where others' are listed.
#[component]
pub fn CertificateText(certificate: Certificate, #[prop(optional, into)] owner: Option<String>, #[prop(optional, into)] mine: Signal<bool>) -> impl IntoView {
    let state = match certificate.state {
        CertificateState::Valid => None,
        CertificateState::Replaced => Some(("chip off", "return", t("Replaced", "已更换"))),
        CertificateState::Revoked => Some(("chip bad", "cross", t("Revoked", "已吊销"))),
        CertificateState::Ended => Some(("chip off", "clock", t("Ended", "已到期"))),
    };
    let state = state.map(|(class, icon, word)| view! { " " <span class=class><Icon name=icon />{word}</span> });
    let unproven = certificate.is_unproven().then(|| view! { " " <span class="chip wait"><Icon name="warning" />{t("New key", "新密钥")}</span> });
    let revoked = certificate.revoked_at.clone().map(|at| {
        let by = certificate.revoked_by.clone().map(|by| format!(" · {by}")).unwrap_or_default();
        let why = certificate.revocation_reason.as_deref().map(|reason| format!(" · {}", reason_word(reason))).unwrap_or_default();
        view! { <p class="quiet-text">{t("Revoked ", "吊销于 ")}<Moment at />{by}{why}</p> }
    });
    let note = certificate.revocation_note.clone().map(|note| view! { <p class="quiet-text">{note}</p> });
    view! {
        <div>
            <p>
                <strong>{owner.map(|owner| format!("{owner} · "))}{certificate.device.clone()}</strong>
                <Show when=move || mine.get()>" " <span class="chip wait"><Icon name="key" />{t("This device", "本机")}</span></Show>
                {unproven}
                {state}
            </p>
            <p class="quiet-text">
                {t("Made ", "创建于 ")}<Moment at=certificate.issued_at.clone() /> " · " {t("until ", "有效至 ")}<Moment at=certificate.not_after.clone() /> " · "
                {match certificate.used_at.clone() {
                    Some(at) => view! { {t("last signed ", "最近签章 ")} <Moment at /> }.into_any(),
                    None => t("never signed", "从未签章").into_any(),
                }}
            </p>
            {revoked}
            {note}
            <Details certificate />
        </div>
    }
}

/// What a stranger compares: numbers in full, and the way the key came.
#[component]
fn Details(certificate: Certificate) -> impl IntoView {
    let way = match (certificate.continuity, &certificate.renews) {
        (Continuity::First, _) => t("The first key of this account", "该账号的第一个密钥").to_owned(),
        (Continuity::Renewed, Some(old)) => {
            lang().pick(format!("Renewed: the key of {} signed for it", short(old)), format!("续期：由证书 {} 的密钥签名确认", short(old)))
        }
        (Continuity::Renewed, None) => t("Renewed by the key before", "由前一密钥续期").to_owned(),
        (Continuity::New, _) => t("A new key; no older key signed for it", "新密钥，没有旧密钥为其签名").to_owned(),
    };
    let confirmed = certificate.confirmed_at.clone().map(|at| {
        view! { <div><dt>{t("Its owner said it is his", "本人确认")}</dt><dd><Moment at /></dd></div> }
    });
    let replaced = certificate.replaced_at.clone().map(|at| {
        view! { <div><dt>{t("Replaced", "更换时间")}</dt><dd><Moment at /></dd></div> }
    });
    view! {
        <details class="reasons">
            <summary>{t("Details", "详情")}<span class="hidden">" " {certificate.device.clone()} " " {short(&certificate.serial)}</span></summary>
            <dl>
                <div><dt>{t("Continuity", "延续性")}</dt><dd>{way}</dd></div>
                {confirmed}
                {replaced}
                <div><dt>{t("Serial number", "序列号")}</dt><dd class="number wrap">{certificate.serial}</dd></div>
                <div><dt>{t("Fingerprint (SHA-256)", "指纹(SHA-256)")}</dt><dd class="number wrap">{certificate.fingerprint}</dd></div>
            </dl>
        </details>
    }
}
