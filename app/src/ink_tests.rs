//! Strokes become few curves near to what was drawn; what a stranger writes as a path is refused.

use super::*;

fn circle() -> Vec<Point> {
    (0..=200).map(|n| f64::from(n) / 200.0 * std::f64::consts::TAU).map(|a| [1500.0 + 500.0 * a.cos(), 600.0 + 500.0 * a.sin()]).collect()
}

/// Like a hand: a few units of trembling, the same each time.
fn trembling(points: &[Point]) -> Vec<Point> {
    points.iter().enumerate().map(|(n, point)| [point[0] + f64::from((n * 7 % 5) as u32) - 2.0, point[1] + f64::from((n * 3 % 5) as u32) - 2.0]).collect()
}

#[test]
fn a_drawn_circle_is_a_handful_of_curves_that_stay_on_it() {
    for points in [circle(), trembling(&circle())] {
        let mut path = String::new();
        assert!(add(&mut path, &points));
        let strokes = parse(&path).unwrap();
        assert_eq!(strokes.len(), 1);
        let stroke = &strokes[0];
        assert_eq!(stroke.len() % 3, 1);
        assert!((2..=16).contains(&(stroke.len() / 3)), "{} curves", stroke.len() / 3);
        for n in 0..stroke.len() / 3 {
            let curve: [Point; 4] = stroke[3 * n..3 * n + 4].try_into().unwrap();
            for t in 0..=10 {
                let off = distance(at(&curve, f64::from(t) / 10.0), [1500.0, 600.0]) - 500.0;
                assert!(off.abs() < 25.0, "{off} beside the circle: {path}");
            }
        }
    }
}

#[test]
fn corners_stay_corners() {
    let mut points: Vec<Point> = (0..50).map(|n| [200.0 + f64::from(n) * 20.0, 200.0]).collect();
    points.extend((1..40).map(|n| [1180.0, 200.0 + f64::from(n) * 20.0]));
    let mut path = String::new();
    add(&mut path, &points);
    let stroke = parse(&path).unwrap().remove(0);
    assert!(stroke.iter().step_by(3).any(|knot| distance(*knot, [1180.0, 200.0]) < 45.0), "{path}");
    assert!(stroke.len() <= 13, "{path}");
}

#[test]
fn a_tap_is_a_dot_and_nothing_is_nothing() {
    let mut path = String::new();
    assert!(add(&mut path, &[[10.4, 20.6]]) && add(&mut path, &[]) && add(&mut path, &[[f64::NAN, 1.0]]));
    assert_eq!(path, "M10 21C10 21 10 21 10 21");
    assert!(add(&mut path, &[[-50.0, 9e9], [5000.0, 0.0]]));
    assert_eq!(parse(&path).unwrap().len(), 2);
    assert_eq!(without_last(&path), "M10 21C10 21 10 21 10 21");
    assert_eq!(without_last(without_last(&path)), "");
    assert_eq!(without_last(""), "");
}

#[test]
fn a_signature_has_an_end() {
    let mut path = String::new();
    let mut strokes = 0;
    while add(&mut path, &[[10.0, 10.0]]) {
        strokes += 1;
    }
    assert_eq!((strokes, parse(&path).unwrap().len()), (MAX_STROKES, MAX_STROKES));
    let mut path = String::new();
    let scribble: Vec<Point> = (0..4_000).map(|n| [f64::from(n * 37 % 2_900), f64::from(n * 61 % 1_100)]).collect();
    while add(&mut path, &scribble) {}
    assert!(path.len() <= MAX_LENGTH && parse(&path).is_some());
}

#[test]
fn every_stroke_written_is_one_that_is_read() {
    for seed in 1..60_u32 {
        let points: Vec<Point> = (0..seed * 3).map(|n| [f64::from((n * seed * 31) % 3_000), f64::from((n * seed * 17 + n * n) % 1_200)]).collect();
        let mut path = String::new();
        if add(&mut path, &points) && !path.is_empty() {
            assert!(parse(&path).is_some(), "{path}");
        }
    }
}

#[test]
fn what_is_no_path_of_ours_is_refused() {
    assert_eq!(parse(""), Some(vec![]));
    let good = "M1 2C1 2 3 4 5 6";
    assert!(parse(good).is_some());
    for bad in [
        "M",
        "M1 2",
        "C1 2 3 4 5 6",
        "M1 2C1 2 3 4 5",
        "M1 2C1 2 3 4 5 6 7",
        "M1 2c1 2 3 4 5 6",
        "M1 2L3 4",
        "M-1 2C1 2 3 4 5 6",
        "M1.5 2C1 2 3 4 5 6",
        "M1 2C1 2 3 4 3001 6",
        "M1 2C1 2 3 4 5 1201",
        "M1 2C1 2 3 4 5 6Z",
        " M1 2C1 2 3 4 5 6",
        "M1  2C1 2 3 4 5 6",
        "M1 2C1 2 3 4 5 6\n",
        "M1e3 2C1 2 3 4 5 6",
        "M1 2C1 2 3 4 5 +6",
        "M1 2C1 2 3 4 5 00006",
        "Q BT /F1 12 Tf (x) Tj",
        "<script>",
        "Ｍ1 2C1 2 3 4 5 6",
        "url(#x)",
    ] {
        assert_eq!(parse(bad), None, "{bad}");
    }
    assert_eq!(parse(&good.repeat(MAX_STROKES + 1)), None);
    assert_eq!(parse(&format!("M1 2{}", "C1 2 3 4 5 6".repeat(2_100))), None);
}
