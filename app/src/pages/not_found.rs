//! No such page, or no page for this reader.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::parts::states::Empty;
use crate::visit::t;

/// Says so, with the way back.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text=t("Not found", "未找到") />
        <div class="page narrow">
            <Empty
                icon="search"
                whole_page=true
                title=t("There is nothing here", "这里没有内容")
                text=t("The page does not exist, or it is not for your account.", "页面不存在，或您的账户无权查看。")
            >
                <a class="button" href="/">{t("To the start", "回到首页")}</a>
            </Empty>
        </div>
    }
}
