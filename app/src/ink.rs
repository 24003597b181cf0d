//! Handwriting: what a finger, mouse or pen drew becomes few smooth curves, written as a short path that can be checked.
//!
//! The path is `M` and `C` with whole numbers only, on a pad of [`WIDTH`] by [`HEIGHT`] units: `M120 400C150 380 190 380 230 410…`. It is never a
//! picture, names no font and no colour, and has at most [`MAX_LENGTH`] characters. The fitting is Schneider's least-squares method
//! (Graphics Gems, 1990), after points too near to each other were dropped and the trembling was averaged out.

use std::fmt::Write as _;

/// Width of the pad in its own units.
pub const WIDTH: i32 = 3_000;
/// Height of the pad in its own units.
pub const HEIGHT: i32 = 1_200;
/// Longest path, characters.
pub const MAX_LENGTH: usize = 24_000;
/// Most strokes of one signature.
pub const MAX_STROKES: usize = 120;
/// Points nearer than this to the one before are dropped, units.
const NEAR: f64 = 10.0;
/// How far a curve may lie beside the points it stands for, units.
const TOLERANCE: f64 = 7.0;
/// Cosine of the turn that is a corner: sharper turns are not rounded off (about 75 degrees).
const CORNER: f64 = 0.26;

/// A point on the pad.
pub type Point = [f64; 2];

/// Smooths one stroke and adds it to `path`. `false` when it would not fit any more; the path is then as it was.
pub fn add(path: &mut String, raw: &[Point]) -> bool {
    let Some(stroke) = stroke(raw) else { return true };
    let fits = path.len() + stroke.len() <= MAX_LENGTH && path.matches('M').count() < MAX_STROKES;
    if fits {
        path.push_str(&stroke);
    }
    fits
}

/// The path without its last stroke.
pub fn without_last(path: &str) -> &str {
    &path[..path.rfind('M').unwrap_or(0)]
}

/// One stroke as a path; nothing for no points.
fn stroke(raw: &[Point]) -> Option<String> {
    let points = thinned(raw);
    let first = *points.first()?;
    let mut path = String::new();
    let _ = write!(path, "M{} {}", whole(first[0], WIDTH), whole(first[1], HEIGHT));
    if points.len() == 1 {
        // A tap: a curve without length, drawn as a dot.
        let _ = write!(path, "C{0} {1} {0} {1} {0} {1}", whole(first[0], WIDTH), whole(first[1], HEIGHT));
        return Some(path);
    }
    for part in corners(&points) {
        let part = calmed(part);
        // Over a few points: the first and the last ones tremble most.
        let (last, reach) = (part.len() - 1, (part.len() - 1).min(3));
        let (start, end) = (direction(part[0], part[reach]), direction(part[last], part[last - reach]));
        fit(&part, start, end, 0, &mut |curve| {
            path.push('C');
            for (place, point) in curve[1..].iter().enumerate() {
                let space = if place == 0 { "" } else { " " };
                let _ = write!(path, "{space}{} {}", whole(point[0], WIDTH), whole(point[1], HEIGHT));
            }
        });
    }
    Some(path)
}

fn whole(value: f64, most: i32) -> i32 {
    value.round().clamp(0.0, f64::from(most)) as i32
}

/// Reads a path. `None` for anything that [`add`] would not have written; the strokes with `1 + 3n` points each otherwise.
pub fn parse(path: &str) -> Option<Vec<Vec<Point>>> {
    if path.len() > MAX_LENGTH || !path.is_ascii() {
        return None;
    }
    let mut strokes = Vec::new();
    for part in path.split('M').enumerate() {
        match part {
            (0, "") => {}
            (0, _) => return None,
            (_, text) => strokes.push(parsed(text)?),
        }
    }
    (strokes.len() <= MAX_STROKES).then_some(strokes)
}

