//! Toasts: quiet, sound-free, gone by themselves.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::Icon;
use super::note::Tone;
use crate::visit::t;

#[derive(Clone, Debug, PartialEq)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    link: Option<(String, String)>,
}

/// Shows toasts from anywhere below the app. `Copy`, found by [`use_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    count: StoredValue<u32>,
}

impl Toasts {
    /// Shows a toast for eight seconds.
    pub fn show(&self, tone: Tone, text: impl Into<String>) {
        self.push(tone, text.into(), None);
    }

    /// Shows a toast with a link (path, label).
    pub fn show_link(&self, tone: Tone, text: impl Into<String>, path: impl Into<String>, label: impl Into<String>) {
        self.push(tone, text.into(), Some((path.into(), label.into())));
    }

    /// Shows a toast on the page that is loaded next.
    pub fn show_next(&self, text: &str) {
        // Without storage the page itself still shows what happened.
        if let Ok(Some(storage)) = window().session_storage() {
            let _ = storage.set_item(NEXT, text);
        }
    }

    /// Shows what the page before left.
    fn take_up(self) {
        let Ok(Some(storage)) = window().session_storage() else { return };
        if let Ok(Some(text)) = storage.get_item(NEXT) {
            let _ = storage.remove_item(NEXT);
            self.show(Tone::Good, text);
        }
    }

    fn push(self, tone: Tone, text: String, link: Option<(String, String)>) {
        self.count.update_value(|count| *count += 1);
        let id = self.count.get_value();
        self.shown.update(|shown| shown.push(Toast { id, tone, text, link }));
        set_timeout(move || self.close(id), Duration::from_secs(8));
    }

    fn close(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where a toast for the next page is kept.
const NEXT: &str = "signet.toast";

/// Makes toasts available below.
pub fn provide_toasts() {
    provide_context(Toasts { shown: RwSignal::new(Vec::new()), count: StoredValue::new(0) });
}

/// The toasts of the app.
pub fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

/// Where toasts appear. The frame has one.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    Effect::new(move |_| toasts.take_up());
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class=format!("toast {}", toast.tone.class())>
                    <Icon name=toast.tone.icon() />
                    <div class="note-text">
                        <p>{toast.text.clone()}</p>
                        {toast.link.clone().map(|(path, label)| view! { <p><a href=path>{label}</a></p> })}
                    </div>
                    <button type="button" class="button quiet icon-only" aria-label=t("Close", "关闭") on:click=move |_| toasts.close(toast.id)>
                        <Icon name="cross" />
                    </button>
                </div>
            </For>
        </div>
    }
}
