//! Sign in: one field set, one clear answer. The form works before the page has come alive.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use crate::api;
use crate::error::AppError;
use crate::model::{DemoAccount, SignIn};
use crate::parts::form::{SendButton, TextField, focus_soon};
use crate::parts::icon::Icon;
use crate::parts::menu::go;
use crate::parts::states::Problem;
use crate::visit::{lang, me, safe_next, t};

/// The sign-in page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = safe_next(query.with_untracked(|query| query.get("next")).as_deref()).to_owned();
    if me().is_some() {
        return view! { <Redirect path=next /> }.into_any();
    }
    let sent_plain = query.with_untracked(|query| query.get("__err").is_some());
    let login = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let (login_problem, password_problem) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let after = StoredValue::new(next.clone());
    let enter = move || {
        if busy.get_untracked() {
            return;
        }
        login_problem.set(login.with_untracked(|login| login.trim().is_empty()).then(|| t("Enter your sign-in name.", "请输入登录名。").to_owned()));
        password_problem.set(password.with_untracked(String::is_empty).then(|| t("Enter your password.", "请输入密码。").to_owned()));
        if login_problem.with_untracked(Option::is_some) || password_problem.with_untracked(Option::is_some) {
            focus_soon(if login_problem.with_untracked(Option::is_some) { "login" } else { "password" });
            return;
        }
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let entered = SignIn { login: login.get_untracked(), password: password.get_untracked() };
            match api::session::sign_in(entered, None).await {
                Ok(_) => go(&after.try_get_value().unwrap_or_else(|| "/".to_owned())),
                Err(error) => {
                    busy.set(false);
                    password.set(String::new());
                    failed.set(Some(error));
                    focus_soon("password");
                }
            }
        });
    };
    let demo = Resource::new(|| (), |()| api::session::demo_accounts());
    let choose = Callback::new(move |account: DemoAccount| {
        login.set(account.login);
        password.set(account.password);
        enter();
    });
    view! {
        <Title text=t("Sign in", "登录") />
        <div class="sign-in">
            <section class="sign-in-card">
                <span class="mark large" aria-hidden="true">"印"</span>
                <h1>{t("Sign in to Signet", "登录 Signet")}</h1>
                <p class="quiet-text">{t("Created once, sealed by you, returned.", "一次创建，亲手签章，原路回传。")}</p>
                {move || failed.get().map(|error| view! { <Problem error /> })}
                {sent_plain.then(|| view! { <p class="problem">{t("That did not work. Check both and try again.", "未能登录，请检查后重试。")}</p> })}
                <form
                    method="post"
                    action="/rpc/session/sign_in"
                    class="stack"
                    novalidate
                    on:submit=move |event| {
                        event.prevent_default();
                        enter();
                    }
                >
                    <input type="hidden" name="next" value=next />
                    <TextField id="login" name="entered[login]" label=t("Sign-in name", "登录名") value=login required=true autocomplete="username" problem=login_problem />
                    <TextField
                        id="password"
                        name="entered[password]"
                        kind="password"
                        label=t("Password", "密码")
                        value=password
                        required=true
                        autocomplete="current-password"
                        problem=password_problem
                    />
                    <SendButton label=t("Sign in", "登录") busy_label=t("Signing in…", "正在登录…") busy=busy />
                </form>
                <p class="sign-in-more">
                    <a href="/verify">{t("Check a signed PDF without signing in", "无需登录，核验已签章的 PDF")}</a>
                    <a href="/licences" rel="external">{t("Licences", "许可证")}</a>
                </p>
            </section>
            <Suspense>
                {move || Suspend::new(async move {
                    let accounts = demo.await.unwrap_or_default();
                    (!accounts.is_empty()).then(|| view! { <DemoAccounts accounts choose /> })
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

/// Accounts to tap, one per part to play.
#[component]
fn DemoAccounts(accounts: Vec<DemoAccount>, choose: Callback<DemoAccount>) -> impl IntoView {
    let items = accounts
        .into_iter()
        .map(|account| {
            let first = account.name.chars().next().map(String::from).unwrap_or_default();
            let tapped = account.clone();
            view! {
                <li>
                    <button type="button" class="demo-account" on:click=move |_| choose.run(tapped.clone())>
                        <span class="avatar" aria-hidden="true">{first}</span>
                        <span class="demo-text">
                            <strong>{account.name.clone()}</strong>
                            <span class="quiet-text">{account.part.pick(lang()).to_owned()}</span>
                            <span class="number">{account.login.clone()}</span>
                        </span>
                        <Icon name="next" />
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="demo" aria-labelledby="demo-title">
            <h2 id="demo-title">{t("Try it as…", "演示账户")}</h2>
            <p class="quiet-text">{t("This server is a demonstration. Tap an account to sign in.", "这是演示服务器，点按账户即可登录。")}</p>
            <ul>{items}</ul>
        </section>
    }
}
