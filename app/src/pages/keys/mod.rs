//! Keys and seals: this device's key, all certificates, API tokens, the password.

mod certificates;
#[cfg(feature = "hydrate")]
mod device;
mod password;
mod tokens;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::error::AppResult;
use crate::model::Certificate;
use crate::parts::alive::Alive;
use crate::parts::states::Loading;
use crate::visit::t;

/// The caller's certificates: the device's part and the list read the same answer.
pub type List = Resource<AppResult<Vec<Certificate>>>;

/// The page.
#[component]
pub fn KeysPage() -> impl IntoView {
    // Counts up when this device made a key, so that the list of certificates reads anew.
    let changed = RwSignal::new(0_u32);
    // The serial number of this device's key, once the browser has looked.
    let here = RwSignal::new(None::<String>);
    let list: List = Resource::new(move || changed.get(), |_| api::keys::certificates());
    view! {
        <Title text=t("Keys and seals", "密钥与印章") />
        <div class="page narrow keys-page">
            <h1>{t("Keys and seals", "密钥与印章")}</h1>
            <section class="panel" aria-labelledby="keys-device">
                <h2 id="keys-device">{t("This device's key", "本机密钥")}</h2>
                <Alive waiting=|| view! { <Loading rows=1 /> }>{live(changed, here, list)}</Alive>
            </section>
            <section class="panel" aria-labelledby="keys-certificates">
                <h2 id="keys-certificates">{t("Your certificates", "您的证书")}</h2>
                <certificates::Certificates list here />
            </section>
            <section class="panel" aria-labelledby="keys-tokens">
                <h2 id="keys-tokens">{t("API tokens", "接口令牌")}</h2>
                <tokens::Tokens />
            </section>
            <section class="panel" aria-labelledby="keys-password">
                <h2 id="keys-password">{t("Password", "密码")}</h2>
                <password::PasswordForm />
            </section>
        </div>
    }
}

#[cfg(not(feature = "hydrate"))]
fn live(_: RwSignal<u32>, _: RwSignal<Option<String>>, _: List) {}

#[cfg(feature = "hydrate")]
fn live(changed: RwSignal<u32>, here: RwSignal<Option<String>>, list: List) -> impl IntoView {
    view! { <device::Device changed here list /> }
}
