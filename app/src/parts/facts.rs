//! What a signature says in words: when and who proves it, as what, about which document, by whose authority. The codes are in the details.

use leptos::prelude::*;

use super::moment::Moment;
use crate::browser::report::Signature;
use crate::model::Number;
use crate::visit::t;

/// The facts of one signature or time stamp. `step` is its step by the record, where that is known; else what the signature itself says counts.
#[component]
pub fn Facts(signature: Signature, #[prop(optional_no_strip)] step: Option<String>) -> impl IntoView {
    let said = signature.reason.as_deref().filter(|_| signature.passed()).and_then(decision);
    let (said_step, number) = said.map_or((None, None), |(step, number)| (Some(step), Some(number)));
    // the form that decisions here have is no reason in somebody's own words
    let reason = signature.reason.clone().filter(|reason| number.is_none() && !reason.trim().is_empty());
    let stamp = signature.is_time_stamp();
    let time = match (signature.proven_at, signature.claimed_at, stamp) {
        (_, Some(stamped), true) => Some((stamped, signature.signer.clone(), true)),
        (Some(proven), _, false) => Some((proven, signature.time_stamped_by.clone().unwrap_or_default(), true)),
        (None, Some(claimed), false) => Some((claimed, String::new(), false)),
        _ => None,
    };
    let when = time.map(|(unix, by, proven)| {
        let word = match (proven, by.is_empty()) {
            (true, false) => t("proven by the time stamp of ", "由时间戳证明，签发者：").to_owned() + &by,
            (true, true) => t("proven by a time stamp", "由时间戳证明").to_owned(),
            (false, _) => t("only the signer's own word", "仅为签名人自称，无时间戳证明").to_owned(),
        };
        view! { <div><dt>{t("Time", "时间")}</dt><dd><Moment at=iso(unix) /> " · " {word}</dd></div> }
    });
    let fact =
        |name: &'static str, text: Option<String>| text.filter(|text| !text.trim().is_empty()).map(|text| view! { <div><dt>{name}</dt><dd>{text}</dd></div> });
    let own = |name: &'static str, text: Option<String>| {
        text.filter(|text| !text.trim().is_empty())
            .map(|text| view! { <div><dt>{name}</dt><dd>{text} " " <small>{t("(the signer's own words)", "（签名人自述）")}</small></dd></div> })
    };
    let name = signature.name.clone().filter(|name| name.trim() != signature.signer.trim());
    view! {
        <dl class="facts">
            {when}
            {fact(t("Step", "步骤"), step.or(said_step))}
            {fact(t("Document", "单据"), number)}
            {fact(t("Issuer", "签发机构"), Some(signature.issuer.clone()))}
            {own(t("Name given", "署名"), name)}
            {own(t("Reason", "理由"), reason)}
            {own(t("Place", "地点"), signature.location.clone())}
            {own(t("Contact", "联系方式"), signature.contact.clone())}
        </dl>
    }
}

/// Step and number from the reason that a decision here gives: `部门主管 · EXP-2026-000123`.
fn decision(reason: &str) -> Option<(String, String)> {
    let (step, number) = reason.rsplit_once(" · ")?;
    number.trim().parse::<Number>().ok().map(|number| (step.trim().to_owned(), number.to_string()))
}

/// Unix seconds as RFC 3339 UTC.
fn iso(unix: i64) -> String {
    js_sys::Date::new(&(unix as f64 * 1000.0).into()).to_iso_string().into()
}
