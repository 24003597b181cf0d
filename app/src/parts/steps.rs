//! The sign-off strip (会签栏): a document's route, drawn as on the paper form.

use leptos::prelude::*;

use super::chop::Chop;
use super::icon::Icon;
use super::moment::{Moment, Waiting};
use crate::model::{Decide, Decision, DecisionKind, Step, StepStatus};
use crate::visit::{lang, t};

/// The route of a document, one box per step.
#[component]
pub fn StepsStrip(steps: Vec<Step>) -> impl IntoView {
    let boxes = steps.into_iter().map(|step| view! { <StepBox step /> }).collect_view();
    view! { <ol class="strip" aria-label=t("Sign-off strip", "会签栏")>{boxes}</ol> }
}

#[component]
fn StepBox(step: Step) -> impl IntoView {
    let (class, word) = match step.status {
        StepStatus::Waiting => ("strip-box later", t("Later", "未到")),
        StepStatus::Open => ("strip-box open", t("Open now", "待签章")),
        StepStatus::Signed => ("strip-box signed", t("Signed", "已签章")),
        StepStatus::Rejected => ("strip-box rejected", t("Rejected", "已驳回")),
        StepStatus::Closed => ("strip-box closed", t("Not reached", "未进行")),
    };
    let current = (step.status == StepStatus::Open).then_some("step");
    let waits = step.status == StepStatus::Open;
    let all = step.decide == Decide::All;
    let marks = step.decisions.iter().cloned().map(|decision| view! { <Mark decision /> }).collect_view();
    let awaits = step.awaits.join(lang().pick(", ", "、"));
    view! {
        <li class=class aria-current=current>
            <span class="strip-name">
                {step.name}
                {all.then(|| view! { <small>{t("all of them", "全员")}</small> })}
            </span>
            <span class="strip-marks">
                {marks}
                {waits.then(|| view! { <span class="strip-place" aria-hidden="true"><Icon name="seal" /></span> })}
            </span>
            <span class="strip-foot">
                <span class="strip-word">{word}</span>
                {waits.then(|| step.opened_at.map(|since| view! { <Waiting since /> }))}
                {(waits && !awaits.is_empty()).then(|| view! { <span>{t("still asked: ", "待 ")}{awaits}</span> })}
            </span>
        </li>
    }
}

/// One decision: the chop, the name and the time.
#[component]
fn Mark(decision: Decision) -> impl IntoView {
    let rejected = decision.decision == DecisionKind::Rejected;
    view! {
        <span class="strip-mark">
            {if rejected {
                view! { <span class="chop no" aria-hidden="true"><Icon name="cross" /></span> }.into_any()
            } else {
                view! { <Chop name=decision.by.clone() /> }.into_any()
            }}
            <span class="strip-who">{decision.by}</span>
            <Moment at=decision.at />
        </span>
    }
}
