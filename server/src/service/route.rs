//! Plans a new edition's route: which steps, who is asked, and one signature field per expected approver. Pure.

use app::error::Code;
use app::model::{Decide, LocalText, SealPlace, StepDefinition};
use pades::{EmptyField, PageGeometry, Rect, SealPlaces};

use crate::error::{Error, Result};
use crate::service::place::Sheet;
use crate::service::room;

/// Room between the seals of an `all` step.
const GAP_MM: f64 = 4.0;
/// Seals keep this far from the right edge before they wrap upwards.
const MARGIN_MM: f64 = 6.0;

/// Someone a step asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Account id.
    pub account: String,
    /// The person's name.
    pub name: String,
}

/// A step of the new edition.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStep {
    /// As the type defines it.
    pub definition: StepDefinition,
    /// One field for `any`, one per account for `all`.
    pub fields: Vec<PlannedField>,
}

/// A signature field and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedField {
    /// Full name.
    pub name: String,
    /// 1 is the first page.
    pub page: u32,
    /// Where, in the page's own space; none when `movable`: the field is made together with its signature.
    pub rect: Option<Rect>,
    /// How far the page is shown turned, degrees clockwise.
    pub rotate: i32,
    /// The approver places the seal.
    pub movable: bool,
    /// For `all`: the account it is for.
    pub account: Option<String>,
    /// What a reader tells about it.
    pub tooltip: String,
}

impl PlannedField {
    /// As `pades` takes it.
    pub fn empty_field(&self) -> EmptyField {
        EmptyField { name: self.name.clone(), page: self.page as i32, rect: self.rect, tooltip: self.tooltip.clone() }
    }
}

/// Plans the steps over the pages of the new file. `asked` gives the active accounts of each step, in the order of `steps`. An `uploaded` file has pages
/// of any size: a seal whose fixed place is not on them, or is another's, goes where there is room.
///
/// # Errors
/// When a step has no one to ask, or a seal does not fit on the page of the type's own template.
pub fn plan(steps: &[&StepDefinition], asked: &[Vec<Asked>], pages: &[PageGeometry], uploaded: bool) -> Result<Vec<PlannedStep>> {
    let mut planned = Vec::with_capacity(steps.len());
    for (step, asked) in steps.iter().zip(asked) {
        if asked.is_empty() {
            return Err(no_one_to_ask(step));
        }
        let fields = match step.decide {
            Decide::Any => vec![field(step, 0, None, pages, uploaded)?],
            Decide::All => asked.iter().enumerate().map(|(index, who)| field(step, index, Some(who), pages, uploaded)).collect::<Result<_>>()?,
        };
        planned.push(PlannedStep { definition: (*step).clone(), fields });
    }
    if uploaded {
        part(&mut planned);
    }
    Ok(planned)
}

/// Whether every seal whose place is left open finds one beside the others.
///
/// # Errors
/// The first step whose seals find none.
pub fn check_room(planned: &[PlannedStep], pages: &[PageGeometry]) -> Result<()> {
    let kept = |field: &PlannedField, rect: Rect| pades::SealPlace { field: field.name.clone(), page: field.page, rect: rect.map(f64::from) };
    let taken = planned.iter().flat_map(|step| &step.fields).filter_map(|field| Some(kept(field, field.rect?))).collect();
    let mut places = SealPlaces { pages: pages.to_vec(), taken };
    for step in planned {
        for field in step.fields.iter().filter(|field| field.rect.is_none()) {
            let room = room::anywhere(&places, field.page, &[]).map_err(|_| does_not_fit(&step.definition))?;
            places.taken.push(pades::SealPlace { page: room.page, ..kept(field, room.rect) });
        }
    }
    Ok(())
}

/// What a reader tells about a field: the step, and in an `all` step whom it is for.
pub fn tooltip(step: &LocalText, who: Option<&str>) -> String {
    match who {
        Some(who) => format!("{} {} · {who}", step.zh, step.en),
        None => format!("{} {}", step.zh, step.en),
    }
}

fn field(step: &StepDefinition, index: usize, who: Option<&Asked>, pages: &[PageGeometry], uploaded: bool) -> Result<PlannedField> {
    let seal = step.place();
    let wanted = seal.map_or(-1, |seal| seal.page);
    let page = page_number(wanted, pages.len()).ok_or_else(|| does_not_fit(step))?;
    let sheet = Sheet::of(&pages[page as usize - 1]);
    let rect = match &seal {
        Some(seal) => match place(seal, index, &sheet) {
            None if !uploaded => return Err(does_not_fit(step)),
            rect => rect,
        },
        None => None,
    };
    let key = &step.key;
    Ok(PlannedField {
        name: who.map_or_else(|| format!("seal_{key}"), |_| format!("seal_{key}_{}", index + 1)),
        page,
        rect,
        rotate: sheet.rotate,
        movable: rect.is_none(),
        account: who.map(|who| who.account.clone()),
        tooltip: tooltip(&step.name, who.map(|who| who.name.as_str())),
    })
}

