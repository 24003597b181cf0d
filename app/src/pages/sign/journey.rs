//! The journey of one signature: a key, the revision as it will be, the confirmation.

use leptos::prelude::*;

use super::done::Done;
use super::ghost::Ghost;
use super::turn::Turn;
use crate::browser::key::Key;
use crate::browser::signing::{self, Progress, Ready};
use crate::browser::viewer::Shown;
use crate::error::{AppError, Code};
use crate::model::{Document, Placement};
use crate::parts::device_key::MakeKey;
use crate::parts::form::focus_soon;
use crate::parts::icon::Icon;
use crate::parts::note::{Note, Tone};
use crate::parts::sheets::Sheets;
use crate::parts::states::{Loading, Problem};
use crate::visit::{encode, me, t};

/// What the page knows and does. `Copy`: every part of the page holds it.
#[derive(Clone, Copy)]
pub struct Course {
    /// The document as the page found it.
    pub document: StoredValue<Document>,
    /// This device's key.
    pub key: RwSignal<Option<Key>, LocalStorage>,
    /// The revision that waits for the confirmation.
    pub ready: RwSignal<Option<Ready>, LocalStorage>,
    /// Whether what is on show is what waits: only then it can be confirmed.
    pub fresh: RwSignal<bool>,
    /// What is on show.
    pub shown: RwSignal<Option<Shown>, LocalStorage>,
    /// What is being done.
    pub progress: RwSignal<Option<Progress>>,
    /// What went wrong.
    pub failed: RwSignal<Option<AppError>>,
    /// The document after the signature.
    pub done: RwSignal<Option<Document>>,
    placement: RwSignal<Option<Placement>>,
    turn: StoredValue<u32>,
}

impl Course {
    /// Prepares the revision with the seal at `placement`, and shows it.
    pub fn prepare(self, placement: Option<Placement>) {
        let Some(key) = self.key.get_untracked() else { return };
        let before = self.placement.get_untracked();
        self.placement.set(placement);
        self.fresh.set(false);
        self.failed.set(None);
        self.turn.update_value(|turn| *turn += 1);
        let mine = self.turn.get_value();
        self.progress.set(Some(Progress::Checking));
        let document = self.document.get_value();
        leptos::task::spawn_local(async move {
            let told = move |progress| {
                self.progress.try_set(Some(progress));
            };
            let outcome = signing::prepare(&document.number, document.revision, &key, placement, told).await;
            // The page may have gone, or the seal may have moved on.
            if self.turn.try_get_value() != Some(mine) {
                return;
            }
            self.progress.set(None);
            match outcome {
                Ok(ready) => self.ready.set(Some(ready)),
                Err(error) => {
                    // No seal can be there: it goes back to where it was, and what is shown is what waits.
                    if error.code == Code::InvalidInput && self.ready.with_untracked(Option::is_some) {
                        self.placement.set(before);
                        self.ready.update(|_| ());
                    }
                    self.failed.set(Some(error));
                }
            }
        });
    }

    /// Signs what is shown.
    pub fn confirm(self) {
        let (Some(key), Some(ready)) = (self.key.get_untracked(), self.ready.get_untracked()) else { return };
        if self.progress.get_untracked().is_some() || !self.fresh.get_untracked() || self.done.with_untracked(Option::is_some) {
            return;
        }
        self.failed.set(None);
        self.progress.set(Some(Progress::Sealing));
        leptos::task::spawn_local(async move {
            let told = move |progress| {
                self.progress.try_set(Some(progress));
            };
            let outcome = signing::confirm(&ready, &key, told).await;
            self.progress.try_set(None);
            match outcome {
                Ok(document) => {
                    self.done.try_set(Some(document));
                    focus_soon("sign-done");
                }
                Err(error) => {
                    self.failed.try_set(Some(error));
                    focus_soon("sign-failed");
                }
            }
        });
    }

    fn again(self) {
        self.prepare(self.placement.get_untracked());
    }
}

/// The page, once alive.
#[component]
pub fn Journey(document: Document) -> impl IntoView {
    let course = Course {
        document: StoredValue::new(document),
        key: RwSignal::new_local(None),
        ready: RwSignal::new_local(None),
        fresh: RwSignal::new(false),
        shown: RwSignal::new_local(None),
        progress: RwSignal::new(None),
        failed: RwSignal::new(None),
        done: RwSignal::new(None),
        placement: RwSignal::new(None),
        turn: StoredValue::new(0),
    };
    let looked = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        let Some(me) = me() else { return };
        match Key::find(&me.login).await {
            Ok(key) => drop(course.key.try_set(key.filter(|key| key.days_left() >= 0))),
            Err(error) => drop(course.failed.try_set(Some(error))),
        }
        looked.try_set(true);
    });
    // A key that is there, or has just been made, leads on.
    Effect::new(move |_| {
        if course.key.with(Option::is_some) {
            // The button that made the key is gone; the next one takes its place.
            if looked.get_untracked() {
                focus_soon("sign-confirm");
            }
            course.prepare(None);
        }
    });
    let has_key = Memo::new(move |_| course.key.with(Option::is_some));
    move || match (looked.get(), has_key.get()) {
        (false, _) => view! { <div class="sign-body"><Loading rows=3 /></div> }.into_any(),
        (true, false) => view! { <FirstKey course /> }.into_any(),
        (true, true) => view! { <Confirmation course /> }.into_any(),
    }
}

