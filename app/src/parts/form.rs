//! Form pieces: a label, the control, a hint and the problem, tied together for every reader.

use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::visit::t;

/// Label, hint and problem round any control. The control must have `id` and `aria-describedby="{id}-hint {id}-problem"`.
#[component]
pub fn FieldFrame(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] problem: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:wrong=move || problem.with(Option::is_some)>
            <label for=id.clone()>
                {label}
                {(!required).then(|| view! { <small>{t("optional", "选填")}</small> })}
            </label>
            {children()}
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            <p class="problem" id=format!("{id}-problem") role="alert">
                {move || problem.get().map(|text| view! { <Icon name="warning" />{text} })}
            </p>
        </div>
    }
}

/// Puts the focus on a control of this page, once what is under way has been drawn.
pub fn focus_soon(id: impl Into<String>) {
    use wasm_bindgen::JsCast;
    let id = id.into();
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            // An element that cannot take the focus leaves it where it is.
            let _ = element.focus();
        }
    });
}

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] name: String,
    /// `text`, `password`, `number`, `date`, `search` …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = "text")] inputmode: &'static str,
    #[prop(optional)] prefix: &'static str,
    #[prop(optional, into)] problem: Signal<Option<String>>,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    let described = format!("{id}-hint {id}-problem");
    let name = if name.is_empty() { id.clone() } else { name };
    let input = NodeRef::<html::Input>::new();
    keep_in_step(
        value,
        move || input.get().map(|input| input.value()),
        move |text| {
            if let Some(input) = input.get_untracked() {
                input.set_value(text);
            }
        },
    );
    view! {
        <FieldFrame id=id.clone() label hint required problem>
            <span class="control">
                {(!prefix.is_empty()).then(|| view! { <span class="prefix" aria-hidden="true">{prefix}</span> })}
                <input
                    id=id
                    name=name
                    type=kind
                    required=required
                    disabled=disabled
                    autocomplete=autocomplete
                    inputmode=inputmode
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    node_ref=input
                    value=value.get_untracked()
                    on:input:target=move |event| value.set(event.target().value())
                />
            </span>
        </FieldFrame>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(default = 4)] rows: u32,
    #[prop(default = 4000)] maxlength: u32,
    #[prop(optional)] code: bool,
    #[prop(optional, into)] problem: Signal<Option<String>>,
) -> impl IntoView {
    let described = format!("{id}-hint {id}-problem");
    let area = NodeRef::<html::Textarea>::new();
    keep_in_step(
        value,
        move || area.get().map(|area| area.value()),
        move |text| {
            if let Some(area) = area.get_untracked() {
                area.set_value(text);
            }
        },
    );
    view! {
        <FieldFrame id=id.clone() label hint required problem>
            <textarea
                id=id.clone()
                name=id
                rows=rows
                maxlength=maxlength
                required=required
                class:code=code
                spellcheck=if code { "false" } else { "true" }
                aria-describedby=described
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                node_ref=area
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
        </FieldFrame>
    }
}

/// One of several values (`value`, `label`).
#[component]
pub fn SelectField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(into)] options: Vec<(String, String)>,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] problem: Signal<Option<String>>,
) -> impl IntoView {
    let described = format!("{id}-hint {id}-problem");
    view! {
        <FieldFrame id=id.clone() label hint required problem>
            <span class="control select">
                <select
                    id=id.clone()
                    name=id
                    required=required
                    aria-describedby=described
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    prop:value=value
                    on:change:target=move |event| value.set(event.target().value())
                >
                    {options
                        .into_iter()
                        .map(|(option, label)| {
                            let selected = value.with_untracked(|value| *value == option);
                            view! { <option value=option selected=selected>{label}</option> }
                        })
                        .collect_view()}
                </select>
                <Icon name="down" />
            </span>
        </FieldFrame>
    }
}

/// A tick box with its words.
#[component]
pub fn Tick(#[prop(into)] id: String, #[prop(into)] label: String, value: RwSignal<bool>) -> impl IntoView {
    view! {
        <label class="tick" for=id>
            <input id=id.clone() name=id.clone() type="checkbox" prop:checked=value on:change:target=move |event| value.set(event.target().checked()) />
            <span>{label}</span>
        </label>
    }
}

/// Keeps a control and its signal in step. What was typed before the page came alive wins over an empty signal: nothing typed is lost.
fn keep_in_step(value: RwSignal<String>, read: impl Fn() -> Option<String> + 'static, write: impl Fn(&str) + 'static) {
    Effect::new(move |before: Option<bool>| {
        let Some(typed) = read() else { return false };
        let wanted = value.get();
        if before != Some(true) && wanted.is_empty() && !typed.is_empty() {
            value.set(typed);
        } else if typed != wanted {
            write(&wanted);
        }
        true
    });
}

/// The button that sends a form; it says what it does while it does it, and cannot be pressed twice.
#[component]
pub fn SendButton(
    #[prop(into)] label: String,
    #[prop(into)] busy_label: String,
    #[prop(into)] busy: Signal<bool>,
    #[prop(optional)] icon: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class="button primary" aria-disabled=move || busy.get().then_some("true") class:busy=busy>
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            <span>{move || if busy.get() { busy_label.clone() } else { label.clone() }}</span>
        </button>
    }
}
