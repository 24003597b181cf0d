//! Every part's state, in words for the health page and in short for probes.

use app::model::{Check, Health, LocalText};

use crate::App;
use crate::error::Error;
use crate::permission::{Permit, SeeHealth};
use crate::store::VolumeState;

/// A year before which no clock of ours can honestly be: 2026-01-01, unix milliseconds.
const NOT_BEFORE: i64 = 1_767_225_600_000;

/// How long before the end of a level or a list an administrator is asked to act, milliseconds: ninety days.
const NOTICE: i64 = 90 * 86_400_000;

/// Every part's state.
pub async fn health(app: &App, _permit: Permit<SeeHealth>) -> Health {
    check(app).await
}

/// The same for the command line.
pub async fn check(app: &App) -> Health {
    let mut checks = Vec::new();
    let (volumes, index) = tokio::join!(app.store.look(), app.index.check());
    checks.extend(volumes.iter().map(|state| volume(app, state)));
    for (name, answer) in index {
        checks.push(match answer {
            Ok(()) => good("index", format!("The database {name:?} answers."), format!("数据库 {name:?} 应答正常。")),
            Err(error) => bad("index", (&format!("The database {name:?}: "), &format!("数据库 {name:?}：")), &error.into()),
        });
    }
    checks.push(authority(app));
    checks.push(time_stamps(app));
    let now = app.clock.now();
    let time = crate::clock::printed(now);
    checks.push(if now >= NOT_BEFORE {
        good("clock", format!("It is {time}."), format!("当前时间 {time}。"))
    } else {
        Check {
            part: "clock".to_owned(),
            ok: false,
            text: both(format!("It is {time}, which cannot be: set the machine's clock."), format!("当前时间 {time} 不正确，请校准系统时钟。")),
        }
    });
    checks.push(good("fonts", "Noto Serif CJK is built in.", "已内置思源宋体。"));
    checks.push(good("mail", "No mail is sent; what would be sent is written to the log.", "未配置邮件，内容写入日志。"));
    Health { checks }
}

/// One volume of the store: whether it answers, and whether new files go there.
fn volume(app: &App, state: &VolumeState) -> Check {
    let VolumeState { name, address, .. } = state;
    let (place, ort) = if app.store.has_several() {
        (format!("The volume {name} is at {address}"), format!("存储卷 {name} 位于 {address}"))
    } else {
        (format!("Files are kept at {address}"), format!("文件保存在 {address}"))
    };
    let Some(why) = state.why_not() else { return good("store", format!("{place}."), format!("{ort}。")) };
    let (text, next) = (why.text(), why.next());
    let (other, anders) = if app.store.has_several() {
        (" New files go to the next volume; this one is tried again by itself.", "新文件改存其他存储卷，系统会自动重试该卷。")
    } else {
        (" It is tried again by itself.", "系统会自动重试。")
    };
    let text = both(format!("{place}. {}{other} {}", text.en, next.en), format!("{ort}。{}{anders}{}", text.zh, next.zh));
    Check { part: "store".to_owned(), ok: false, text }
}

/// The issuing level and the root's revocation list: both end one day, and an administrator must act before.
fn authority(app: &App) -> Check {
    let now = app.clock.now();
    let broken = |error: &dyn std::fmt::Display| Check {
        part: "authority".to_owned(),
        ok: false,
        text: both(format!("Its files cannot be read: {error}."), format!("无法读取证书机构文件：{error}。")),
    };
    let certificate = match pades::Certificate::read(app.authority.issuing()) {
        Ok(certificate) => certificate,
        Err(error) => return broken(&error),
    };
    let list_until = match app.authority.root_crl_until() {
        Ok(until) => until.map(|until| until * 1000),
        Err(error) => return broken(&error),
    };
    let name = certificate.common_name();
    let end = certificate.not_after() * 1000;
    let until = crate::clock::date(end);
    let (ok, text) = match list_until {
        _ if end - now < NOTICE => (
            false,
            both(
                format!("The authority {name} ends on {until}; run `signet ca rollover` and restart the server."),
                format!("证书机构 {name} 将于 {until} 到期，请运行 `signet ca rollover` 并重启服务。"),
            ),
        ),
        Some(list) if list - now < NOTICE => {
            let until = crate::clock::date(list);
            (
                false,
                both(
                    format!("The root's revocation list ends on {until}; bring root.key back and run `signet ca crl`."),
                    format!("根证书的吊销列表将于 {until} 到期，请放回 root.key 并运行 `signet ca crl`。"),
                ),
            )
        }
        _ => (true, both(format!("The authority {name} is valid until {until}."), format!("证书机构 {name} 有效期至 {until}。"))),
    };
    Check { part: "authority".to_owned(), ok, text }
}

