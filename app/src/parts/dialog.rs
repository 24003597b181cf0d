//! A modal dialog on the browser's own `<dialog>`: focus, Escape and the backdrop are its work.

use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::visit::t;

/// A dialog that is open while `open` is true. Closing it by any means sets `open` to false.
#[component]
pub fn Dialog(open: RwSignal<bool>, #[prop(into)] id: String, #[prop(into)] title: Signal<String>, children: Children) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(element) = dialog.get() else { return };
        if open.get() {
            if !element.open() {
                // Fails only when the element left the page, and then there is nothing to show.
                let _ = element.show_modal();
            }
        } else if element.open() {
            element.close();
        }
    });
    let heading = format!("{id}-title");
    view! {
        <dialog class="dialog" node_ref=dialog id=id aria-labelledby=heading on:close=move |_| open.set(false)>
            <header class="dialog-head">
                <h2 id=heading.clone()>{title}</h2>
                <button type="button" class="button quiet icon-only" aria-label=t("Close", "关闭") on:click=move |_| open.set(false)>
                    <Icon name="cross" />
                </button>
            </header>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
