//! Seal designs: a person's own, checked and kept, and the drawing of a seal as a step asks for it.

use std::collections::BTreeMap;

use app::ink;
use app::model::{Lang, LocalText, SealChoice, SealDesign, SealLayer, SealPicture, SealShape, SealView};
use render::outline;
use render::picture::{Layer, layers};
use render::seal::{Drawing, SIDE, SMALL, SealText, Writing, is_han, seal};

use crate::App;
use crate::clock;
use crate::error::{Result, invalid};
use crate::index::MAIN;
use crate::permission::{Permit, UseSeals};
use crate::service::record::{self, Committed, Record, SealRecord};
use crate::types::{both, values};

/// Longest organisation, characters: what can still be read along a ring of 42 mm.
const MAX_ORGANISATION: usize = 40;
/// Most Chinese characters in a chop.
const MAX_CHOP_HAN: usize = 4;
/// Longest chop in letters.
const MAX_CHOP: usize = 24;
/// Longest typed signature.
const MAX_WRITTEN: usize = 40;
/// Most points of all strokes together.
const MAX_POINTS: usize = 6_000;

/// What a seal says beside its design.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The signer's name.
    pub name: &'a str,
    /// The step, in the document's language.
    pub caption: &'a str,
    /// The moment, written out.
    pub time: &'a str,
    /// The document's number.
    pub number: &'a str,
}

/// The caller's design and how it looks.
///
/// # Errors
/// When the index does not answer.
pub async fn mine(app: &App, permit: Permit<UseSeals>, lang: Lang) -> Result<SealView> {
    let person = permit.person();
    let kept = app.index.seal_design(&person.id).await?;
    let saved = kept.is_some();
    let design = kept.unwrap_or_default();
    let picture = picture(app, &person.me.name, &design, lang);
    Ok(SealView { design, saved, picture })
}

/// How a design would look; nothing is kept.
///
/// # Errors
/// What is wrong with it, by field.
pub fn draw(app: &App, permit: &Permit<UseSeals>, design: &SealDesign, lang: Lang) -> Result<SealPicture> {
    let design = checked(design)?;
    Ok(picture(app, &permit.person().me.name, &design, lang))
}

/// Keeps a design: from now on the caller seals with it. Signatures made before stay as they are.
///
/// # Errors
/// What is wrong with it, by field; then the one before stays.
pub async fn save(app: &App, permit: Permit<UseSeals>, design: &SealDesign, lang: Lang) -> Result<SealView> {
    let person = permit.person();
    let design = checked(design)?;
    keep(app, &person.id, &design).await?;
    let picture = picture(app, &person.me.name, &design, lang);
    Ok(SealView { design, saved: true, picture })
}

/// Writes a design down, for an account.
///
/// # Errors
/// When index or store does not answer: then the one before stays.
pub async fn keep(app: &App, account: &str, design: &SealDesign) -> Result<()> {
    for _ in 0..record::TRIES {
        let version = app.index.record_version(MAIN, "seal", account).await?;
        let saved_at = app.clock.now();
        let record = Record::Seal(SealRecord { account: account.to_owned(), design: design.clone(), saved_at });
        let kept = record::keep(app, &record, version + 1).await?;
        let done = app.index.save_seal_design(account, design, saved_at, Some(kept.clone())).await;
        if let Committed::Done(()) = record::settle(app, MAIN, &kept, done).await? {
            return Ok(());
        }
    }
    Err(record::overtaken())
}

/// The seal for a field of `width` by `height` points, as its reader sees it.
pub fn drawing(words: Words, design: &SealDesign, choice: SealChoice, (width, height): (i32, i32)) -> Drawing {
    drawn(words, design, choice.shape(design.shape), width.min(height) < SMALL).fitted(width, height)
}

fn drawn(words: Words, design: &SealDesign, shape: SealShape, small: bool) -> Drawing {
    // Only paths that can be read are ever kept.
    let strokes = ink::parse(&design.ink).unwrap_or_default();
    let design = match shape {
        SealShape::Round => render::seal::SealDesign::Round { organisation: &design.organisation },
        SealShape::Square => render::seal::SealDesign::Square { chop: &design.chop },
        SealShape::Handwriting if strokes.is_empty() => render::seal::SealDesign::Handwriting(Writing::Typed(&design.written)),
        SealShape::Handwriting => render::seal::SealDesign::Handwriting(Writing::Drawn(&strokes)),
    };
    let Words { name, caption, time, number } = words;
    seal(&SealText { name, caption, time, number, design, small })
}

fn picture(app: &App, name: &str, design: &SealDesign, lang: Lang) -> SealPicture {
    let time = clock::printed(app.clock.now());
    let words = Words { name, caption: lang.pick("Approval", "审批"), time: &time, number: "EXP-2026-000123" };
    let at_size = |small| layers(&drawn(words, design, design.shape, small)).into_iter().map(layer).collect();
    SealPicture { side: SIDE as u32, large: at_size(false), small: at_size(true) }
}

fn layer(Layer { path, colour, line, even_odd }: Layer) -> SealLayer {
    SealLayer { path, colour, line, even_odd }
}

