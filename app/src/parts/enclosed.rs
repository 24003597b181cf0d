//! The files inside a PDF on show, as electronic invoices carry their data: listed with their digests, to look at and to keep.

use js_sys::Uint8Array;
use leptos::prelude::*;

use super::icon::Icon;
use crate::browser::BrowserResult;
use crate::browser::bytes::{address, sha256, size};
use crate::browser::viewer::Shown;
use crate::visit::t;

/// So much of a text is shown, characters: a page that scrolls for ever helps nobody, and the file can be saved.
const SHOWN_TEXT: usize = 50_000;

/// A file as it is listed. Its addresses hold for as long as the list stands.
#[derive(Clone)]
struct Listed {
    name: String,
    length: u32,
    sha256: String,
    /// To save it. Never to open it: what a stranger enclosed would run as a page of ours.
    save: String,
    look: Look,
}

/// How a file can be looked at here.
#[derive(Clone)]
enum Look {
    Picture(String),
    Text(String),
    /// Only saved.
    Nothing,
}

/// Lists what is inside the PDF on show, and nothing where nothing is.
#[component]
pub fn EnclosedFiles(shown: RwSignal<Option<Shown>, LocalStorage>) -> impl IntoView {
    let files = RwSignal::new(Vec::<Listed>::new());
    let failed = RwSignal::new(false);
    let turn = StoredValue::new(0_u32);
    // without a word to whoever shows them: on the way out nobody may be woken who would look at what is gone
    let give_back = move || {
        for file in files.try_update_untracked(std::mem::take).unwrap_or_default() {
            free(&file);
        }
    };
    Effect::new(move |_| {
        let now = shown.get();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        let Some(now) = now else {
            give_back();
            return files.set(Vec::new());
        };
        leptos::task::spawn_local(async move {
            let found = list(&now).await;
            if turn.try_get_value() != Some(mine) {
                return found.unwrap_or_default().iter().for_each(free);
            }
            give_back();
            failed.set(found.is_err());
            files.set(found.unwrap_or_default());
        });
    });
    on_cleanup(move || {
        turn.try_update_value(|turn| *turn += 1);
        give_back();
    });
    view! {
        <Show when=move || failed.get() || !files.with(Vec::is_empty)>
            <section class="enclosed" aria-label=t("Files inside this PDF", "PDF 内的文件")>
                <h2>{t("Files inside this PDF", "PDF 内的文件")}</h2>
                <Show when=move || failed.get()>
                    <p class="problem">{t("They could not be read. Save the PDF and look at them in a PDF reader.", "无法读取。请下载 PDF，用阅读器查看。")}</p>
                </Show>
                <ul>{move || files.get().into_iter().map(|file| view! { <File file /> }).collect_view()}</ul>
            </section>
        </Show>
    }
}

#[component]
fn File(file: Listed) -> impl IntoView {
    let Listed { name, length, sha256, save, look } = file;
    let look = match look {
        Look::Picture(address) => view! { <img src=address alt=name.clone() /> }.into_any(),
        Look::Text(text) => view! { <pre tabindex="0">{text}</pre> }.into_any(),
        Look::Nothing => view! { <p class="quiet-text">{t("It cannot be shown here. Save it to look at it.", "此处无法显示，请下载查看。")}</p> }.into_any(),
    };
    view! {
        <li>
            <p class="enclosed-file">
                <Icon name="document" />
                <strong>{name.clone()}</strong>
                <span class="quiet-text">{size(length)}</span>
                <a class="button quiet small" href=save download=name.clone() rel="external" aria-label=format!("{} {name}", t("Save", "下载"))>
                    <Icon name="download" />
                    {t("Save", "下载")}
                </a>
            </p>
            <details class="reasons">
                <summary>{t("Look at it", "查看")}</summary>
                <p class="digest">"SHA-256 " <span class="number">{sha256}</span></p>
                {look}
            </details>
        </li>
    }
}

async fn list(shown: &Shown) -> BrowserResult<Vec<Listed>> {
    let mut listed = Vec::new();
    for file in shown.files().await? {
        let digest = sha256(&file.bytes).await?;
        let save = address(&file.bytes, "application/octet-stream")?;
        listed.push(Listed { name: file.name, length: file.bytes.length(), sha256: digest, save, look: look(&file.bytes)? });
    }
    Ok(listed)
}

/// By what it is, not by what it is called.
fn look(bytes: &Uint8Array) -> BrowserResult<Look> {
    let head = bytes.slice(0, bytes.length().min(8)).to_vec();
    let picture = if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if head.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        None
    };
    if let Some(kind) = picture {
        return Ok(Look::Picture(address(bytes, kind)?));
    }
    // No character of UTF-8 or UTF-16 takes more than four bytes.
    let start = bytes.slice(0, bytes.length().min(4 * SHOWN_TEXT as u32)).to_vec();
    Ok(text(&start).map_or(Look::Nothing, Look::Text))
}

/// The beginning of a text in UTF-8, or in UTF-16 by its byte order mark.
fn text(bytes: &[u8]) -> Option<String> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(read));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Ok(text) => text.to_owned(),
            // The last character may have been cut.
            Err(error) if error.error_len().is_none() => String::from_utf8_lossy(bytes.get(..error.valid_up_to())?).into_owned(),
            Err(_) => return None,
        },
    };
    let binary = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'));
    (!binary).then(|| text.chars().take(SHOWN_TEXT).collect())
}

fn free(file: &Listed) {
    let picture = if let Look::Picture(address) = &file.look { Some(address) } else { None };
    for address in std::iter::once(&file.save).chain(picture) {
        // An address that is not known is as good as given back.
        drop(web_sys::Url::revoke_object_url(address));
    }
}
