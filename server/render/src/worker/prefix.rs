//! Which line of a template has no end: the first that is not laid out in time with all that stands before it.

use typst::syntax::parse;

/// Line, from 1, of the first piece of `template` with which it `ends` its worker. `None` where no shorter part does.
pub fn line(template: &str, ends: impl Fn(&str) -> bool) -> Option<usize> {
    let mut offset = 0;
    let pieces: Vec<(usize, usize)> = parse(template)
        .children()
        .map(|piece| {
            let begin = offset;
            offset += piece.len();
            (begin, offset)
        })
        .collect();
    // The whole is known to end it.
    let (mut low, mut high) = (0, pieces.len().checked_sub(1)?);
    while low < high {
        let middle = usize::midpoint(low, high);
        if ends(template.get(..pieces[middle].1)?) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let before = template.get(..pieces[low].0)?;
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_piece_that_ends_it_is_named() {
        let template = "#let one = 1\n= Heading\n\nText #one\n\n#bad()\n\nMore\n#bad()";
        assert_eq!(line(template, |part| part.contains("#bad()")), Some(6));
        assert_eq!(line("#bad()", |_| true), Some(1));
        assert_eq!(line("", |_| true), None);
    }
}
