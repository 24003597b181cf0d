//! The page tree (ISO 32000-2 §7.7.3): every page once, with what it inherits.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::object::{Dictionary, Reference, Value};
use super::view::View;
use crate::{Error, PageGeometry};

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its object.
    pub reference: Reference,
    /// Its own dictionary.
    pub dictionary: Rc<Dictionary>,
    /// Its boxes and rotation, inherited ones included.
    pub geometry: PageGeometry,
}

/// What pages inherit and Signet asks for.
#[derive(Clone, Default)]
struct Inherited {
    media: Option<Value>,
    crop: Option<Value>,
    rotate: Option<Value>,
}

/// All pages in order.
pub fn pages(view: View<'_>) -> Result<Vec<Page>, Error> {
    let catalog = view.catalog()?;
    let root = catalog.get("Pages").and_then(Value::reference).ok_or_else(|| refused("catalogue", "The PDF has no list of pages."))?;
    let mut pages = Vec::new();
    let mut seen = BTreeSet::new();
    // a stack of its own, so that no tree is too deep for the machine's
    let mut stack = vec![(root, Inherited::default(), 0_usize)];
    while let Some((reference, mut inherited, depth)) = stack.pop() {
        if !seen.insert(reference) {
            return Err(refused(&reference.to_string(), "A page stands twice in the list of pages, or the list runs in a circle."));
        }
        if depth > view.pdf().limits().max_depth {
            return Err(Error::TooLarge { what: "levels of pages", limit: view.pdf().limits().max_depth });
        }
        let node = view.object(reference)?;
        let node = node.dictionary().ok_or_else(|| refused(&reference.to_string(), "A page is missing."))?;
        for (key, slot) in [("MediaBox", &mut inherited.media), ("CropBox", &mut inherited.crop), ("Rotate", &mut inherited.rotate)] {
            let value = view.get(node, key)?;
            if !value.is_null() {
                *slot = Some(value);
            }
        }
        let kids = view.get(node, "Kids")?;
        let kind = view.get(node, "Type")?;
        match (kind.name(), kids.array()) {
            (Some(b"Pages") | None, Some(kids)) => {
                // every leaf is a page, so that what waits here counts as pages already
                if stack.len() + kids.len() > view.pdf().limits().max_pages * 2 {
                    return Err(Error::TooLarge { what: "pages", limit: view.pdf().limits().max_pages });
                }
                for kid in kids.iter().rev() {
                    let kid = kid
                        .reference()
                        .ok_or_else(|| refused(&reference.to_string(), "A page stands inside the list of pages instead of in an object of its own."))?;
                    stack.push((kid, inherited.clone(), depth + 1));
                }
            }
            (Some(b"Page"), None) => {
                if pages.len() >= view.pdf().limits().max_pages {
                    return Err(Error::TooLarge { what: "pages", limit: view.pdf().limits().max_pages });
                }
                let unreadable = |_| refused(&reference.to_string(), "The size of a page cannot be read.");
                let unit = view.get(node, "UserUnit").map_err(unreadable)?;
                let geometry = geometry(view, &inherited, unit.number()).map_err(unreadable)?;
                pages.push(Page { reference, dictionary: node.clone(), geometry });
            }
            _ => return Err(refused(&reference.to_string(), "The list of pages holds something that is no page.")),
        }
    }
    if pages.is_empty() { Err(refused("catalogue", "The PDF has no pages.")) } else { Ok(pages) }
}

/// Index of a page that is counted from 1, or from -1 at the end.
pub fn index(page: i32, count: usize) -> Result<usize, Error> {
    let index = if page > 0 { i64::from(page) - 1 } else { i64::from(page) + count as i64 };
    if page == 0 || index < 0 || index >= count as i64 {
        return Err(Error::Parameter(format!("there is no page {page}: the document has {count}")));
    }
    Ok(index as usize)
}

fn geometry(view: View<'_>, inherited: &Inherited, unit: Option<f64>) -> Result<PageGeometry, Error> {
    let media = match &inherited.media {
        Some(value) => rectangle(view, value)?,
        None => return Err(Error::malformed(0, "no /MediaBox")),
    };
    let crop = match &inherited.crop {
        Some(value) => rectangle(view, value)?,
        None => media,
    };
    let crop = [crop[0].max(media[0]), crop[1].max(media[1]), crop[2].min(media[2]), crop[3].min(media[3])];
    let crop = if crop[0] < crop[2] && crop[1] < crop[3] { crop } else { media };
    let rotate = inherited.rotate.as_ref().map_or(Some(0.0), Value::number).filter(|angle| angle % 90.0 == 0.0);
    let rotate = rotate.ok_or_else(|| Error::malformed(0, "bad /Rotate"))?.rem_euclid(360.0) as i32;
    if media[2] - media[0] < 1.0 || media[3] - media[1] < 1.0 || media.iter().any(|side| side.abs() > 1e6) {
        return Err(Error::malformed(0, "bad /MediaBox"));
    }
    // table 31: a positive number; readers take others for the default
    let unit = unit.filter(|unit| (1e-3..=1e3).contains(unit)).unwrap_or(1.0);
    Ok(PageGeometry { media, crop, rotate, unit })
}

/// A rectangle, its corners put in order.
pub fn rectangle(view: View<'_>, value: &Value) -> Result<[f64; 4], Error> {
    let value = view.resolve(value)?;
    let mut sides = [0.0_f64; 4];
    match value.array() {
        Some(items) if items.len() == 4 => {
            for (side, item) in sides.iter_mut().zip(items) {
                *side = view.resolve(item)?.number().ok_or_else(|| Error::malformed(item.span.start, "bad rectangle"))?;
            }
        }
        _ => return Err(Error::malformed(value.span.start, "bad rectangle")),
    }
    Ok([sides[0].min(sides[2]), sides[1].min(sides[3]), sides[0].max(sides[2]), sides[1].max(sides[3])])
}

fn refused(object: &str, text: &str) -> Error {
    Error::refused("page-tree", object, text)
}
