//! Line icons, drawn in the text's colour. Decoration only: the words beside them say the same.

use leptos::prelude::*;

/// One icon by name; an unknown name draws nothing.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=path(name) />
        </svg>
    }
}

fn path(name: &str) -> &'static str {
    match name {
        "inbox" => "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5",
        "document" => "M7 3h8l4 4v14H7zM14 3v5h5M10 13h6M10 17h6",
        "return" => "M9 14l-5-5 5-5M4 9h10a6 6 0 010 12h-3",
        "verify" => "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM9 12l2 2 4-4",
        "key" => "M15 4a5 5 0 11-4.6 7L4 17.4V20h3v-2h2v-2h2l1.6-1.6M16 8h.01",
        "admin" => "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
        "add" => "M12 5v14M5 12h14",
        "check" => "M5 12.5l4.5 4.5L19 7.5",
        "cross" => "M6 6l12 12M18 6L6 18",
        "clock" => "M12 7v5l3 2M12 3a9 9 0 110 18 9 9 0 010-18",
        "back" => "M15 5l-7 7 7 7",
        "next" => "M9 5l7 7-7 7",
        "down" => "M5 9l7 7 7-7",
        "search" => "M11 4a7 7 0 110 14 7 7 0 010-14M16 16l5 5",
        "download" => "M12 4v11M7 11l5 5 5-5M5 20h14",
        "warning" => "M12 4l9 16H3zM12 10v4M12 17h.01",
        "info" => "M12 11v6M12 7.5h.01M12 3a9 9 0 110 18 9 9 0 010-18",
        "seal" => "M9 11c-1-1.500-1.500-2.500-1.500-4a4.500 4.500 0 019 0c0 1.500-.5 2.500-1.500 4l.5 3h3.500v4H5v-4h3.500zM6 21h12",
        "person" => "M12 4a4 4 0 110 8 4 4 0 010-8M4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
        "leave" => "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h10",
        "light" => "M12 8a4 4 0 110 8 4 4 0 010-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M19 5l-1.400 1.400M6.400 17.600L5 19",
        "language" => "M12 3a9 9 0 110 18 9 9 0 010-18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
        "edit" => "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
        "undo" => "M8 5L4 9l4 4M4 9h9a6 6 0 010 12h-2",
        "offline" => "M4 4l16 16M8.500 16.500a5 5 0 017 0M5 13a10 10 0 014-2.400M19 13a10 10 0 00-4-2.400M12 20h.01",
        "upload" => "M12 16V5M7 9l5-5 5 5M5 20h14",
        "folder" => "M3 6h7l2 2h9v11H3z",
        "heart" => "M3 12h4l2-5 4 10 2-5h6",
        "refresh" => "M20 5v5h-5M19 10a8 8 0 10.500 5",
        "trash" => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
        "camera" => "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.500 3.500 0 110 7 3.500 3.500 0 010-7",
        "copy" => "M9 9h11v11H9zM15 9V4H4v11h5",
        _ => "",
    }
}
