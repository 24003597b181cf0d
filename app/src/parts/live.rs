//! What happens while the page is open: deliveries arrive by Server-Sent Events, the counts in the frame follow.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use crate::api;
use crate::model::Delivery;
#[cfg(feature = "hydrate")]
use crate::model::{Box, DecisionKind, Query};
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
    pub waiting: RwSignal<u32>,
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
    let live = Live { unread, waiting: RwSignal::new(0), arrived: RwSignal::new(None), offline: RwSignal::new(false) };
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
    if me.roles.iter().any(|role| role != "creator") {
        leptos::task::spawn_local(count_waiting(live));
    }
    leptos::task::spawn_local(async move {
        if let Ok(mailbox) = api::mailbox::mailbox().await {
            // The mailbox page itself confirms what it shows.
            if window().location().pathname().ok().as_deref() != Some("/mailbox") {
                live.unread.set(mailbox.unread);
            }
            open_stream(live, toasts, mailbox.newest.as_deref());
        }
    });
}

/// Counts what waits for the caller.
#[cfg(feature = "hydrate")]
pub async fn count_waiting(live: Live) {
    let query = Query { which: Box::Inbox, limit: Some(200), ..Query::default() };
    if let Ok(page) = api::documents::documents(query).await {
        live.waiting.set(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
    }
}

/// The browser reconnects by itself and sends `Last-Event-ID`; only the first place is told in the address.
#[cfg(feature = "hydrate")]
fn open_stream(live: Live, toasts: Toasts, after: Option<&str>) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;

    let address = match after {
        Some(cursor) => format!("/api/v1/mailbox/stream?after={}", crate::visit::encode(cursor)),
        None => "/api/v1/mailbox/stream".to_owned(),
    };
    let Ok(source) = web_sys::EventSource::new(&address) else { return };
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
        // Adding a listener to an event source of our own cannot fail.
        let _ = source.add_event_listener_with_callback(kind, arrive.as_ref().unchecked_ref());
    }
    // Both live as long as the page.
    arrive.forget();
    std::mem::forget(source);
}

#[cfg(feature = "hydrate")]
fn watch_network(live: Live) {
    live.offline.set(!window().navigator().on_line());
    window_event_listener(leptos::ev::online, move |_| live.offline.set(false));
    window_event_listener(leptos::ev::offline, move |_| live.offline.set(true));
}
