//! How long the signatures of a document can be proven, in words a clerk understands; the standard's name stands in the title.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::Level;
use crate::visit::t;

/// The level as a chip; nothing where nobody has signed.
#[component]
pub fn LevelChip(level: Level) -> impl IntoView {
    let (class, icon) = match level {
        Level::None => return ().into_any(),
        Level::Basic => ("chip off", "info"),
        Level::TimeStamped => ("chip good", "clock"),
        Level::LongTerm | Level::Archival => ("chip good", "seal"),
    };
    view! { <span class=class title=level.as_str()><Icon name=icon />{level_name(level)}</span> }.into_any()
}

/// The level in a word or two.
pub fn level_name(level: Level) -> &'static str {
    match level {
        Level::None => t("Not signed", "未签名"),
        Level::Basic => t("Without time stamp", "无时间戳"),
        Level::TimeStamped => t("Time-stamped", "已盖时间戳"),
        Level::LongTerm | Level::Archival => t("Long-term", "长期有效"),
    }
}

/// What the level means.
pub fn level_sentence(level: Level) -> &'static str {
    match level {
        Level::None => t("No signature yet", "尚无签名"),
        Level::Basic => t("Signed without a time stamp; it is added after the last approver", "签名尚无时间戳，将在最后一位审批人签章后补充"),
        Level::TimeStamped => t("A time stamp proves when it was signed", "时间戳证明了签名时间"),
        Level::LongTerm => t("Carries all the evidence that a later check needs", "文件内含日后核验所需的全部凭证"),
        Level::Archival => {
            t("Carries all the evidence that a later check needs, under a time stamp of its own", "文件内含日后核验所需的全部凭证，并由时间戳保护")
        }
    }
}
