//! One person's form: name, roles, what may be read, password.

use leptos::prelude::*;

use crate::api;
use crate::error::AppError;
use crate::model::{Account, AccountChange, TypeSummary};
use crate::parts::form::{SendButton, TextField, Tick};
use crate::parts::note::Tone;
use crate::parts::states::Problem;
use crate::parts::toast::use_toasts;
use crate::visit::{lang, t};

/// Adds a person (`account` is `None`) or changes one.
#[component]
pub fn PersonForm(account: Option<Account>, known: Vec<String>, codes: Vec<TypeSummary>, saved: Callback<()>) -> impl IntoView {
    let fresh = account.is_none();
    let text = |read: fn(&Account) -> String| RwSignal::new(account.as_ref().map(read).unwrap_or_default());
    let login = text(|one| one.login.clone());
    let name = text(|one| one.name.clone());
    let roles = text(|one| one.roles.join(" "));
    let reads = RwSignal::new(account.as_ref().map(|one| one.reads.clone()).unwrap_or_default());
    let password = RwSignal::new(String::new());
    let end_tokens = RwSignal::new(true);
    let admin = RwSignal::new(account.as_ref().is_some_and(|one| one.admin));
    let active = RwSignal::new(account.as_ref().is_none_or(|one| one.active));
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let toasts = use_toasts();
    let problem = move |key: &'static str| Signal::derive(move || failed.with(|failed| failed.as_ref().and_then(|error| error.fields.get(key).cloned())));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        let change = AccountChange {
            login: login.get_untracked().trim().to_owned(),
            name: Some(name.get_untracked().trim().to_owned()),
            roles: Some(words(&roles.get_untracked())),
            reads: Some(reads.get_untracked()),
            admin: Some(admin.get_untracked()),
            active: Some(active.get_untracked()),
            password: Some(password.get_untracked()).filter(|password| !password.is_empty()),
            end_tokens: !fresh && end_tokens.get_untracked() && password.with_untracked(|password| !password.is_empty()),
        };
        leptos::task::spawn_local(async move {
            match api::admin::save_account(change).await {
                Ok(one) => {
                    toasts.show(
                        Tone::Good,
                        lang().pick(format!("Saved: {} ({})", one.name, one.client_number), format!("已保存：{}({})", one.name, one.client_number)),
                    );
                    saved.try_run(());
                }
                Err(error) => {
                    busy.set(false);
                    failed.set(Some(error));
                }
            }
        });
    };
    let offered = known
        .into_iter()
        .map(|role| {
            let (shown, pressed, toggled) = (role.clone(), role.clone(), role);
            let has = move || if words(&roles.get()).contains(&pressed) { "true" } else { "false" };
            view! { <li><button type="button" class="tag pick" aria-pressed=has on:click=move |_| roles.update(|roles| *roles = toggle(roles, &toggled))>{shown}</button></li> }
        })
        .collect_view();
    let readable = codes
        .into_iter()
        .map(|one| {
            let (code, pressed) = (one.code.to_string(), one.code.to_string());
            let has = move || if reads.with(|reads| reads.contains(&pressed)) { "true" } else { "false" };
            let press = move |_| {
                reads.update(|reads| match reads.iter().position(|read| *read == code) {
                    Some(place) => {
                        reads.remove(place);
                    }
                    None => reads.push(code.clone()),
                });
            };
            view! { <li><button type="button" class="tag pick" aria-pressed=has on:click=press>{one.name.pick(lang()).to_owned()}</button></li> }
        })
        .collect_view();
    view! {
        {move || failed.get().map(|error| view! { <Problem error /> })}
        <form class="stack" on:submit=send>
            <TextField id="person-login" label=t("Sign-in name", "登录名") value=login required=true disabled=!fresh
                hint=t("Small letters, digits, dots and dashes; never changed later.", "小写字母、数字、点和短横，以后不可更改。") problem=problem("login") />
            <TextField id="person-name" label=t("Name, as printed on seals", "姓名(显示在印章上)") value=name required=true problem=problem("name") />
            <TextField id="person-roles" label=t("Roles, separated by spaces", "角色(用空格分隔)") value=roles
                hint=t("“creator” may create. Naming a new role makes it.", "creator 可建单；填写新角色名即新增该角色。") problem=problem("roles") />
            <ul class="tags" aria-label=t("Known roles", "已有角色")>{offered}</ul>
            <div>
                <h3 class="label" id="person-reads">{t("May read without taking part", "可查阅(不参与审批)")}</h3>
                <ul class="tags" aria-labelledby="person-reads">{readable}</ul>
            </div>
            <TextField id="person-password" kind="password" label=if fresh { t("Password", "密码") } else { t("New password", "新密码") } value=password required=fresh autocomplete="new-password"
                hint=if fresh { t("At least 10 characters.", "至少 10 个字符。") } else { t("Leave empty to keep it. A new one ends every session of this person.", "留空则不变；更改后该人员的登录全部失效。") }
                problem=problem("password") />
            <Show when=move || !fresh && password.with(|password| !password.is_empty())>
                <Tick id="person-tokens" label=t("End this person's access tokens as well", "同时作废该人员的访问令牌") value=end_tokens />
            </Show>
            <Tick id="person-admin" label=t("May administer people, types and health", "可管理人员、类型与运行状态") value=admin />
            <Tick id="person-active" label=t("May sign in", "允许登录") value=active />
            <Show when=move || !fresh && !active.get()>
                <p class="hint">
                    {t(
                        "This person's keys are revoked with it, for good. What they signed stays signed; whoever comes back makes a new key.",
                        "停用后该人员的密钥将永久吊销。此前的签章仍然有效；恢复后需重新生成密钥。",
                    )}
                </p>
            </Show>
            <div class="form-actions"><SendButton label=t("Save", "保存") busy_label=t("Saving…", "正在保存…") busy=busy /></div>
        </form>
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([' ', ',', ',', '、', '\t']).filter(|word| !word.is_empty()) {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

fn toggle(text: &str, role: &str) -> String {
    let mut list = words(text);
    match list.iter().position(|one| one == role) {
        Some(place) => {
            list.remove(place);
        }
        None => list.push(role.to_owned()),
    }
    list.join(" ")
}
