//! The mailbox: results on their way back. They arrive live; opening the page confirms them.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::model::{DecisionKind, Delivery};
use crate::parts::icon::Icon;
use crate::parts::live::use_live;
use crate::parts::moment::Moment;
use crate::parts::states::{Empty, Loading, Problem};
use crate::parts::status::DecisionChip;
use crate::visit::{lang, t};

/// The mailbox page.
#[component]
pub fn MailboxPage() -> impl IntoView {
    let live = use_live();
    let mailbox = Resource::new(|| (), |()| api::mailbox::mailbox());
    let again = Callback::new(move |()| mailbox.refetch());
    Effect::new(move |before: Option<()>| {
        if live.arrived.with(Option::is_some) && before.is_some() {
            mailbox.refetch();
        }
    });
    view! {
        <Title text=t("Mailbox", "回传") />
        <div class="page narrow">
            <header class="page-head">
                <h1>{t("Mailbox", "回传")}</h1>
                <p class="quiet-text">{t("Signed and rejected documents come back here by themselves.", "签章完成或被驳回的单据会自动回到这里。")}</p>
            </header>
            <Transition fallback=|| view! { <Loading rows=5 /> }>
                {move || Suspend::new(async move {
                    match mailbox.await {
                        Ok(mailbox) if mailbox.deliveries.is_empty() => view! {
                            <Empty icon="return" title=t("Nothing has come back yet", "还没有回传") text=t("You may leave this page: what arrives stays here.", "可以离开此页，到达的结果会保存在这里。") />
                        }.into_any(),
                        Ok(mailbox) => view! { <Deliveries deliveries=mailbox.deliveries newest=mailbox.newest unread=mailbox.unread /> }.into_any(),
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Deliveries(deliveries: Vec<Delivery>, newest: Option<String>, unread: u32) -> impl IntoView {
    let live = use_live();
    // Seen now: the server is told, the marks stay until the next visit.
    Effect::new(move |_| {
        live.unread.set(0);
        if let Some(cursor) = newest.clone().filter(|_| unread > 0) {
            leptos::task::spawn_local(async move {
                // Should it not arrive, they only stay marked as unread.
                let _ = api::mailbox::mark_read(cursor).await;
            });
        }
    });
    let items = deliveries.into_iter().map(|delivery| view! { <DeliveryItem delivery /> }).collect_view();
    view! { <ul class="deliveries">{items}</ul> }
}

#[component]
fn DeliveryItem(delivery: Delivery) -> impl IntoView {
    let number = delivery.number.to_string();
    let title = if delivery.title.is_empty() { number.clone() } else { delivery.title };
    let page = format!("/documents/{number}");
    let named = |what: &str| format!("{what} {number}");
    let next = match delivery.decision {
        DecisionKind::Signed => view! {
            <a class="button small" href=format!("/api/v1/documents/{number}/file?download=1") download=format!("{number}.pdf") rel="external" aria-label=named(t("Download", "下载"))>
                <Icon name="download" />
                {t("Download", "下载")}
            </a>
        }
        .into_any(),
        DecisionKind::Rejected => view! {
            <a class="button small" href=format!("/documents/{number}/correct") aria-label=named(t("Correct", "更正"))>
                <Icon name="edit" />
                {t("Correct", "更正")}
            </a>
        }
        .into_any(),
    };
    view! {
        <li class="delivery" class:unread=delivery.unread>
            <div class="delivery-text">
                <p class="delivery-line">
                    <DecisionChip decision=delivery.decision />
                    {delivery.unread.then(|| view! { <span class="new-mark">{t("new", "新")}</span> })}
                </p>
                <h2><a href=page>{title}</a></h2>
                <p class="quiet-text">
                    <span class="number">{delivery.number.to_string()}</span>
                    {(!delivery.by.is_empty()).then(|| format!(" · {}", delivery.by))}
                    " · "
                    <Moment at=delivery.at />
                </p>
                {delivery.reason.map(|reason| view! { <blockquote><span class="hidden">{lang().pick("Reason: ", "原因：")}</span>{reason}</blockquote> })}
            </div>
            <div class="delivery-next">{next}</div>
        </li>
    }
}
