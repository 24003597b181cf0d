//! The inbox: what waits for me, longest waiting first; the document lies beside it where there is room.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::api;
use crate::error::AppError;
use crate::model::{Box, Document, Query, TypeSummary};
use crate::parts::document_row::DocumentRow;
use crate::parts::icon::Icon;
use crate::parts::live::{count_waiting, use_live};
use crate::parts::states::{Empty, Loading, Problem};
use crate::visit::{lang, t};

/// How often an open inbox asks whether others wait than before, in a few bytes: the stream that says so may be shut.
const EVERY: Duration = Duration::from_secs(20);

/// The list, and beside it what is chosen.
#[component]
pub fn Inbox() -> impl IntoView {
    let words = RwSignal::new(String::new());
    let kind = RwSignal::new(String::new());
    let documents = Resource::new(
        move || (words.get(), kind.get()),
        |(words, kind)| async move {
            let query = Query {
                which: Box::Inbox,
                type_code: kind.parse().ok(),
                q: Some(words.trim().to_owned()).filter(|words| !words.is_empty()),
                limit: Some(100),
                ..Query::default()
            };
            // Counted first: the list is never older than its mark.
            let waiting = api::approvals::waiting().await?;
            Ok::<_, AppError>((waiting, api::documents::documents(query).await?))
        },
    );
    let types = Resource::new(|| (), |()| api::types::types());
    let chosen = RwSignal::new(Vec::<String>::new());
    let params = use_params_map();
    let open = Memo::new(move |_| params.with(|params| params.get("number")));
    let live = use_live();
    let numbers = Memo::new(move |_| match documents.get() {
        Some(Ok((_, page))) => page.items.iter().map(|document| document.number.to_string()).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    Effect::new(move |_| {
        if let Some(Ok((waiting, _))) = documents.get() {
            live.waits(waiting);
        }
    });
    // Read anew when others wait than when it was read, and only then: what arrives appears by itself, what was decided elsewhere is gone.
    Effect::new(move |_| {
        let now = live.waiting.get();
        if let Some(Ok((read, _))) = documents.get_untracked()
            && read.mark != now.mark
        {
            documents.refetch();
        }
    });
    Effect::new(move |_| {
        let look = move || {
            if !document().hidden() {
                leptos::task::spawn_local(count_waiting(live));
            }
        };
        let back = window_event_listener(leptos::ev::focus, move |_| look());
        let turn = set_interval_with_handle(look, EVERY);
        on_cleanup(move || {
            back.remove();
            if let Ok(turn) = turn {
                turn.clear();
            }
        });
    });
    let search = NodeRef::<html::Input>::new();
    listen_to_keys(numbers, open, chosen, search);
    let mut find = leptos::leptos_dom::helpers::debounce(Duration::from_millis(250), move |text: String| words.set(text));
    view! {
        <Title text=t("Inbox", "待办") />
        <div class="split" class:has-open=move || open.with(Option::is_some)>
            <section class="split-list" aria-labelledby="inbox-title">
                <header class="list-head">
                    <h1 id="inbox-title">{t("Inbox", "待办")}</h1>
                    <div class="list-tools">
                        <label class="search">
                            <Icon name="search" />
                            <span class="hidden">{t("Search number, matter, creator", "搜索编号、事项、创建人")}</span>
                            <input
                                type="search"
                                node_ref=search
                                placeholder=t("Search", "搜索")
                                on:input:target=move |event| find(event.target().value())
                            />
                        </label>
                        <Transition>{move || Suspend::new(async move { view! { <TypeFilter types=types.await.unwrap_or_default() kind /> } })}</Transition>
                    </div>
                </header>
                <Transition fallback=|| view! { <Loading rows=6 /> }>
                    {move || Suspend::new(async move {
                        match documents.await {
                            Ok((_, page)) if page.items.is_empty() => {
                                let searching = words.with_untracked(|words| !words.is_empty()) || kind.with_untracked(|kind| !kind.is_empty());
                                view! { <NothingWaits searching /> }.into_any()
                            }
                            Ok((_, page)) => view! { <List documents=page.items more=page.next.is_some() open chosen /> }.into_any(),
                            Err(error) => view! { <Failed error again=Callback::new(move |()| documents.refetch()) /> }.into_any(),
                        }
                    })}
                </Transition>
                <SelectionBar chosen />
            </section>
            <div class="split-open"><Outlet /></div>
        </div>
    }
}

#[component]
fn TypeFilter(types: Vec<TypeSummary>, kind: RwSignal<String>) -> impl IntoView {
    let options = types.into_iter().map(|one| view! { <option value=one.code.to_string()>{one.name.pick(lang()).to_owned()}</option> }).collect_view();
    view! {
        <label class="filter">
            <span class="hidden">{t("Type", "类型")}</span>
            <select on:change:target=move |event| kind.set(event.target().value()) prop:value=kind>
                <option value="">{t("All types", "全部类型")}</option>
                {options}
            </select>
            <Icon name="down" />
        </label>
    }
}

#[component]
fn List(documents: Vec<Document>, more: bool, open: Memo<Option<String>>, chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let rows = documents
        .into_iter()
        .map(|document| {
            let number = document.number.to_string();
            let (here, marked, toggled) = (number.clone(), number.clone(), number.clone());
            let current = Memo::new(move |_| open.with(|open| open.as_deref() == Some(here.as_str())));
            view! {
                <li class="row" class:current=current>
                    <label class="row-pick">
                        <input
                            type="checkbox"
                            aria-label=lang().pick(format!("Select {number}"), format!("选择 {number}"))
                            prop:checked=move || chosen.with(|chosen| chosen.contains(&marked))
                            on:change=move |_| toggle(chosen, &toggled)
                        />
                    </label>
                    <a class="row-link" href=format!("/inbox/{number}") id=format!("row-{number}") aria-current=move || current.get().then_some("true")>
                        <DocumentRow document waiting=true />
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="rows">{rows}</ul>
        {more.then(|| view! { <p class="list-end">{t("The hundred that have waited longest. Decide some, and the next appear.", "以上为等待最久的一百件，处理后将继续显示。")}</p> })}
    }
}

#[component]
fn NothingWaits(searching: bool) -> impl IntoView {
    if searching {
        view! { <Empty icon="search" title=t("Nothing found", "没有找到") text=t("No waiting document matches.", "没有符合条件的待办单据。") /> }
    } else {
        view! { <Empty icon="check" title=t("Nothing waits for you", "没有待办") text=t("New documents appear here by themselves.", "新的待办会自动出现在这里。") /> }
    }
}

#[component]
fn Failed(error: AppError, again: Callback<()>) -> impl IntoView {
    view! { <div class="list-problem"><Problem error retry=again /></div> }
}

/// What is selected, and the way to sign it one after the other.
#[component]
fn SelectionBar(chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let href = move || {
        chosen.with(|chosen| match chosen.split_first() {
            Some((first, [])) => format!("/documents/{first}/sign"),
            Some((first, rest)) => format!("/documents/{first}/sign?then={}&of={}", rest.join(","), rest.len() + 1),
            None => "/inbox".to_owned(),
        })
    };
    view! {
        <Show when=move || chosen.with(|chosen| !chosen.is_empty())>
            <div class="selection" role="group" aria-label=t("Selected documents", "已选单据")>
                <span>{move || lang().pick(format!("{} selected", chosen.with(Vec::len)), format!("已选 {} 件", chosen.with(Vec::len)))}</span>
                <button type="button" class="button quiet" on:click=move |_| chosen.set(Vec::new())>{t("Clear", "清除")}</button>
                <a class="button primary" href=href><Icon name="seal" />{t("Sign in turn", "依次签章")}</a>
            </div>
        </Show>
    }
}

/// What lies beside the list before anything is chosen.
#[component]
pub fn NothingChosen() -> impl IntoView {
    let key = |key: &'static str, what: &'static str| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> };
    view! {
        <div class="nothing-chosen">
            <Empty icon="document" title=t("Choose a document", "请选择单据") text=t("It opens here, beside the list.", "单据将在列表旁打开。")>
                <dl class="keys">
                    {key("j", t("next", "下一件"))}
                    {key("k", t("previous", "上一件"))}
                    {key("Enter", t("open on its own", "单独打开"))}
                    {key("s", t("sign", "签章"))}
                    {key("r", t("reject", "驳回"))}
                    {key("x", t("select", "选择"))}
                </dl>
            </Empty>
        </div>
    }
}

fn toggle(chosen: RwSignal<Vec<String>>, number: &str) {
    chosen.update(|chosen| match chosen.iter().position(|one| one == number) {
        Some(place) => {
            chosen.remove(place);
        }
        None => chosen.push(number.to_owned()),
    });
}

/// The keyboard: `j` `k` move, `Enter` opens, `s` signs, `r` rejects, `x` selects, `/` searches.
fn listen_to_keys(numbers: Memo<Vec<String>>, open: Memo<Option<String>>, chosen: RwSignal<Vec<String>>, search: NodeRef<html::Input>) {
    let navigate = use_navigate();
    let press = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() || is_typing(&event) {
            return;
        }
        let place = open.with_untracked(|open| numbers.with_untracked(|numbers| numbers.iter().position(|number| Some(number) == open.as_ref())));
        let at = |place: usize| numbers.with_untracked(|numbers| numbers.get(place).cloned());
        let go_to = |path: String| navigate(&path, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        match (event.key().as_str(), open.get_untracked()) {
            ("j", _) => {
                if let Some(number) = at(place.map_or(0, |place| place + 1)) {
                    show(&number);
                    go_to(format!("/inbox/{number}"));
                }
            }
            ("k", _) => {
                if let Some(number) = place.and_then(|place| place.checked_sub(1)).and_then(at) {
                    show(&number);
                    go_to(format!("/inbox/{number}"));
                }
            }
            ("Enter", Some(number)) if !on_other_control(&event, &number) => go_to(format!("/documents/{number}")),
            ("s", Some(number)) => go_to(format!("/documents/{number}/sign")),
            ("r", Some(number)) => go_to(format!("/documents/{number}/reject")),
            ("x", Some(number)) => toggle(chosen, &number),
            ("/", _) => {
                if let Some(search) = search.get_untracked() {
                    // Focusing an element of the page cannot fail.
                    let _ = search.focus();
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, press.clone());
        on_cleanup(move || handle.remove());
    });
}

fn tag_of(event: &leptos::ev::KeyboardEvent) -> String {
    use wasm_bindgen::JsCast;
    event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).map(|element| element.tag_name()).unwrap_or_default()
}

fn is_typing(event: &leptos::ev::KeyboardEvent) -> bool {
    // A ticked box has the focus too, but nothing is typed into it.
    use wasm_bindgen::JsCast;
    let ticking = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()).is_some_and(|input| input.type_() == "checkbox");
    !ticking && matches!(tag_of(event).as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "DIALOG")
}

/// Whether Enter already means something where the focus is. On the open document's own row it does not.
fn on_other_control(event: &leptos::ev::KeyboardEvent, open: &str) -> bool {
    use wasm_bindgen::JsCast;
    let here = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).map(|element| element.id()).unwrap_or_default();
    here != format!("row-{open}") && matches!(tag_of(event).as_str(), "A" | "BUTTON" | "SUMMARY" | "INPUT")
}

/// Gives the row the focus, which also keeps it in view.
fn show(number: &str) {
    use wasm_bindgen::JsCast;
    if let Some(row) = document().get_element_by_id(&format!("row-{number}")).and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Focusing an element of the page cannot fail.
        let _ = row.focus();
    }
}
