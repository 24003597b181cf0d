//! A note in the page: what is so, and what to do.

use leptos::prelude::*;

use super::icon::Icon;

/// What a note is about. The icon says it too, never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// It worked.
    Good,
    /// Take care.
    Warn,
    /// It failed.
    Bad,
}

impl Tone {
    /// The class of this tone.
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "note info",
            Self::Good => "note good",
            Self::Warn => "note warn",
            Self::Bad => "note bad",
        }
    }

    /// The icon of this tone.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "check",
            Self::Warn => "warning",
            Self::Bad => "cross",
        }
    }
}

/// A note. Bad ones are announced at once (`role="alert"`), others politely.
#[component]
pub fn Note(tone: Tone, children: Children) -> impl IntoView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class=tone.class() role=role>
            <Icon name=tone.icon() />
            <div class="note-text">{children()}</div>
        </div>
    }
}
