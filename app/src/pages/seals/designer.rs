//! The designer: a shape, what stands in it, the seal on paper beside it. What is typed and drawn stays on this device until it is saved.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::Specimen;
use super::pad::Pad;
use crate::api;
use crate::browser::pieces::Calm;
use crate::error::{AppError, Code};
use crate::model::{SealDesign, SealShape, SealView};
use crate::parts::form::{SendButton, TextField, focus_soon};
use crate::parts::icon::Icon;
use crate::parts::note::{Note, Tone};
use crate::parts::states::Problem;
use crate::parts::toast::use_toasts;
use crate::visit::{me, t};

/// What is being designed. `Copy`: every part of the page holds it.
#[derive(Clone, Copy)]
struct Design {
    shape: RwSignal<SealShape>,
    organisation: RwSignal<String>,
    chop: RwSignal<String>,
    ink: RwSignal<String>,
    written: RwSignal<String>,
}

impl Design {
    fn new(design: SealDesign) -> Self {
        let SealDesign { shape, organisation, chop, ink, written } = design;
        Self {
            shape: RwSignal::new(shape),
            organisation: RwSignal::new(organisation),
            chop: RwSignal::new(chop),
            ink: RwSignal::new(ink),
            written: RwSignal::new(written),
        }
    }

    fn get(self) -> SealDesign {
        SealDesign { shape: self.shape.get(), organisation: self.organisation.get(), chop: self.chop.get(), ink: self.ink.get(), written: self.written.get() }
    }

    fn set(self, design: SealDesign) {
        self.shape.set(design.shape);
        self.organisation.set(design.organisation);
        self.chop.set(design.chop);
        self.ink.set(design.ink);
        self.written.set(design.written);
    }
}

/// The designer, begun with what is kept on the account, or with what was left here unsaved.
#[component]
pub fn Designer(kept: SealView) -> impl IntoView {
    let draft = Draft::of_caller();
    let left = draft.read().filter(|left| *left != kept.design);
    let restored = RwSignal::new(left.is_some());
    let design = Design::new(left.unwrap_or_else(|| kept.design.clone()));
    let saved = RwSignal::new(kept.design);
    let picture = RwSignal::new(kept.picture);
    let problems = RwSignal::new(BTreeMap::<String, String>::new());
    let failed = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let turn = StoredValue::new(0_u32);
    let calm = Calm::new(250);
    // The picture follows the design; so does the draft.
    Effect::new(move |before: Option<()>| {
        let wanted = design.get();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        if before.is_none() && wanted == saved.get_untracked() {
            return;
        }
        draft.keep(&wanted, &saved.get_untracked());
        calm.run(move || {
            leptos::task::spawn_local(async move {
                let outcome = api::seals::draw(wanted).await;
                // Something newer was asked for meanwhile, or the page has gone.
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                match outcome {
                    Ok(drawn) => {
                        problems.set(BTreeMap::new());
                        failed.set(None);
                        picture.set(drawn);
                    }
                    Err(error) if error.code == Code::InvalidInput => problems.set(error.fields),
                    Err(error) => failed.set(Some(error)),
                }
            });
        });
    });
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let outcome = api::seals::save(untrack(|| design.get())).await;
            busy.try_set(false);
            match outcome {
                Ok(view) => {
                    saved.try_set(view.design);
                    picture.try_set(view.picture);
                    problems.try_set(BTreeMap::new());
                    restored.try_set(false);
                    draft.forget();
                    toasts.show(Tone::Good, t("Saved. Your next signature looks like this.", "已保存，下次签章即使用此印章。"));
                }
                Err(error) => {
                    if let Some(first) = error.fields.keys().next() {
                        let control = if first == "ink" { "seal-written".to_owned() } else { format!("seal-{first}") };
                        focus_soon(control);
                    }
                    problems.try_set(error.fields.clone());
                    failed.try_set(Some(error));
                }
            }
        });
    };
    let discard = move |_| {
        design.set(saved.get_untracked());
        restored.set(false);
        draft.forget();
    };
    let changed = Memo::new(move |_| design.get() != saved.get());
    let retry = Callback::new(move |()| save());
    let name = me().map(|me| me.name).unwrap_or_default();
    view! {
        <div class="seals-studio">
            <form
                class="seal-form stack"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
            >
                <Show when=move || restored.get()>
                    <Note tone=Tone::Info>
                        <p>{t("What you began here is back. It is not saved yet.", "已恢复您上次未保存的设计。")}</p>
                        <button type="button" class="button small" on:click=discard><Icon name="trash" />{t("Discard it", "放弃修改")}</button>
                    </Note>
                </Show>
                <Shapes shape=design.shape />
                <Parts design problems name />
                {move || {
                    failed
                        .get()
                        .map(|error| match error.code {
                            Code::InvalidInput => view! { <Problem error /> }.into_any(),
                            _ => view! { <Problem error retry /> }.into_any(),
                        })
                }}
                <p class="seal-send">
                    <SendButton label=t("Save the seal", "保存印章") busy_label=t("Saving…", "正在保存…") busy icon="seal" />
                    <span class="quiet-text" role="status">
                        {move || if changed.get() { t("Not saved yet.", "尚未保存。") } else { t("This is the seal on your account.", "这是您账户当前的印章。") }}
                    </span>
                </p>
            </form>
            <section class="seal-side" aria-labelledby="seal-preview">
                <h2 id="seal-preview">{t("As it will look", "效果预览")}</h2>
                {move || view! { <Specimen picture=picture.get() /> }}
                <p class="quiet-text">
                    {t("Step, time and number are those of each document. A document's type may ask for one of the designs.", "环节、时间和编号取自每张单据。单据类型可以指定使用哪一种印章。")}
                </p>
            </section>
        </div>
    }
}