/// The calm step before the first signature on a device.
#[component]
fn FirstKey(course: Course) -> impl IntoView {
    view! {
        <section class="first-key" aria-labelledby="first-key-title">
            <span class="empty-mark"><Icon name="key" /></span>
            <h2 id="first-key-title">{t("First, a key for this device", "先为本机生成密钥")}</h2>
            <p>
                {t(
                    "Your seal is made with a key that lives in this browser only. It cannot be copied, not even by Signet. It takes a second and is done once per device.",
                    "您的签章由仅存于本浏览器的密钥生成，任何人都无法复制，Signet 也不能。只需一秒，每台设备只做一次。",
                )}
            </p>
            {move || course.failed.get().map(|error| view! { <Problem error /> })}
            <MakeKey made=course.key />
        </section>
    }
}

#[component]
fn Confirmation(course: Course) -> impl IntoView {
    let bytes = RwSignal::new_local(None);
    Effect::new(move |_| {
        if let Some(preview) = course.ready.with(|ready| ready.as_ref().map(Ready::preview)) {
            course.fresh.set(false);
            bytes.set(Some(preview));
        }
    });
    // The viewer only reports the newest bytes it was given.
    Effect::new(move |_| {
        if course.shown.with(Option::is_some) {
            course.fresh.set(true);
        }
    });
    let movable = Memo::new(move |_| course.ready.with(|ready| ready.as_ref().is_some_and(|ready| ready.offer.movable)));
    let busy = move || course.progress.with(Option::is_some);
    let blocked = move || busy() || course.ready.with(Option::is_none) || !course.fresh.get();
    let number = course.document.with_value(|document| document.number.clone());
    let open = move || course.done.with(Option::is_none);
    let turn = Turn::here().map(|turn| format!("?{}", turn.query())).unwrap_or_default();
    let seals = format!("/seals?back={}", encode(&format!("/documents/{number}/sign{turn}")));
    view! {
        <Show when=move || movable.get() && open()>
            <div class="sign-body">
                <Note tone=Tone::Info>
                    <p id="seal-help">
                        {t(
                            "Put the seal in its place: drag it, tap the page, or use the arrow keys. What you see is what will be signed.",
                            "请放好印章：拖动、点按页面或用方向键移动。所见即所签。",
                        )}
                    </p>
                </Note>
            </div>
        </Show>
        <div class="stage sign-stage">
            <Sheets bytes shown=course.shown />
            <Ghost course movable />
        </div>
        <div class="sign-body">
            {move || course.failed.get().map(|error| view! { <div id="sign-failed" tabindex="-1"><Failed course error /></div> })}
            {move || course.done.get().map(|document| view! { <Done document /> })}
        </div>
        <Show when=open>
            <footer class="actions" role="group" aria-label=t("Actions", "操作")>
                <p class="progress" role="status" aria-live="polite">{move || course.progress.get().map(words)}</p>
                <a class="button quiet" href=seals.clone() rel="external">{t("Change my seal", "更换印章")}</a>
                <a class="button" href=format!("/documents/{number}")>{t("Cancel", "取消")}</a>
                <button
                    type="button"
                    id="sign-confirm"
                    class="button primary"
                    class:busy=busy
                    aria-disabled=move || blocked().then_some("true")
                    on:click=move |_| if !blocked() { course.confirm() }
                >
                    <Icon name="seal" />
                    <span>{t("Sign and seal", "签章")}</span>
                </button>
            </footer>
        </Show>
    }
}

fn words(progress: Progress) -> &'static str {
    match progress {
        Progress::Checking => t("Checking the document…", "正在核验单据…"),
        Progress::Sealing => t("Placing the seal…", "正在盖章…"),
        Progress::Signing => t("Signing with this device's key…", "正在用本机密钥签名…"),
        Progress::Sending => t("Sending…", "正在发送…"),
    }
}

/// What happened, what was kept, what next. A refused certificate offers a new key; a decided document leads back.
#[component]
fn Failed(course: Course, error: AppError) -> impl IntoView {
    let page = course.document.with_value(|document| format!("/documents/{}", document.number));
    match error.code {
        Code::AlreadyDecided | Code::StaleRevision | Code::WrongState | Code::NotYourStep => {
            let stale = error.code == Code::StaleRevision;
            view! {
                <Problem error />
                <p class="dialog-actions">
                    {stale
                        .then(|| {
                            view! { <button type="button" class="button" on:click=move |_| course.again()><Icon name="refresh" />{t("Try again", "重试")}</button> }
                        })}
                    <a class="button" href=page>{t("Open the document", "打开单据")}</a>
                </p>
            }
            .into_any()
        }
        Code::CertificateRefused | Code::NotPermitted | Code::NotFound => view! {
            <Problem error />
            <MakeKey made=course.key />
        }
        .into_any(),
        _ => {
            let kept = t("Nothing was signed; the document still waits for you.", "尚未签章，单据仍在等待您。");
            view! { <Problem error kept retry=Callback::new(move |()| course.again()) /> }.into_any()
        }
    }
}
