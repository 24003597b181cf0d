//! The visit: language, light or dark, and who is signed in. Fixed for one page load, so texts stay plain strings.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::{Lang, Me};

/// Light, dark, or as the device says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of the `theme` cookie and of the `data-theme` attribute.
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the `theme` cookie's value.
    #[cfg(feature = "ssr")]
    pub fn from_code(code: &str) -> Self {
        match code {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// What stays the same until the next page load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The language of every text.
    pub lang: Lang,
    /// Light or dark.
    pub theme: Theme,
    /// The signed-in account.
    pub me: Option<Me>,
}

#[cfg(not(feature = "ssr"))]
thread_local! {
    static VISIT: std::cell::RefCell<Visit> = std::cell::RefCell::default();
}

/// Begins the visit: the server reads it from the request, the browser from the page.
pub fn begin() -> Visit {
    let visit = SharedValue::new(read).into_inner();
    provide_context(visit.clone());
    #[cfg(not(feature = "ssr"))]
    VISIT.set(visit.clone());
    visit
}

/// The visit as the request says it.
#[cfg(feature = "ssr")]
pub fn read() -> Visit {
    let Some(desk) = use_context::<crate::desk::DeskHandle>() else { return Visit::default() };
    let theme = use_context::<axum::http::request::Parts>().and_then(|parts| cookie(&parts, "theme")).map(|code| Theme::from_code(&code)).unwrap_or_default();
    Visit { lang: desk.0.lang(), theme, me: desk.0.me() }
}

#[cfg(not(feature = "ssr"))]
fn read() -> Visit {
    Visit::default()
}

#[cfg(feature = "ssr")]
fn cookie(parts: &axum::http::request::Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(axum::http::header::COOKIE).iter();
    headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The language of this visit.
pub fn lang() -> Lang {
    #[cfg(feature = "ssr")]
    return use_context::<Visit>().map(|visit| visit.lang).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    VISIT.with_borrow(|visit| visit.lang)
}

/// The signed-in account, if any.
pub fn me() -> Option<Me> {
    #[cfg(feature = "ssr")]
    return use_context::<Visit>().and_then(|visit| visit.me);
    #[cfg(not(feature = "ssr"))]
    VISIT.with_borrow(|visit| visit.me.clone())
}

/// Picks the text of the visit's language.
pub fn t(en: &'static str, zh: &'static str) -> &'static str {
    lang().pick(en, zh)
}

/// Where to go after signing in: a path of our own, never another site.
pub fn safe_next(next: Option<&str>) -> &str {
    next.filter(|path| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\0']) && path.bytes().all(|byte| byte.is_ascii_graphic())
    })
    .unwrap_or("/")
}

/// Percent-encodes a text for one query value.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own_are_followed() {
        assert_eq!(safe_next(Some("/documents/EXP-2026-000123?a=b")), "/documents/EXP-2026-000123?a=b");
        for foreign in ["https://example.org", "//example.org", "/\\example.org", "/a\r\nSet-Cookie: x", "", "javascript:alert(1)", "/a b"] {
            assert_eq!(safe_next(Some(foreign)), "/", "{foreign:?}");
        }
        assert_eq!(safe_next(None), "/");
    }

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(encode("/documents?q=章&x=1"), "/documents%3Fq%3D%E7%AB%A0%26x%3D1");
    }
}
