//! The pad: a signature drawn with finger, mouse or pen, smoothed stroke by stroke.

use std::fmt::Write as _;

use leptos::prelude::*;
use leptos::svg;
use web_sys::PointerEvent;

use crate::ink::{self, Point};
use crate::parts::icon::Icon;
use crate::visit::{lang, t};

/// The pad. `ink` is the signature as a path; `problem` what the server found wrong with it.
#[component]
pub fn Pad(ink: RwSignal<String>, #[prop(into)] problem: Signal<Option<String>>) -> impl IntoView {
    let board = NodeRef::<svg::Svg>::new();
    // The stroke that is being drawn, as it comes from the screen.
    let stroke = RwSignal::new(Vec::<Point>::new());
    let before = RwSignal::new(Vec::<String>::new());
    let full = RwSignal::new(false);
    let place = move |event: &PointerEvent| -> Option<Point> {
        let bounds = board.get_untracked()?.get_bounding_client_rect();
        if bounds.width() <= 0.0 || bounds.height() <= 0.0 {
            return None;
        }
        let x = (f64::from(event.client_x()) - bounds.left()) / bounds.width() * f64::from(ink::WIDTH);
        let y = (f64::from(event.client_y()) - bounds.top()) / bounds.height() * f64::from(ink::HEIGHT);
        Some([x, y])
    };
    let down = move |event: PointerEvent| {
        // One finger writes; the second one, or the right button, does not.
        if !event.is_primary() || event.button() != 0 {
            return;
        }
        event.prevent_default();
        if let Some(board) = board.get_untracked() {
            // Without capture the pen is lost at the pad's edge.
            let _ = board.set_pointer_capture(event.pointer_id());
        }
        stroke.set(place(&event).into_iter().collect());
    };
    let along = move |event: PointerEvent| {
        if stroke.with_untracked(Vec::is_empty) || !event.is_primary() {
            return;
        }
        if let Some(point) = place(&event) {
            stroke.update(|points| points.push(point));
        }
    };
    let up = move |_: PointerEvent| {
        let points = stroke.get_untracked();
        if points.is_empty() {
            return;
        }
        stroke.set(Vec::new());
        let kept = ink.get_untracked();
        let mut path = kept.clone();
        let fits = ink::add(&mut path, &points);
        full.set(!fits);
        if fits && path != kept {
            before.update(|before| before.push(kept));
            ink.set(path);
        }
    };
    let undo = move |_| {
        let last = before.try_update(Vec::pop).flatten();
        // What was drawn on another day has no steps to go back by, but it has strokes.
        ink.update(|path| *path = last.unwrap_or_else(|| ink::without_last(path).to_owned()));
        full.set(false);
    };
    let clear = move |_| {
        before.update(|before| before.push(ink.get_untracked()));
        ink.set(String::new());
        full.set(false);
    };
    let empty = move || ink.with(String::is_empty);
    let nothing_to_undo = move || empty() && before.with(Vec::is_empty);
    let label = move || match ink.with(|path| path.matches('M').count()) {
        0 => t("Signature pad, empty", "签名板，空白").to_owned(),
        1 => t("Signature pad, one stroke", "签名板，1 笔").to_owned(),
        count => lang().pick(format!("Signature pad, {count} strokes"), format!("签名板，{count} 笔")),
    };
    view! {
        <div class="field pad-field" class:wrong=move || problem.with(Option::is_some)>
            <div class="pad">
                <svg
                    role="img"
                    aria-label=label
                    viewBox=format!("0 0 {} {}", ink::WIDTH, ink::HEIGHT)
                    node_ref=board
                    on:pointerdown=down
                    on:pointermove=along
                    on:pointerup=up
                    on:pointercancel=up
                >
                    <path class="pad-line" d=format!("M150 {0}H{1}", ink::HEIGHT - 260, ink::WIDTH - 150) />
                    <path class="pad-ink" d=move || ink.get() />
                    <path class="pad-ink" d=move || stroke.with(|points| polyline(points)) />
                </svg>
                <Show when=move || empty() && stroke.with(Vec::is_empty)>
                    <p class="pad-word" aria-hidden="true">{t("Write here with finger, mouse or pen", "用手指、鼠标或手写笔在此书写")}</p>
                </Show>
            </div>
            <p class="pad-tools">
                <button type="button" class="button small" aria-disabled=move || nothing_to_undo().then_some("true") on:click=undo>
                    <Icon name="undo" />
                    {t("Undo", "撤销")}
                </button>
                <button type="button" class="button small" aria-disabled=move || empty().then_some("true") on:click=clear>
                    <Icon name="trash" />
                    {t("Clear", "清除")}
                </button>
            </p>
            <p class="problem" role="alert">
                {move || {
                    let text = if full.get() { Some(t("There is no room for another stroke. Undo some, or clear and write again.", "已写不下更多笔画，请撤销或清除后重写。").to_owned()) } else { problem.get() };
                    text.map(|text| view! { <Icon name="warning" />{text} })
                }}
            </p>
        </div>
    }
}

fn polyline(points: &[Point]) -> String {
    let mut path = String::new();
    for (place, point) in points.iter().enumerate() {
        let _ = write!(path, "{}{:.0} {:.0}", if place == 0 { 'M' } else { 'L' }, point[0], point[1]);
    }
    if points.len() == 1 {
        // A point alone is drawn by its round ends.
        path.push_str("h0");
    }
    path
}
