//! A seal as it will look on paper: the very paths that the PDF gets.

use leptos::prelude::*;

use crate::model::SealLayer;

/// The picture. `label` says what is on it.
#[component]
pub fn SealImage(layers: Vec<SealLayer>, side: u32, #[prop(into)] label: String) -> impl IntoView {
    let paths = layers
        .into_iter()
        .map(|layer| match layer.line {
            Some(width) => {
                let width = format!("{}.{:02}", width / 100, width % 100);
                view! { <path d=layer.path fill="none" stroke=layer.colour stroke-width=width stroke-linecap="round" stroke-linejoin="round" /> }.into_any()
            }
            None => view! { <path d=layer.path fill=layer.colour fill-rule=if layer.even_odd { "evenodd" } else { "nonzero" } /> }.into_any(),
        })
        .collect_view();
    view! {
        <svg class="seal-image" role="img" aria-label=label viewBox=format!("0 0 {side} {side}")>
            // A PDF's space goes upwards.
            <g transform=format!("matrix(1 0 0 -1 0 {side})")>{paths}</g>
        </svg>
    }
}
