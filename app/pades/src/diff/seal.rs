//! How much of its page a seal covers, so that a signature cannot pass for the page itself.

use crate::Error;
use crate::pdf::field::Field;
use crate::pdf::page::{pages, rectangle};
use crate::pdf::{Value, View};

/// Share of the page above which a seal is more than a seal.
pub(crate) const MOST: f64 = 0.5;

/// What a field shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seal {
    /// Whether it shows anything at all.
    pub visible: bool,
    /// Whether that spreads over more than half of its page.
    pub covers_page: bool,
}

/// Looks at the appearance of a field in this view.
pub(super) fn look(view: View<'_>, field: &Field, appearance: Option<&Value>) -> Result<Seal, Error> {
    let (Some(appearance), Some(rect)) = (appearance, field.dictionary.get("Rect")) else { return Ok(Seal::default()) };
    let Ok(rect) = rectangle(view, rect) else { return Ok(Seal { visible: true, covers_page: true }) };
    if area(rect) == 0.0 {
        return Ok(Seal::default());
    }
    let pages = pages(view)?;
    let named = field.dictionary.get("P").and_then(Value::reference);
    let page = pages
        .iter()
        .find(|page| Some(page.reference) == named)
        .map_or_else(|| pages.iter().map(|page| area(page.geometry.crop)).fold(f64::MAX, f64::min), |page| area(page.geometry.crop));
    if area(rect) <= MOST * page {
        return Ok(Seal { visible: true, covers_page: false });
    }
    Ok(Seal { visible: true, covers_page: area(extent(view, rect, appearance)?) > MOST * page })
}

/// The part of a field's rectangle that its appearance may draw on; all of it where it draws with more than paths.
pub(crate) fn extent(view: View<'_>, rect: [f64; 4], appearance: &Value) -> Result<[f64; 4], Error> {
    let appearance = view.resolve(appearance)?;
    let form = appearance.dictionary().map_or(Ok(Value::NULL), |appearance| view.get(appearance, "N"))?;
    let Some(share) = drawn(view, &form) else { return Ok(rect) };
    let [left, bottom, right, top] = rect;
    let (width, height) = (right - left, top - bottom);
    Ok([left + share[0] * width, bottom + share[1] * height, left + share[2] * width, bottom + share[3] * height])
}

/// The sides of what a form of plain paths may draw on, as fractions of its own box; `None` where it draws with more than paths.
fn drawn(view: View<'_>, form: &Value) -> Option<[f64; 4]> {
    let stream = form.stream()?;
    let (Some(bounds), false) = (stream.dictionary.get("BBox"), stream.dictionary.has("Matrix")) else { return None };
    let (Ok(bounds), Ok(content)) = (rectangle(view, bounds), view.inflate(stream)) else { return None };
    let (width, height) = (bounds[2] - bounds[0], bounds[3] - bounds[1]);
    let sides = paths(&content).filter(|_| width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite())?;
    let (across, up) = (|x: f64| ((x - bounds[0]) / width).clamp(0.0, 1.0), |y: f64| ((y - bounds[1]) / height).clamp(0.0, 1.0));
    Some([across(sides[0]), up(sides[1]), across(sides[2]), up(sides[3])])
}

/// Square points of a rectangle.
pub(crate) fn area(sides: [f64; 4]) -> f64 {
    (sides[2] - sides[0]).max(0.0) * (sides[3] - sides[1]).max(0.0)
}

/// The sides of what the path operators draw; `None` where there are others.
fn paths(content: &[u8]) -> Option<[f64; 4]> {
    let text = std::str::from_utf8(content).ok()?;
    let mut sides = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let (mut saved, mut numbers, mut pen) = (Vec::new(), Vec::new(), 1.0_f64);
    for token in text.split_ascii_whitespace() {
        if let Ok(number) = token.trim_matches(['[', ']']).parse::<f64>() {
            numbers.push(number);
            continue;
        }
        let scale = matrix[..4].iter().fold(0.0_f64, |most, part: &f64| most.max(part.abs()));
        let mut reach = |points: &[f64]| {
            for point in points.chunks_exact(2) {
                let (x, y) = (matrix[0] * point[0] + matrix[2] * point[1] + matrix[4], matrix[1] * point[0] + matrix[3] * point[1] + matrix[5]);
                let half = pen * scale;
                sides = [sides[0].min(x - half), sides[1].min(y - half), sides[2].max(x + half), sides[3].max(y + half)];
            }
        };
        match (token, &numbers[..]) {
            ("q", _) if saved.len() < 64 => saved.push((matrix, pen)),
            ("Q", _) => (matrix, pen) = saved.pop()?,
            ("cm", &[a, b, c, d, e, f]) => {
                let m = matrix;
                matrix = [
                    a * m[0] + b * m[2],
                    a * m[1] + b * m[3],
                    c * m[0] + d * m[2],
                    c * m[1] + d * m[3],
                    e * m[0] + f * m[2] + m[4],
                    e * m[1] + f * m[3] + m[5],
                ];
            }
            ("w", &[width]) => pen = width / 2.0,
            ("m" | "l", points @ [_, _]) | ("v" | "y", points @ [_, _, _, _]) | ("c", points @ [_, _, _, _, _, _]) => reach(points),
            ("re", &[x, y, width, height]) => reach(&[x, y, x + width, y, x, y + height, x + width, y + height]),
            ("J" | "j" | "M" | "d" | "g" | "G" | "rg" | "RG" | "k" | "K", _) => {}
            ("h" | "S" | "s" | "f" | "f*" | "B" | "B*" | "b" | "b*" | "n" | "W" | "W*", []) => {}
            ("[]", _) => continue,
            _ => return None,
        }
        numbers.clear();
    }
    Some(if sides[0] > sides[2] { [0.0; 4] } else { sides })
}
