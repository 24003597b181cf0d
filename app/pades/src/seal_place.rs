//! Where seals are on the pages, and where one more may be.

use std::collections::BTreeMap;

use crate::diff::seal::{MOST, area, extent};
use crate::pdf::appearance::sides;
use crate::pdf::field::{Field, fields};
use crate::pdf::page::{Page, pages, rectangle};
use crate::pdf::{Pdf, Reference, Value, View};
use crate::{Error, Finding, Limits, PageGeometry, Rect};

/// The most of its page that a new seal may take.
const SHARE: f64 = 0.25;
/// What programs lose when they round, points.
const TOLERANCE: f64 = 0.5;

/// The pages of a file and the seals on them.
#[derive(Clone, Debug, PartialEq)]
pub struct SealPlaces {
    /// Every page, in order.
    pub pages: Vec<PageGeometry>,
    /// Where signature fields are, signed or waiting. A waiting one over most of its page keeps no place: its seal goes anywhere in it.
    pub taken: Vec<SealPlace>,
}

/// A place that a seal has, or that is kept for one.
#[derive(Clone, Debug, PartialEq)]
pub struct SealPlace {
    /// Full name of its field.
    pub field: String,
    /// Its page, 1 is the first.
    pub page: u32,
    /// `[left, bottom, right, top]` in points of the page's own space.
    pub rect: [f64; 4],
}

/// Looks where the seals of a file are.
///
/// # Errors
/// `Error::Malformed`, `Error::Refused` or `Error::TooLarge` when its pages or its form cannot be read.
pub fn seal_places(pdf: &[u8]) -> Result<SealPlaces, Error> {
    let pdf = Pdf::parse(pdf, &Limits::default())?;
    let pages = pages(pdf.latest())?;
    places(pdf.latest(), &pages)
}

/// The places of this view's signature fields, by the pages that list their widgets.
pub(crate) fn places(view: View<'_>, pages: &[Page]) -> Result<SealPlaces, Error> {
    let mut shown: BTreeMap<Reference, usize> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        let annotations = view.get(&page.dictionary, "Annots")?;
        for annotation in annotations.array().unwrap_or_default().iter().filter_map(Value::reference) {
            shown.entry(annotation).or_insert(at);
        }
    }
    let mut taken = Vec::new();
    for field in fields(view)?.into_iter().filter(Field::is_signature) {
        for (widget, at) in field.widgets.iter().filter_map(|widget| Some((widget, *shown.get(widget)?))) {
            let widget = view.object(*widget)?;
            let Some(dictionary) = widget.dictionary() else { continue };
            let Some(Ok(mut rect)) = dictionary.get("Rect").map(|rect| rectangle(view, rect)) else { continue };
            if area(rect) > MOST * area(pages[at].geometry.crop) {
                rect = match dictionary.get("AP").filter(|_| field.value.is_some()) {
                    Some(appearance) => extent(view, rect, appearance)?,
                    None => continue,
                };
            }
            if area(rect) > 0.0 {
                taken.push(SealPlace { field: field.name.clone(), page: at as u32 + 1, rect });
            }
        }
    }
    Ok(SealPlaces { pages: pages.iter().map(|page| page.geometry).collect(), taken })
}

impl SealPlaces {
    /// Why a new seal may not be at `rect` on `page` (1 is the first): off the page, more than a quarter of it, over another one. An empty
    /// rectangle, which shows nothing, may be anywhere.
    pub fn refuses(&self, page: u32, rect: Rect) -> Option<Finding> {
        self.refuses_at(page, sides(rect))
    }

    /// The same for a rectangle that another program wrote.
    pub(crate) fn refuses_at(&self, page: u32, rect: [f64; 4]) -> Option<Finding> {
        let finding = |rule: &str, text: &str| Some(Finding::new(rule, format!("page {page}"), text));
        let Some(geometry) = page.checked_sub(1).and_then(|at| self.pages.get(at as usize)) else {
            return finding("seal-place", "There is no such page for the seal.");
        };
        if area(rect) == 0.0 {
            return None;
        }
        let [left, bottom, right, top] = geometry.crop;
        let within = rect[0] >= left - TOLERANCE && rect[1] >= bottom - TOLERANCE && rect[2] <= right + TOLERANCE && rect[3] <= top + TOLERANCE;
        if !within {
            return finding("seal-place", "The seal does not lie on its page: put it where readers see it.");
        }
        if area(rect) > SHARE * area(geometry.crop) + TOLERANCE {
            return finding("seal-size", "The seal takes more than a quarter of its page: make it smaller.");
        }
        let overlaps = |place: &SealPlace| {
            let deep = |low: usize| place.rect[low + 2].min(rect[low + 2]) - place.rect[low].max(rect[low]) > TOLERANCE;
            place.page == page && deep(0) && deep(1)
        };
        match self.taken.iter().find(|place| overlaps(place)) {
            Some(other) => finding("seal-overlap", &format!("The seal covers the place of another one (“{}”): put it beside that.", other.field)),
            None => None,
        }
    }
}
