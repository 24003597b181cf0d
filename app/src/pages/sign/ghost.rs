//! The frame round the seal on the page: dragged, tapped or moved by arrow keys to its place; pressed when the signature succeeded.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use super::journey::Course;
use crate::browser::pieces::Calm;
use crate::browser::signing::Progress;
use crate::model::Placement;
use crate::visit::t;

/// Two millimetres on an A4 page, as a fraction of its width; five times as far with Shift.
const STEP: f64 = 2.0 / 210.0;

/// Left, top, width and height as fractions of the page.
type Frame = [f64; 4];

/// The frame. It lives inside the page's own element, so that it moves and grows with it.
#[component]
pub fn Ghost(course: Course, movable: Memo<bool>) -> impl IntoView {
    let ghost = NodeRef::<html::Button>::new();
    let frame = RwSignal::new(None::<Frame>);
    let held = StoredValue::new(None::<(f64, f64)>);
    let calm = Calm::new(500);
    let by_keys = StoredValue::new(false);
    let seen = StoredValue::new(false);
    // A new offer or a page drawn anew: the frame goes where the seal is.
    Effect::new(move |_| {
        let (Some(element), Some(shown), Some(offer)) =
            (ghost.get(), course.shown.get(), course.ready.with(|ready| ready.as_ref().map(|ready| ready.offer.clone())))
        else {
            return;
        };
        if let Some(sheet) = shown.sheet(offer.page) {
            // The page is the viewer's; a child more does not disturb it.
            let _ = sheet.append_child(&element);
            if by_keys.get_value() {
                // Moved to the new page with it; an element of ours can take the focus.
                let _ = web_sys::HtmlElement::focus(&element);
            }
            frame.set(Some(shown.fractions(offer.page, offer.seal)));
        }
    });
    Effect::new(move |_| {
        let (Some(element), Some(frame)) = (ghost.get(), frame.get()) else { return };
        let style = web_sys::HtmlElement::style(&element);
        for (name, value) in ["left", "top", "width", "height"].into_iter().zip(frame) {
            // These properties take percentages.
            let _ = style.set_property(name, &format!("{:.3}%", value * 100.0));
        }
        if !seen.get_value() {
            seen.set_value(true);
            come_into_sight(&element);
        }
    });
    let settle = move || {
        let (Some(shown), Some([left, top, width, height]), Some(page)) =
            (course.shown.get_untracked(), frame.get_untracked(), course.ready.with_untracked(|ready| ready.as_ref().map(|ready| ready.offer.page)))
        else {
            return;
        };
        // Turned pages: the lower left corner of the page's own space may be any corner of what is seen.
        let [ax, ay] = shown.points(page, left, top);
        let [bx, by] = shown.points(page, left + width, top + height);
        course.prepare(Some(Placement { x: ax.min(bx).round() as i32, y: ay.min(by).round() as i32, page: Some(page) }));
    };
    // Once the key signs, the seal stays where it is.
    let signing = move || matches!(course.progress.get_untracked(), Some(Progress::Signing | Progress::Sending));
    let can_move = move || movable.get_untracked() && course.done.with_untracked(Option::is_none) && !signing();
    let move_to = move |left: f64, top: f64| {
        course.fresh.set(false);
        frame.update(|frame| {
            if let Some([x, y, width, height]) = frame {
                *x = left.clamp(0.0, (1.0 - *width).max(0.0));
                *y = top.clamp(0.0, (1.0 - *height).max(0.0));
            }
        });
    };
    let down = move |event: PointerEvent| {
        if !can_move() {
            return;
        }
        let (Some(element), Some(place)) = (ghost.get_untracked(), at(&event, &ghost)) else { return };
        by_keys.set_value(false);
        // Without capture the pointer is followed only while it is over the frame.
        let _ = element.set_pointer_capture(event.pointer_id());
        if let Some([left, top, ..]) = frame.get_untracked() {
            held.set_value(Some((place.0 - left, place.1 - top)));
        }
        event.prevent_default();
    };
    let drag = move |event: PointerEvent| {
        if let (Some((x, y)), Some(place)) = (held.get_value(), at(&event, &ghost)) {
            move_to(place.0 - x, place.1 - y);
        }
    };
    let drop_it = move |_: PointerEvent| {
        if held.get_value().is_some() {
            held.set_value(None);
            settle();
        }
    };
    let key = move |event: KeyboardEvent| {
        let far = if event.shift_key() { 5.0 * STEP } else { STEP };
        let (x, y) = match event.key().as_str() {
            "ArrowLeft" => (-far, 0.0),
            "ArrowRight" => (far, 0.0),
            "ArrowUp" => (0.0, -far),
            "ArrowDown" => (0.0, far),
            _ => return,
        };
        if let Some([left, top, ..]) = frame.get_untracked().filter(|_| can_move()) {
            event.prevent_default();
            by_keys.set_value(true);
            move_to(left + x, top + y);
            calm.run(settle);
        }
    };
    // A tap anywhere on the seal's page puts the middle of the seal there.
    let tapped = window_event_listener(ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(element) = ghost.get_untracked().filter(|_| can_move()) else { return };
        let own: &web_sys::Node = element.as_ref();
        let Some(sheet) = own.parent_element().filter(|sheet| sheet.class_list().contains("sheet")) else { return };
        if target.is_some_and(|target| sheet.contains(Some(&target)) && !own.contains(Some(&target))) {
            let bounds = sheet.get_bounding_client_rect();
            let (x, y) = ((f64::from(event.client_x()) - bounds.left()) / bounds.width(), (f64::from(event.client_y()) - bounds.top()) / bounds.height());
            if let Some([_, _, width, height]) = frame.get_untracked() {
                move_to(x - width / 2.0, y - height / 2.0);
                settle();
            }
        }
    });
    on_cleanup(move || tapped.remove());
    view! {
        <button
            type="button"
            class="ghost"
            class:movable=move || movable.get() && course.done.with(Option::is_none)
            class:pressed=move || course.done.with(Option::is_some)
            hidden=move || frame.with(Option::is_none)
            tabindex=move || if movable.get() { "0" } else { "-1" }
            aria-label=move || if movable.get() { t("The seal: move it with the arrow keys", "印章：用方向键移动") } else { t("Place of the seal", "印章位置") }
            node_ref=ghost
            on:pointerdown=down
            on:pointermove=drag
            on:pointerup=drop_it
            on:pointercancel=drop_it
            on:keydown=key
        ></button>
    }
}

/// Scrolls only where the seal would not be seen whole above the actions.
fn come_into_sight(element: &HtmlElement) {
    let (bounds, height) = (element.get_bounding_client_rect(), window().inner_height().ok().and_then(|height| height.as_f64()));
    if height.is_some_and(|height| bounds.bottom() > height - 160.0) {
        element.scroll_into_view_with_bool(false);
    }
}

/// Where the pointer is, as fractions of the page that the frame lives in.
fn at(event: &PointerEvent, ghost: &NodeRef<html::Button>) -> Option<(f64, f64)> {
    let sheet: HtmlElement = ghost.get_untracked()?.parent_element()?.dyn_into().ok()?;
    let bounds = sheet.get_bounding_client_rect();
    (bounds.width() > 0.0)
        .then(|| ((f64::from(event.client_x()) - bounds.left()) / bounds.width(), (f64::from(event.client_y()) - bounds.top()) / bounds.height()))
}