/// The design as it may be kept: texts cleaned, every part within its bounds, whichever shape is chosen.
fn checked(design: &SealDesign) -> Result<SealDesign> {
    let mut problems = BTreeMap::new();
    let mut text = |key: &str, entered: &str, most: usize| {
        let text = values::clean(entered, false);
        let length = text.chars().count();
        let problem = if length > most {
            Some(both(format!("At most {most} characters; there are {length}."), format!("最多 {most} 个字符，现有 {length} 个。")))
        } else {
            outline::missing(&text)
                .map(|c| both(format!("No seal can show “{c}”: its typeface has no such character."), format!("印章字体中没有“{c}”，无法显示。")))
        };
        if let Some(problem) = problem {
            problems.insert(key.to_owned(), problem);
        }
        text
    };
    let organisation = text("organisation", &design.organisation, MAX_ORGANISATION);
    let chop = text("chop", &design.chop, MAX_CHOP);
    let written = text("written", &design.written, MAX_WRITTEN);
    let han = chop.chars().filter(|c| is_han(*c)).count();
    if han > MAX_CHOP_HAN {
        problems.entry("chop".to_owned()).or_insert(both(
            format!("A chop has one to {MAX_CHOP_HAN} Chinese characters; there are {han}."),
            format!("方章为 1 至 {MAX_CHOP_HAN} 个汉字，现有 {han} 个。"),
        ));
    }
    if let Some(problem) = ink_problem(&design.ink) {
        problems.insert("ink".to_owned(), problem);
    }
    if problems.is_empty() {
        return Ok(SealDesign { shape: design.shape, organisation, chop, ink: design.ink.clone(), written });
    }
    Err(invalid("The seal needs another look. Nothing was changed.", "印章设计需要修改，数据没有变化。")
        .next("Correct the marked parts; what you drew and typed is still there.", "请修改标出的内容，已绘制和输入的内容都还在。")
        .fields(problems))
}

fn ink_problem(path: &str) -> Option<LocalText> {
    if path.len() > ink::MAX_LENGTH {
        return Some(both("The signature has too many strokes. Write it in fewer.", "签名笔画过多，请减少笔画后重写。"));
    }
    match ink::parse(path) {
        None => Some(both("This is no drawing that a seal can be made of. Clear it and write again.", "手写数据无法用于印章，请清除后重写。")),
        Some(strokes) if strokes.iter().map(Vec::len).sum::<usize>() > MAX_POINTS => {
            Some(both("The signature has too many strokes. Write it in fewer.", "签名笔画过多，请减少笔画后重写。"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(design: &SealDesign) -> Vec<String> {
        checked(design).err().map(|error| error.translate(Lang::Zh).fields.into_keys().collect()).unwrap_or_default()
    }

    #[test]
    fn a_design_is_cleaned_and_kept_whole() {
        let design = SealDesign {
            shape: SealShape::Round,
            organisation: " 山东送变电\u{202E}工程有限公司\u{0} ".into(),
            chop: "李娜印".into(),
            ink: "M1 2C1 2 3 4 5 6".into(),
            written: "Li Na".into(),
        };
        let kept = checked(&design).unwrap();
        assert_eq!(kept, SealDesign { organisation: "山东送变电工程有限公司".into(), ..design });
        assert_eq!(checked(&kept).unwrap(), kept);
    }

    #[test]
    fn bad_designs_are_refused_by_field() {
        let usual = SealDesign::default();
        for (design, field) in [
            (SealDesign { organisation: "公".repeat(41), ..usual.clone() }, "organisation"),
            (SealDesign { organisation: "Signet 😀".into(), ..usual.clone() }, "organisation"),
            (SealDesign { chop: "欧阳建国印".into(), ..usual.clone() }, "chop"),
            (SealDesign { chop: "x".repeat(25), ..usual.clone() }, "chop"),
            (SealDesign { written: "签".repeat(41), ..usual.clone() }, "written"),
            (SealDesign { ink: "M1 2L3 4".into(), ..usual.clone() }, "ink"),
            (SealDesign { ink: "M1 2C1 2 3 4 5 6".repeat(3_000), ..usual.clone() }, "ink"),
            (SealDesign { ink: "data:image/png;base64,AAAA".into(), ..usual.clone() }, "ink"),
        ] {
            assert_eq!(problems(&design), [field], "{design:?}");
        }
        assert!(problems(&SealDesign { chop: "Mike Brown".into(), ..usual }).is_empty());
    }

    #[test]
    fn a_step_that_fixes_the_design_gets_it_whatever_the_person_chose() {
        let words = Words { name: "李娜", caption: "财务", time: "2026-11-23 14:02", number: "EXP-2026-000123" };
        let design = SealDesign { shape: SealShape::Round, ..SealDesign::default() };
        let of = |choice| drawing(words, &design, choice, (119, 119));
        assert_eq!(of(SealChoice::Any), of(SealChoice::Round));
        assert_ne!(of(SealChoice::Square), of(SealChoice::Round));
        assert_ne!(of(SealChoice::Handwriting), of(SealChoice::Square));
        // A small field gets the seal that can be read in it.
        assert!(drawing(words, &design, SealChoice::Any, (57, 57)).content.len() < of(SealChoice::Any).content.len());
    }
}
