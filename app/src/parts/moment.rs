//! Times. The server writes UTC; the browser turns it into the reader's own time once it has taken over.

use leptos::prelude::*;

use crate::visit::lang;

/// A point in time, RFC 3339 in.
#[component]
pub fn Moment(#[prop(into)] at: String) -> impl IntoView {
    let shown = RwSignal::new(utc(&at));
    let exact = at.clone();
    Effect::new(move |_| {
        if let Some(local) = local(&exact) {
            shown.set(local);
        }
    });
    view! { <time datetime=at>{shown}</time> }
}

/// How long something has been waiting, RFC 3339 in. Marks what has waited three days.
#[component]
pub fn Waiting(#[prop(into)] since: String) -> impl IntoView {
    let shown = RwSignal::new(utc(&since));
    let long = RwSignal::new(false);
    let exact = since.clone();
    Effect::new(move |_| {
        if let Some(minutes) = minutes_since(&exact) {
            long.set(minutes >= 3 * 24 * 60);
            shown.set(duration(minutes));
        }
    });
    view! {
        <time class="waiting" class:long=long datetime=since>{shown}</time>
    }
}

/// A duration in words, coarse on purpose.
fn duration(minutes: i64) -> String {
    let (count, en, zh) = match minutes {
        ..1 => return lang().pick("just now", "刚刚").to_owned(),
        1..60 => (minutes, "min", "分钟"),
        60..2880 => (minutes / 60, "h", "小时"),
        _ => (minutes / 1440, "days", "天"),
    };
    lang().pick(format!("waiting {count} {en}"), format!("已等待 {count} {zh}"))
}

/// `2026-11-23T14:02:07Z` as `2026-11-23 14:02 UTC`.
fn utc(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => at.to_owned(),
    }
}

#[cfg(feature = "hydrate")]
fn local(at: &str) -> Option<String> {
    let date = js_sys::Date::new(&at.into());
    (!date.get_time().is_nan())
        .then(|| format!("{}-{:02}-{:02} {:02}:{:02}", date.get_full_year(), date.get_month() + 1, date.get_date(), date.get_hours(), date.get_minutes()))
}

#[cfg(not(feature = "hydrate"))]
fn local(_: &str) -> Option<String> {
    None
}

#[cfg(feature = "hydrate")]
fn minutes_since(at: &str) -> Option<i64> {
    let then = js_sys::Date::new(&at.into()).get_time();
    (!then.is_nan()).then(|| ((js_sys::Date::now() - then) / 60_000.0) as i64)
}

#[cfg(not(feature = "hydrate"))]
fn minutes_since(_: &str) -> Option<i64> {
    None
}