/// No two seals have one place: the later one has none then.
fn part(planned: &mut [PlannedStep]) {
    let mut kept: Vec<(u32, Rect)> = Vec::new();
    for field in planned.iter_mut().flat_map(|step| &mut step.fields) {
        let Some(rect) = field.rect else { continue };
        let over = |(page, other): &(u32, Rect)| *page == field.page && rect[0] < other[2] && other[0] < rect[2] && rect[1] < other[3] && other[1] < rect[3];
        if kept.iter().any(over) {
            (field.rect, field.movable) = (None, true);
        } else {
            kept.push((field.page, rect));
        }
    }
}

fn page_number(wanted: i32, count: usize) -> Option<u32> {
    let count = u32::try_from(count).ok()?;
    let number = if wanted < 0 { count.checked_sub(wanted.unsigned_abs())? + 1 } else { wanted as u32 };
    // A short file has no third page; its last one takes the seal.
    (number >= 1 && count >= 1).then(|| number.min(count))
}

/// The place of the seal number `index`: to the right of the one before, then upwards, as the reader sees it; pushed inside the visible page.
fn place(seal: &SealPlace, index: usize, sheet: &Sheet) -> Option<Rect> {
    let (right, top) = sheet.size();
    let units = |millimetres: f64| (millimetres * 72.0 / 25.4 / sheet.unit).round() as i32;
    let (width, height) = (units(seal.width), units(seal.height));
    let (x, y, gap, margin) = (units(seal.x), units(seal.y), units(GAP_MM), units(MARGIN_MM));
    if width < 1 || height < 1 || width > right || height > top {
        return None;
    }
    let across = (((right - margin - x - width) / (width + gap)) + 1).max(1);
    let (column, row) = (index as i32 % across, index as i32 / across);
    let x = (x + column * (width + gap)).clamp(0, right - width);
    let y = y + row * (height + gap);
    if y + height > top && index > 0 {
        return None;
    }
    let y = y.min(top - height);
    Some(sheet.to_page([x, y, x + width, y + height]))
}

/// A step asks a role that no active account has.
pub fn no_one_to_ask(step: &StepDefinition) -> Error {
    let (role, name) = (&step.role, &step.name);
    Error::new(
        Code::InvalidInput,
        format!("Nothing was created: the step “{}” asks for {role}, but no active account has that role.", name.en),
        format!("单据未创建：“{}”环节需要 {role} 审批，但没有在用的账号担任该角色。", name.zh),
    )
    .next("Ask an administrator to give someone that role, then send it again.", "请联系管理员指定审批人后再次提交。")
}