fn parsed(text: &str) -> Option<Vec<Point>> {
    let mut points = Vec::new();
    for (place, part) in text.split('C').enumerate() {
        let numbers: Vec<f64> = part.split(' ').map(number).collect::<Option<_>>()?;
        if numbers.len() != if place == 0 { 2 } else { 6 } {
            return None;
        }
        for pair in numbers.chunks(2) {
            if pair[0] > f64::from(WIDTH) || pair[1] > f64::from(HEIGHT) {
                return None;
            }
            points.push([pair[0], pair[1]]);
        }
    }
    // A stroke has a curve: a place alone draws nothing.
    (points.len() >= 4).then_some(points)
}

/// Up to four digits.
fn number(text: &str) -> Option<f64> {
    ((1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Without points nearer than [`NEAR`] to the one before, and without what is no number.
fn thinned(raw: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for &point in raw.iter().filter(|point| point.iter().all(|value| value.is_finite())).take(20_000) {
        let point = [point[0].clamp(0.0, f64::from(WIDTH)), point[1].clamp(0.0, f64::from(HEIGHT))];
        if points.last().is_none_or(|last| distance(*last, point) >= NEAR) {
            points.push(point);
        }
    }
    points
}

/// Cuts at sharp turns, measured over a few points so that trembling is none.
fn corners(points: &[Point]) -> Vec<&[Point]> {
    const REACH: usize = 3;
    let mut parts = Vec::new();
    let mut from = 0;
    for place in REACH..points.len().saturating_sub(REACH) {
        let (before, after) = (direction(points[place - REACH], points[place]), direction(points[place], points[place + REACH]));
        let sharpest = |other: usize| {
            let (before, after) = (direction(points[other - REACH], points[other]), direction(points[other], points[other + REACH]));
            dot(before, after)
        };
        let turn = dot(before, after);
        let neighbours = [place - 1, place + 1].into_iter().filter(|other| *other >= REACH && *other + REACH < points.len());
        if turn < CORNER && place - from >= 2 && neighbours.map(sharpest).all(|other| turn <= other) {
            parts.push(&points[from..=place]);
            from = place;
        }
    }
    parts.push(&points[from..]);
    parts.retain(|part| part.len() >= 2);
    parts
}

/// Averages each point with its neighbours, twice; the ends stay.
fn calmed(points: &[Point]) -> Vec<Point> {
    let mut points = points.to_vec();
    for _ in 0..2 {
        let before = points.clone();
        for place in 1..points.len() - 1 {
            points[place] = [0, 1].map(|axis| (before[place - 1][axis] + 2.0 * before[place][axis] + before[place + 1][axis]) / 4.0);
        }
    }
    points
}

/// Fits curves to points with given directions at both ends, halving where one curve is not near enough.
fn fit(points: &[Point], start: Point, end: Point, depth: u32, found: &mut impl FnMut([Point; 4])) {
    let (first, last) = (points[0], points[points.len() - 1]);
    if points.len() == 2 {
        let third = distance(first, last) / 3.0;
        found([first, along(first, start, third), along(last, end, third), last]);
        return;
    }
    let mut places = chord_lengths(points);
    let mut curve = generate(points, &places, start, end);
    let (mut error, mut worst) = farthest(points, &curve, &places);
    for _ in 0..4 {
        // Far off already: better places along the curve will not help.
        if error <= TOLERANCE * TOLERANCE || error > 16.0 * TOLERANCE * TOLERANCE {
            break;
        }
        places = points.iter().zip(&places).map(|(point, place)| nearer(&curve, *point, *place)).collect();
        curve = generate(points, &places, start, end);
        (error, worst) = farthest(points, &curve, &places);
    }
    // Handles beyond the pad cannot be written down; shorter curves have shorter ones.
    let [wide, high] = [f64::from(WIDTH) + TOLERANCE, f64::from(HEIGHT) + TOLERANCE];
    let inside = curve.iter().all(|[x, y]| (-TOLERANCE..=wide).contains(x) && (-TOLERANCE..=high).contains(y));
    if (error <= TOLERANCE * TOLERANCE && inside) || depth > 12 {
        found(curve);
        return;
    }
    let reach = 2.min(worst).min(points.len() - 1 - worst);
    let middle = direction(points[worst + reach], points[worst - reach]);
    fit(&points[..=worst], start, middle, depth + 1, found);
    fit(&points[worst..], [-middle[0], -middle[1]], end, depth + 1, found);
}

/// The curve with these end directions that lies nearest to the points (least squares over the lengths of its two handles).
fn generate(points: &[Point], places: &[f64], start: Point, end: Point) -> [Point; 4] {
    let (first, last) = (points[0], points[points.len() - 1]);
    let (mut c, mut x) = ([[0.0; 2]; 2], [0.0; 2]);
    for (point, &t) in points.iter().zip(places) {
        let u = 1.0 - t;
        let (b0, b1, b2, b3) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
        let (a0, a1) = ([start[0] * b1, start[1] * b1], [end[0] * b2, end[1] * b2]);
        c[0][0] += dot(a0, a0);
        c[0][1] += dot(a0, a1);
        c[1][1] += dot(a1, a1);
        let rest = [0, 1].map(|axis| point[axis] - first[axis] * (b0 + b1) - last[axis] * (b2 + b3));
        x[0] += dot(a0, rest);
        x[1] += dot(a1, rest);
    }
    c[1][0] = c[0][1];
    let determinant = c[0][0] * c[1][1] - c[0][1] * c[1][0];
    let length = distance(first, last);
    let (left, right) =
        if determinant.abs() < 1e-9 { (0.0, 0.0) } else { ((x[0] * c[1][1] - x[1] * c[0][1]) / determinant, (c[0][0] * x[1] - c[1][0] * x[0]) / determinant) };
    // Handles that point backwards or shoot far beyond make loops: a third of the way is then the honest guess.
    let sound = |handle: f64| handle > 1e-6 * length && handle < 3.0 * length.max(1.0);
    let (left, right) = if sound(left) && sound(right) { (left, right) } else { (length / 3.0, length / 3.0) };
    [first, along(first, start, left), along(last, end, right), last]
}

/// Places along the curve, 0 to 1, by the way walked.
fn chord_lengths(points: &[Point]) -> Vec<f64> {
    let mut places = vec![0.0];
    for pair in points.windows(2) {
        places.push(places[places.len() - 1] + distance(pair[0], pair[1]));
    }
    let total = places[places.len() - 1].max(1e-9);
    places.iter().map(|place| place / total).collect()
}

/// The square of the largest distance, and at which inner point.
fn farthest(points: &[Point], curve: &[Point; 4], places: &[f64]) -> (f64, usize) {
    let mut worst = (0.0, points.len() / 2);
    for place in 1..points.len() - 1 {
        let off = distance(at(curve, places[place]), points[place]).powi(2);
        if off > worst.0 {
            worst = (off, place);
        }
    }
    worst
}

/// One Newton step towards the place whose point is nearest.
fn nearer(curve: &[Point; 4], point: Point, t: f64) -> f64 {
    let u = 1.0 - t;
    let here = at(curve, t);
    let [first, second] = [0, 1].map(|axis| {
        let [a, b, c, d] = curve.map(|point| point[axis]);
        [3.0 * (u * u * (b - a) + 2.0 * u * t * (c - b) + t * t * (d - c)), 6.0 * (u * (c - 2.0 * b + a) + t * (d - 2.0 * c + b))]
    });
    let away = [here[0] - point[0], here[1] - point[1]];
    let slope = away[0] * first[0] + away[1] * second[0];
    let bend = first[0] * first[0] + second[0] * second[0] + away[0] * first[1] + away[1] * second[1];
    if bend.abs() < 1e-9 { t } else { (t - slope / bend).clamp(0.0, 1.0) }
}

fn at(curve: &[Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    [0, 1].map(|axis| {
        let [a, b, c, d] = curve.map(|point| point[axis]);
        u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
    })
}

fn along(from: Point, direction: Point, length: f64) -> Point {
    [from[0] + direction[0] * length, from[1] + direction[1] * length]
}

/// Unit vector from one point to another; to the right where they are the same.
fn direction(from: Point, to: Point) -> Point {
    let length = distance(from, to);
    if length < 1e-9 { [1.0, 0.0] } else { [(to[0] - from[0]) / length, (to[1] - from[1]) / length] }
}

fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
#[path = "ink_tests.rs"]
mod tests;
