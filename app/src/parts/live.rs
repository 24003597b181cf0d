//! What happens while the page is open: deliveries and what waits arrive by Server-Sent Events, the counts in the frame follow.

use leptos::prelude::*;

use crate::api;
#[cfg(feature = "hydrate")]
use crate::model::DecisionKind;
use crate::model::{Delivery, Waiting};
#[cfg(feature = "hydrate")]
use crate::parts::note::Tone;
#[cfg(feature = "hydrate")]
use crate::parts::toast::{Toasts, use_toasts};
#[cfg(feature = "hydrate")]
use crate::visit::{lang, me, t};

/// Live counts and the newest delivery. `Copy`, found by [`use_live`].
#[derive(Clone, Copy)]
pub struct Live {
    /// Unread deliveries.
    pub unread: RwSignal<u32>,
    /// Documents that wait for the caller.
    pub waiting: RwSignal<Waiting>,
    /// The newest delivery that arrived while the page was open.
    pub arrived: RwSignal<Option<Delivery>>,
    /// The browser is offline, or the stream is cut.
    pub offline: RwSignal<bool>,
}

/// The live values of the app.
pub fn use_live() -> Live {
    expect_context::<Live>()
}

/// Starts listening, once for the whole visit. The server only provides empty values.
pub fn provide_live(unread: RwSignal<u32>) {
    let live = Live { unread, waiting: RwSignal::new(Waiting::default()), arrived: RwSignal::new(None), offline: RwSignal::new(false) };
    provide_context(live);
    #[cfg(feature = "hydrate")]
    {
        let toasts = use_toasts();
        Effect::new(move |_| listen(live, toasts));
    }
}

#[cfg(feature = "hydrate")]
fn listen(live: Live, toasts: Toasts) {
    watch_network(live);
    let Some(me) = me() else { return };
    let approves = me.roles.iter().any(|role| role != "creator");
    leptos::task::spawn_local(async move {
        if let Ok(mailbox) = api::mailbox::mailbox().await {
            // The mailbox page itself confirms what it shows.
            if window().location().pathname().ok().as_deref() != Some("/mailbox") {
                live.unread.set(mailbox.unread);
            }
            open_stream(live, toasts, mailbox.newest.as_deref(), approves);
        }
    });
}

/// Counts what waits for the caller, now: after a decision, and where the stream may be shut.
pub async fn count_waiting(live: Live) {
    if let Ok(waiting) = api::approvals::waiting().await {
        live.waits(waiting);
    }
}

impl Live {
    /// Takes up what waits now. Who looks on is only woken by a change.
    pub fn waits(self, waiting: Waiting) {
        if self.waiting.with_untracked(|before| *before != waiting) {
            self.waiting.set(waiting);
        }
    }
}

/// The browser reconnects by itself and sends `Last-Event-ID`; only the first place is told in the address.
#[cfg(feature = "hydrate")]
fn open_stream(live: Live, toasts: Toasts, after: Option<&str>, approves: bool) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;

    let after = after.map(|cursor| format!("after={}", crate::visit::encode(cursor)));
    let asked: Vec<String> = after.into_iter().chain(approves.then(|| "inbox=1".to_owned())).collect();
    let Ok(source) = web_sys::EventSource::new(&format!("/api/v1/mailbox/stream?{}", asked.join("&"))) else { return };
    let count = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        if let Some(waiting) = event.data().as_string().and_then(|text| serde_json::from_str::<Waiting>(&text).ok()) {
            live.waits(waiting);
        }
    });
    // Adding a listener to an event source of our own cannot fail.
    let _ = source.add_event_listener_with_callback("inbox", count.as_ref().unchecked_ref());
    let arrive = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        let Some(delivery) = event.data().as_string().and_then(|text| serde_json::from_str::<Delivery>(&text).ok()) else { return };
        live.unread.update(|unread| *unread += 1);
        let name = if delivery.title.is_empty() { delivery.number.to_string() } else { delivery.title.clone() };
        let (tone, text) = match delivery.decision {
            DecisionKind::Signed => (Tone::Good, lang().pick(format!("Signed and returned: {name}"), format!("已签章并回传：{name}"))),
            DecisionKind::Rejected => (Tone::Warn, lang().pick(format!("Rejected: {name}"), format!("被驳回：{name}"))),
        };
        toasts.show_link(tone, text, format!("/documents/{}", delivery.number), t("Open", "打开"));
        live.arrived.set(Some(delivery));
    });
    for kind in ["message", "delivery"] {
        let _ = source.add_event_listener_with_callback(kind, arrive.as_ref().unchecked_ref());
    }
    // All live as long as the page.
    count.forget();
    arrive.forget();
    std::mem::forget(source);
}

#[cfg(feature = "hydrate")]
fn watch_network(live: Live) {
    live.offline.set(!window().navigator().on_line());
    window_event_listener(leptos::ev::online, move |_| live.offline.set(false));
    window_event_listener(leptos::ev::offline, move |_| live.offline.set(true));
}
