//! Seal: the caller's own, designed here and used for every signature from then on.

#[cfg(feature = "hydrate")]
mod designer;
#[cfg(feature = "hydrate")]
mod pad;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api;
use crate::model::{SealPicture, SealView};
use crate::parts::alive::Alive;
use crate::parts::icon::Icon;
use crate::parts::seal_picture::SealImage;
use crate::parts::states::{Loading, Problem};
use crate::visit::t;

/// The page.
#[component]
pub fn SealsPage() -> impl IntoView {
    let kept = Resource::new(|| (), |()| api::seals::mine());
    let again = Callback::new(move |()| kept.refetch());
    // Someone who came from the signing page goes back to it.
    let back = use_query_map().with_untracked(|query| query.get("back")).filter(|path| is_document(path));
    view! {
        <Title text=t("Your seal", "我的印章") />
        <div class="page seals-page">
            <header class="seals-head">
                {back.map(|path| view! { <p><a class="back" href=path rel="external"><Icon name="back" />{t("Back to the document", "返回单据")}</a></p> })}
                <h1>{t("Your seal", "我的印章")}</h1>
                <p class="quiet-text">
                    {t(
                        "How your signature looks on the page. It is drawn with lines only and stays sharp at every size; what proves the signature is your key.",
                        "签名在页面上的样子。印章由矢量线条绘制，任意大小都清晰；证明签名的是您的密钥。",
                    )}
                </p>
            </header>
            <Transition fallback=|| view! { <Loading rows=4 /> }>
                {move || Suspend::new(async move {
                    match kept.await {
                        Ok(view) => {
                            let waiting = waiting(&view.picture);
                            let kept = StoredValue::new(view);
                            view! { <Alive waiting>{kept.with_value(|kept| live(kept.clone()))}</Alive> }.into_any()
                        }
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// Until the browser has taken over: the seal as it is kept.
fn waiting(picture: &SealPicture) -> impl Fn() -> AnyView + Send + Sync + 'static {
    let picture = picture.clone();
    move || view! { <div class="seals-studio"><Specimen picture=picture.clone() /></div> }.into_any()
}

#[cfg(not(feature = "hydrate"))]
fn live(_: SealView) {}

#[cfg(feature = "hydrate")]
fn live(view: SealView) -> impl IntoView {
    view! { <designer::Designer kept=view /> }
}

/// The seal on paper, at 42 and at 20 millimetres.
#[component]
fn Specimen(picture: SealPicture) -> impl IntoView {
    let SealPicture { side, large, small } = picture;
    view! {
        <div class="seal-paper">
            <figure>
                <SealImage layers=large side label=t("Your seal at 42 millimetres", "42 毫米印章预览") />
                <figcaption>"42 mm"</figcaption>
            </figure>
            <figure class="small">
                <SealImage layers=small side label=t("Your seal at 20 millimetres", "20 毫米印章预览") />
                <figcaption>"20 mm"</figcaption>
            </figure>
        </div>
    }
}

/// A path of a document's own pages, and nothing that leads elsewhere.
fn is_document(path: &str) -> bool {
    let plain = |text: &str, more: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || more.contains(&byte));
    let (path, turn) = path.split_once('?').unwrap_or((path, "then="));
    path.strip_prefix("/documents/").is_some_and(|rest| plain(rest, b"/")) && turn.starts_with("then=") && plain(turn, b",&=")
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_documents_are_a_way_back() {
        assert!(super::is_document("/documents/EXP-2026-000001/sign"));
        assert!(super::is_document("/documents/EXP-2026-000001/sign?then=EXP-2026-000002,EXP-2026-000003&of=3"));
        for other in ["", "/", "//evil.example", "/documents/../admin", "https://evil.example", "/documents/x?next=//evil", "/documentsx", "javascript:x"] {
            assert!(!super::is_document(other), "{other}");
        }
    }
}
