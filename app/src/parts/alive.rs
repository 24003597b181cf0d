//! What only a living page can show: drawn once the browser has taken over, never by the server.

use leptos::prelude::*;

/// Draws `children` once the browser has taken over, `waiting` until then.
#[component]
pub fn Alive(#[prop(optional, into)] waiting: ViewFn, children: ChildrenFn) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! { <Show when=move || alive.get() fallback=waiting>{children()}</Show> }
}
