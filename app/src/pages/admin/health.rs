//! Health: every part's state in words, and what to do.

use leptos::prelude::*;

use crate::api;
use crate::model::Check;
use crate::parts::icon::Icon;
use crate::parts::states::{Loading, Problem};
use crate::visit::{lang, t};

/// What works and what does not.
#[component]
pub fn HealthPart() -> impl IntoView {
    let health = Resource::new(|| (), |()| api::admin::health());
    let again = Callback::new(move |()| health.refetch());
    view! {
        <Transition fallback=|| view! { <Loading rows=6 /> }>
            {move || Suspend::new(async move {
                match health.await {
                    Ok(health) => {
                        let checks = health.checks.into_iter().map(|check| view! { <CheckItem check /> }).collect_view();
                        view! { <ul class="health">{checks}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <button type="button" class="button" on:click=move |_| health.refetch()><Icon name="refresh" />{t("Check again", "重新检查")}</button>
        <p class="licences-link"><a href="/licences" rel="external">{t("What Signet is made of, and its licences", "Signet 的组成部分及其许可证")}</a></p>
    }
}

#[component]
fn CheckItem(check: Check) -> impl IntoView {
    let name = match check.part.as_str() {
        "store" => t("File store", "文件存储"),
        "index" => t("Index", "索引库"),
        "authority" => t("Certificate authority", "证书机构"),
        "time_stamps" => t("Time stamps", "时间戳"),
        "clock" => t("Clock", "时钟"),
        "fonts" => t("Fonts", "字体"),
        "mail" => t("Mail", "邮件"),
        _ => "",
    };
    let name = if name.is_empty() { check.part.clone() } else { name.to_owned() };
    let (class, icon, word) = if check.ok && check.part == "mail" {
        ("chip off", "info", t("Off", "未启用"))
    } else if check.ok {
        ("chip good", "check", t("Works", "正常"))
    } else {
        ("chip bad", "cross", t("Needs you", "需处理"))
    };
    view! {
        <li class="health-item">
            <h2>{name}</h2>
            <span class=class><Icon name=icon />{word}</span>
            <p>{check.text.pick(lang()).to_owned()}</p>
        </li>
    }
}
