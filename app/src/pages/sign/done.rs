//! After the signature: where the document went, and what comes next.

use leptos::prelude::*;

use super::turn::Turn;
use crate::api;
use crate::model::{Box, Document, Query, Status};
use crate::parts::chop::Chop;
use crate::parts::icon::Icon;
use crate::parts::live::{count_waiting, use_live};
use crate::visit::{lang, me, t};

/// Says that it is done and leads on: to the next document in turn, or of the inbox, or to this one.
#[component]
pub fn Done(document: Document) -> impl IntoView {
    let live = use_live();
    let next = RwSignal::new(None::<Document>);
    leptos::task::spawn_local(async move {
        let query = Query { which: Box::Inbox, limit: Some(1), ..Query::default() };
        if let Ok(page) = api::documents::documents(query).await {
            next.try_set(page.items.into_iter().next());
        }
        count_waiting(live).await;
    });
    let turn = Turn::here().and_then(|turn| turn.next());
    let in_turn = turn.is_some();
    let text = outcome(&document);
    let page = format!("/documents/{}", document.number);
    let name = me().map(|me| me.name).unwrap_or_default();
    view! {
        <section class="sign-done" role="status">
            <Chop name />
            <div>
                <h2 id="sign-done" tabindex="-1">{t("Sealed", "已签章")}</h2>
                <p>{text}</p>
            </div>
        </section>
        <nav class="sign-next" aria-label=t("What next", "接下来")>
            {turn.map(|(number, page)| {
                view! {
                    <a class="button primary" href=page rel="external">
                        <span>{t("Next in turn: ", "下一件：")}{number.to_string()}</span>
                        <Icon name="next" />
                    </a>
                }
            })}
            {move || {
                next.get().filter(|_| !in_turn)
                    .map(|next| {
                        view! {
                            <a class="button primary" href=format!("/inbox/{}", next.number) rel="external">
                                <span>{t("Next: ", "下一张：")}{next.title}</span>
                                <Icon name="next" />
                            </a>
                        }
                    })
            }}
            <a class="button" href=page rel="external">{t("Open the document", "打开单据")}</a>
            <a class="button quiet" href="/inbox" rel="external">{t("Inbox", "待办")}</a>
        </nav>
    }
}

fn outcome(document: &Document) -> String {
    let creator = &document.creator.name;
    match (document.status, document.open_step()) {
        (Status::Signed, _) => lang().pick(format!("Returned to {creator}."), format!("已回传给 {creator}。")),
        (_, Some(step)) if !step.awaits.is_empty() && step.decisions.iter().any(|decision| me().is_some_and(|me| me.name == decision.by)) => {
            let names = step.awaits.join(lang().pick(", ", "、"));
            lang().pick(format!("{} still waits for {names}.", step.name), format!("{}还在等待 {names}。", step.name))
        }
        (_, Some(step)) => lang().pick(format!("It goes on to the next step: {}.", step.name), format!("已转入下一环节：{}。", step.name)),
        (_, None) => t("Your seal is on it.", "您的签章已完成。").to_owned(),
    }
}
