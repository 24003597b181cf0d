//! Every part's state, in words for the health page and in short for probes.

use app::model::{Check, Health, LocalText};

use crate::App;
use crate::error::{Error, Result};
use crate::permission::{Permit, SeeHealth};

/// A year before which no clock of ours can honestly be: 2026-01-01, unix milliseconds.
const NOT_BEFORE: i64 = 1_767_225_600_000;

/// Every part's state.
pub async fn health(app: &App, _permit: Permit<SeeHealth>) -> Health {
    check(app).await
}

/// The same for the command line.
pub async fn check(app: &App) -> Health {
    let mut checks = Vec::new();
    let address = app.store.address();
    checks.push(match app.store.check().await {
        Ok(()) => good("store", format!("Files are kept at {address}."), format!("文件保存在 {address}。")),
        Err(error) => bad("store", &error.into()),
    });
    for (name, answer) in app.index.check().await {
        checks.push(match answer {
            Ok(()) => good("index", format!("The database {name:?} answers."), format!("数据库 {name:?} 应答正常。")),
            Err(error) => bad("index", &error.into()),
        });
    }
    checks.push(match pades::Certificate::read(app.authority.certificate()) {
        Ok(certificate) => {
            let until = crate::clock::date(certificate.not_after() * 1000);
            let ok = certificate.not_after() * 1000 > app.clock.now();
            let text = both(
                format!("The authority {} is valid until {until}.", certificate.common_name()),
                format!("证书机构 {} 有效期至 {until}。", certificate.common_name()),
            );
            Check { part: "authority".to_owned(), ok, text }
        }
        Err(error) => Check {
            part: "authority".to_owned(),
            ok: false,
            text: both(format!("Its certificate cannot be read: {error}."), format!("无法读取证书：{error}。")),
        },
    });
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

/// Whether store and index answer: for readiness probes.
///
/// # Errors
/// The first part that does not; its code names it.
pub async fn ready(app: &App) -> Result<()> {
    let (store, index) = tokio::join!(app.store.check(), app.index.check());
    store?;
    for (_, answer) in index {
        answer?;
    }
    Ok(())
}

fn good(part: &str, en: impl Into<String>, zh: impl Into<String>) -> Check {
    Check { part: part.to_owned(), ok: true, text: both(en, zh) }
}

fn bad(part: &str, error: &Error) -> Check {
    let (en, zh) = (error.clone().translate(app::model::Lang::En), error.clone().translate(app::model::Lang::Zh));
    let join = |error: app::error::AppError| format!("{} {}", error.detail, error.next.unwrap_or_default());
    Check { part: part.to_owned(), ok: false, text: both(join(en), join(zh)) }
}

fn both(en: impl Into<String>, zh: impl Into<String>) -> LocalText {
    LocalText { en: en.into(), zh: zh.into() }
}
