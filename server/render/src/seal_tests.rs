//! Every design with names of every kind: only paths and colours, inside the box, the same each time, not too large.

use super::*;

fn strokes() -> Vec<Stroke> {
    vec![
        vec![[200.0, 300.0], [600.0, 100.0], [900.0, 900.0], [1400.0, 300.0], [1700.0, 0.0], [2300.0, 900.0], [2900.0, 500.0]],
        vec![[1500.0, 100.0], [1500.0, 100.0], [1510.0, 120.0], [1510.0, 120.0]],
        vec![[700.0, 700.0]],
    ]
}

fn sample(name: &str, design: SealDesign, small: bool) -> Drawing {
    seal(&SealText { name, caption: "财务 Finance", time: "2026-11-23 14:02", number: "EXP-2026-000123", design, small })
}

#[test]
fn seals_are_paths_and_colours_only_and_stay_in_their_box() {
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
    let company = "山东送变电工程有限公司青岛换流站改造项目部";
    let hand = strokes();
    let names = ["李", "李娜", "王建国", "欧阳建国", "阿卜杜热西提江", "Li Na", "Alexandra Featherstonehaugh", "", " ", "😀", long.as_str()];
    let mut designs =
        vec![SealDesign::Handwriting(Writing::Drawn(&hand)), SealDesign::Handwriting(Writing::Drawn(&[])), SealDesign::Handwriting(Writing::Typed(""))];
    for text in ["", company, "Signet Power Works Ltd.", "李娜印", "娜", long.as_str()] {
        designs.extend([SealDesign::Round { organisation: text }, SealDesign::Square { chop: text }, SealDesign::Handwriting(Writing::Typed(text))]);
    }
    for design in designs {
        for (name, small) in names.iter().flat_map(|name| [(name, false), (name, true)]) {
            let drawing = sample(name, design, small);
            assert_eq!(drawing, sample(name, design, small));
            assert!(drawing.content.len() < 100_000, "{name} {design:?}: {}", drawing.content.len());
            for line in drawing.content.lines() {
                let (operands, operator) = line.rsplit_once(' ').unwrap_or(("", line));
                assert!(["q", "Q", "rg", "RG", "w", "J", "j", "m", "l", "c", "h", "f", "f*", "S"].contains(&operator), "{line}");
                for operand in operands.split_whitespace() {
                    let value: f64 = operand.parse().unwrap();
                    assert!((-1.0..=120.0).contains(&value), "{name} {design:?}: {line}");
                }
            }
        }
    }
}

#[test]
fn a_fitted_drawing_keeps_its_shape() {
    let drawing = sample("李娜", SealDesign::Round { organisation: "" }, false);
    assert_eq!(drawing.fitted(SIDE, SIDE), drawing);
    assert!(drawing.fitted(238, 119).content.contains("1.0000 0 0 1.0000 59.50 0.00 cm"));
}

#[test]
fn whose_seal_it_is_can_be_read_whatever_was_cut() {
    let own = sample("李娜", SealDesign::Square { chop: "" }, false);
    let other = sample("李娜", SealDesign::Square { chop: "王建国印" }, false);
    let name = |drawing: &Drawing| drawing.content.len();
    // The name is drawn in addition where the chop does not say it.
    assert!(name(&other) > name(&own));
    assert_ne!(sample("陈静", SealDesign::Square { chop: "王建国印" }, false), other);
    assert_ne!(sample("陈静", SealDesign::Round { organisation: "山东电力" }, true), sample("李娜", SealDesign::Round { organisation: "山东电力" }, true));
}
