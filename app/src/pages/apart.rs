//! Pages whose code comes apart from the rest: the browser fetches it when one of them is first opened, so that the inbox and the documents
//! do not wait for it. The server renders them like any other.

use leptos::prelude::*;
use leptos_router::LazyRoute;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::{admin, create, keys, reject, seals, sign, verify};
use crate::app::signed_in;
use crate::parts::icon::Icon;
use crate::parts::states::Empty;
use crate::visit::t;

/// Pages of one `$part` come in one file.
macro_rules! apart {
    ($(#[$doc:meta])* $page:ident = $part:ident :: $view:ident, $load:ident, $content:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $page;

        impl LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                $view().await.unwrap_or_else(|_| unreached())
            }

            // The router waits for this; the view is then there at once.
            async fn preload() {
                // a failure is not kept: the view tries again, and says so when it fails too
                let _ = $load().await;
            }
        }

        #[wasm_split($part, preload($load), fallible)]
        fn $view() -> Result<AnyView, SplitLoaderError> {
            Ok($content)
        }
    };
}

apart! { /** Sign one document. */ Sign = deciding::sign_page, load_sign, signed_in(sign::SignPage) }
apart! { /** Reject one document. */ Reject = deciding::reject_page, load_reject, signed_in(reject::RejectPage) }
apart! { /** Choose a type. */ Choose = creating::choose_page, load_choose, signed_in(create::ChooseType) }
apart! { /** Fill in a new document. */ Create = creating::create_page, load_create, signed_in(create::CreatePage) }
apart! { /** Correct a rejected document. */ Correct = creating::correct_page, load_correct, signed_in(create::CorrectPage) }
apart! { /** Keys, certificates, tokens. */ Keys = office::keys_page, load_keys, signed_in(keys::KeysPage) }
apart! { /** One's own seal. */ Seals = sealing::seals_page, load_seals, signed_in(seals::SealsPage) }
apart! { /** People, types, health. */ Admin = office::admin_page, load_admin, signed_in(admin::AdminPage) }
apart! { /** Look at any PDF's signatures. */ Verify = verifying::verify_page, load_verify, verify::VerifyPage().into_any() }

/// Waits for the code of the page at `path`, so that hydration is one step: were it to wait half-way, counts that arrive meanwhile would
/// ask for other nodes than the server wrote.
///
/// # Errors
/// The network broke off.
#[cfg(feature = "hydrate")]
pub async fn arrival(path: &str) -> Result<(), SplitLoaderError> {
    let mut parts = path.trim_matches('/').split('/');
    // the very loader of the page's own view: it must answer at once when the router asks it again
    match (parts.next(), parts.next(), parts.next()) {
        (Some("documents"), Some(_), Some("sign")) => load_sign().await,
        (Some("documents"), Some(_), Some("reject")) => load_reject().await,
        (Some("documents"), Some(_), Some("correct")) => load_correct().await,
        (Some("create"), Some(_), _) => load_create().await,
        (Some("create"), None, _) => load_choose().await,
        (Some("keys"), ..) => load_keys().await,
        (Some("seals"), ..) => load_seals().await,
        (Some("admin"), ..) => load_admin().await,
        (Some("verify"), ..) => load_verify().await,
        _ => Ok(()),
    }
}

/// The network broke off; the failure is not kept, so asking again fetches again.
fn unreached() -> AnyView {
    let again = move |_| {
        #[cfg(feature = "hydrate")]
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    };
    view! {
        <div class="page narrow">
            <Empty
                icon="refresh"
                title=t("This page could not be loaded", "页面未能载入")
                text=t("Check the network, then try again. Nothing was changed, and drafts are kept on this device.", "请检查网络后重试。未更改任何内容，草稿仍保留在本设备上。")
                whole_page=true
            >
                <button type="button" class="button" on:click=again>
                    <Icon name="refresh" />
                    {t("Try again", "重试")}
                </button>
            </Empty>
        </div>
    }
    .into_any()
}
