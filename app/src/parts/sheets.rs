//! The pages of a PDF that is at hand as bytes, drawn by the viewer, and below them the files inside it.

use js_sys::Uint8Array;
use leptos::html;
use leptos::prelude::*;

use super::enclosed::EnclosedFiles;
use super::states::Problem;
use crate::browser::viewer::{self, Shown};
use crate::error::AppError;
use crate::visit::t;

/// Shows `bytes` and follows their changes; what was there stays until the new pages are drawn. `shown` hears what is on show.
#[component]
pub fn Sheets(bytes: RwSignal<Option<Uint8Array>, LocalStorage>, #[prop(optional)] shown: Option<RwSignal<Option<Shown>, LocalStorage>>) -> impl IntoView {
    let holder = NodeRef::<html::Div>::new();
    let on_show = shown.unwrap_or_else(|| RwSignal::new_local(None));
    let turn = StoredValue::new(0_u32);
    let failed = RwSignal::new(None::<AppError>);
    let again = RwSignal::new(0_u32);
    Effect::new(move |_| {
        again.track();
        let (Some(element), Some(pdf)) = (holder.get(), bytes.get()) else { return };
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        leptos::task::spawn_local(async move {
            let outcome = viewer::show(&element, &pdf).await;
            // The page may have gone, or asked for something newer, while this one was being drawn.
            let current = turn.try_get_value() == Some(mine);
            match outcome {
                Ok(new) if current => {
                    failed.set(None);
                    let before = on_show.try_update(|shown| shown.replace(new)).flatten();
                    if let Some(before) = before {
                        before.destroy();
                    }
                }
                Ok(late) => late.destroy(),
                Err(error) if current => failed.set(Some(error)),
                Err(_) => {}
            }
        });
    });
    on_cleanup(move || {
        turn.try_update_value(|turn| *turn += 1);
        if let Some(Some(last)) = on_show.try_update_untracked(Option::take) {
            last.destroy();
        }
    });
    let waits = move || failed.with(Option::is_none) && on_show.with(Option::is_none);
    view! {
        <div class="sheets-holder" node_ref=holder></div>
        <Show when=waits>
            <div class="sheet-waiting" role="status"><span class="hidden">{t("Drawing the pages…", "正在绘制页面…")}</span></div>
        </Show>
        {move || failed.get().map(|error| view! { <Problem error retry=Callback::new(move |()| again.update(|count| *count += 1)) /> })}
        <EnclosedFiles shown=on_show />
    }
}