/// The authority of time stamps: the outside one as it last answered, else the built-in one.
fn time_stamps(app: &App) -> Check {
    let part = "time_stamps".to_owned();
    let Some(outside) = &app.outside_stamps else {
        let now = app.clock.now();
        return match app.time_stamps.not_after(&app.authority, now) {
            Ok(end) => {
                let until = crate::clock::date(end * 1000);
                let text = both(
                    format!("The built-in time-stamp authority signs; its certificate is valid until {until}."),
                    format!("内置时间戳服务正常，证书有效期至 {until}。"),
                );
                Check { part, ok: end * 1000 > now, text }
            }
            Err(error) => Check {
                part,
                ok: false,
                text: both(format!("The built-in time-stamp authority cannot sign: {error}."), format!("内置时间戳服务无法签发：{error}。")),
            },
        };
    };
    let address = outside.address();
    match outside.last() {
        None => {
            let text =
                both(format!("Time stamps come from {address}; it was not asked since the start."), format!("时间戳由 {address} 提供，启动后尚未使用。"));
            Check { part, ok: true, text }
        }
        Some(last) => {
            let at = crate::clock::printed(last.at);
            match last.failure {
                None => {
                    Check { part, ok: true, text: both(format!("{address} gave a time stamp at {at}."), format!("{address} 于 {at} 签发了时间戳。")) }
                }
                Some(failure) => {
                    let text = both(
                        format!(
                            "{address} gave no time stamp at {at}: {failure}. Signatures are kept and stamped later, except for types that demand a stamp. \
                             Check SIGNET_TSA_URL and SIGNET_TSA_CA, and whether this machine reaches it."
                        ),
                        format!(
                            "{address} 于 {at} 未能签发时间戳：{failure}。签名予以保留，稍后补盖时间戳；要求时间戳的单据类型除外。\
                             请检查 SIGNET_TSA_URL、SIGNET_TSA_CA 及网络连接。"
                        ),
                    );
                    Check { part, ok: false, text }
                }
            }
        }
    }
}

/// Whether index and store can be worked with.
pub struct Readiness {
    /// Every volume of the store. Those that take no new files are no obstacle while another does.
    pub volumes: Vec<VolumeState>,
    /// The first part without which nothing goes: its code names it. Where others do not answer either, its text names them too.
    pub obstacle: Option<Error>,
}

/// Whether at least one volume takes files and every database answers: for readiness probes and figures.
pub async fn ready(app: &App) -> Readiness {
    let (volumes, index) = tokio::join!(app.store.look(), app.index.check());
    let mut down: Vec<(LocalText, Error)> = Vec::new();
    let reasons = volumes.iter().map(VolumeState::why_not).collect::<Option<Vec<_>>>();
    if let Some(reason) = reasons.and_then(|reasons| reasons.first().map(|reason| Error::from((*reason).clone()))) {
        down.push((both("file store", "文件存储"), reason));
    }
    for (name, answer) in index {
        if let Err(error) = answer {
            down.push((both(format!("database {name:?}"), format!("数据库 {name:?}")), error.into()));
        }
    }
    let names = |pick: fn(&LocalText) -> &str, between: &str| down.iter().map(|(name, _)| pick(name)).collect::<Vec<_>>().join(between);
    let (en, zh) = (names(|name| &name.en, ", "), names(|name| &name.zh, "、"));
    let obstacle = down.first().map(|(_, first)| first.clone().about(format!("Down: {en}. "), format!("不可用：{zh}。")));
    Readiness { volumes, obstacle }
}

fn good(part: &str, en: impl Into<String>, zh: impl Into<String>) -> Check {
    Check { part: part.to_owned(), ok: true, text: both(en, zh) }
}

fn bad(part: &str, place: (&str, &str), error: &Error) -> Check {
    let (en, zh) = (error.clone().translate(app::model::Lang::En), error.clone().translate(app::model::Lang::Zh));
    let join = |place: &str, error: app::error::AppError, between: &str| format!("{place}{}{between}{}", error.detail, error.next.unwrap_or_default());
    Check { part: part.to_owned(), ok: false, text: both(join(place.0, en, " "), join(place.1, zh, "")) }
}

fn both(en: impl Into<String>, zh: impl Into<String>) -> LocalText {
    LocalText { en: en.into(), zh: zh.into() }
}
