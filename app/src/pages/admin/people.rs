//! People: who is there, with which roles; add one, change one.

use leptos::prelude::*;

use super::person::PersonForm;
use crate::api;
use crate::model::Account;
use crate::parts::dialog::Dialog;
use crate::parts::icon::Icon;
use crate::parts::states::{Loading, Problem};
use crate::visit::{lang, t};

/// Everyone, and the dialog to add or change.
#[component]
pub fn People() -> impl IntoView {
    let people = Resource::new(|| (), |()| api::admin::accounts());
    let roles = Resource::new(|| (), |()| api::admin::roles());
    let types = Resource::new(|| (), |()| api::types::types());
    let open = RwSignal::new(false);
    let edited = RwSignal::new(None::<Account>);
    let again = Callback::new(move |()| people.refetch());
    let saved = Callback::new(move |()| {
        open.set(false);
        people.refetch();
        roles.refetch();
    });
    let edit = Callback::new(move |account: Option<Account>| {
        edited.set(account);
        open.set(true);
    });
    let title = Signal::derive(move || edited.with(|edited| edited.as_ref().map_or_else(|| t("Add a person", "添加人员").to_owned(), |one| one.name.clone())));
    view! {
        <div class="part-tools">
            <button type="button" class="button primary" on:click=move |_| edit.run(None)><Icon name="add" />{t("Add a person", "添加人员")}</button>
        </div>
        <Transition fallback=|| view! { <Loading rows=6 /> }>
            {move || Suspend::new(async move {
                match people.await {
                    Ok(people) => {
                        let items = people.into_iter().map(|account| view! { <Person account edit /> }).collect_view();
                        view! { <ul class="people">{items}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <Dialog open id="person" title>
            {move || {
                let known = roles.get().and_then(Result::ok).unwrap_or_default();
                let codes = types.get().and_then(Result::ok).unwrap_or_default();
                // A new form each time the dialog opens: nothing of the person before remains in it.
                open.get().then(|| view! { <PersonForm account=edited.get_untracked() known codes saved /> })
            }}
        </Dialog>
    }
}

#[component]
fn Person(account: Account, edit: Callback<Option<Account>>) -> impl IntoView {
    let first = account.name.chars().next().map(String::from).unwrap_or_default();
    let change = StoredValue::new(account.clone());
    let mut marks: Vec<String> = account.roles.clone();
    if account.admin {
        marks.push(t("administrator", "管理员").to_owned());
    }
    marks.extend(account.reads.iter().map(|code| lang().pick(format!("reads {code}"), format!("可阅 {code}"))));
    let marks = marks.into_iter().map(|mark| view! { <li class="tag">{mark}</li> }).collect_view();
    view! {
        <li class="person" class:off=!account.active>
            <span class="avatar" aria-hidden="true">{first}</span>
            <div class="person-text">
                <h2>{account.name.clone()}{(!account.active).then(|| view! { <span class="chip off">{t("may not sign in", "已停用")}</span> })}</h2>
                <p class="quiet-text"><span class="number">{account.login.clone()}</span> " · " <span class="number">{account.client_number.to_string()}</span></p>
            </div>
            <ul class="tags" aria-label=t("Roles", "角色")>{marks}</ul>
            <button
                type="button"
                class="button small"
                aria-label=lang().pick(format!("Change {}", account.name), format!("修改 {}", account.name))
                on:click=move |_| edit.run(Some(change.get_value()))
            >
                <Icon name="edit" />
                {t("Change", "修改")}
            </button>
        </li>
    }
}
