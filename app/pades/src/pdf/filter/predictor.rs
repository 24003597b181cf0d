//! Predictors of `/FlateDecode` and `/LZWDecode` (ISO 32000-2 §7.4.4.4): PNG's 10 to 15, and TIFF's 2 with samples of whole bytes.

use super::super::object::{Dictionary, Value};
use super::{damaged, unsupported};
use crate::Error;

/// Undoes what `/Predictor` says, in place: a row gets shorter, never longer.
pub fn undo(parameters: Option<&Dictionary>, mut data: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Some(parameters) = parameters else { return Ok(data) };
    let whole = |key: &str, default: usize, max: i64| match parameters.get(key).filter(|value| !value.is_null()).map(Value::integer) {
        None => Ok(default),
        Some(Some(value)) if (1..=max).contains(&value) => Ok(value as usize),
        Some(_) => Err(damaged()),
    };
    let predictor = whole("Predictor", 1, 15)?;
    if predictor == 1 {
        return Ok(data);
    }
    let (colours, depth) = (whole("Colors", 1, 32)?, whole("BitsPerComponent", 8, 16)?);
    let row = (colours * depth * whole("Columns", 1, 1 << 20)?).div_ceil(8);
    match (predictor, depth) {
        (10.., _) => {
            let length = png(&mut data, row, (colours * depth).div_ceil(8))?;
            data.truncate(length);
        }
        (2, 8) => data.chunks_mut(row).for_each(|row| (colours..row.len()).for_each(|at| row[at] = row[at].wrapping_add(row[at - colours]))),
        _ => return Err(unsupported()),
    }
    Ok(data)
}

/// Each row has a byte before it that says how it was predicted. Gives the length without them.
fn png(data: &mut [u8], row: usize, pixel: usize) -> Result<usize, Error> {
    let (mut from, mut to) = (0, 0);
    while from < data.len() {
        let kind = data[from];
        let length = row.min(data.len() - from - 1);
        for index in 0..length {
            let at = to + index;
            let left = if index >= pixel { data[at - pixel] } else { 0 };
            let up = if to >= row { data[at - row] } else { 0 };
            let corner = if index >= pixel && to >= row { data[at - row - pixel] } else { 0 };
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => u16::midpoint(u16::from(left), u16::from(up)) as u8,
                4 => paeth(left, up, corner),
                _ => return Err(damaged()),
            };
            data[at] = data[from + 1 + index].wrapping_add(guess);
        }
        (from, to) = (from + 1 + length, to + length);
    }
    Ok(to)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (guess - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::super::object::{Kind, Number};
    use super::*;

    fn parameters(predictor: &str, columns: &str, colours: &str) -> Dictionary {
        let number = |text: &str| Value { span: 0..0, kind: Kind::Number(Number::new(text)) };
        let entry = |key: &str, text: &str| (Rc::from(key.as_bytes()), number(text));
        Dictionary::new(vec![entry("Predictor", predictor), entry("Columns", columns), entry("Colors", colours)]).unwrap()
    }

    #[test]
    fn every_prediction_of_png_is_undone() {
        let rows = [0, 10, 20, 30, 1, 1, 1, 1, 2, 1, 1, 1, 3, 5, 5, 5, 4, 1, 2, 3];
        let data = undo(Some(&parameters("12", "3", "1")), rows.to_vec()).unwrap();
        assert_eq!(data, [10, 20, 30, 1, 2, 3, 2, 3, 4, 6, 9, 11, 7, 11, 14]);
        // a last row that is cut off stays as long as it is, and one without anything is nothing
        assert_eq!(undo(Some(&parameters("15", "3", "1")), vec![0, 1, 2, 3, 2, 1]).unwrap(), [1, 2, 3, 2]);
        assert_eq!(undo(Some(&parameters("15", "3", "1")), vec![0, 1, 2, 3, 2]).unwrap(), [1, 2, 3]);
        assert!(undo(Some(&parameters("12", "3", "1")), vec![5, 1, 2, 3]).is_err());
    }

    #[test]
    fn the_prediction_of_tiff_is_undone_per_colour() {
        assert_eq!(undo(Some(&parameters("2", "3", "1")), vec![1, 1, 1, 250, 10, 0]).unwrap(), [1, 2, 3, 250, 4, 4]);
        assert_eq!(undo(Some(&parameters("2", "2", "2")), vec![1, 100, 1, 1]).unwrap(), [1, 100, 2, 101]);
        for (predictor, columns) in [("3", "3"), ("16", "3"), ("2", "0"), ("2", "9999999999"), ("12", "x")] {
            assert!(undo(Some(&parameters(predictor, columns, "1")), vec![0]).is_err(), "{predictor} {columns}");
        }
    }
}
