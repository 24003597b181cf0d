//! Making this device's key: one tap, a sentence about what it is.

use leptos::prelude::*;

use super::icon::Icon;
use super::states::Problem;
use crate::browser::key::{Key, device_name};
use crate::error::AppError;
use crate::visit::{me, t};

/// The button that makes this device's key. `made` gets the key; `renews` says that one is here already and signs for the new one.
#[component]
pub fn MakeKey(made: RwSignal<Option<Key>, LocalStorage>, #[prop(default = true)] primary: bool, #[prop(optional)] renews: bool) -> impl IntoView {
    let label = if renews { t("Renew this device's key", "续期本机密钥") } else { t("Make this device's key", "生成本机密钥") };
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let make = move || {
        let Some(me) = me().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let outcome = Key::enrol(&me, device_name()).await;
            // A page that has gone meanwhile finds the key in the vault at its next visit.
            busy.try_set(false);
            match outcome {
                Ok(key) => drop(made.try_set(Some(key))),
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    let retry = Callback::new(move |()| make());
    view! {
        {move || failed.get().map(|error| view! { <Problem error retry /> })}
        <button type="button" class="button" class:primary=primary class:busy=busy aria-disabled=move || busy.get().then_some("true") on:click=move |_| make()>
            <Icon name="key" />
            <span>{move || if busy.get() { t("Making the key…", "正在生成密钥…") } else { label }}</span>
        </button>
    }
}