fn does_not_fit(step: &StepDefinition) -> Error {
    Error::new(
        Code::DocumentRefused,
        format!("Nothing was created: there is no room on the page for the seals of the step “{}”.", step.name.en),
        format!("单据未创建：页面上放不下“{}”环节的签章。", step.name.zh),
    )
    .next("Use a larger page, or ask an administrator to change the place of the seals in the type.", "请使用更大的页面，或联系管理员调整单据类型的签章位置。")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::{LocalText, Seal};

    fn points(millimetres: f64) -> i32 {
        (millimetres * 72.0 / 25.4).round() as i32
    }

    const A4: PageGeometry = PageGeometry { media: [0.0, 0.0, 595.28, 841.89], crop: [0.0, 0.0, 595.28, 841.89], rotate: 0, unit: 1.0 };

    fn step(decide: Decide, seal: Option<Seal>) -> StepDefinition {
        let name = LocalText { en: "Safety".into(), zh: "安全".into() };
        StepDefinition { key: "safety".into(), name, role: "safety".into(), decide, when: None, seal }
    }

    fn at(page: i32, [x, y, width, height]: [f64; 4]) -> Seal {
        Seal { page: Some(page), x: Some(x), y: Some(y), width: Some(width), height: Some(height), ..Seal::default() }
    }

    fn people(count: usize) -> Vec<Asked> {
        (0..count).map(|n| Asked { account: format!("a{n}"), name: format!("N{n}") }).collect()
    }

    #[test]
    fn an_all_step_gets_a_field_per_person_that_never_overlap() {
        let seal = at(-1, [66.0, 20.0, 42.0, 42.0]);
        let all = step(Decide::All, Some(seal));
        let planned = plan(&[&all], &[people(7)], &[A4, A4], false).unwrap();
        let fields = &planned[0].fields;
        assert_eq!(fields.len(), 7);
        let rects: Vec<Rect> = fields.iter().map(|field| field.rect.unwrap()).collect();
        for (i, a) in rects.iter().enumerate() {
            assert_eq!(fields[i].page, 2);
            assert!(a[0] >= 0 && a[2] <= 595 && a[3] <= 841, "{a:?}");
            for b in &rects[i + 1..] {
                assert!(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1], "{a:?} {b:?}");
            }
        }
        assert_eq!(rects[1][0] - rects[0][0], points(46.0));
    }

    #[test]
    fn too_many_seals_and_too_small_pages_are_refused_not_clipped() {
        let seal = at(1, [10.0, 200.0, 100.0, 60.0]);
        let all = step(Decide::All, Some(seal));
        assert!(plan(&[&all], &[people(6)], &[A4], false).is_err());
        let small = PageGeometry { media: [0.0, 0.0, 100.0, 100.0], crop: [0.0, 0.0, 100.0, 100.0], rotate: 0, unit: 1.0 };
        assert!(plan(&[&all], &[people(1)], &[small], false).is_err());
    }

    #[test]
    fn on_an_upload_seals_without_room_or_over_others_go_elsewhere() {
        let small = PageGeometry { media: [0.0, 0.0, 200.0, 200.0], crop: [0.0, 0.0, 200.0, 200.0], rotate: 0, unit: 1.0 };
        let (left, right) = (step(Decide::Any, Some(at(1, [10.0, 12.0, 42.0, 42.0]))), step(Decide::Any, Some(at(1, [150.0, 12.0, 42.0, 42.0]))));
        let wide = step(Decide::Any, Some(at(1, [10.0, 12.0, 90.0, 42.0])));
        let planned = plan(&[&left, &right, &wide], &[people(1), people(1), people(1)], &[small], true).unwrap();
        let open: Vec<bool> = planned.iter().map(|step| step.fields[0].rect.is_none()).collect();
        assert_eq!(open, [false, true, true]);
        assert!(plan(&[&wide], &[people(1)], &[small], false).is_err());
        // ten units to the millimetre's point: the same place on paper
        let unit = PageGeometry { media: [0.0, 0.0, 59.5, 84.2], crop: [0.0, 0.0, 59.5, 84.2], rotate: 0, unit: 10.0 };
        let rect = plan(&[&left], &[people(1)], &[unit], true).unwrap()[0].fields[0].rect.unwrap();
        assert_eq!(rect, [3, 3, 15, 15]);
    }

    #[test]
    fn a_turned_page_has_its_seals_where_the_reader_sees_them() {
        let all = step(Decide::All, Some(at(1, [10.0, 20.0, 60.0, 30.0])));
        for rotate in [0, 90, 180, 270] {
            let page = PageGeometry { crop: [50.0, 40.0, 550.0, 800.0], rotate, ..A4 };
            let planned = plan(&[&all], &[people(2)], &[page], false).unwrap();
            let sheet = Sheet::of(&page);
            let [first, second] = &planned[0].fields[..] else { panic!("two fields") };
            assert_eq!((first.rotate, sheet.seen_size(first.rect.unwrap())), (rotate, (points(60.0), points(30.0))));
            assert_eq!(first.rect, Some(sheet.to_page([points(10.0), points(20.0), points(10.0) + points(60.0), points(20.0) + points(30.0)])));
            let next = points(10.0) + points(60.0) + points(GAP_MM);
            assert_eq!(second.rect, Some(sheet.to_page([next, points(20.0), next + points(60.0), points(20.0) + points(30.0)])));
        }
    }

    #[test]
    fn without_a_place_there_is_no_field_before_its_signature() {
        let any = step(Decide::Any, None);
        let planned = plan(&[&any], &[people(3)], &[A4, A4], false).unwrap();
        let field = &planned[0].fields[0];
        assert_eq!((field.page, field.movable, field.rect, field.account.as_deref()), (2, true, None, None));
        assert_eq!(field.empty_field().rect, None);
    }

    #[test]
    fn seals_without_a_place_are_refused_where_none_is_left() {
        let all = step(Decide::All, None);
        assert!(check_room(&plan(&[&all], &[people(7)], &[A4], false).unwrap(), &[A4]).is_ok());
        assert!(check_room(&plan(&[&all], &[people(500)], &[A4], false).unwrap(), &[A4]).is_err());
    }

    #[test]
    fn a_step_without_anyone_is_refused_by_name() {
        let error = plan(&[&step(Decide::Any, None)], &[vec![]], &[A4], false).unwrap_err();
        assert!(error.to_string().contains("Safety"));
    }
}
