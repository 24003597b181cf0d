//! The shell round every page, and the table of routes.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::{Lazy, SsrMode, path};

use crate::pages::{self, apart};
use crate::parts::frame::Frame;
use crate::parts::live::provide_live;
use crate::parts::toast::provide_toasts;
use crate::visit::{self, encode, me};

/// The HTML round the app. Only the server renders it.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> AnyView {
    let visit = visit::read();
    view! {
        <!DOCTYPE html>
        <html lang=visit.lang.tag() data-theme=visit.theme.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="description" content=visit.lang.pick("Documents created once, sealed in the browser, returned.", "单据一次创建，浏览器签章，原路回传。") />
                <meta name="theme-color" content="#fffdf7" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#221e19" media="(prefers-color-scheme: dark)" />
                <link rel="icon" href="/icon.svg" type="image/svg+xml" />
                <link rel="icon" href="/icon-192.png" sizes="192x192" type="image/png" />
                <link rel="apple-touch-icon" href="/icon-180.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <link rel="stylesheet" href="/pkg/signet.css" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
    .into_any()
}

/// Every page, with the frame round it. Its type is erased: the views' own types are as long as the pages, and whoever mounts
/// it (the server's router above all) would be compiled over all of them again.
#[component]
pub fn App() -> AnyView {
    visit::begin();
    provide_meta_context();
    provide_toasts();
    // Counted, not in the request's arena: the server asks for the title when that arena may be gone, or another request's is there.
    let unread = ArcRwSignal::new(0);
    provide_live(unread.clone().into());
    let named = move |page: String| {
        let count = match unread.get() {
            0 => String::new(),
            unread => format!("({unread}) "),
        };
        written(if page.is_empty() { format!("{count}Signet") } else { format!("{count}{page} · Signet") })
    };
    view! {
        <Title formatter=named />
        <Router>
            <Frame>
                <Routes fallback=pages::not_found::NotFound>
                    <Route path=path!("/") view=Home ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=|| pages::sign_in::SignInPage().into_any() ssr=SsrMode::Async />
                    <ParentRoute path=path!("/inbox") view=|| signed_in(pages::inbox::Inbox) ssr=SsrMode::Async>
                        <Route path=path!("") view=pages::inbox::NothingChosen />
                        <Route path=path!(":number") view=|| signed_in(pages::document::DocumentBeside) />
                    </ParentRoute>
                    <Route path=path!("/documents") view=|| signed_in(pages::documents::Documents) ssr=SsrMode::Async />
                    <Route path=path!("/documents/:number") view=|| signed_in(pages::document::DocumentPage) ssr=SsrMode::Async />
                    <Route path=path!("/documents/:number/sign") view={Lazy::<apart::Sign>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/documents/:number/reject") view={Lazy::<apart::Reject>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/documents/:number/correct") view={Lazy::<apart::Correct>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/create") view={Lazy::<apart::Choose>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/create/:type") view={Lazy::<apart::Create>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/mailbox") view=|| signed_in(pages::mailbox::MailboxPage) ssr=SsrMode::Async />
                    <Route path=path!("/keys") view={Lazy::<apart::Keys>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/seals") view={Lazy::<apart::Seals>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/verify") view={Lazy::<apart::Verify>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/admin") view=|| view! { <Redirect path="/admin/people" /> } ssr=SsrMode::Async />
                    <Route path=path!("/admin/:part") view={Lazy::<apart::Admin>::new()} ssr=SsrMode::Async />
                </Routes>
            </Frame>
        </Router>
    }
    .into_any()
}

/// A title as the library writes it into the HTML: as it stands (leptos_meta 0.8.7). In the browser it sets a value.
#[cfg(feature = "ssr")]
fn written(title: String) -> String {
    crate::markup::escaped(&title)
}

#[cfg(not(feature = "ssr"))]
fn written(title: String) -> String {
    title
}

/// The first page that makes sense for who is there.
#[component]
fn Home() -> impl IntoView {
    let path = match me() {
        None => "/sign-in",
        Some(me) if me.roles.iter().any(|role| role != "creator") => "/inbox",
        Some(me) if me.has_role("creator") => "/documents",
        Some(me) if me.admin => "/admin/people",
        Some(_) => "/documents",
    };
    view! { <Redirect path /> }
}

/// A page for signed-in people; others sign in first and come back.
pub(crate) fn signed_in<Page: IntoView>(page: fn() -> Page) -> AnyView {
    if me().is_some() {
        return page().into_any();
    }
    let location = use_location();
    let search = location.search.get_untracked();
    let here = location.pathname.get_untracked() + if search.is_empty() || search.starts_with('?') { "" } else { "?" } + &search;
    view! { <Redirect path=format!("/sign-in?next={}", encode(&here)) /> }.into_any()
}