/// The three shapes as cards.
#[component]
fn Shapes(shape: RwSignal<SealShape>) -> impl IntoView {
    let card = move |one: SealShape, class: &'static str, mark: &'static str, name: &'static str, word: &'static str| {
        view! {
            <label class="shape">
                <input type="radio" name="seal-shape" value=class prop:checked=move || shape.get() == one on:change=move |_| shape.set(one) />
                <span class=format!("shape-mark {class}") aria-hidden="true">{mark}</span>
                <span class="shape-text"><strong>{name}</strong><span class="quiet-text">{word}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="shapes">
            <legend>{t("Design", "样式")}</legend>
            {card(SealShape::Round, "round", "★", t("Round seal", "圆形公章"), t("Organisation along the ring", "单位名称沿环排列"))}
            {card(SealShape::Square, "square", "印", t("Square chop", "方形名章"), t("Your name, cut in columns", "姓名按传统竖列镌刻"))}
            {card(SealShape::Handwriting, "hand", "Ab", t("Handwriting", "手写签名"), t("Your own hand, or your name typed", "亲笔书写，或输入姓名"))}
        </fieldset>
    }
}

/// What belongs to the shape that is chosen. The others keep what they have.
#[component]
fn Parts(design: Design, problems: RwSignal<BTreeMap<String, String>>, name: String) -> impl IntoView {
    let problem = move |key: &'static str| Signal::derive(move || problems.with(|problems| problems.get(key).cloned()));
    let name = StoredValue::new(name);
    // Each shape has a place of its own: one that took over another's field would take over what was typed in it.
    let chosen = move |shape: SealShape| move || design.shape.get() == shape;
    view! {
        <Show when=chosen(SealShape::Round)>
            <TextField
                id="seal-organisation"
                label=t("Organisation", "单位名称")
                hint=t("At most 40 characters. Left empty, your own name runs along the ring.", "最多 40 个字；留空则沿环排列您的姓名。")
                value=design.organisation
                problem=problem("organisation")
                autocomplete="organization"
            />
        </Show>
        <Show when=chosen(SealShape::Square)>
            <TextField
                id="seal-chop"
                label=t("Characters to cut", "印文")
                hint=t(
                    "One to four Chinese characters, set in columns from right to left, or a short name in letters. Left empty, it is your name.",
                    "1 至 4 个汉字，自右向左竖排，或简短的字母姓名；留空则用您的姓名。",
                )
                value=design.chop
                problem=problem("chop")
            />
        </Show>
        <Show when=chosen(SealShape::Handwriting)>
            <Pad ink=design.ink problem=problem("ink") />
            <TextField
                id="seal-written"
                label=t("Or type it", "或输入姓名")
                hint=t("Used when the pad is empty; set slanted. No drawing needed.", "签名板为空时使用，以斜体排出，无需手绘。")
                value=design.written
                problem=problem("written")
            />
            {(!name.with_value(String::is_empty)).then(|| view! { <p class="hint">{t("With neither, it is your name as on the account: ", "两者皆空时使用账户姓名：")}{name.get_value()}</p> })}
        </Show>
    }
}

/// The unsaved design on this device. `Copy`.
#[derive(Clone, Copy)]
struct Draft {
    slot: StoredValue<String>,
}

impl Draft {
    fn of_caller() -> Self {
        let owner = me().map(|me| me.client_number.to_string()).unwrap_or_default();
        Self { slot: StoredValue::new(format!("signet.seal.{owner}")) }
    }

    fn read(self) -> Option<SealDesign> {
        serde_json::from_str(&storage()?.get_item(&self.slot.get_value()).ok()??).ok()
    }

    /// Keeps what differs from what is saved. A browser that refuses keeps nothing, and the page still has it.
    fn keep(self, design: &SealDesign, saved: &SealDesign) {
        if design == saved {
            return self.forget();
        }
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(design)) {
            let _ = storage.set_item(&self.slot.get_value(), &text);
        }
    }

    fn forget(self) {
        if let Some(storage) = storage() {
            // Nothing to remove is as good.
            let _ = storage.remove_item(&self.slot.get_value());
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
