//! A drawing as layers of SVG path data, so that a page shows the very paths that the PDF will have.

use crate::seal::Drawing;

/// One painted path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// SVG path data in the drawing's own space: the origin is the lower left corner, y goes upwards.
    pub path: String,
    /// `#b31e1a`.
    pub colour: String,
    /// Width of the line in hundredths of a point; `None` for a filled path.
    pub line: Option<u32>,
    /// Filled by the even-odd rule.
    pub even_odd: bool,
}

/// The layers of a drawing made by [`crate::seal`] or [`crate::stamp`], in the order they are painted.
pub fn layers(drawing: &Drawing) -> Vec<Layer> {
    let (mut layers, mut path) = (Vec::new(), String::new());
    let (mut fill, mut stroke, mut width) = (String::from("#000000"), String::from("#000000"), 100);
    for line in drawing.content.lines() {
        let (operands, operator) = line.rsplit_once(' ').unwrap_or(("", line));
        match operator {
            "m" | "l" | "c" => {
                path.push_str(if operator == "m" {
                    "M"
                } else if operator == "l" {
                    "L"
                } else {
                    "C"
                });
                path.push_str(operands);
            }
            "h" => path.push('Z'),
            "rg" => fill = colour(operands),
            "RG" => stroke = colour(operands),
            "w" => width = operands.parse::<f64>().map_or(100, |width| (width.clamp(0.0, 1e4) * 100.0).round() as u32),
            // Text without a visible glyph paints an empty path.
            "f" | "f*" | "S" if path.is_empty() => {}
            "f" | "f*" => layers.push(Layer { path: std::mem::take(&mut path), colour: fill.clone(), line: None, even_odd: operator == "f*" }),
            "S" => layers.push(Layer { path: std::mem::take(&mut path), colour: stroke.clone(), line: Some(width), even_odd: false }),
            _ => {}
        }
    }
    layers
}

fn colour(operands: &str) -> String {
    let parts = operands.split(' ').map(|part| (part.parse::<f64>().unwrap_or_default().clamp(0.0, 1.0) * 255.0).round() as u8);
    parts.fold(String::from("#"), |colour, part| colour + &format!("{part:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{SealDesign, SealText, Writing, seal};

    fn drawing(design: SealDesign) -> Drawing {
        seal(&SealText { name: "李娜", caption: "财务", time: "2026-11-23 14:02", number: "EXP-2026-000123", design, small: false })
    }

    #[test]
    fn every_operator_of_the_drawing_is_in_a_layer() {
        let strokes = vec![vec![[0.0, 0.0], [9.0, 9.0], [20.0, 0.0], [30.0, 5.0]]];
        for design in [SealDesign::Round { organisation: "山东电力" }, SealDesign::Square { chop: "" }, SealDesign::Handwriting(Writing::Drawn(&strokes))] {
            let drawing = drawing(design);
            let layers = layers(&drawing);
            let count = |operator: &str| drawing.content.lines().filter(|line| line.rsplit(' ').next() == Some(operator)).count();
            let written = |letter: char| layers.iter().map(|layer| layer.path.matches(letter).count()).sum::<usize>();
            assert_eq!((count("m"), count("l"), count("c"), count("h")), (written('M'), written('L'), written('C'), written('Z')));
            assert!(layers.iter().all(|layer| layer.colour.len() == 7 && layer.path.starts_with('M')));
        }
    }

    #[test]
    fn colours_and_lines_are_those_of_the_drawing() {
        let layers = layers(&drawing(SealDesign::Round { organisation: "" }));
        assert_eq!((layers[0].colour.as_str(), layers[0].even_odd, layers[0].line), ("#b31e1a", true, None));
        let strokes = vec![vec![[0.0, 0.0], [9.0, 9.0], [20.0, 0.0], [30.0, 5.0]]];
        let layers = super::layers(&drawing(SealDesign::Handwriting(Writing::Drawn(&strokes))));
        assert!(layers.iter().any(|layer| layer.line.is_some_and(|line| (50..300).contains(&line)) && layer.colour == "#162349"), "{layers:?}");
    }
}
