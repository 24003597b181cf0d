//! Documents: what I created, what I decided, all that I may see. The question stands in the address, so it can be kept and shared.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::api;
use crate::model::{Box, Document, Query, Status, TypeSummary};
use crate::parts::document_row::DocumentRow;
use crate::parts::icon::Icon;
use crate::parts::states::{Empty, Loading, Problem};
use crate::parts::status::status_name;
use crate::visit::{encode, lang, me, t};

/// The list of documents.
#[component]
pub fn Documents() -> impl IntoView {
    let asked = use_query_map();
    let question = Memo::new(move |_| asked.with(question));
    let documents = Resource::new(move || question.get(), api::documents::documents);
    let types = Resource::new(|| (), |()| api::types::types());
    let again = Callback::new(move |()| documents.refetch());
    view! {
        <Title text=t("Documents", "单据") />
        <div class="page">
            <header class="page-head">
                <h1>{t("Documents", "单据")}</h1>
                <nav class="boxes" aria-label=t("Which documents", "单据范围")>
                    <BoxLink which=Box::Created question label=t("Created by me", "我创建的") />
                    <BoxLink which=Box::Decided question label=t("Decided by me", "我处理的") />
                    <BoxLink which=Box::All question label=t("All", "全部") />
                </nav>
            </header>
            <Transition>
                {move || Suspend::new(async move { view! { <Filters question types=types.await.unwrap_or_default() /> } })}
            </Transition>
            <Transition fallback=|| view! { <Loading rows=8 /> }>
                {move || Suspend::new(async move {
                    match documents.await {
                        Ok(page) if page.items.is_empty() => view! { <NoDocuments question=question.get_untracked() /> }.into_any(),
                        Ok(page) => view! { <Ledger documents=page.items next=page.next question=question.get_untracked() /> }.into_any(),
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// Reads the question from the address. What makes no sense there is left out.
fn question(asked: &ParamsMap) -> Query {
    let text = |key: &str| asked.get(key).filter(|text| !text.is_empty());
    let which = match text("box").as_deref() {
        Some("created") => Box::Created,
        Some("decided") => Box::Decided,
        Some("all") => Box::All,
        _ if me().is_some_and(|me| me.has_role("creator")) => Box::Created,
        _ => Box::All,
    };
    let status = match text("status").as_deref() {
        Some("pending") => Some(Status::Pending),
        Some("signed") => Some(Status::Signed),
        Some("rejected") => Some(Status::Rejected),
        Some("withdrawn") => Some(Status::Withdrawn),
        _ => None,
    };
    Query {
        which,
        type_code: text("type").and_then(|code| code.parse().ok()),
        status,
        q: text("q"),
        from: text("from"),
        to: text("to"),
        limit: None,
        cursor: text("cursor"),
    }
}

fn box_code(which: Box) -> &'static str {
    match which {
        Box::Inbox => "inbox",
        Box::Created => "created",
        Box::Decided => "decided",
        Box::All => "all",
    }
}

fn status_code(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Signed => "signed",
        Status::Rejected => "rejected",
        Status::Withdrawn => "withdrawn",
    }
}

#[component]
fn BoxLink(which: Box, question: Memo<Query>, label: &'static str) -> impl IntoView {
    let current = move || question.with(|question| question.which == which).then_some("page");
    view! { <a class="box-link" href=format!("/documents?box={}", box_code(which)) aria-current=current>{label}</a> }
}

#[component]
fn Filters(question: Memo<Query>, types: Vec<TypeSummary>) -> impl IntoView {
    let asked = question.get();
    let chosen = asked.type_code.as_ref().map(ToString::to_string).unwrap_or_default();
    let kinds = types
        .into_iter()
        .map(|one| {
            let code = one.code.to_string();
            let selected = code == chosen;
            view! { <option value=code selected=selected>{one.name.pick(lang()).to_owned()}</option> }
        })
        .collect_view();
    let states = [Status::Pending, Status::Signed, Status::Rejected, Status::Withdrawn]
        .map(|status| view! { <option value=status_code(status) selected=asked.status == Some(status)>{status_name(status)}</option> })
        .collect_view();
    view! {
        <Form method="GET" action="/documents" attr:class="filters" attr:role="search">
            <input type="hidden" name="box" value=box_code(asked.which) />
            <label class="search">
                <Icon name="search" />
                <span class="hidden">{t("Search number, title, matter, creator", "搜索编号、标题、事项、创建人")}</span>
                <input type="search" name="q" value=asked.q.unwrap_or_default() placeholder=t("Number, title, matter, creator…", "编号、标题、事项、创建人…") />
            </label>
            <label class="filter">
                <span class="hidden">{t("Type", "类型")}</span>
                <select name="type"><option value="">{t("All types", "全部类型")}</option>{kinds}</select>
                <Icon name="down" />
            </label>
            <label class="filter">
                <span class="hidden">{t("Status", "状态")}</span>
                <select name="status"><option value="">{t("Any status", "全部状态")}</option>{states}</select>
                <Icon name="down" />
            </label>
            <label class="filter day"><span>{t("From", "自")}</span><input type="date" name="from" value=asked.from.unwrap_or_default() /></label>
            <label class="filter day"><span>{t("To", "至")}</span><input type="date" name="to" value=asked.to.unwrap_or_default() /></label>
            <button type="submit" class="button">{t("Find", "查找")}</button>
        </Form>
    }
}

#[component]
fn Ledger(documents: Vec<Document>, next: Option<String>, question: Query) -> impl IntoView {
    let rows = documents
        .into_iter()
        .map(|document| {
            let page = format!("/documents/{}", document.number);
            view! { <li class="row"><a class="row-link" href=page><DocumentRow document /></a></li> }
        })
        .collect_view();
    let on = next.map(|cursor| format!("{}&cursor={}", address(&question), encode(&cursor)));
    let begun = question.cursor.is_some();
    view! {
        <ul class="rows ledger">{rows}</ul>
        <nav class="pager" aria-label=t("Pages", "分页")>
            {begun.then(|| view! { <a class="button" href=address(&question)><Icon name="back" />{t("From the start", "回到开头")}</a> })}
            {on.map(|href| view! { <a class="button" href=href>{t("Older", "更早")}<Icon name="next" /></a> })}
        </nav>
    }
}

/// The address of a question's first page.
fn address(question: &Query) -> String {
    let mut address = format!("/documents?box={}", box_code(question.which));
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            address += &format!("&{key}={}", encode(&value));
        }
    };
    add("type", question.type_code.as_ref().map(ToString::to_string));
    add("status", question.status.map(|status| status_code(status).to_owned()));
    add("q", question.q.clone());
    add("from", question.from.clone());
    add("to", question.to.clone());
    address
}

#[component]
fn NoDocuments(question: Query) -> impl IntoView {
    let narrowed = question.q.is_some() || question.status.is_some() || question.type_code.is_some() || question.from.is_some() || question.to.is_some();
    if narrowed {
        return view! {
            <Empty icon="search" title=t("Nothing found", "没有找到") text=t("No document matches.", "没有符合条件的单据。")>
                <a class="button" href=format!("/documents?box={}", box_code(question.which))>{t("Show all", "显示全部")}</a>
            </Empty>
        }
        .into_any();
    }
    let creates = me().is_some_and(|me| me.has_role("creator"));
    view! {
        <Empty icon="document" title=t("No documents yet", "还没有单据") text=t("Documents you create or decide are kept here.", "您创建或处理的单据会保存在这里。")>
            {creates.then(|| view! { <a class="button primary" href="/create"><Icon name="add" />{t("Create the first", "新建第一张")}</a> })}
        </Empty>
    }
    .into_any()
}
